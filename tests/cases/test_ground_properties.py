"""Whatever is split and merged, in whatever order: no ground is lost, none is shared, and both look-ups agree."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from math import cos, pi, sin
from random import Random

import pytest
import shapely
from django.contrib.gis.geos import Point
from django.core.exceptions import ValidationError

from cases.services.territory import change_ground
from grid.models import Area, AreaBoundary
from grid.selectors import ground
from grid.selectors.areas import locate_point
from grid.selectors.outlines import outlines
from grid.services.changes import Wish
from tests.town import EAST, NOW

pytestmark = pytest.mark.django_db

WEST, SOUTH, WIDE, HIGH = 118.0, 22.0, 0.02, 0.01


def on_the_ground(share: tuple[float, float]) -> tuple[float, float]:
    """A point by its shares of the village's width and height."""
    return WEST + share[0] * WIDE, SOUTH + share[1] * HIGH


def wished(rng: Random, codes: list[str]) -> Wish:
    """Two splits for each merge, so that the ground gets more and more cells."""
    if rng.random() < 0.67:
        (lon, lat), angle = on_the_ground((rng.random(), rng.random())), rng.uniform(0, pi)
        aside = (0.1 * cos(angle), 0.1 * sin(angle))
        line = shapely.LineString([(lon - aside[0], lat - aside[1]), (lon + aside[0], lat + aside[1])])
        return Wish(act="split", reason="试", cells=(rng.choice(codes),), line=line)
    return Wish(act="merge", reason="试", cells=tuple(rng.sample(codes, 2)) if len(codes) > 1 else tuple(codes))


def cells_now(at):
    return outlines(level="cell", at=at, prefixes=[EAST])


@pytest.mark.parametrize("seed", range(20))
def test_splits_and_merges_keep_the_ground_and_never_share_it(head, seed):
    rng, moment, done = Random(seed), NOW, 0
    whole = shapely.union_all([one.shape for one in cells_now(moment)]).area
    for _ in range(12):
        moment += timedelta(days=1)
        codes = [one.code for one in cells_now(moment)]
        # A line that does not cut, cells that do not touch: refused, and then nothing may have changed.
        with suppress(ValidationError):
            change_ground(wish=wished(rng, codes), by=head, now=moment)
            done += 1
        cells = cells_now(moment)
        assert sum(one.shape.area for one in cells) == pytest.approx(whole, rel=1e-9)
        assert shapely.union_all([one.shape for one in cells]).area == pytest.approx(whole, rel=1e-9)
        assert all(one.shape.is_valid for one in cells)
    assert done >= 3
    _no_point_lies_twice(cells, rng)
    valid = Area.objects.filter(code__startswith=EAST, level="cell", valid_to=None)
    assert set(valid.values_list("code", flat=True)) == {one.code for one in cells}


def _no_point_lies_twice(cells, rng: Random):
    for _ in range(200):
        here = shapely.points(*on_the_ground((rng.random(), rng.random())))
        inside = [one.code for one in cells if shapely.contains_properly(one.shape, here)]
        assert len(inside) <= 1
        assert any(shapely.covers(one.shape, here) or shapely.distance(one.shape, here) < 1e-9 for one in cells)


def test_memory_and_database_agree_on_10_000_points_borders_included(head, own_places):
    """Random points, corners of outlines, middles of their edges, points just outside the town, and far from it.

    Slanting borders first: on upright ones every arithmetic is exact.
    """
    rng = Random(20261125)
    moment = NOW
    for slant in (0.003, 0.0047, 0.0071):
        line = shapely.LineString([(WEST + slant, SOUTH - 0.001), (WEST + 0.02 - slant * 0.7, SOUTH + 0.0113)])
        for code in [one.code for one in cells_now(moment)]:
            moment += timedelta(hours=1)
            with suppress(ValidationError):
                change_ground(wish=Wish(act="split", reason="试", cells=(code,), line=line), by=head, now=moment)
    assert len(cells_now(moment)) > 5
    moment = NOW + timedelta(days=30)
    points = [(WEST + rng.uniform(-0.004, 0.045), SOUTH + rng.uniform(-0.004, 0.014)) for _ in range(9_000)]
    for outline in AreaBoundary.objects.values_list("geometry", flat=True):
        ring = outline[0][0].coords
        points += ring
        points += [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in pairwise(ring)]
    while len(points) < 10_000:
        points.append((WEST + rng.uniform(-0.0025, 0.0425), SOUTH + rng.choice((-0.0015, 0.0115, 0.0, 0.01))))
    ground.ground_keeper.forget()
    many = ground.locate_many(points=points, at=moment)
    seen = {"inside": 0, "near": 0, "nowhere": 0}
    for (lon, lat), found in zip(points, many, strict=True):
        recorded = locate_point(point=Point(lon, lat, srid=4326), at=moment)
        alone = ground.locate(lon=lon, lat=lat, at=moment)
        answers = [one and (one.area.code, one.boundary_id, one.approximate) for one in (found, alone, recorded)]
        assert answers[0] == answers[1] == answers[2], (lon, lat)
        if recorded is not None and recorded.approximate:
            assert found.distance_m == pytest.approx(recorded.distance_m, abs=0.01)
        seen["nowhere" if recorded is None else "near" if recorded.approximate else "inside"] += 1
    assert min(seen.values()) > 200, seen

"""Where the demo's people walk, and the rounds of the last weeks: some cells often, some not for long, some never."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Final
from uuid import UUID

import shapely
from django.contrib.gis.geos import Point
from django.utils import timezone

from config.demo.duty import LEFT_DAYS
from config.demo.people import Cast
from config.demo.registers import Land, point_in
from config.demo.stories import Place as Spots
from grid.models import CheckPoint, PatrolArea, Place, WaterBody
from grid.selectors.outlines import to_shape
from staff.models import Patrol, PatrolPoint, User
from staff.services.patrols import record_visits

RHYTHM: Final = "示范镇网格巡查制度（演示，虚构）"
WATERS: Final = "河长制巡河要求（演示；次数请按本省规定核对）"
FORGOTTEN_DAYS: Final = 12
"""Since the demo's grid worker was at the points that want a look every week."""
_DAYS: Final = 40
"""Within them lie the rounds; points are kept for 90."""


class _Rounds:
    """Rounds that were walked, kept in two statements at the end."""

    def __init__(self, *, rng: Random, town_code: str, now: datetime) -> None:
        self.rng = rng
        self.town_code = town_code
        self.now = now
        self.patrols: list[Patrol] = []
        self.points: list[PatrolPoint] = []

    def walk(self, user: User, where: Sequence[Point], *, days: int, area: PatrolArea | None = None) -> None:
        """One round past all of these points, so many days ago."""
        day = timezone.localtime(self.now) - timedelta(days=days)
        start = day.replace(hour=self.rng.randint(8, 16), minute=self.rng.randint(0, 59), second=0, microsecond=0)
        patrol = Patrol(
            client_id=UUID(int=self.rng.getrandbits(128), version=4),
            user=user,
            patrol_area=area,
            town_code=self.town_code,
            started_at=start,
            received_at=start,
        )
        at = start
        for point in where:
            at += timedelta(seconds=self.rng.randint(90, 240))
            accuracy = float(self.rng.randint(4, 20))
            self.points.append(PatrolPoint(patrol=patrol, point=point, accuracy_m=accuracy, at=at))
        patrol.stopped_at = at + timedelta(minutes=1)
        self.patrols.append(patrol)

    def keep(self) -> None:
        Patrol.objects.bulk_create(self.patrols)
        PatrolPoint.objects.bulk_create(self.points)
        for patrol in self.patrols:
            record_visits(patrol_id=patrol.pk)


def make_rounds(
    *, rng: Random, cast: Cast, spots: Sequence[Spots], land: Land, absent: set[str], now: datetime
) -> None:
    """`absent` are the cells whose worker left or is on leave: nobody walks there of late."""
    areas = _make_areas(rng, land)
    rounds = _Rounds(rng=rng, town_code=land.town.code, now=now)
    first = spots[0].cell.code
    for number, place in enumerate(spots):
        # A third of the cells was visited within days, the others weeks ago, and every ninth never.
        if number % 9 == 8:
            continue
        latest = rng.randint(1, 5) if number % 3 == 0 else rng.randint(6, _DAYS)
        if place.cell.code in absent:
            latest = max(latest, LEFT_DAYS + 1)
        area = areas["cells"] if place.cell.code.startswith(first[:12]) else None
        for days in sorted({latest, min(latest + rng.randint(4, 12), _DAYS)}):
            rounds.walk(cast.workers[place.cell.code], _through(place, rng), days=days, area=area)
    for days in (1, 4, 8):
        rounds.walk(cast.workers[first], _past(areas["points"]), days=days, area=areas["points"])
    for name, days in (("river", 3), ("canal", 17)):
        for code, where in _along(areas[name], land, codes=cast.workers.keys() - absent):
            rounds.walk(cast.workers[code], where, days=days, area=areas[name])
    rounds.walk(cast.workers[first], _past(areas["flood"]), days=FORGOTTEN_DAYS, area=areas["flood"])
    rounds.keep()


def _make_areas(rng: Random, land: Land) -> dict[str, PatrolArea]:
    """Seven of all three kinds; one that reaches over two villages, as the real ones do."""
    codes = list(land.villages)
    waters = {water.kind: water for water in WaterBody.objects.filter(area=land.town)}
    daily = _area("甲村日常巡查", "cells", land.villages[codes[0]].pk, 7)
    daily.cells.set([cell.area_id for cell in land.cells if cell.code.startswith(codes[0])])
    border = _area("乙丙交界巡查", "cells", land.town.pk, 14)
    border.cells.set([next(cell.area_id for cell in land.cells if cell.code.startswith(code)) for code in codes[1:3]])
    river = _area("示范河巡河", "line", land.town.pk, 7, water=waters["river"])
    canal = _area("示范干渠巡查", "line", land.town.pk, 15, water=waters["canal"])
    night = _area("甲村重点部位夜巡", "points", land.villages[codes[0]].pk, 3)
    cells = [cell for cell in land.cells if cell.code.startswith(codes[0])]
    names = ("村口桥头", "晒谷场", "水塘边", "变压器旁", "老屋巷口")
    CheckPoint.objects.bulk_create(
        CheckPoint(patrol_area=night, name=name, point=point_in(rng.choice(cells).shape, rng), order=number)
        for number, name in enumerate(names, 1)
    )
    fire = _area("九小场所防火巡查", "points", land.town.pk, 30)
    small = Place.objects.filter(kind__group="small", synthetic=True).order_by("pk")[:8]
    CheckPoint.objects.bulk_create(
        CheckPoint(patrol_area=fire, name=place.name, point=place.point, order=number)
        for number, place in enumerate(small, 1)
    )
    # What the worker one can sign in as has let go by.
    flood = _area("甲村低洼易涝点巡查", "points", land.villages[codes[0]].pk, 7)
    CheckPoint.objects.bulk_create(
        CheckPoint(patrol_area=flood, name=name, point=point_in(cells[0].shape, rng), order=number)
        for number, name in enumerate(("下沉路段", "排水闸口", "老挡土墙"), 1)
    )
    return {
        **{"cells": daily, "border": border, "river": river, "canal": canal},
        **{"points": night, "fire": fire, "flood": flood},
    }


def _area(name: str, kind: str, area_id: int, every_days: int, *, water: WaterBody | None = None) -> PatrolArea:
    return PatrolArea.objects.create(
        name=name,
        kind=kind,
        area_id=area_id,
        line=water.geometry if water else None,
        reach_metres=150 if water else 50,
        every_days=every_days,
        basis=WATERS if water else RHYTHM,
        synthetic=True,
    )


def _through(place: Spots, rng: Random) -> list[Point]:
    """From point to point of the cell, with one between each two."""
    order = rng.sample(place.points, len(place.points))
    steps = []
    for start, end in pairwise(order):
        steps += [start, Point((start.x + end.x) / 2, (start.y + end.y) / 2, srid=4326)]
    return [*steps, order[-1]]


def _past(area: PatrolArea) -> list[Point]:
    return [spot.point for spot in area.check_points.order_by("order")]


def _along(area: PatrolArea, land: Land, *, codes: set[str]) -> list[tuple[str, list[Point]]]:
    """For each village that the line runs through: a cell of `codes` at the line, and twelve points on its stretch."""
    assert area.line is not None
    course = to_shape(area.line)
    found = []
    for code, shape in sorted(land.village_shapes.items()):
        parts = shapely.get_parts(course.intersection(shape))
        longest = max(parts, key=lambda part: part.length, default=None)
        near = [one.code for one in land.cells if one.code in codes and one.shape.intersects(course)]
        cell = next((cell for cell in near if cell.startswith(code)), None)
        if longest is None or cell is None or longest.geom_type != "LineString":
            continue
        steps = [shapely.line_interpolate_point(longest, step / 11, normalized=True) for step in range(12)]
        found.append((cell, [Point(step.x, step.y, srid=4326) for step in steps]))
    return found

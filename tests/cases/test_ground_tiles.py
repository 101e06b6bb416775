"""Vector tiles of areas and places: at the detail one can see, of the day, naming no person."""

from __future__ import annotations

import json
import math
from datetime import timedelta
from typing import Any, ClassVar

import mapbox_vector_tile
import pytest
from django.db import connection

from grid.models import Area, AreaBoundary, Place
from grid.tiles import Tile
from tests.tiles import column, decoded, path, register_schools, row, whole_map
from tests.town import CELL_A, EAST, IN_A


class TestAreas:
    def levels(self, tile: dict[str, list[dict[str, Any]]]) -> set[str]:
        return {area["level"] for area in tile.get("areas", [])}

    @pytest.mark.parametrize(
        ("z", "levels"),
        [(5, set()), (6, {"town"}), (9, {"town"}), (10, {"town", "village"}), (11, {"town", "village", "cell"})],
    )
    def test_farther_out_only_larger_areas_are_drawn(self, browser, operator, z, levels):
        assert self.levels(decoded(browser(operator).get(path("areas", z)))) == levels

    def test_an_area_has_its_name_and_no_more(self, browser, admin):
        areas = decoded(browser(admin).get(path("areas", 14)))["areas"]
        (cell,) = [area for area in areas if area["code"] == CELL_A]
        assert cell == {"code": CELL_A, "name": "东村01网格", "level": "cell", "kind": "general", "synthetic": True}

    def test_outlines_of_the_past_and_the_future_are_not_drawn(self, browser, operator, clock):
        Area.objects.filter(code=CELL_A).update(valid_to=clock.moment.date())
        boundary = AreaBoundary.objects.filter(area__code=EAST)
        boundary.update(valid_from=clock.moment + timedelta(days=1))
        codes = {area["code"] for area in decoded(browser(operator).get(path("areas", 14)))["areas"]}
        assert not codes & {CELL_A, EAST}

    def test_an_outline_is_where_it_was_drawn(self, browser, operator):
        z, x, y = 14, column(IN_A[0], 14), row(IN_A[1], 14)
        found = mapbox_vector_tile.decode(
            browser(operator).get(f"tiles/areas/{z}/{x}/{y}.mvt").content, default_options={"y_coord_down": True}
        )
        (cell,) = [f for f in found["areas"]["features"] if f["properties"]["code"] == CELL_A]
        west, _south, east, _north = Tile(z, x, y).box
        ring = cell["geometry"]["coordinates"][0]
        easternmost = west + max(point[0] for point in ring) / 4096 * (east - west)
        assert easternmost == pytest.approx(min(118.01, east + (east - west) / 64), abs=(east - west) / 2048)


@pytest.fixture
def places(cast, clock) -> dict[str, Place]:
    return register_schools()


class TestPlaces:
    SEES: ClassVar = {
        "worker": "A",
        "officer": "A",
        "operator": "AC",
        "handler": "AC",
        "auditor": "AC",
        "neighbour": "",
        "admin": "",
        "outsider": ("other",),
    }

    @pytest.mark.parametrize("who", SEES)
    def test_places_are_those_of_ones_areas(self, places, browser, cast, who):
        tiles = whole_map(browser(getattr(cast, who)), "places", 13)
        names = {place["name"] for tile in tiles for place in tile.get("places", [])}
        assert names == {f"演示学校{name}" for name in self.SEES[who]}

    def test_a_place_names_no_person_and_no_phone(self, places, browser, operator):
        answer = browser(operator).get(path("places", 14))
        assert decoded(answer)["places"] == [
            {"id": places["A"].pk, "name": "演示学校A", "kind": "school", "group": "key"}
        ]
        assert "演示甲".encode() not in answer.content

    def test_farther_out_they_are_counted(self, places, browser, operator):
        tiles = whole_map(browser(operator), "places", 9)
        assert sum(c["count"] for tile in tiles for c in tile.get("clusters", [])) == 2
        assert not [tile for tile in tiles if "places" in tile]

    def test_a_place_that_is_gone_is_not_shown(self, places, browser, operator, clock):
        Place.objects.update(valid_to=clock.moment.date())
        assert browser(operator).get(path("places", 14)).status_code == 204


def test_outlines_are_simplified_by_zoom(browser, operator, clock):
    """A shore of 5,000 corners: at z11 what one can see of it, near the ground more."""
    steps = [118.0 + 0.01 * n / 5000 for n in range(5000)]
    shore = [[lon, 22.01 + 0.0004 * math.sin(n / 3)] for n, lon in enumerate(steps)]
    ring = [[118.0, 22.0], *shore, [118.01, 22.0], [118.0, 22.0]]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE grid_areaboundary SET geometry = ST_Multi(ST_SetSRID(ST_GeomFromGeoJSON(%s), 4326))"
            " WHERE area_id = (SELECT id FROM grid_area WHERE code = %s)",
            [json.dumps({"type": "Polygon", "coordinates": [ring]}), CELL_A],
        )
    sizes = [len(browser(operator).get(path("areas", z)).content) for z in (11, 14)]
    assert sizes[0] < 2_000
    assert sizes[0] < sizes[1]

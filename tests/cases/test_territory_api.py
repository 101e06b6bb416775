"""The doors to the ground: what anybody may read, what two may change, and how a refusal reads."""

from __future__ import annotations

from datetime import date

import pytest
import shapely
from django.contrib.gis.geos import Point

from cases.services.territory import change_ground
from grid.models import Area, BoundaryChange, Place, PlaceKind
from grid.services.changes import Wish
from tests.town import CELL_A, CELL_B, CELL_C, EAST, TOWN, WEST

pytestmark = pytest.mark.django_db

NEW = EAST + "003"
LINE = {"type": "LineString", "coordinates": [[118.006, 21.99], [118.006, 22.02]]}
SPLIT = {"act": "split", "cells": [CELL_A], "line": LINE, "reason": "人口增加"}
EVERYBODY = ("worker", "neighbour", "officer", "operator", "head", "handler", "mediator", "leader", "auditor", "admin")


def polygon(west: float, south: float, east: float, north: float) -> dict:
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


class TestPreview:
    def test_it_shows_all_that_would_happen_and_does_nothing(self, browser, head, stories):
        case = stories.report(point=(118.008, 22.005))
        answer = browser(head).post("areas/changes/preview/", SPLIT)
        found = answer.json()
        assert (answer.status_code, found["allowed"], found["problems"]) == (200, True, [])
        assert [(part["code"], part["new"]) for part in found["after"]] == [(CELL_A, False), (NEW, True)]
        assert sum(part["area_m2"] for part in found["after"]) == pytest.approx(1_142_000, rel=0.01)
        assert found["moves"]["cases"] == {
            "count": 1, "rows": [{"id": case.pk, "number": case.number, "from": CELL_A, "to": NEW}],
        }  # fmt: skip
        assert [row["person"] for row in found["moves"]["posts"]["rows"]] == ["阿珍"]
        assert BoundaryChange.objects.count() == 0

    def test_what_is_wrong_is_shown_with_its_place(self, browser, head):
        body = {"act": "redraw", "cells": [CELL_A], "geometry": polygon(118, 22, 118.012, 22.01), "reason": "重画"}
        found = browser(head).post("areas/changes/preview/", body).json()
        assert found["allowed"] is False
        (problem,) = found["problems"]
        assert problem["code"] == "overlap"
        assert CELL_B in problem["message"]
        assert shapely.from_geojson(str(problem["geometry"]).replace("'", '"')).bounds[0] == pytest.approx(118.01)

    @pytest.mark.parametrize("who", [name for name in EVERYBODY if name not in ("head", "admin")])
    def test_it_is_for_those_who_may_change(self, browser, cast, who):
        assert browser(getattr(cast, who)).post("areas/changes/preview/", SPLIT).status_code == 403


class TestChange:
    def test_it_answers_with_the_change_and_the_map_shows_both_cells(self, browser, head):
        answer = browser(head).post("areas/changes/", SPLIT)
        change = answer.json()
        assert (answer.status_code, change["kind"], change["made_by"], change["settled"]) == (
            201,
            "split",
            "主任",
            True,
        )
        rows = browser(head).get("areas/", level="cell", within=EAST).json()["results"]
        assert [row["code"] for row in rows] == [CELL_A, CELL_B, NEW]

    def test_a_refusal_names_the_field_and_changes_nothing(self, browser, head):
        body = {"act": "redraw", "cells": [CELL_A], "geometry": polygon(118, 22, 118.012, 22.01), "reason": "重画"}
        answer = browser(head).post("areas/changes/", body)
        assert (answer.status_code, answer.json()["field"], answer.json()["code"]) == (400, "geometry", "overlap")
        assert BoundaryChange.objects.count() == 0

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"reason": ""}, "reason"),
            ({"act": "explode"}, "act"),
            ({"cells": ["12"]}, "cells.0"),
            ({"cells": [EAST + "888"]}, "cells"),
            ({"line": {"type": "Point", "coordinates": [118, 22]}}, "line"),
            ({"line": {"type": "LineString", "coordinates": "x"}}, "line"),
            ({"line": {"type": "LineString", "coordinates": [[22, 118], [22, 119]]}}, "line"),
            ({"on": "2026-11-24"}, "on"),
            ({"on": "morgen"}, "on"),
        ],
    )
    def test_bad_input_names_the_field(self, browser, head, change, field):
        answer = browser(head).post("areas/changes/", {**SPLIT, **change})
        assert (answer.status_code, answer.json()["field"]) == (400, field)

    def test_a_stranger_has_to_sign_in(self, browser):
        assert browser(None).post("areas/changes/", SPLIT).status_code == 401

    @pytest.mark.parametrize("who", [*(name for name in EVERYBODY if name not in ("head", "admin")), "outsider"])
    def test_nobody_else_may(self, browser, cast, who):
        assert browser(getattr(cast, who)).post("areas/changes/", SPLIT).status_code == 403
        assert BoundaryChange.objects.count() == 0


class TestArea:
    @pytest.fixture
    def split(self, head, clock):
        wish = Wish("split", "人口增加", (CELL_A,), line=shapely.LineString(LINE["coordinates"]))
        return change_ground(wish=wish, by=head, now=clock())

    def test_a_cell_with_its_history(self, browser, worker, split, stories):
        stories.report()
        found = browser(worker).get(f"areas/{CELL_A}/").json()
        assert (found["level"], found["parent"]["code"], found["open_cases"]) == ("cell", EAST, 1)
        assert [(row["kind"], row["reason"]) for row in found["changes"]] == [("split", "人口增加")]
        assert [row["current"] for row in found["boundaries"]] == [True, False]
        assert [one["code"] for one in found["successors"]] == [NEW]

    def test_on_an_earlier_day_it_is_as_it_was(self, browser, worker, split):
        then = browser(worker).get(f"areas/{CELL_A}/", on="2026-11-24").json()
        now = browser(worker).get(f"areas/{CELL_A}/").json()
        assert then["area_m2"] > now["area_m2"] * 1.5
        assert browser(worker).get(f"areas/{NEW}/", on="2026-11-24").status_code == 404

    def test_each_version_can_be_drawn(self, browser, worker, split):
        rows = browser(worker).get(f"areas/{CELL_A}/").json()["boundaries"]
        shapes = [browser(worker).get(f"areas/{CELL_A}/boundaries/{row['id']}/").json()["geometry"] for row in rows]
        assert {shape["type"] for shape in shapes} == {"MultiPolygon"}
        assert browser(worker).get(f"areas/{CELL_B}/boundaries/{rows[0]['id']}/").status_code == 404

    def test_cases_one_does_not_see_are_not_counted(self, browser, stories, neighbour, worker, outsider):
        stories.report()
        counts = [browser(who).get(f"areas/{CELL_A}/").json()["open_cases"] for who in (worker, neighbour, outsider)]
        assert counts == [1, 0, 0]

    def test_places_are_counted_for_those_whose_area_it_is(self, browser, worker, outsider):
        kind = PlaceKind.objects.create(code="shop", group="small", name_zh="店", name_en="shop")
        east = Area.objects.get(code=EAST)
        Place.objects.create(
            name="示范店", kind=kind, point=Point(118.005, 22.005, srid=4326), village=east, village_code=EAST,
            cell_code=CELL_A, valid_from=date(2026, 1, 1),
        )  # fmt: skip
        counts = [browser(who).get(f"areas/{CELL_A}/").json()["places"] for who in (worker, outsider)]
        assert counts == [1, 0]

    def test_an_unknown_code_is_not_found(self, browser, worker):
        assert browser(worker).get("areas/990000009201777/").status_code == 404
        assert browser(worker).get("areas/nowhere/").status_code == 404

    def test_gaps_of_a_village(self, browser, worker):
        (gap,) = browser(worker).get(f"areas/{WEST}/gaps/").json()["results"]
        assert gap["area_m2"] == pytest.approx(1_142_000, rel=0.01)
        assert browser(worker).get(f"areas/{EAST}/gaps/").json()["results"] == []
        assert browser(worker).get(f"areas/{CELL_A}/gaps/").json()["results"] == []

    def test_serials_run_from_west_to_east(self, browser, worker, split):
        found = browser(worker).get(f"areas/{EAST}/serials/").json()
        assert found["next"] == "004"
        assert {row["code"]: row["proposed"] for row in found["results"]} == {CELL_A: "001", NEW: "002", CELL_B: "003"}

    def test_changes_of_an_area(self, browser, worker, split):
        def kinds(code: str) -> list[str]:
            return [row["kind"] for row in browser(worker).get("areas/changes/", within=code).json()["results"]]

        assert kinds(TOWN) == kinds(EAST) == kinds(CELL_A) == kinds(NEW) == kinds("") == ["split"]
        assert kinds(WEST) == kinds(CELL_B) == kinds(CELL_C) == []


def test_the_period_of_the_statistics_must_run_forward(browser, operator):
    answer = browser(operator).get("cases/ground/", **{"from": "2026-11-02", "to": "2026-11-01"})
    assert (answer.status_code, answer.json()["field"]) == (400, "to")
    answer = browser(operator).get("cases/ground/", to="2026-11-01")
    assert (answer.status_code, answer.json()["field"]) == (400, "from")

"""Who sees a patrol, where nobody has been for long, and which patrol areas wait."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from django.contrib.gis.geos import LineString, MultiLineString, Point

from grid.models import Area, CheckPoint, PatrolArea
from staff.models import Patrol, PatrolPoint, PatrolVisit, User
from tests.statements import statements
from tests.town import CELL_A, CELL_B, CELL_C, EAST, IN_A, IN_B, SINCE, TOWN, WEST, at


def patrol(user: User, moment: datetime, *cells: str, area: PatrolArea | None = None, points: int = 0) -> Patrol:
    """Half an hour from `moment`, with a visit in each cell and so many points."""
    made = Patrol.objects.create(
        client_id=uuid.uuid4(),
        user=user,
        patrol_area=area,
        town_code=TOWN,
        started_at=moment,
        stopped_at=moment + timedelta(minutes=30),
        received_at=moment,
    )
    for code in cells:
        PatrolVisit.objects.create(patrol=made, cell=Area.objects.get(code=code), at=moment)
    for number in range(points):
        spot = Point(118.001 + number / 1000, 22.005, srid=4326)
        PatrolPoint.objects.create(patrol=made, point=spot, accuracy_m=5, at=moment + timedelta(minutes=number))
    return made


@pytest.fixture
def walked(worker) -> Patrol:
    return patrol(worker, at("2026-11-20 09:00"), CELL_A, points=3)


class TestSight:
    @pytest.mark.parametrize("who", ["worker", "operator", "head"])
    def test_whoever_walked_it_and_the_center_see_it_with_its_points(self, browser, cast, walked, who):
        answer = browser(getattr(cast, who)).get(f"patrols/{walked.client_id}/")
        assert answer.status_code == 200
        assert answer.json()["points"] == {
            "type": "LineString",
            "coordinates": [[118.001, 22.005], [118.002, 22.005], [118.003, 22.005]],
        }
        assert len(answer.json()["times"]) == 3

    @pytest.mark.parametrize(
        "who", ["neighbour", "officer", "handler", "mediator", "leader", "auditor", "admin", "outsider"]
    )
    def test_nobody_else_sees_it(self, browser, cast, walked, who):
        person = browser(getattr(cast, who))
        assert person.get(f"patrols/{walked.client_id}/").status_code == 404
        assert person.get("patrols/").json() == {"results": []}

    def test_a_stranger_sees_none(self, browser, walked):
        assert browser(None).get("patrols/").status_code == 401
        assert browser(None).get(f"patrols/{walked.client_id}/").status_code == 401

    def test_an_unknown_one_is_404(self, browser, operator):
        assert browser(operator).get(f"patrols/{uuid.uuid4()}/").status_code == 404

    def test_no_length_no_speed_no_count_anywhere(self, browser, operator, walked):
        [row] = browser(operator).get("patrols/").json()["results"]
        assert set(row) == {"client_id", "person", "patrol_area", "started_at", "stopped_at"}
        detail = browser(operator).get(f"patrols/{walked.client_id}/").json()
        assert set(detail) - set(row) == {"cells", "check_points", "points", "times"}

    def test_one_point_is_still_a_line_for_geojson(self, browser, worker):
        single = patrol(worker, at("2026-11-20 09:00"), points=1)
        found = browser(worker).get(f"patrols/{single.client_id}/").json()
        assert found["points"]["coordinates"] == [[118.001, 22.005]] * 2
        none = patrol(worker, at("2026-11-21 09:00"))
        assert browser(worker).get(f"patrols/{none.client_id}/").json()["points"] is None

    def test_the_list_is_newest_first_and_can_be_narrowed(self, browser, cast, walked):
        later = patrol(cast.neighbour, at("2026-11-21 09:00"), CELL_B)
        center = browser(cast.operator)

        def ids(**query) -> list[str]:
            return [row["client_id"] for row in center.get("patrols/", **query).json()["results"]]

        both = [str(later.client_id), str(walked.client_id)]
        assert ids() == ids(within=TOWN) == ids(within=EAST) == both
        assert ids(within=CELL_A) == [str(walked.client_id)]
        assert ids(within=WEST) == ids(within="990000008") == ids(mine="true") == []
        assert [row["client_id"] for row in browser(cast.worker).get("patrols/", mine="1").json()["results"]] == [
            str(walked.client_id)
        ]


class TestCoverage:
    def rows(self, browser, user, **query) -> list[tuple[str, int | None]]:
        answer = browser(user).get("patrols/coverage/", **query)
        assert answer.status_code == 200
        return [(row["code"], row["days_since"]) for row in answer.json()["results"]]

    @pytest.fixture(autouse=True)
    def _walked(self, cast):
        patrol(cast.worker, at("2026-11-20 23:30"), CELL_A)
        patrol(cast.neighbour, at("2026-11-01 09:00"), CELL_B)
        patrol(cast.neighbour, at("2026-11-24 09:00"), CELL_B)

    def test_most_forgotten_first_counted_in_days_of_shanghai(self, browser, operator):
        assert self.rows(browser, operator) == [(CELL_C, None), (CELL_A, 5), (CELL_B, 1)]

    def test_a_row_names_nobody(self, browser, operator):
        row = browser(operator).get("patrols/coverage/", within=CELL_A).json()["results"]
        assert row == [
            {
                "code": CELL_A,
                "name": "东村01网格",
                "village": {"code": EAST, "name": "东村"},
                "last_visited_at": "2026-11-20T15:30:00Z",
                "days_since": 5,
            }
        ]

    @pytest.mark.parametrize("who", ["head", "leader", "auditor"])
    def test_the_center_and_its_supervisors_see_the_town(self, browser, cast, who):
        assert len(self.rows(browser, getattr(cast, who))) == 3

    def test_the_officer_sees_the_own_village(self, browser, officer):
        assert self.rows(browser, officer) == [(CELL_A, 5), (CELL_B, 1)]
        assert self.rows(browser, officer, within=WEST) == []

    @pytest.mark.parametrize("who", ["worker", "handler", "mediator", "admin"])
    def test_others_may_not(self, browser, cast, who):
        assert browser(getattr(cast, who)).get("patrols/coverage/").status_code == 403

    def test_another_town_sees_its_own(self, browser, outsider):
        assert self.rows(browser, outsider) == [("990000008201001", None)]

    def test_a_stranger_may_not(self, browser):
        assert browser(None).get("patrols/coverage/").status_code == 401

    def test_one_statement_for_any_number_of_cells(self, browser, operator):
        village = Area.objects.get(code=WEST)
        Area.objects.bulk_create(
            Area(code=f"{WEST}{n:03}", name="西", level="cell", parent=village, valid_from=SINCE) for n in range(9, 109)
        )
        phone = browser(operator)
        phone.get("session/")
        with statements(
            [("who", r'FROM "staff_user"'), ("posts", r'FROM "staff_post"'), ("cells", r'FROM "grid_area"')]
        ):
            assert len(phone.get("patrols/coverage/").json()["results"]) == 103


class TestPatrolAreas:
    @pytest.fixture
    def by_cells(self, cast) -> PatrolArea:
        made = PatrolArea.objects.create(
            name="东村两格", kind="cells", area=Area.objects.get(code=EAST), every_days=7, basis="镇方案"
        )
        made.cells.set(Area.objects.filter(code__in=(CELL_A, CELL_B)))
        return made

    @pytest.fixture
    def by_points(self, cast) -> PatrolArea:
        made = PatrolArea.objects.create(
            name="东村水边", kind="points", area=Area.objects.get(code=EAST), every_days=3, basis="防溺水"
        )
        for order, place in enumerate((IN_A, IN_B)):
            CheckPoint.objects.create(patrol_area=made, name=f"点{order}", order=order, point=Point(*place, srid=4326))
        return made

    @pytest.fixture
    def by_line(self, cast) -> PatrolArea:
        course = MultiLineString(LineString((118.0, 22.005), (118.02, 22.005)), srid=4326)
        return PatrolArea.objects.create(
            name="样板河", kind="line", area=Area.objects.get(code=TOWN), every_days=7, basis="河长制", line=course
        )

    def one(self, browser, user, area: PatrolArea) -> dict:
        rows = browser(user).get("patrol-areas/").json()["results"]
        return next(row for row in rows if row["id"] == area.pk)

    def test_a_row_says_what_is_walked_how_often_and_why(self, browser, operator, by_points):
        first, second = by_points.check_points.all()
        assert self.one(browser, operator, by_points) == {
            "id": by_points.pk,
            "name": "东村水边",
            "kind": "points",
            "kind_name": by_points.get_kind_display(),
            "area": {"code": EAST, "name": "东村"},
            "every_days": 3,
            "basis": "防溺水",
            "reach_metres": 50,
            "cells": [],
            "line": None,
            "check_points": [
                {"id": first.pk, "name": "点0", "lon": IN_A[0], "lat": IN_A[1], "last_visited_at": None},
                {"id": second.pk, "name": "点1", "lon": IN_B[0], "lat": IN_B[1], "last_visited_at": None},
            ],
            "last_visited_at": None,
            "days_since": None,
            "late": True,
        }

    def test_cells_are_as_old_as_the_most_forgotten(self, browser, cast, by_cells):
        patrol(cast.worker, at("2026-11-24 09:00"), CELL_A)
        assert self.one(browser, cast.operator, by_cells)["last_visited_at"] is None
        patrol(cast.neighbour, at("2026-11-18 09:00"), CELL_B)
        row = self.one(browser, cast.operator, by_cells)
        assert (row["cells"], row["days_since"], row["late"]) == ([CELL_A, CELL_B], 7, False)

    def test_late_is_one_day_more_than_planned(self, browser, cast, by_cells):
        patrol(cast.worker, at("2026-11-17 09:00"), CELL_A, CELL_B)
        row = self.one(browser, cast.operator, by_cells)
        assert (row["days_since"], row["late"]) == (8, True)

    def test_points_are_as_old_as_the_most_forgotten(self, browser, cast, by_points):
        walked = patrol(cast.worker, at("2026-11-24 09:00"))
        for day, spot in zip((22, 24), by_points.check_points.all(), strict=True):
            PatrolVisit.objects.create(patrol=walked, check_point=spot, at=at(f"2026-11-{day} 09:00"))
        row = self.one(browser, cast.operator, by_points)
        assert (row["days_since"], row["late"]) == (3, False)

    def test_a_line_is_as_old_as_its_last_patrol_that_was_somewhere(self, browser, cast, by_line):
        patrol(cast.worker, at("2026-11-24 09:00"), area=by_line)
        assert self.one(browser, cast.operator, by_line)["days_since"] is None
        patrol(cast.worker, at("2026-11-20 09:00"), CELL_A, area=by_line)
        row = self.one(browser, cast.operator, by_line)
        assert (row["days_since"], row["line"]["type"]) == (5, "MultiLineString")

    def test_a_worker_sees_those_of_the_village_and_of_the_own_cells(self, browser, cast, by_cells, by_points, by_line):
        assert {row["id"] for row in browser(cast.worker).get("patrol-areas/").json()["results"]} == {
            by_cells.pk,
            by_points.pk,
        }
        by_line.cells.set(Area.objects.filter(code=CELL_A))
        assert by_line.pk in {row["id"] for row in browser(cast.worker).get("patrol-areas/").json()["results"]}

    def test_within_a_cell_are_those_that_have_it(self, browser, operator, by_cells, by_points):
        rows = browser(operator).get("patrol-areas/", within=CELL_A).json()["results"]
        assert [row["id"] for row in rows] == [by_cells.pk]

    @pytest.mark.parametrize("who", ["outsider", "admin"])
    def test_others_see_none(self, browser, cast, by_cells, by_points, by_line, who):
        assert browser(getattr(cast, who)).get("patrol-areas/").json() == {"results": []}

    def test_one_out_of_use_is_not_listed(self, browser, operator, by_cells):
        PatrolArea.objects.update(active=False)
        assert browser(operator).get("patrol-areas/").json() == {"results": []}

    def test_a_stranger_sees_none(self, browser, by_cells):
        assert browser(None).get("patrol-areas/").status_code == 401

    def test_four_statements_for_any_number(self, browser, operator, by_cells, by_points, by_line):
        for number in range(20):
            PatrolArea.objects.create(
                name=f"片区{number}", kind="cells", area=by_cells.area, every_days=7, basis="镇方案"
            ).cells.set(by_cells.cells.all())
        phone = browser(operator)
        phone.get("session/")
        with statements(
            [
                ("who", r'FROM "staff_user"'),
                ("posts", r'FROM "staff_post"'),
                ("patrol areas", r'FROM "grid_patrolarea"'),
                ("their cells", r'FROM "grid_area"'),
                ("their check-points", r'FROM "grid_checkpoint"'),
                ("their patrols", r'FROM "staff_patrolvisit"'),
            ]
        ):
            assert len(phone.get("patrol-areas/").json()["results"]) == 23

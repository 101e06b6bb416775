"""Patrols: started once, points only between start and stop, thinned; what was visited stays, the points do not."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point

from grid.coordinates import wgs84_to_gcj02
from grid.models import Area, AreaBoundary, CheckPoint, PatrolArea
from staff.models import Patrol, PatrolPoint, PatrolVisit
from staff.services.patrols import Spot, add_points, purge_points, start_patrol, stop_forgotten, thinned
from tests.database import at_once
from tests.town import CELL_A, CELL_B, EAST, IN_A, IN_B, TOWN, at, square
from workers.tasks.territory import purge

NINE = "2026-11-25T09:00:00+08:00"


def clock_time(moment: str) -> str:
    """`clock_time("09:10")` of the day, as a phone sends it."""
    return at(f"2026-11-25 {moment}").isoformat()


def point(moment: str, place: tuple[float, float] = IN_A) -> dict[str, Any]:
    return {"lon": place[0], "lat": place[1], "accuracy_m": 8, "at": clock_time(moment)}


def patrol_area() -> PatrolArea:
    village = Area.objects.get(code=EAST)
    return PatrolArea.objects.create(name="东村河边", kind="points", area=village, every_days=7, basis="测试")


@pytest.fixture
def check_point(cast) -> CheckPoint:
    return CheckPoint.objects.create(patrol_area=patrol_area(), name="桥头", point=Point(*IN_A, srid=4326))


class Walk:
    """A patrol as a phone sends it."""

    def __init__(self, phone: Any) -> None:
        self.phone = phone
        self.client_id = str(uuid.uuid4())

    def start(self, **more: Any) -> Any:
        return self.phone.post("patrols/", {"client_id": self.client_id, "started_at": NINE, **more})

    def points(self, *points: dict[str, Any], **more: Any) -> Any:
        return self.phone.post(f"patrols/{self.client_id}/points/", {"points": list(points), **more})

    def tick(self, check_point: int, moment: str = "09:05", **more: Any) -> Any:
        body = {"check_point": check_point, "at": clock_time(moment), "by_hand": True, **more}
        return self.phone.post(f"patrols/{self.client_id}/ticks/", body)

    def stop(self, moment: str = "09:50") -> Any:
        return self.phone.post(f"patrols/{self.client_id}/stop/", {"stopped_at": clock_time(moment)})

    def read(self) -> Any:
        return self.phone.get(f"patrols/{self.client_id}/")

    @property
    def kept(self) -> list[datetime]:
        return [*PatrolPoint.objects.filter(patrol__client_id=self.client_id).values_list("at", flat=True)]


@pytest.fixture
def walk(browser, worker) -> Walk:
    return Walk(browser(worker))


class TestStart:
    def test_a_worker_starts_a_patrol(self, walk, worker, clock):
        answer = walk.start()
        assert answer.status_code == 201
        assert answer.json() == {
            "client_id": walk.client_id,
            "person": {"id": worker.pk, "name": "阿珍"},
            "patrol_area": None,
            "started_at": "2026-11-25T01:00:00Z",
            "stopped_at": None,
        }
        patrol = Patrol.objects.get()
        assert (patrol.town_code, patrol.received_at) == (TOWN, clock.moment)

    def test_the_same_start_again_is_the_same_patrol(self, walk):
        assert [walk.start().status_code for _ in range(2)] == [201, 200]
        assert Patrol.objects.count() == 1

    def test_the_same_id_with_other_content_is_a_conflict(self, walk):
        walk.start()
        answer = walk.start(started_at=clock_time("09:01"))
        assert answer.status_code == 409
        assert (answer.json()["code"], answer.json()["field"]) == ("client_id_conflict", "client_id")

    def test_the_same_id_by_somebody_else_is_a_conflict(self, browser, walk, neighbour):
        walk.start()
        other = Walk(browser(neighbour))
        other.client_id = walk.client_id
        assert other.start().status_code == 409

    def test_a_patrol_area_in_sight_may_be_named(self, walk, check_point):
        area = check_point.patrol_area
        assert walk.start(patrol_area=area.pk).json()["patrol_area"] == {"id": area.pk, "name": "东村河边"}

    @pytest.mark.parametrize("change", [{"active": False}, {"area": "990000008201"}])
    def test_one_out_of_use_or_sight_is_unknown(self, walk, check_point, change):
        if "area" in change:
            change = {"area": Area.objects.get(code=change["area"])}
        PatrolArea.objects.update(**change)
        answer = walk.start(patrol_area=check_point.patrol_area_id)
        assert (answer.status_code, answer.json()["field"], answer.json()["code"]) == (400, "patrol_area", "unknown")

    @pytest.mark.parametrize(
        ("started_at", "code"), [("2026-11-25T10:06:00+08:00", "in_future"), ("2026-08-01T09:00:00+08:00", "too_old")]
    )
    def test_a_phones_wrong_clock_is_refused(self, walk, started_at, code):
        answer = walk.start(started_at=started_at)
        assert (answer.status_code, answer.json()["field"], answer.json()["code"]) == (400, "started_at", code)

    @pytest.mark.parametrize("who", ["operator", "head", "handler", "mediator", "leader", "auditor", "admin"])
    def test_whoever_has_no_ground_walks_no_patrol(self, browser, cast, who):
        answer = Walk(browser(getattr(cast, who))).start()
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")

    def test_the_village_officer_may_a_stranger_not(self, browser, officer):
        assert Walk(browser(officer)).start().status_code == 201
        assert Walk(browser(None)).start().status_code == 401


class TestPoints:
    def test_only_what_lies_between_start_and_now_is_kept(self, walk):
        walk.start()
        answer = walk.points(point("08:59"), point("09:00"), point("09:30"), point("10:04"), point("10:06"))
        assert answer.json() == {"kept": 3, "dropped": 2}

    def test_nothing_after_the_stop_is_kept_nor_what_came_before_it(self, walk):
        walk.start()
        walk.points(point("09:10"), point("09:40"))
        walk.stop("09:30")
        assert walk.points(point("09:31")).json() == {"kept": 0, "dropped": 1}
        assert walk.kept == [at("2026-11-25 09:10")]

    def test_late_points_of_a_stopped_patrol_count(self, walk):
        walk.start()
        walk.stop()
        assert walk.points(point("09:20", IN_B)).json() == {"kept": 1, "dropped": 0}
        assert [cell["code"] for cell in walk.read().json()["cells"]] == [CELL_B]

    def test_the_same_points_again_keep_nothing(self, walk):
        walk.start()
        points = [point(f"09:{minute:02}", (118.001 + minute / 10_000, 22.005)) for minute in range(0, 40, 2)]
        assert walk.points(*points).json() == {"kept": 20, "dropped": 0}
        assert walk.points(*points).json() == {"kept": 0, "dropped": 20}

    def test_points_are_turned_into_wgs84(self, walk):
        walk.start()
        walk.points(point("09:10", wgs84_to_gcj02(*IN_A)), datum="GCJ-02")
        kept = PatrolPoint.objects.get().point
        assert (kept.x, kept.y) == pytest.approx(IN_A, abs=1e-7)

    def test_no_more_than_500_at_once(self, walk):
        walk.start()
        answer = walk.points(*[point("09:10")] * 501)
        assert (answer.status_code, answer.json()["field"], answer.json()["code"]) == (400, "points", "too_many")
        assert walk.points(*[point("09:10")] * 500).json() == {"kept": 1, "dropped": 499}

    @pytest.mark.parametrize("who", ["neighbour", "officer", "operator", "outsider"])
    def test_nobody_else_adds_ticks_or_stops(self, browser, cast, walk, check_point, who):
        walk.start()
        other = Walk(browser(getattr(cast, who)))
        other.client_id = walk.client_id
        answers = [other.points(point("09:10")), other.tick(check_point.pk), other.stop()]
        assert [answer.status_code for answer in answers] == [404, 404, 404]
        assert Patrol.objects.get().stopped_at is None

    def test_a_stranger_adds_nothing(self, browser, walk):
        walk.start()
        other = Walk(browser(None))
        other.client_id = walk.client_id
        assert [answer.status_code for answer in (other.points(point("09:10")), other.stop(), other.read())] == [
            401
        ] * 3


def spot(seconds: int, metres: float = 0.0) -> Spot:
    """So far into the patrol, so far north of its start."""
    return Spot(118.005, 22.005 + metres / 110_700, None, at("2026-11-25 09:00") + timedelta(seconds=seconds))


class TestThinning:
    def kept(self, spots: list[Spot], known: list[Spot] | None = None) -> list[int]:
        start = spot(0).at
        return [int((one.at - start).total_seconds()) for one in thinned(known=known or [], spots=spots)]

    def test_points_nearer_than_half_a_minute_go(self):
        assert self.kept([spot(0), spot(29, 100), spot(30, 100), spot(59, 200), spot(61, 200)]) == [0, 30, 61]

    def test_of_somebody_standing_one_in_five_minutes_stays(self):
        assert self.kept([spot(0), spot(60, 3), spot(120, 9), spot(240, 9), spot(300, 9)]) == [0, 300]

    def test_ten_metres_are_a_move(self):
        assert self.kept([spot(0), spot(60, 10.5), spot(120, 21)]) == [0, 60, 120]

    def test_late_points_keep_their_distance_on_both_sides(self):
        known = [spot(0), spot(120, 100)]
        assert self.kept([spot(20, 50), spot(60, 50), spot(95, 90)], known) == [60]


class TestVisits:
    def test_stopping_works_out_the_cells(self, walk):
        walk.start()
        walk.points(point("09:10"), point("09:20", IN_B), point("09:30"), point("09:40", (118.035, 22.005)))
        answer = walk.stop()
        assert answer.status_code == 200
        assert answer.json()["stopped_at"] == "2026-11-25T01:50:00Z"
        assert answer.json()["cells"] == [
            {"code": CELL_B, "name": "东村02网格", "at": "2026-11-25T01:20:00Z"},
            {"code": CELL_A, "name": "东村01网格", "at": "2026-11-25T01:30:00Z"},
        ]

    def test_a_point_on_the_border_was_in_the_cell_with_the_lower_code(self, walk):
        walk.start()
        walk.points(point("09:10", (118.01, 22.005)))
        assert [cell["code"] for cell in walk.stop().json()["cells"]] == [CELL_A]

    def test_by_the_boundaries_of_that_moment(self, walk):
        walk.start()
        walk.points(point("09:10", (118.008, 22.005)))
        moment = at("2026-11-25 09:20")
        for code, west, east in ((CELL_A, 118.00, 118.005), (CELL_B, 118.005, 118.02)):
            area = Area.objects.get(code=code)
            AreaBoundary.objects.filter(area=area).update(valid_to=moment)
            AreaBoundary.objects.create(area=area, geometry=square(west, east), valid_from=moment, reason="测试")
        walk.points(point("09:30", (118.008, 22.005)))
        assert [(cell["code"], cell["at"][11:16]) for cell in walk.stop().json()["cells"]] == [
            (CELL_A, "01:10"),
            (CELL_B, "01:30"),
        ]

    @pytest.mark.parametrize(
        ("east", "north", "near"), [(45, 0, True), (0, 55, False), (55, 0, False), (45, 45, False)]
    )
    def test_a_check_point_is_visited_by_nearness_in_metres(self, walk, check_point, east, north, near):
        walk.start()
        walk.points(point("09:10", (IN_A[0] + east / 103_300, IN_A[1] + north / 110_700)))
        spots = [visit["id"] for visit in walk.stop().json()["check_points"]]
        assert spots == ([check_point.pk] if near else [])

    def test_a_tick_by_hand_counts_and_nearness_outweighs_it(self, walk, check_point):
        walk.start()
        [visit] = walk.tick(check_point.pk).json()["check_points"]
        assert visit == {"id": check_point.pk, "name": "桥头", "at": "2026-11-25T01:05:00Z", "by_hand": True}
        walk.tick(check_point.pk, "09:04")
        walk.points(point("09:10"))
        [visit] = walk.stop().json()["check_points"]
        assert (visit["at"], visit["by_hand"]) == ("2026-11-25T01:10:00Z", False)

    @pytest.mark.parametrize("moment", ["08:59", "10:06"])
    def test_a_tick_outside_the_patrol_is_refused(self, walk, check_point, moment):
        walk.start()
        answer = walk.tick(check_point.pk, moment)
        assert (answer.status_code, answer.json()["field"], answer.json()["code"]) == (400, "at", "outside_the_patrol")

    def test_an_unknown_check_point_is_refused(self, walk, check_point):
        walk.start()
        PatrolArea.objects.update(area=Area.objects.get(code="990000008201"))
        for pk in (check_point.pk, 999_999):
            answer = walk.tick(pk)
            assert (answer.status_code, answer.json()["field"]) == (400, "check_point")


class TestStop:
    def test_a_stop_must_lie_after_the_start_and_not_ahead(self, walk):
        walk.start()
        for moment, code in (("08:59", "before_start"), ("10:06", "in_future")):
            answer = walk.stop(moment)
            assert (answer.status_code, answer.json()["field"], answer.json()["code"]) == (400, "stopped_at", code)

    def test_stopped_twice_the_later_moment_stands(self, walk):
        walk.start()
        assert [walk.stop(moment).json()["stopped_at"][11:16] for moment in ("09:30", "09:40", "09:20")] == [
            "01:30",
            "01:40",
            "01:40",
        ]

    def test_it_ends_a_day_after_its_start_at_the_latest(self, clock, walk):
        walk.start()
        clock.to("2026-11-28 10:00")
        stop = {"stopped_at": at("2026-11-28 09:00").isoformat()}
        answer = walk.phone.post(f"patrols/{walk.client_id}/stop/", stop)
        assert answer.json()["stopped_at"] == "2026-11-26T01:00:00Z"

    def test_a_forgotten_patrol_ends_at_its_last_point(self, clock, walk):
        walk.start()
        walk.points(point("09:10"), point("09:20", IN_B))
        clock.to("2026-11-26 08:59")
        assert stop_forgotten(now=clock()) == 0
        clock.to("2026-11-26 09:01")
        purge()
        patrol = Patrol.objects.get()
        assert patrol.stopped_at == at("2026-11-25 09:20")
        assert {visit.cell.code for visit in PatrolVisit.objects.all()} == {CELL_A, CELL_B}
        assert stop_forgotten(now=clock()) == 0

    def test_one_without_points_ends_where_it_began(self, clock, walk):
        walk.start()
        stop_forgotten(now=clock.to("2026-11-27 09:00"))
        assert Patrol.objects.get().stopped_at == at("2026-11-25 09:00")

    def test_a_phone_that_comes_in_after_that_tells_a_later_end_and_loses_nothing(self, clock, walk):
        walk.start()
        walk.points(point("09:10"))
        stop_forgotten(now=clock.to("2026-11-27 09:00"))
        walk.points(point("09:20", IN_B))
        assert walk.kept == [at("2026-11-25 09:10")]
        walk.stop("09:20")
        walk.points(point("09:20", IN_B))
        assert walk.kept == [at("2026-11-25 09:10"), at("2026-11-25 09:20")]
        assert {visit.cell.code for visit in PatrolVisit.objects.all()} == {CELL_A, CELL_B}


class TestForgetting:
    def test_points_go_after_so_many_days_and_visits_stay(self, clock, walk, settings):
        settings.PATROL_POINTS_DAYS = 90
        walk.start()
        walk.points(point("09:10"), point("09:40"))
        walk.stop()
        clock.to("2027-02-23 09:30")
        assert purge_points(now=clock()) == 1
        assert walk.kept == [at("2026-11-25 09:40")]
        assert (purge_points(now=clock()), PatrolVisit.objects.count()) == (0, 1)

    def test_the_days_are_a_setting(self, clock, walk, settings):
        settings.PATROL_POINTS_DAYS = 1
        walk.start()
        walk.points(point("09:10"))
        assert purge_points(now=clock.to("2026-11-26 09:11")) == 1

    def test_batches_leave_nothing_behind(self, clock, walk, monkeypatch):
        monkeypatch.setattr("staff.services.patrols.BATCH", 2)
        walk.start()
        walk.points(*[point(f"09:{minute}", (118.001 + minute / 10_000, 22.005)) for minute in range(10, 15)])
        assert purge_points(now=clock.to("2027-03-01 09:00")) == 5
        assert walk.kept == []


@pytest.mark.django_db(transaction=True)
def test_the_same_points_at_once_are_kept_once(cast, clock):
    patrol, _ = start_patrol(
        client_id=uuid.uuid4(), patrol_area_id=None, started_at=at("2026-11-25 09:00"), by=cast.worker
    )
    spots = [spot(seconds, seconds) for seconds in range(0, 1200, 60)]
    results = at_once(*[lambda: add_points(patrol=patrol, spots=spots)] * 2)
    assert sorted(result.kept for result in results) == [0, 20]


@pytest.mark.django_db(transaction=True)
def test_the_same_start_at_once_makes_one_patrol(cast, clock):
    client_id = uuid.uuid4()

    def start() -> bool:
        moment = at("2026-11-25 09:00")
        return start_patrol(client_id=client_id, patrol_area_id=None, started_at=moment, by=cast.worker)[1]

    assert sorted(at_once(start, start)) == [False, True]

"""A point has one cell: always the same, by the boundaries of that moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.db import IntegrityError, transaction

from grid.coordinates import gcj02_to_bd09, wgs84_to_gcj02
from grid.metres import Scale
from grid.models import Area, AreaBoundary
from grid.selectors import ground
from grid.selectors.areas import locate_area, locate_point
from staff.models import Post
from tests.town import (
    CELL_A,
    CELL_B,
    CELL_C,
    EAST,
    IN_A,
    IN_B,
    IN_WEST_ONLY,
    NOW,
    OUTSIDE,
    TOWN,
    WEST,
    at,
    square,
)

pytestmark = pytest.mark.django_db


def cell_of(lon: float, lat: float, moment=NOW) -> str | None:
    found = locate_point(point=Point(lon, lat, srid=4326), at=moment)
    return found.area.code if found else None


def test_a_point_inside_a_cell_has_that_cell_village_town_and_district():
    found = locate_point(point=Point(*IN_A, srid=4326), at=NOW)
    assert (found.area.code, found.village.code, found.town.code, found.district.code) == (
        CELL_A,
        EAST,
        TOWN,
        TOWN[:6],
    )
    assert found.boundary_id == AreaBoundary.objects.get(area__code=CELL_A).pk


@pytest.mark.parametrize("lat", [22.0, 22.005, 22.01])
def test_a_point_on_a_shared_border_always_falls_into_the_lower_code(lat):
    assert cell_of(118.01, lat) == CELL_A
    assert cell_of(118.02, lat) == CELL_B


def test_a_point_where_no_cell_is_drawn_falls_into_the_village():
    assert cell_of(*IN_WEST_ONLY) == WEST


def test_a_point_outside_every_boundary_is_nowhere():
    assert cell_of(*OUTSIDE) is None


def test_redrawing_a_border_changes_the_answer_only_from_then_on():
    moved = at("2026-06-01 00:00")
    AreaBoundary.objects.filter(area__code__in=[CELL_A, CELL_B]).update(valid_to=moved)
    for code, span in ((CELL_A, (118.00, 118.016)), (CELL_B, (118.016, 118.02))):
        area = Area.objects.get(code=code)
        AreaBoundary.objects.create(area=area, geometry=square(*span), valid_from=moved, reason="调整")
    assert cell_of(*IN_B, moment=moved - timedelta(seconds=1)) == CELL_B
    assert cell_of(*IN_B, moment=moved) == CELL_A


def test_an_area_has_one_boundary_at_a_time():
    area = Area.objects.get(code=CELL_C)
    shape = MultiPolygon(Polygon.from_bbox((118.02, 22.0, 118.03, 22.01)), srid=4326)
    with pytest.raises(IntegrityError, match="one_boundary_at_a_time"), transaction.atomic():
        AreaBoundary.objects.create(area=area, geometry=shape, valid_from=NOW, reason="重叠")


def test_the_next_boundary_may_begin_in_the_moment_the_last_one_ends():
    area = Area.objects.get(code=CELL_C)
    AreaBoundary.objects.filter(area=area).update(valid_to=NOW)
    AreaBoundary.objects.create(area=area, geometry=square(118.02, 118.03), valid_from=NOW, reason="续")
    assert AreaBoundary.objects.filter(area=area).count() == 2


def test_two_areas_never_share_a_code_at_the_same_time():
    with pytest.raises(IntegrityError, match="area_code_unique_while_valid"), transaction.atomic():
        Area.objects.create(code=CELL_C, name="又一个", level="cell", valid_from=NOW.date())


def test_an_area_is_found_by_its_code_for_a_report_without_a_point():
    found = locate_area(code=WEST, at=NOW)
    assert (found.area.code, found.village.code, found.town.code) == (WEST, WEST, TOWN)
    assert locate_area(code="990000009999", at=NOW) is None


def test_an_area_that_has_ended_is_not_found_any_more():
    Area.objects.filter(code=CELL_C).update(valid_to=NOW.date())
    assert locate_area(code=CELL_C, at=NOW) is None
    assert locate_area(code=CELL_C, at=NOW - timedelta(days=1)).area.code == CELL_C


class TestOverHttp:
    def test_the_phone_learns_its_cell(self, browser, worker):
        answer = browser(worker).get("areas/locate/", lon=IN_A[0], lat=IN_A[1]).json()
        people = answer.pop("responsible")
        assert answer == {
            "area": {"code": CELL_A, "name": "东村01网格", "level": "cell"},
            "village": {"code": EAST, "name": "东村"},
            "town": {"code": TOWN, "name": "样板镇"},
            "approximate": False,
            "distance_m": 0.0,
        }
        assert [(one["person"]["name"], one["as"], one["area"]["code"]) for one in people] == [("阿珍", "main", CELL_A)]

    def test_just_outside_it_gets_the_nearest_cell_marked_as_such(self, browser, worker):
        near = at_metres(50)
        answer = browser(worker).get("areas/locate/", lon=near.x, lat=near.y).json()
        assert (answer["area"]["code"], answer["approximate"]) == (CELL_A, True)
        assert answer["distance_m"] == pytest.approx(50, abs=0.2)

    def test_of_a_past_moment_it_gets_the_people_and_outlines_of_then(self, browser, worker, neighbour):
        Post.objects.filter(user=worker).update(valid_from=NOW.date())
        answer = browser(neighbour).get("areas/locate/", lon=IN_A[0], lat=IN_A[1], at="2026-11-24T02:00:00Z").json()
        assert answer["area"]["code"] == CELL_A
        assert [one["as"] for one in answer["responsible"]] == ["officer"]

    def test_a_thousand_points_are_answered_in_their_order(self, browser, worker, django_assert_max_num_queries):
        phone = browser(worker)
        points = [IN_A, IN_B, OUTSIDE, IN_WEST_ONLY] * 250
        with django_assert_max_num_queries(7):  # session, person, token, outlines, names, posts
            rows = phone.post("areas/locate/", {"points": points}).json()["results"]
        codes = [row["area"] and row["area"]["code"] for row in rows]
        assert codes == [CELL_A, CELL_B, None, WEST] * 250

    def test_more_than_a_thousand_are_refused_with_the_limit(self, browser, worker):
        answer = browser(worker).post("areas/locate/", {"points": [IN_A] * 1001})
        assert (answer.status_code, answer.json()["field"]) == (400, "points")
        assert "1000" in answer.json()["message"]

    def test_a_point_with_swapped_ordinates_is_named_by_its_number(self, browser, worker):
        answer = browser(worker).post("areas/locate/", {"points": [IN_A, IN_A[::-1]]})
        assert answer.status_code == 400
        assert "2" in answer.json()["message"]

    @pytest.mark.parametrize(
        ("datum", "point"),
        [
            ("GCJ-02", wgs84_to_gcj02(*IN_A)),
            ("BD-09", gcj02_to_bd09(*wgs84_to_gcj02(*IN_A))),
            ("CGCS2000", IN_A),
        ],
    )
    def test_the_same_place_in_every_datum(self, browser, worker, datum, point):
        answer = browser(worker).get("areas/locate/", lon=point[0], lat=point[1], datum=datum)
        assert answer.json()["area"]["code"] == CELL_A

    def test_outside_says_so(self, browser, worker):
        answer = browser(worker).get("areas/locate/", lon=OUTSIDE[0], lat=OUTSIDE[1])
        assert (answer.status_code, answer.json()["code"]) == (404, "outside_area")

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({"lat": 22}, "lon"),
            ({"lon": 118}, "lat"),
            ({"lon": "nan", "lat": 22}, "lon"),
            ({"lon": 118, "lat": "inf"}, "lat"),
            ({"lon": 181, "lat": 22}, "lon"),
            ({"lon": 118, "lat": -91}, "lat"),
            ({"lon": "东", "lat": 22}, "lon"),
            ({"lon": 118, "lat": 22, "datum": "XIAN-80"}, "datum"),
        ],
    )
    def test_half_or_wrong_points_name_the_field(self, browser, worker, query, field):
        answer = browser(worker).get("areas/locate/", **query)
        assert (answer.status_code, answer.json()["field"]) == (400, field)

    def test_areas_of_a_level_inside_another_with_their_outlines(self, browser, worker):
        rows = browser(worker).get("areas/", level="cell", within=EAST, geometry=1).json()["results"]
        assert [(row["code"], row["parent"]) for row in rows] == [(CELL_A, EAST), (CELL_B, EAST)]
        assert rows[0]["centroid"] == pytest.approx([118.005, 22.005])
        assert rows[0]["geometry"]["type"] == "MultiPolygon"

    def test_outlines_are_left_out_unless_asked_for(self, browser, worker):
        rows = browser(worker).get("areas/", level="village", within=TOWN).json()["results"]
        assert {row["geometry"] for row in rows} == {None}
        assert [row["code"] for row in rows] == [EAST, WEST]

    @pytest.mark.parametrize("query", [{"level": "street"}, {"within": "12345"}, {"within": "'; DROP"}])
    def test_unknown_levels_and_codes_are_refused(self, browser, worker, query):
        assert browser(worker).get("areas/", **query).status_code == 400


def at_metres(metres: float) -> Point:
    """A point so many metres north of the middle of cell A's northern edge."""
    return Point(118.005, 22.01 + metres / Scale.at(22.01).north, srid=4326)


@pytest.mark.parametrize(("metres", "found"), [(1, CELL_A), (199, CELL_A), (201, None)])
def test_up_to_200_metres_outside_the_nearest_cell_is_the_answer(metres, found):
    here = locate_point(point=at_metres(metres), at=NOW)
    assert (here.area.code if here else None) == found
    if here:
        assert here.approximate
        assert here.distance_m == pytest.approx(metres, abs=0.1)


class TestMemory:
    """The ground in memory follows what others write, within seconds."""

    IN_NEW = (118.035, 22.005)

    @pytest.fixture(autouse=True)
    def fresh(self, own_places, clock):
        """The ground is read at the clock's moment: asked of a time before, it leaves the answer to the database."""

    def draw(self) -> None:
        area = Area.objects.create(code=WEST + "009", name="新网格", level="cell", valid_from=NOW.date())
        AreaBoundary.objects.create(area=area, geometry=square(118.03, 118.04), valid_from=NOW, reason="新画")

    def code(self) -> str:
        return ground.locate(lon=self.IN_NEW[0], lat=self.IN_NEW[1], at=at("2026-11-26 10:00")).area.code

    def test_a_change_is_seen_after_the_time_between_two_looks(self, monkeypatch):
        moment = [1000.0]
        monkeypatch.setattr(ground.time, "monotonic", lambda: moment[0])
        ground.ground_keeper.forget()
        assert self.code() == WEST
        self.draw()
        moment[0] += ground.CHECKED_EVERY - 0.1
        assert self.code() == WEST
        moment[0] += 0.2
        assert self.code() == WEST + "009"
        assert ground.CHECKED_EVERY < 5

    def test_a_deleted_or_edited_row_counts_too(self):
        ground.ground_keeper.forget()
        assert self.code() == WEST
        self.draw()
        ground.ground_keeper.forget()
        assert self.code() == WEST + "009"
        AreaBoundary.objects.filter(area__code=WEST + "009").update(geometry=square(118.05, 118.06))
        ground.ground_keeper.forget()
        assert self.code() == WEST
        AreaBoundary.objects.filter(area__code=WEST + "009").delete()
        ground.ground_keeper.forget()
        assert self.code() == WEST

    def test_without_a_change_nothing_is_read_again(self, django_assert_num_queries, monkeypatch):
        monkeypatch.setattr(ground, "CHECKED_EVERY", 60.0)  # the machine may be slow
        ground.ground_keeper.forget()
        self.code()
        with django_assert_num_queries(0):
            self.code()
        ground.ground_keeper.forget()
        with django_assert_num_queries(1):  # the token
            self.code()

    def test_a_moment_before_it_was_read_is_asked_of_the_record(self):
        ground.ground_keeper.forget()
        found = ground.locate(lon=118.005, lat=22.005, at=at("2024-06-01 10:00"))
        assert found.area.code == CELL_A
        assert ground.locate(lon=118.005, lat=22.005, at=at("2023-06-01 10:00")) is None

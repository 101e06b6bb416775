"""The ground is changed from a day on: what is refused, what moves along, and what history keeps."""

from __future__ import annotations

from datetime import date

import pytest
import shapely
from django.contrib.gis.geos import Point
from django.core.exceptions import PermissionDenied, ValidationError

from cases.models import Case, CaseEvent
from cases.services.evidence import verify_chain
from cases.services.territory import change_ground, preview_change, settle_changes
from grid.models import Area, AreaBoundary, BoundaryChange, Place, PlaceKind
from grid.selectors.areas import locate_point
from grid.selectors.outlines import outlines
from grid.services.changes import Wish
from staff.models import Post
from tests.town import CELL_A, CELL_B, CELL_C, EAST, IN_A, NOW, WEST, at

pytestmark = pytest.mark.django_db

WEST_HALF, EAST_HALF = (118.002, 22.005), (118.008, 22.005)
"""Two places in cell A, on either side of a line at 118.006: the larger part is the western one."""
NEW = EAST + "003"
CUT = shapely.LineString([(118.006, 21.99), (118.006, 22.02)])
THREE = shapely.LineString([(118.003, 21.99), (118.003, 22.02), (118.007, 22.02), (118.007, 21.99)])
"""Cuts the cell twice; the middle part is the largest."""


def wish(act: str, *cells: str, **more) -> Wish:
    return Wish(act=act, reason="网格调整", cells=cells, **more)


def split(**more) -> Wish:
    return wish("split", CELL_A, line=CUT, **more)


def cell_at(point, moment=NOW) -> str:
    found = locate_point(point=Point(*point, srid=4326), at=moment)
    return found.area.code


def refused(caught) -> set[tuple[str, str]]:
    """Fields and codes of a refusal."""
    return {(name, one.code) for name, errors in caught.value.error_dict.items() for one in errors}


@pytest.fixture
def go(head, clock):
    def run(wanted: Wish, *, by=None, **more) -> BoundaryChange:
        return change_ground(wish=wanted, by=by or head, now=clock(), **more)

    return run


@pytest.fixture
def place(db) -> Place:
    kind = PlaceKind.objects.create(code="test_shop", group="small", name_zh="小商店", name_en="shop")
    village = Area.objects.get(code=EAST)
    return Place.objects.create(
        name="示范小店", kind=kind, point=Point(*EAST_HALF, srid=4326), village=village, village_code=EAST,
        cell_code=CELL_A, valid_from=date(2025, 1, 1),
    )  # fmt: skip


class TestSplit:
    def test_the_larger_part_keeps_the_code_and_the_other_gets_the_next_serial(self, go):
        change = go(split())
        assert [area["code"] for area in change.before] == [CELL_A]
        assert [area["code"] for area in change.after] == [CELL_A, NEW]
        assert (cell_at(WEST_HALF), cell_at(EAST_HALF)) == (CELL_A, NEW)

    def test_the_parts_cover_what_the_cell_covered_and_nothing_twice(self, go):
        before = AreaBoundary.objects.get(area__code=CELL_A).geometry
        go(split())
        parts = [one.shape for one in outlines(level="cell", at=NOW, prefixes=[CELL_A, NEW])]
        assert shapely.intersection(*parts).area == 0
        assert shapely.union_all(parts).area == pytest.approx(before.area, rel=1e-12)

    def test_the_new_cell_knows_which_cell_it_was_part_of(self, go):
        go(split())
        new = Area.objects.get(code=NEW)
        assert (new.predecessor.code, new.parent.code, new.kind) == (CELL_A, EAST, "general")
        assert new.valid_from == date(2026, 11, 25)

    def test_yesterday_the_ground_was_as_it_was(self, go):
        go(split())
        assert cell_at(EAST_HALF, at("2026-11-24 10:00")) == CELL_A
        assert AreaBoundary.objects.filter(area__code=CELL_A).count() == 2

    def test_a_name_may_be_said(self, go):
        assert go(split(names=("东村学校网格",))).after[1]["name"] == "东村学校网格"

    def test_a_line_that_does_not_cut_is_refused(self, go):
        short = shapely.LineString([(118.006, 22.002), (118.006, 22.008)])
        with pytest.raises(ValidationError) as caught:
            go(wish("split", CELL_A, line=short))
        assert refused(caught) == {("line", "does_not_cut")}

    def test_without_a_line_it_asks_for_one(self, go):
        with pytest.raises(ValidationError) as caught:
            go(wish("split", CELL_A))
        assert refused(caught) == {("line", "required")}

    def test_a_line_that_cuts_twice_makes_three_cells(self, go):
        assert [area["code"] for area in go(wish("split", CELL_A, line=THREE)).after] == [CELL_A, NEW, EAST + "004"]


class TestMerge:
    def test_one_cell_is_left_with_the_ground_of_both(self, go):
        change = go(wish("merge", CELL_A, CELL_B))
        assert [area["code"] for area in change.after] == [CELL_A]
        assert cell_at((118.015, 22.005)) == CELL_A
        assert Area.objects.get(code=CELL_B).valid_to == date(2026, 11, 25)

    def test_the_code_that_stays_can_be_chosen(self, go):
        assert go(wish("merge", CELL_A, CELL_B, keep=CELL_B)).after[0]["code"] == CELL_B

    def test_cells_of_two_villages_cannot_become_one(self, go):
        with pytest.raises(ValidationError) as caught:
            go(wish("merge", CELL_B, CELL_C))
        assert refused(caught) == {("cells", "several_villages")}

    def test_cells_that_do_not_touch_cannot_become_one(self, go):
        go(wish("split", CELL_A, line=THREE))
        with pytest.raises(ValidationError) as caught:
            go(wish("merge", NEW, EAST + "004"))
        assert refused(caught) == {("cells", "apart")}

    def test_one_cell_is_too_few(self, go):
        with pytest.raises(ValidationError) as caught:
            go(wish("merge", CELL_A))
        assert refused(caught) == {("cells", "wrong_number")}

    def test_a_code_that_was_used_is_never_used_again(self, go, clock):
        go(wish("merge", CELL_A, CELL_B))
        clock.to("2026-11-25 10:01")
        assert go(split()).after[1]["code"] == NEW


class TestRedraw:
    def test_a_cell_may_shrink_and_the_gap_is_listed(self, head, clock):
        smaller = wish("redraw", CELL_A, geometry=shapely.box(118.0, 22.0, 118.008, 22.01))
        found = preview_change(wish=smaller, by=head, now=clock(), posts_follow=True)
        assert found.plan.problems == []
        assert [round(gap.area_m2, -4) for gap in found.gaps] == [230_000]

    def test_an_overlap_is_refused_with_its_place_and_size(self, go):
        with pytest.raises(ValidationError) as caught:
            go(wish("redraw", CELL_A, geometry=shapely.box(118.0, 22.0, 118.012, 22.01)))
        assert refused(caught) == {("geometry", "overlap")}
        message = caught.value.messages[0]
        assert CELL_A in message
        assert CELL_B in message
        assert AreaBoundary.objects.filter(area__code=CELL_A).count() == 1

    def test_leaving_the_village_is_refused(self, go):
        with pytest.raises(ValidationError) as caught:
            go(wish("redraw", CELL_A, geometry=shapely.box(117.99, 22.0, 118.01, 22.01)))
        assert refused(caught) == {("geometry", "leaves_village")}

    def test_half_a_metre_too_far_is_taken_back_to_the_line(self, go):
        go(wish("redraw", CELL_A, geometry=shapely.box(118.0, 22.0, 118.010004, 22.01)))
        one, other = (o.shape for o in outlines(level="cell", at=NOW, prefixes=[CELL_A, CELL_B]))
        assert shapely.intersection(one, other).area == 0

    def test_an_outline_that_crosses_itself_is_refused_with_the_place(self, go):
        bow = shapely.Polygon([(118.0, 22.0), (118.01, 22.01), (118.01, 22.0), (118.0, 22.01)])
        with pytest.raises(ValidationError) as caught:
            go(wish("redraw", CELL_A, geometry=bow))
        assert refused(caught) == {("geometry", "crosses_itself")}
        assert "118.005" in caught.value.messages[0]


class TestDraw:
    FREE = shapely.box(118.031, 22.001, 118.039, 22.009)

    def test_a_new_cell_gets_the_next_serial_of_its_village(self, go):
        change = go(wish("draw", village=WEST, geometry=self.FREE))
        assert (change.after[0]["code"], change.before) == (WEST + "002", [])
        assert cell_at((118.035, 22.005)) == WEST + "002"

    def test_a_dedicated_cell_begins_at_901(self, go):
        change = go(wish("draw", village=WEST, geometry=self.FREE, kind="dedicated", name="示范中学专属网格"))
        assert change.after[0] == {
            "id": Area.objects.get(code=WEST + "901").pk, "code": WEST + "901", "name": "示范中学专属网格",
        }  # fmt: skip

    def test_over_another_cell_it_is_refused(self, go):
        with pytest.raises(ValidationError) as caught:
            go(wish("draw", village=WEST, geometry=shapely.box(118.025, 22.001, 118.039, 22.009)))
        assert refused(caught) == {("geometry", "overlap")}

    def test_in_no_village_it_is_refused(self, go, admin):
        Post.objects.create(user=admin, role="admin", area=Area.objects.get(code="990000"), valid_from=date(2024, 1, 1))
        with pytest.raises(ValidationError) as caught:
            go(wish("draw", village="990000009777", geometry=self.FREE), by=admin)
        assert refused(caught) == {("village", "unknown")}


class TestWhen:
    def test_from_a_later_day_nothing_changes_before(self, go, clock):
        go(split(on=date(2026, 12, 1)))
        assert cell_at(EAST_HALF) == CELL_A
        assert cell_at(EAST_HALF, at("2026-11-30 23:59")) == CELL_A
        assert cell_at(EAST_HALF, at("2026-12-01 00:00")) == NEW

    def test_the_past_is_refused(self, go):
        with pytest.raises(ValidationError) as caught:
            go(split(on=date(2026, 11, 24)))
        assert refused(caught) == {("on", "in_the_past")}

    def test_a_second_change_before_a_planned_one_is_refused_with_the_day(self, go):
        go(split(on=date(2026, 12, 1)))
        with pytest.raises(ValidationError) as caught:
            go(wish("merge", CELL_A, CELL_B))
        assert refused(caught) == {("on", "change_planned")}
        assert "2026-12-01" in caught.value.messages[0]

    def test_a_plan_may_not_run_into_a_later_plan_of_a_neighbour(self, go):
        go(wish("redraw", CELL_A, geometry=shapely.box(118.0, 22.0, 118.008, 22.01), on=date(2026, 11, 26)))
        go(wish("redraw", CELL_B, geometry=shapely.box(118.008, 22.0, 118.02, 22.01), on=date(2026, 12, 5)))
        with pytest.raises(ValidationError) as caught:
            go(wish("redraw", CELL_A, geometry=shapely.box(118.0, 22.0, 118.01, 22.01), on=date(2026, 11, 27)))
        assert refused(caught) == {("geometry", "overlap")}

    def test_a_reason_is_needed(self, go):
        with pytest.raises(ValidationError) as caught:
            go(Wish(act="retire", reason="  ", cells=(CELL_A,)))
        assert refused(caught) == {("reason", "required")}

    def test_a_cell_of_today_ends_tomorrow_at_the_earliest(self, go, clock):
        go(split())
        clock.to("2026-11-25 11:00")
        with pytest.raises(ValidationError) as caught:
            go(wish("retire", NEW))
        assert refused(caught) == {("on", "too_young")}


class TestPosts:
    def holders(self, code: str, day: date) -> set[tuple[str, bool]]:
        posts = Post.objects.filter(area__code=code, valid_from__lte=day).exclude(valid_to__lte=day)
        return {(post.user.username, post.backup) for post in posts}

    DAY = date(2026, 12, 1)

    def test_after_a_split_the_worker_has_both_parts(self, go):
        go(split(on=self.DAY))
        assert self.holders(CELL_A, self.DAY) == {("worker", False)}
        assert self.holders(NEW, self.DAY) == {("worker", False)}
        assert self.holders(NEW, date(2026, 11, 30)) == set()

    def test_unless_that_is_not_wanted(self, go):
        go(split(on=self.DAY), posts_follow=False)
        assert self.holders(NEW, self.DAY) == set()

    def test_after_a_merge_the_second_worker_is_backup(self, go):
        go(wish("merge", CELL_A, CELL_B, on=self.DAY))
        assert self.holders(CELL_A, self.DAY) == {("worker", False), ("neighbour", True)}
        assert self.holders(CELL_B, self.DAY) == set()
        assert self.holders(CELL_B, date(2026, 11, 30)) == {("neighbour", False)}

    def test_a_retired_cell_has_nobody(self, go):
        go(wish("retire", CELL_A, on=self.DAY))
        assert self.holders(CELL_A, self.DAY) == set()

    def test_the_preview_names_them(self, head, clock):
        found = preview_change(wish=wish("merge", CELL_A, CELL_B), by=head, now=clock(), posts_follow=True)
        moves = [(move.post.user.username, move.from_code, move.to_code, move.ends) for move in found.posts]
        assert moves == [("neighbour", CELL_B, CELL_A, True)]


class TestCases:
    def test_an_open_case_goes_to_the_cell_it_lies_in_and_says_why(self, go, stories):
        stays, moves = stories.report(point=WEST_HALF), stories.report(point=EAST_HALF)
        change = go(split())
        stays.refresh_from_db()
        moves.refresh_from_db()
        assert (stays.duty_cell_code, moves.duty_cell_code) == (CELL_A, NEW)
        event = CaseEvent.objects.filter(case=moves).latest("seq")
        assert (event.act, event.data["from_cell"], event.data["to_cell"]) == ("cell_changed", CELL_A, NEW)
        assert event.data["change"] == change.pk
        assert list(verify_chain(case=moves)) == []
        assert CaseEvent.objects.filter(case=stays).count() == 1

    def test_it_keeps_the_codes_and_the_boundary_it_was_reported_in(self, go, stories):
        case = stories.report(point=EAST_HALF)
        before = (case.cell_code, case.area_id, case.boundary_id, case.version, case.state)
        go(split())
        case.refresh_from_db()
        assert (case.cell_code, case.area_id, case.boundary_id, case.version, case.state) == before

    def test_a_closed_case_stays_where_it_was(self, go, stories):
        case = stories.case_in("closed", point=EAST_HALF)
        go(split())
        case.refresh_from_db()
        assert case.duty_cell_code == CELL_A

    def test_without_a_place_it_stays_with_the_code_or_goes_to_the_heir(self, go, stories, neighbour):
        stays, goes = stories.report(point=None), stories.report(by=neighbour, point=None)
        go(wish("merge", CELL_A, CELL_B))
        stays.refresh_from_db()
        goes.refresh_from_db()
        assert (stays.duty_cell_code, goes.duty_cell_code, goes.cell_code) == (CELL_A, CELL_A, CELL_B)

    def test_of_a_retired_cell_the_village_answers(self, go, stories):
        case = stories.report()
        go(wish("retire", CELL_A))
        case.refresh_from_db()
        assert (case.duty_cell_code, case.village_code) == ("", EAST)

    def test_for_a_later_day_it_is_handed_on_that_day_and_once(self, go, stories, clock):
        case = stories.report(point=EAST_HALF)
        go(split(on=date(2026, 12, 1)))
        assert settle_changes(now=clock()) == 0
        clock.to("2026-12-01 00:01")
        assert (settle_changes(now=clock()), settle_changes(now=clock())) == (1, 0)
        case.refresh_from_db()
        assert case.duty_cell_code == NEW
        assert CaseEvent.objects.filter(case=case, act="cell_changed").count() == 1

    def test_who_has_the_ground_sees_the_case_and_who_has_not_does_not(self, go, stories, cast):
        case = stories.report(by=cast.operator, point=(118.012, 22.005))
        go(wish("redraw", CELL_B, geometry=shapely.box(118.014, 22.0, 118.02, 22.01)))
        go(wish("redraw", CELL_A, geometry=shapely.box(118.0, 22.0, 118.014, 22.01)))
        seen = {who: Case.objects.visible_to(getattr(cast, who)).filter(pk=case.pk).exists() for who in cast.__slots__}
        assert {who for who, yes in seen.items() if yes} == {
            "worker",
            "officer",
            "operator",
            "head",
            "leader",
            "auditor",
        }

    def test_the_preview_counts_them_and_changes_nothing(self, head, clock, stories, place):
        moving = stories.report(point=EAST_HALF)
        stories.report(point=WEST_HALF)
        found = preview_change(wish=split(), by=head, now=clock(), posts_follow=True)
        assert [(m.number, m.from_code, m.to_code) for m in found.cases] == [(moving.number, CELL_A, NEW)]
        assert BoundaryChange.objects.count() == 0
        assert cell_at(EAST_HALF) == CELL_A


def test_places_follow_the_ground(go, place):
    go(split())
    place.refresh_from_db()
    assert place.cell_code == NEW


class TestWho:
    @pytest.mark.parametrize(
        "who", ["worker", "officer", "operator", "handler", "mediator", "leader", "auditor", "outsider"]
    )
    def test_nobody_else_may(self, go, cast, who):
        with pytest.raises(PermissionDenied):
            go(split(), by=getattr(cast, who))
        assert BoundaryChange.objects.count() == 0

    @pytest.mark.parametrize("who", ["head", "admin"])
    def test_the_head_of_the_center_and_the_administrator_may(self, go, cast, who):
        assert go(split(), by=getattr(cast, who)).made_by_name == getattr(cast, who).display_name

    def test_a_head_may_not_change_another_town(self, go):
        with pytest.raises(PermissionDenied):
            go(wish("retire", "990000008201001"))


def test_both_cuts_of_the_statistics_have_the_same_sum(go, stories, operator, browser):
    for point in (WEST_HALF, EAST_HALF, EAST_HALF, (118.015, 22.005), None, (118.035, 22.005)):
        stories.report(point=point)
    stories.case_in("closed", point=EAST_HALF)
    go(split())
    rows = {}
    for cut in ("reported", "current"):
        query = {"from": "2026-11-01", "to": "2026-11-30", "cut": cut}
        answer = browser(operator).get("cases/ground/", **query).json()
        rows[cut] = {row["code"]: (row["reported"], row["closed"]) for row in answer["results"]}
    assert rows["reported"] == {CELL_A: (5, 1), CELL_B: (1, 0), WEST: (1, 0)}
    assert rows["current"] == {CELL_A: (2, 0), NEW: (3, 1), CELL_B: (1, 0), WEST: (1, 0)}
    assert IN_A[0] < 118.006

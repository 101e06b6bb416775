"""The weekly figures against cases counted by hand. The week is 2026-W48, 23 to 29 November; now is Monday after it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.models import Case
from grid.models import Area
from reports.models import WeeklyReport
from reports.periods import Week
from reports.selectors import figures_of, late_at
from reports.services import WeekNotOverError, freeze_week
from tests.statements import statements
from tests.stories import ROADS
from tests.town import EAST, IN_C, OTHER_TOWN, TOWN, WEST, at

WEEK = Week.named("2026-W48")
MONDAY = "2026-11-30 08:00"


@pytest.fixture
def town(db) -> Area:
    return Area.objects.get(code=TOWN)


@pytest.fixture
def lived(stories, clock, cast) -> None:
    """Every case with its days. L = last week (W47), T = this week (W48)."""

    def life(begin: str, *acts: tuple[str, str], **report) -> Case:
        clock.to(begin)
        case = stories.report(**report)
        for act, moment in acts:
            clock.to(moment)
            given = {"passed": False, "text": "只处理了一半"} if act == "fail" else {}
            case = stories.act(case, "verify" if act == "fail" else act, **given)
        return case

    west = {"by": cast.operator, "point": IN_C, "category": "A02"}
    # 1: reported L, closed L, on time. East, C.
    life(
        "2026-11-16 09:00",
        ("accept", "2026-11-16 10:00"),
        ("assign", "2026-11-16 10:05"),
        ("acknowledge", "2026-11-16 11:00"),
        ("feedback", "2026-11-18 10:00"),
        ("verify", "2026-11-18 15:00"),
        ("close", "2026-11-19 09:00"),
    )
    # 2: reported L, closed T, handled late (due 23 November). East, C.
    life(
        "2026-11-16 09:30",
        ("accept", "2026-11-16 10:00"),
        ("assign", "2026-11-16 10:05"),
        ("acknowledge", "2026-11-16 11:00"),
        ("feedback", "2026-11-24 10:00"),
        ("verify", "2026-11-24 15:00"),
        ("close", "2026-11-25 09:00"),
    )
    # 3: reported T, closed T, on time. East, C.
    life(
        "2026-11-23 00:00",
        ("accept", "2026-11-23 09:00"),
        ("assign", "2026-11-23 09:05"),
        ("acknowledge", "2026-11-23 11:00"),
        ("feedback", "2026-11-26 11:00"),
        ("verify", "2026-11-26 15:00"),
        ("close", "2026-11-29 23:59"),
    )
    # 4: reported T, never accepted: due 24 November, overdue since. West, A.
    life("2026-11-23 10:00", **west)
    # 5: reported T, accepted late on Thursday, being handled, due 3 December. West, A (30 calendar days).
    life("2026-11-24 10:00", ("accept", "2026-11-26 10:00"), **west)
    # 6: reported L, being handled since, due 23 November: overdue. East, C.
    life("2026-11-16 10:00", ("accept", "2026-11-16 12:00"), ("assign", "2026-11-16 12:05"))
    # 7: reported T, suspended in time: nothing is due. East, C.
    life(
        "2026-11-23 11:00",
        ("accept", "2026-11-23 12:00"),
        ("assign", "2026-11-23 12:05"),
        ("acknowledge", "2026-11-23 13:00"),
        ("suspend", "2026-11-24 09:00"),
    )
    # 8: rejected, 9: cancelled, 10: merged into 3's neighbour: reported T, no cases of their own.
    life("2026-11-24 09:00", ("reject", "2026-11-24 10:00"))
    life("2026-11-24 09:10", ("cancel", "2026-11-24 10:10"))
    # 11: the other town's.
    life("2026-11-24 09:00", by=cast.outsider, point=(118.105, 22.005))
    # 12: reported in the first minute of the next week.
    life("2026-11-30 00:00")
    clock.to(MONDAY)


def figures(town, moment: str = MONDAY, week: Week = WEEK) -> dict:
    return figures_of(cases=Case.objects.all(), area=town, week=week, now=at(moment))


def row(found: dict, part: str, code: str) -> dict:
    return next(row for row in found[part] if row["code"] == code)


class TestByHand:
    def test_totals_with_the_week_before(self, lived, town):
        totals = figures(town)["totals"]
        assert {name: (pair["value"], pair["previous"]) for name, pair in totals.items()} == {
            "reported": (4, 3),  # 3 4 5 7 · 1 2 6
            "closed": (2, 1),  # 2 3 · 1
            "reported_closed": (1, 1),  # 3 · 1
            "closure_rate": (0.25, 0.3333),
            "on_time": (1, 1),  # 3 · 1
            "on_time_rate": (0.5, 1.0),
            "overdue_now": (2, 0),  # 4 6 at the end of the week
        }

    def test_by_village_with_zeros_where_nothing_happened(self, lived, town):
        found = figures(town)
        assert [each["code"] for each in found["by_village"]] == [EAST, WEST]
        east, west = row(found, "by_village", EAST), row(found, "by_village", WEST)
        assert (east["reported"], east["closed"], east["overdue_now"]) == (2, 2, 1)
        assert (west["reported"], west["closed"], west["overdue_now"]) == (2, 0, 1)
        assert (west["closure_rate"], west["on_time_rate"]) == (0.0, None)
        assert (west["previous"]["reported"], west["previous"]["closure_rate"]) == (0, None)

    def test_by_category_of_the_first_level(self, lived, town):
        found = figures(town)
        assert [each["code"] for each in found["by_category"]] == ["A", "C"]
        disputes, environment = found["by_category"]
        assert (disputes["name_zh"], disputes["reported"], disputes["overdue_now"]) == ("矛盾纠纷", 2, 1)
        assert (environment["reported"], environment["closed"], environment["overdue_now"]) == (2, 2, 1)

    def test_parts_add_up_to_the_whole(self, lived, town):
        found = figures(town)
        for name in ("reported", "closed", "overdue_now", "on_time", "reported_closed"):
            whole = found["totals"][name]["value"]
            assert sum(each[name] for each in found["by_village"]) == whole
            assert sum(each[name] for each in found["by_category"]) == whole

    def test_the_week_so_far_counts_until_now(self, lived, town):
        totals = figures(town, "2026-11-24 12:00")["totals"]
        assert totals["reported"]["value"] == 4, "the case of 24 November 10:00 is the last"
        assert totals["closed"]["value"] == 0
        assert totals["overdue_now"]["value"] == 1, "6 is late to handle; 4 is not late yet"

    def test_another_towns_figures_are_its_own(self, lived):
        other = Area.objects.get(code=OTHER_TOWN)
        assert figures(other)["totals"]["reported"] == {"value": 1, "previous": 0}

    def test_an_empty_town_has_no_rates(self, town):
        totals = figures(town)["totals"]
        assert totals["closure_rate"] == {"value": None, "previous": None}
        assert totals["overdue_now"] == {"value": 0, "previous": 0}

    def test_six_statements_however_many_cases(self, lived, town):
        budget = [
            ("this week by village", r'AS "village_code".*GROUP BY'),
            ("last week by village", r'AS "village_code".*GROUP BY'),
            ("this week by category", r'AS "category_code".*GROUP BY'),
            ("last week by category", r'AS "category_code".*GROUP BY'),
            ("names of villages", r'FROM "grid_area"'),
            ("names of categories", r'FROM "cases_category"'),
        ]
        with statements(budget):
            figures(town)


IN_TIME = {
    "accept": "2026-11-23 10:00",
    "assign": "2026-11-23 10:05",
    "acknowledge": "2026-11-23 11:00",
    "feedback": "2026-11-25 10:00",
    "verify": "2026-11-25 15:00",
    "close": "2026-11-26 09:00",
}


class TestOnTime:
    """On time means within every limit: accepting, handling, and verifying with closing."""

    @pytest.mark.parametrize(
        ("late", "on_time"),
        [
            ({}, 1),
            ({"accept": "2026-11-24 17:31", "assign": "2026-11-24 17:32", "acknowledge": "2026-11-24 17:33"}, 0),
            ({"feedback": "2026-12-01 10:00", "verify": "2026-12-01 11:00", "close": "2026-12-01 12:00"}, 0),
            ({"close": "2026-11-28 09:00"}, 0),
        ],
        ids=["in time", "accepted late", "handled late", "closed late"],
    )
    def test_one_limit_missed_is_not_on_time(self, stories, clock, town, late, on_time):
        clock.to("2026-11-23 09:00")
        case = stories.report()
        for act, moment in {**IN_TIME, **late}.items():
            clock.to(moment)
            case = stories.act(case, act)
        totals = figures(town, "2026-12-07 08:00", Week.of(clock.moment))["totals"]
        assert (totals["closed"]["value"], totals["on_time"]["value"]) == (1, on_time)


class TestLateness:
    """For now, "overdue" in the figures is what the lists show as overdue."""

    MOMENTS = (
        "2026-11-25 10:00",
        "2026-11-26 17:30",
        "2026-11-26 17:31",
        "2026-12-02 17:30",
        "2026-12-02 17:31",
        "2026-12-10 09:00",
        "2027-03-01 09:00",
    )

    def agree(self, moment) -> set[int]:
        late = set(Case.objects.filter(late_at(moment)).values_list("pk", flat=True))
        assert late == set(Case.objects.overdue(now=moment).values_list("pk", flat=True)), moment
        return late

    def test_for_every_state_at_every_moment(self, stories, clock):
        for state in ROADS:
            stories.case_in(state)
        assert len({frozenset(self.agree(at(moment))) for moment in self.MOMENTS}) > 2

    def test_suspended_resumed_and_reworked(self, stories, clock):
        resumed, reworked, returned = (stories.case_in("processing") for _ in range(3))
        clock.to("2026-11-26 10:00")
        resumed = stories.act(resumed, "suspend")
        stories.act(reworked, "feedback")
        stories.act(returned, "return")
        clock.to("2026-11-30 10:00")
        self.agree(clock.moment)
        stories.act(resumed, "resume")
        stories.act(reworked, "verify", passed=False, text="只处理了一半")
        for moment in self.MOMENTS[3:]:
            self.agree(at(moment))


class TestFrozen:
    def test_what_was_sent_does_not_change_with_what_happens_later(self, lived, town, stories, clock, browser, head):
        before = freeze_week(area=town, week=WEEK, now=clock.moment).figures
        late = Case.objects.get(state="reported", reported_at=at("2026-11-23 10:00"))
        stories.act(late, "cancel", by=stories.cast.operator)
        assert figures(town)["totals"] != before["totals"]
        assert freeze_week(area=town, week=WEEK, now=clock.moment + timedelta(days=3)).figures == before
        shown = browser(head).get("reports/weekly/", week="2026-W48").json()
        assert (shown["frozen"], shown["totals"]) == (True, before["totals"])

    def test_a_week_that_is_not_over_cannot_be_frozen(self, lived, town):
        with pytest.raises(WeekNotOverError):
            freeze_week(area=town, week=WEEK, now=WEEK.end - timedelta(seconds=1))
        assert WeeklyReport.objects.count() == 0
        freeze_week(area=town, week=WEEK, now=WEEK.end)


class TestOverHttp:
    def test_the_page_shows_the_figures_and_how_they_are_counted(self, lived, browser, head):
        shown = browser(head).get("reports/weekly/", week="2026-W48").json()
        assert (shown["week"], shown["area"]["name"], shown["frozen"]) == ("2026-W48", "样板镇", False)
        assert shown["totals"]["overdue_now"] == {"value": 2, "previous": 0}
        assert shown["by_category"][0]["name"] == "矛盾纠纷"
        assert set(shown["formulas"]) == {"reported", "closed", "closure_rate", "on_time_rate", "overdue_now"}

    def test_without_a_week_it_is_this_one(self, lived, browser, head):
        assert browser(head).get("reports/weekly/").json()["week"] == "2026-W49"

    @pytest.mark.parametrize("name", ["operator", "head", "leader", "auditor"])
    def test_the_center_leaders_and_auditors_read_it(self, lived, browser, cast, name):
        answer = browser(getattr(cast, name)).get("reports/weekly/", week="2026-W48")
        assert answer.json()["totals"]["reported"] == {"value": 4, "previous": 3}

    @pytest.mark.parametrize("name", ["worker", "officer", "handler", "mediator", "admin"])
    def test_others_do_not(self, lived, browser, cast, name):
        assert browser(getattr(cast, name)).get("reports/weekly/", week="2026-W48").status_code == 404

    @pytest.mark.parametrize("code", [OTHER_TOWN, "990000", "990000009999", "123456"])
    def test_nobody_reads_another_towns(self, lived, browser, head, code):
        assert browser(head).get("reports/weekly/", week="2026-W48", area=code).status_code == 404

    def test_a_village_of_ones_town_may_be_asked_for(self, lived, browser, head):
        shown = browser(head).get("reports/weekly/", week="2026-W48", area=WEST).json()
        assert shown["totals"]["reported"]["value"] == 2

    @pytest.mark.parametrize(
        "week", ["2026-W54", "2026", "W48", "0000-W01", "9999-W53", "0001-W01", "0005-W24", "1900-W10"]
    )
    def test_what_is_no_week_is_named(self, lived, browser, head, week):
        answer = browser(head).get("reports/weekly/", week=week)
        assert (answer.status_code, answer.json()["field"]) == (400, "week")

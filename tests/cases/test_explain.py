"""How each due time came about, worked out again from the events, equals what was stored when it happened."""

from __future__ import annotations

import pytest

from cases.models import Case
from cases.selectors.explain import explain_clocks
from cases.workflow import STAGE_OF, State
from tests.town import at


def clocks(case) -> dict[str, dict]:
    case = Case.objects.get(pk=case.pk)
    return {clock["stage"]: clock for clock in explain_clocks(case=case)}


COLUMNS = {
    "info": "accept_due_at",  # what counts as late before the acceptance
    "accept": "accept_due_at",
    "take": "take_due_at",
    "handle": "handle_due_at",
    "upper": "handle_due_at",  # the unit's own clock stands meanwhile
    "verify": "verify_due_at",
    "archive": "archive_due_at",
    "supervision": "supervision_due_at",
}


def agree(case, *, ended: bool = True) -> dict[str, dict]:
    """Every clock shows what was written when it was set; those that run, what the case carries and the lists show.

    `ended`: those that are over too, which a calendar that changed afterwards does not move.
    """
    case, told = Case.objects.get(pk=case.pk), explain_clocks(case=Case.objects.get(pk=case.pk))
    assert [clock["stage"] for clock in told if not clock["agrees"] and (ended or clock["done_at"] is None)] == []
    going = {c["stage"]: c["due_at"] for c in told if c["done_at"] is None and not c["standing"]}
    assert going == {stage: getattr(case, COLUMNS[stage]) for stage in going}
    if case.is_open and case.due_at is not None:
        assert going[STAGE_OF[State(case.state)]] == case.due_at
    assert [clock["started_at"] for clock in told] == sorted(clock["started_at"] for clock in told)
    return {clock["stage"]: clock for clock in told}


class TestStories:
    def test_only_reported(self, stories):
        told = agree(stories.report())
        assert set(told) == {"accept"}
        assert told["accept"]["done_at"] is None
        assert told["accept"]["due_at"] == at("2026-11-26 17:30")

    def test_a_whole_life_day_by_day(self, stories, clock):
        case = stories.report()
        for act, moment in (
            ("accept", "2026-11-25 11:00"),
            ("assign", "2026-11-25 14:00"),
            ("acknowledge", "2026-11-26 09:00"),
            ("feedback", "2026-12-01 16:00"),
            ("verify", "2026-12-02 10:00"),
            ("close", "2026-12-03 10:00"),
        ):
            clock.to(moment)
            case = stories.act(case, act)
        told = agree(case)
        assert {stage: clock["done_at"] for stage, clock in told.items()} == {
            "accept": at("2026-11-25 11:00"),
            "handle": at("2026-12-01 16:00"),
            "take": at("2026-11-26 09:00"),
            "verify": at("2026-12-03 10:00"),
            "archive": None,
        }
        assert list(told) == ["accept", "handle", "take", "verify", "archive"]
        assert told["handle"]["due_at"] == at("2026-12-02 17:30")
        assert [day["date"].day for day in told["handle"]["days"] if day["counted"]] == [26, 27, 30, 1, 2]

    def test_sent_back_and_given_to_another_unit_the_clock_runs_on(self, stories, clock, units, other_handler):
        case = stories.case_in("processing")
        clock.to("2026-11-27 10:00")
        case = stories.act(case, "return")
        agree(case)
        clock.to("2026-11-30 10:00")
        case = stories.act(case, "assign", organisation=units.services.pk)
        agree(case)
        case = stories.act(case, "acknowledge", by=other_handler)
        assert agree(case)["handle"]["due_at"] == at("2026-12-02 17:30")

    def test_reworked_twice_the_waits_for_the_verdict_do_not_count(self, stories, clock):
        case = stories.case_in("processing")
        for feedback, verdict in (("2026-11-26 16:00", "2026-11-27 18:00"), ("2026-12-01 10:00", "2026-12-02 18:00")):
            clock.to(feedback)
            case = stories.act(case, "feedback")
            agree(case)
            clock.to(verdict)
            case = stories.act(case, "verify", passed=False, text="只处理了一半")
            agree(case)
        assert agree(case)["handle"]["due_at"] == at("2026-12-08 17:30"), "26, 27 November, 1, 2 December stood"

    def test_suspended_over_a_holiday(self, stories, clock):
        clock.to("2026-09-28 09:00")
        case = stories.case_in("processing")
        clock.to("2026-09-29 18:00")
        case = stories.act(case, "suspend", until=at("2026-10-12 00:00").date())
        told = clocks(case)
        assert (told["handle"]["due_at"], told["handle"]["done_at"]) == (None, None)
        clock.to("2026-10-09 09:00")
        case = stories.act(case, "resume")
        told = agree(case)
        assert told["handle"]["due_at"] == at("2026-10-13 17:30"), "29 September; then 9, 10, 12, 13 October"
        reasons = {day["date"].isoformat(): day["reason"] for day in told["handle"]["days"]}
        assert reasons["2026-09-30"] == reasons["2026-10-01"] == reasons["2026-10-08"] == "paused"
        assert reasons["2026-10-10"] == "make_up_day"

    def test_an_earlier_date_fixed_when_assigning(self, stories, clock):
        case = stories.act(stories.case_in("accepted"), "assign", due_at=at("2026-11-27 12:00"))
        assert agree(case)["handle"]["due_at"] == at("2026-11-27 12:00")
        clock.to("2026-11-26 10:00")
        case = stories.walk(case, "acknowledge suspend")
        clock.to("2026-11-26 15:00")
        case = stories.act(case, "resume")
        assert agree(case)["handle"]["due_at"] == at("2026-11-27 17:00")

    def test_a_clock_that_was_late_stays_late(self, stories, clock):
        case = stories.case_in("processing")
        clock.to("2026-12-04 10:00")
        told = agree(stories.act(case, "feedback"))
        assert told["handle"]["done_at"] > told["handle"]["due_at"]

    def test_another_category_at_acceptance_leaves_the_accept_clock_as_it_was(self, stories):
        case = stories.act(stories.report(category="J03"), "accept", category="C01")
        told = agree(case)
        assert (told["accept"]["limit_amount"], told["accept"]["limit_unit"]) == (1, "hour")
        assert (told["handle"]["limit_amount"], told["handle"]["limit_unit"]) == (5, "working_day")

    @pytest.mark.parametrize("category", ["A02", "B03", "C01", "D01", "J03"])
    def test_every_kind_of_limit(self, stories, clock, category):
        case = stories.case_in("processing", category=category)
        agree(case)
        clock.to("2026-11-26 09:00")
        agree(stories.act(case, "feedback"))

    @pytest.mark.parametrize("state", ["rejected", "merged", "cancelled"])
    def test_ended_before_acceptance_only_the_first_clock_ran(self, stories, clock, state):
        case = stories.report()
        clock.to("2026-11-25 15:00")
        case = stories.act(case, {"rejected": "reject", "merged": "merge", "cancelled": "cancel"}[state])
        told = agree(case)
        assert set(told) == {"accept"}
        assert told["accept"]["done_at"] == clock.moment


class TestOverHttp:
    def test_the_page_reads_names_reasons_and_the_basis(self, stories, browser, operator):
        case = stories.case_in("processing")
        accept, handle, take = browser(operator).get(f"cases/{case.pk}/deadlines/").json()["clocks"]
        assert (take["stage"], take["done_at"]) == ("take", "2026-11-25T02:00:00Z")
        assert (accept["stage_name"], handle["stage_name"]) == ("受理", "办理")
        assert handle["limit_unit_name"] == "工作日"
        assert "5 个工作日" in handle["basis"]
        assert handle["started_at"] == "2026-11-25T02:00:00Z"
        assert handle["due_at"] == "2026-12-02T09:30:00Z"
        assert handle["days"][3] == {
            "date": "2026-11-28",
            "half": None,
            "counted": False,
            "reason": "weekend",
            "reason_name": "周末",
            "extension": False,
        }

    def test_a_holiday_is_called_by_its_name(self, stories, browser, operator, clock):
        clock.to("2026-09-30 09:00")
        case = stories.report()
        (accept,) = browser(operator).get(f"cases/{case.pk}/deadlines/").json()["clocks"]
        assert {day["reason_name"] for day in accept["days"] if day["reason"] == "holiday"} == {"国庆节"}

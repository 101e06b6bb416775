"""In every state and over longer lives, each clock worked out again from the events is the one that was stored."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from cases.models import Case, Category, LimitRule, Workday
from cases.selectors.explain import explain_clocks
from tests.cases.test_explain import agree
from tests.stories import ROADS
from tests.town import at

SETTLED = pytest.mark.parametrize("drawn", [0, 100], ids=["closed at once", "drawn for verification"])


def stages(case: Case) -> list[str]:
    return [clock["stage"] for clock in explain_clocks(case=Case.objects.get(pk=case.pk))]


def clocks_of(case: Case, stage: str) -> list[dict[str, Any]]:
    return [one for one in explain_clocks(case=Case.objects.get(pk=case.pk)) if one["stage"] == stage]


@pytest.mark.parametrize("state", sorted(ROADS))
def test_in_every_state(stories, clock, state):
    """A step a day, over a weekend."""
    case = stories.report()
    agree(case)
    for day, act in enumerate(ROADS[state].split(), 26):
        clock.to(f"2026-11-{day} 09:30" if day <= 30 else f"2026-12-{day - 30:02} 09:30")
        case = stories.act(case, act)
        agree(case)
    assert case.state == state


class TestLongerLives:
    def test_sent_back_for_information_each_wait_has_its_clock(self, stories, clock):
        case = stories.report()
        for act, moment in (
            ("return_for_info", "2026-11-25 11:00"),
            ("submit", "2026-11-26 15:00"),
            ("return_for_info", "2026-11-27 09:00"),
            ("submit", "2026-11-30 09:00"),
            ("accept", "2026-11-30 10:00"),
        ):
            clock.to(moment)
            case = stories.act(case, act)
            agree(case)
        assert stages(case) == ["accept", "info", "accept", "info", "accept", "handle"]
        assert [one["done_at"] for one in clocks_of(case, "info")] == [at("2026-11-26 15:00"), at("2026-11-30 09:00")]

    def test_extended_in_part_the_days_given_are_marked(self, stories, clock):
        case = stories.case_in("processing")
        clock.to("2026-12-01 10:00")
        stories.act(case, "ask_extension", amount=3)
        case = stories.act(case, "extend", amount=2)
        handle = agree(case)["handle"]
        assert (handle["due_at"], handle["extension"]) == (at("2026-12-04 17:30"), 2)
        assert [day["date"].day for day in handle["days"] if day["extension"]] == [3, 4]
        assert (
            handle["days"][-1]["reason_name"].endswith("(more time given)") or "延" in handle["days"][-1]["reason_name"]
        )
        clock.to("2026-12-03 10:00")
        stories.act(case, "ask_extension", amount=5)
        agree(stories.act(case, "extend", amount=5))

    def test_given_to_another_person_each_handover_has_its_clock(self, stories, clock, units, handler):
        case = stories.case_in("assigned")
        clock.to("2026-11-26 10:00")
        case = stories.act(case, "reassign", assignee=handler.pk)
        agree(case)
        assert [one["done_at"] for one in clocks_of(case, "take")] == [at("2026-11-26 10:00"), None]
        assert clocks_of(case, "take")[1]["due_at"] == at("2026-11-27 17:30")
        clock.to("2026-11-27 10:00")
        case = stories.walk(case, "acknowledge return")
        agree(case)
        clock.to("2026-11-30 10:00")
        agree(stories.act(case, "assign", organisation=units.services.pk))

    def test_a_limit_of_the_unit_holds_while_it_leads(self, stories, clock, units):
        LimitRule.objects.create(
            stage="handle", organisation=units.services, amount=2, basis="本单位承诺", valid_from=date(2026, 1, 1)
        )
        case = stories.act(stories.case_in("accepted"), "assign", organisation=units.services.pk)
        handle = agree(case)["handle"]
        assert handle["due_at"] == at("2026-11-27 17:30")
        assert handle["rule"]["organisation"] == {"id": units.services.pk, "name": "公共服务办公室"}
        clock.to("2026-11-26 10:00")
        case = stories.act(case, "return", by=stories.cast.other_handler)
        assert agree(case)["handle"]["due_at"] == at("2026-11-27 17:30"), "as it was set last"
        case = stories.act(case, "assign")
        assert agree(case)["handle"]["due_at"] == at("2026-12-02 17:30")

    def test_a_grave_matter(self, stories):
        case = stories.act(stories.report(), "accept", level="grave")
        handle = agree(case)["handle"]
        assert (handle["limit_amount"], handle["rule"]["level"]) == (20, "grave")

    def test_escalated_the_units_clock_stands_and_the_answer_has_its_own(self, stories, clock):
        case = stories.case_in("processing")
        clock.to("2026-11-26 10:00")
        case = stories.act(case, "escalate")
        told = agree(case)
        assert (told["upper"]["due_at"], told["handle"]["standing"]) == (at("2026-12-10 17:30"), True)
        assert told["handle"]["days"][-1]["reason"] == "paused"
        clock.to("2026-12-03 10:00")
        case = stories.act(case, "answer")
        assert agree(case)["handle"]["due_at"] == at("2026-12-09 17:30"), "26 November to 2 December stood"

    def test_taken_over_by_the_higher_center_everything_ends(self, stories, clock):
        case = stories.case_in("escalated")
        clock.to("2026-11-27 10:00")
        case = stories.act(case, "answer", taken_over=True)
        agree(case)
        assert all(one["done_at"] for one in explain_clocks(case=case))

    def test_merged_and_unmerged_the_clocks_ran_on(self, stories, clock):
        case = stories.case_in("accepted")
        clock.to("2026-11-26 10:00")
        case = stories.act(case, "merge")
        assert clocks_of(case, "handle")[0]["done_at"] == clock.moment
        clock.to("2026-11-27 10:00")
        case = stories.act(case, "unmerge")
        told = agree(case)
        assert (told["handle"]["done_at"], told["handle"]["due_at"]) == (None, at("2026-12-02 17:30"))
        assert told["accept"]["done_at"] == at("2026-11-25 10:00")

    def test_reopened_the_handle_clock_begins_anew(self, stories, clock):
        case = stories.case_in("archived")
        clock.to("2026-12-14 10:00")
        case = stories.act(case, "reopen")
        agree(case)
        first, second = clocks_of(case, "handle")
        assert (first["done_at"], second["started_at"]) == (at("2026-11-25 10:00"), clock.moment)
        assert second["due_at"] == at("2026-12-21 17:30")

    def test_not_solved_it_is_verified_again_and_goes_back_to_work(self, stories, clock):
        case = stories.case_in("closed")
        clock.to("2026-11-27 10:00")
        case = stories.act(case, "follow_up", satisfaction="not_solved", text="还在")
        assert agree(case)["archive"]["done_at"] == clock.moment
        clock.to("2026-11-30 10:00")
        case = stories.act(case, "verify", passed=False, text="确未清运")
        agree(case)
        assert len(clocks_of(case, "handle")) == 1

    def test_supervision_by_rule_and_by_a_day_the_leader_named(self, stories, clock):
        case = stories.act(stories.case_in("processing"), "supervise")
        told = agree(case)["supervision"]
        assert (told["due_at"], told["fixed"]) == (at("2026-11-27 17:30"), False)
        clock.to("2026-11-26 10:00")
        case = stories.act(case, "supervise", reply_by=at("2026-11-26 18:00"))
        told = agree(case)["supervision"]
        assert (told["due_at"], told["fixed"]) == (at("2026-11-26 18:00"), True)
        case = stories.act(case, "supervision_reply")
        assert clocks_of(case, "supervision")[-1]["done_at"] == clock.moment
        agree(stories.act(case, "lift_supervision"))

    def test_the_whole_of_it_at_once(self, stories, clock):
        case = stories.report()
        road = (
            "return_for_info submit accept assign return assign acknowledge suspend resume feedback verify:no feedback",
            "verify close follow_up:no verify:no escalate answer feedback verify close archive reopen",
        )
        said = {"verify:no": {"passed": False, "text": "未完成"}, "follow_up:no": {"satisfaction": "not_solved"}}
        for hour, step in enumerate(" ".join(road).split()):
            day = date(2026, 11, 25).toordinal() + hour
            clock.to(f"{date.fromordinal(day)} 10:30")
            more = said.get(step, {})
            if step == "follow_up:no":
                more = {**more, "text": "又来了"}
            case = stories.act(case, step.split(":")[0], **more)
            agree(case)


class TestSolvedOnTheSpot:
    @SETTLED
    def test_accept_and_handle_took_no_time(self, stories, drawn):
        Category.objects.filter(code="C01").update(sample_percent=drawn)
        case = stories.report(self_handled=True, reported_at=at("2026-11-24 16:00"), client_id=UUID(int=7, version=4))
        told = agree(case)
        handle = told["handle"]
        assert (told["accept"]["done_at"], handle["done_at"]) == (at("2026-11-24 16:00"), at("2026-11-24 16:00"))
        assert (handle["due_at"], handle["on_the_spot"]) == (at("2026-11-24 16:00"), True)
        assert [day["reason"] for day in handle["days"]] == ["on_the_spot"]
        assert told["accept"]["due_at"] == case.accept_due_at
        assert ("verify" in told, "archive" in told) == (drawn == 100, drawn == 0)

    def test_found_undone_the_center_takes_it_and_its_clocks_begin(self, stories, clock):
        Category.objects.filter(code="C01").update(sample_percent=100)
        case = stories.report(self_handled=True)
        clock.to("2026-11-26 10:00")
        case = stories.act(case, "verify", by=stories.cast.officer, passed=False, text="没有清走")
        agree(case)
        assert stages(case) == ["accept", "handle", "verify", "accept"]
        clock.to("2026-11-26 11:00")
        case = stories.walk(case, "accept assign acknowledge feedback")
        case = stories.walk(stories.act(case, "verify", by=stories.cast.officer), "close")
        agree(case)
        spot, real = clocks_of(case, "handle")
        assert (spot["on_the_spot"], real["on_the_spot"]) == (True, False)


def test_a_calendar_changed_after_the_end_is_admitted(stories, clock):
    """The past is not moved; the explanation says that it no longer follows from today's calendar."""
    case = stories.case_in("closed")
    Workday.objects.create(date=date(2026, 11, 26), working=False, name="台风停工")
    (accept,) = clocks_of(case, "accept")
    assert (accept["agrees"], accept["recorded_due_at"]) == (False, at("2026-11-26 17:30"))
    assert accept["due_at"] == at("2026-11-27 17:30")


def test_an_explanation_reads_as_much_for_a_long_life_as_for_a_short_one(stories, django_assert_num_queries):
    # 1 the events, 2 the calendar, 3 the limits.
    for state in ("reported", "archived"):
        case = Case.objects.get(pk=stories.case_in(state).pk)
        with django_assert_num_queries(3):
            explain_clocks(case=case)


class TestWhoReadsIt:
    def test_whoever_sees_the_case(self, stories, browser, cast):
        case = stories.case_in("processing")
        for person in (cast.worker, cast.operator, cast.handler, cast.leader, cast.auditor):
            assert browser(person).get(f"cases/{case.pk}/deadlines/").status_code == 200, person
        for person in (cast.outsider, cast.other_handler, cast.admin):
            assert browser(person).get(f"cases/{case.pk}/deadlines/").status_code == 404, person
        assert browser(None).get(f"cases/{case.pk}/deadlines/").status_code == 401

    def test_each_clock_names_its_rule(self, stories, browser, operator):
        case = stories.case_in("accepted")
        handle = browser(operator).get(f"cases/{case.pk}/deadlines/").json()["clocks"][-1]
        row = LimitRule.objects.get(stage="handle", category=None, level="")
        assert handle["rule"] == {
            "id": row.pk,
            "valid_from": "2020-01-01",
            "category": "",
            "level": "",
            "level_name": "",
            "organisation": None,
            "amount": 5,
            "unit": "working_day",
            "unit_name": "工作日",
            "basis": row.basis,
        }

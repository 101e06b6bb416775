"""When the working calendar is changed, running clocks follow: with an event, once, and nothing else moves."""

from __future__ import annotations

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from cases.models import CalendarState, Case, CaseEvent, Workday
from cases.services.clocks import Followed, follow_calendar
from cases.services.evidence import verify_chain
from cases.services.scan import mark_due
from tests.cases.test_explain import agree
from tests.database import at_once, held
from tests.town import NOW, OTHER_TOWN, TOWN, at

NOTICE = "国务院办公厅关于2026年部分节假日安排的补充通知"


def close_day(day: str, *, town: str = "", name: str = "临时放假", **said) -> Workday:
    said = {"working": False, "basis": NOTICE, **said}
    return Workday.objects.create(date=date.fromisoformat(day), town_code=town, name=name, **said)


def changed(case) -> list[dict]:
    events = CaseEvent.objects.filter(case=case, act="clock_changed").order_by("seq")
    return [event.data for event in events]


def kept(case) -> dict:
    return Case.objects.filter(pk=case.pk).values().get()


@pytest.fixture
def followed(db, stories):
    """The clocks follow the calendar as it is."""
    follow_calendar(now=NOW)


class TestWhatMoves:
    def test_a_day_off_entered_late_moves_what_spans_it(self, stories, followed):
        case = stories.case_in("processing")  # due on 2 December
        close_day("2026-11-27")
        assert follow_calendar(now=at("2026-11-26 09:00")) == Followed(moved=1)
        assert changed(case) == [
            {
                "stage": "handle",
                "due_before": "2026-12-02T09:30:00+00:00",
                "due_at": "2026-12-03T09:30:00+00:00",
                "basis": f"2026-11-27 临时放假（{NOTICE}）",
            }
        ]
        case.refresh_from_db()
        assert case.due_at == case.handle_due_at == at("2026-12-03 17:30")
        assert agree(case, ended=False)["handle"]["due_at"] == at("2026-12-03 17:30")
        assert list(verify_chain(case=case)) == []

    @pytest.mark.parametrize(
        ("state", "column", "wanted"),
        [
            ("reported", "accept_due_at", "2026-11-27 17:30"),
            ("draft", "accept_due_at", "2026-12-01 17:30"),
            ("awaiting_verify", "verify_due_at", "2026-11-30 17:30"),
            ("escalated", "handle_due_at", "2026-12-10 17:30"),
            ("assigned", "take_due_at", "2026-11-27 17:30"),
        ],
    )
    def test_whichever_clock_runs(self, stories, followed, state, column, wanted):
        case = stories.case_in(state)
        close_day("2026-11-26")
        follow_calendar(now=at("2026-11-25 12:00"))
        case.refresh_from_db()
        assert getattr(case, column) == at(wanted)
        assert len(changed(case)) == (2 if state == "assigned" else 1), "handle and the handover each have their own"
        agree(case, ended=False)

    def test_a_day_taken_out_again_moves_it_back(self, stories, followed):
        case = stories.case_in("processing")
        row = close_day("2026-11-27")
        follow_calendar(now=at("2026-11-25 12:00"))
        row.delete()
        follow_calendar(now=at("2026-11-25 12:01"))
        assert [data["due_at"][:10] for data in changed(case)] == ["2026-12-03", "2026-12-02"]
        agree(case, ended=False)

    def test_a_make_up_day_moves_it_forward_and_a_morning_ends_it_at_noon(self, stories, followed):
        case = stories.case_in("processing")
        close_day("2026-11-28", name="调休上班", working=True)
        follow_calendar(now=at("2026-11-25 12:00"))
        close_day("2026-12-01", name="半天", working=True, afternoon=False)
        follow_calendar(now=at("2026-11-25 12:01"))
        assert [data["due_at"] for data in changed(case)] == ["2026-12-01T09:30:00+00:00", "2026-12-01T04:00:00+00:00"]
        agree(case, ended=False)

    def test_next_years_notice_moves_what_reaches_into_it(self, stories, clock, followed):
        clock.to("2026-12-28 10:00")
        case = stories.case_in("processing")
        follow_calendar(now=clock.moment)
        for day in ("2027-01-01", "2027-01-02", "2027-01-03"):
            close_day(day, name="元旦")
        follow_calendar(now=clock.moment)
        assert (changed(case)[0]["due_before"][:10], changed(case)[0]["due_at"][:10]) == ("2027-01-04", "2027-01-05")

    def test_a_new_due_time_counts_anew_for_the_reminders(self, stories, followed):
        case = stories.case_in("processing")
        mark_due(now=at("2026-12-02 09:00"))
        close_day("2026-12-02")
        follow_calendar(now=at("2026-12-02 09:01"))
        mark_due(now=at("2026-12-03 10:00"))
        assert CaseEvent.objects.filter(case=case, act="due_soon").count() == 2

    def test_suspended_it_is_worked_out_when_it_goes_on(self, stories, clock, followed):
        case = stories.case_in("suspended")
        close_day("2026-11-27")
        assert follow_calendar(now=clock.moment) == Followed()
        clock.to("2026-11-26 09:00")
        case = stories.act(case, "resume")
        assert case.due_at == at("2026-12-03 17:30")
        agree(case, ended=False)


class TestWhatDoesNot:
    def test_nothing_moves_while_nothing_changed(self, stories, followed, django_assert_num_queries):
        stories.case_in("processing")
        with django_assert_num_queries(2):  # 1 the calendar the clocks follow, 2 the calendar there is
            assert follow_calendar(now=NOW) == Followed()

    def test_a_case_that_does_not_span_the_day_is_not_touched(self, stories, followed):
        soon, long = stories.report(), stories.case_in("processing")
        before = kept(soon)
        close_day("2026-11-30")
        assert follow_calendar(now=NOW) == Followed(moved=1)
        assert kept(soon) == before
        assert changed(long)

    def test_ended_cases_stay_as_they_ended(self, stories, followed):
        cases = [stories.case_in(state) for state in ("closed", "rejected", "archived")]
        before = [kept(case) for case in cases]
        close_day("2026-11-27")
        assert follow_calendar(now=NOW).moved == 0
        assert [kept(case) for case in cases] == before

    def test_hours_run_through_every_day(self, stories, followed):
        case = stories.report(category="J03")
        close_day("2026-11-25")
        follow_calendar(now=NOW)
        assert changed(case) == []

    def test_another_name_or_basis_moves_nothing(self, stories, followed):
        stories.case_in("processing")
        close_day("2026-11-26", name="正常上班", working=True)
        assert follow_calendar(now=NOW).moved == 0
        Workday.objects.filter(date=date(2026, 11, 26)).update(name="又一个名字")
        assert follow_calendar(now=NOW).moved == 0

    def test_another_towns_day(self, stories, followed):
        case = stories.case_in("processing")
        close_day("2026-11-27", town=OTHER_TOWN)
        assert follow_calendar(now=NOW).moved == 0
        close_day("2026-11-27", town=TOWN)
        assert follow_calendar(now=NOW).moved == 1
        assert len(changed(case)) == 1

    def test_nobodys_act_in_progress_is_refused(self, stories, followed, browser, operator):
        case = stories.report()
        close_day("2026-11-26")
        follow_calendar(now=NOW)
        assert browser(operator).post(f"cases/{case.pk}/acts/accept/", {"version": case.version}).status_code == 200

    def test_a_second_run_moves_nothing_twice(self, stories, followed):
        case = stories.case_in("processing")
        close_day("2026-11-27")
        follow_calendar(now=NOW)
        CalendarState.objects.all().delete()  # as if the first had been killed before it could say so
        assert follow_calendar(now=NOW).moved == 0
        assert len(changed(case)) == 1

    def test_more_than_a_batch(self, stories, followed):
        cases = [stories.report() for _ in range(5)]
        close_day("2026-11-26")
        assert follow_calendar(now=NOW, batch=2) == Followed(moved=5)
        assert [len(changed(case)) for case in cases] == [1] * 5


class TestByHand:
    def test_the_command_says_how_many(self, stories, followed):
        stories.case_in("processing")
        close_day("2026-11-27")
        said = StringIO()
        call_command("recompute_clocks", stdout=said)
        assert said.getvalue() == "1 cases have a new due time\n"
        call_command("recompute_clocks", stdout=said)
        assert said.getvalue().endswith("0 cases have a new due time\n")


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_runs_at_once_move_each_case_once(self, stories):
        follow_calendar(now=NOW)
        for _ in range(8):
            stories.report()
        close_day("2026-11-26")
        at_once(*[lambda: follow_calendar(now=NOW, batch=3)] * 2)
        follow_calendar(now=NOW, batch=3)
        assert CaseEvent.objects.filter(act="clock_changed").count() == 8
        for case in Case.objects.all():
            assert list(verify_chain(case=case)) == []

    def test_a_case_somebody_is_working_on_comes_next_time(self, stories):
        follow_calendar(now=NOW)
        busy, free = stories.report(), stories.report()
        close_day("2026-11-26")
        with held(busy):
            found = follow_calendar(now=NOW)
            with pytest.raises(CommandError, match="1 cases were held"):
                call_command("recompute_clocks", stdout=StringIO())
        assert found == Followed(moved=1, held=1)
        assert (changed(busy), len(changed(free))) == ([], 1)
        assert follow_calendar(now=NOW) == Followed(moved=1)
        assert len(changed(free)) == 1

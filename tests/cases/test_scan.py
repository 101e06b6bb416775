"""The overdue scan: every case that becomes due soon or overdue is on record once, and for each due time anew."""

from __future__ import annotations

import pytest

from cases.models import Case, CaseEvent
from cases.services.evidence import verify_chain
from cases.services.scan import mark_due, resume_suspended
from tests.cases.test_explain import agree
from tests.database import at_once, held
from tests.town import at


def marks(case) -> list[tuple[str, str]]:
    events = CaseEvent.objects.filter(case=case, act__in=("due_soon", "overdue")).order_by("seq")
    return [(event.act, event.data["stage"]) for event in events]


class TestMarks:
    def test_before_it_turns_yellow_nothing_is_told(self, stories, clock):
        stories.report()
        assert mark_due(now=at("2026-11-26 09:00")) == {"overdue": 0, "due_soon": 0}

    def test_due_soon_once_then_overdue_once(self, stories):
        case = stories.report()  # due on 26 November 17:30, yellow from 09:37
        for moment in ("2026-11-26 10:00", "2026-11-26 10:05", "2026-11-26 17:29"):
            mark_due(now=at(moment))
        assert marks(case) == [("due_soon", "accept")]
        for moment in ("2026-11-26 17:30", "2026-11-26 17:31", "2026-12-24 10:00"):
            mark_due(now=at(moment))
        assert marks(case) == [("due_soon", "accept"), ("overdue", "accept")]

    def test_what_is_already_late_when_first_looked_at_is_overdue_not_soon(self, stories):
        case = stories.report()
        assert mark_due(now=at("2026-11-30 10:00")) == {"overdue": 1, "due_soon": 0}
        assert marks(case) == [("overdue", "accept")]

    def test_the_next_stage_counts_anew(self, stories, clock):
        case = stories.report()
        mark_due(now=clock.to("2026-11-27 10:00"))
        stories.walk(case, "accept assign acknowledge")
        assert mark_due(now=clock.to("2026-11-27 10:05")) == {"overdue": 0, "due_soon": 0}
        mark_due(now=clock.to("2026-12-07 09:00"))
        stories.act(case, "feedback")
        mark_due(now=clock.to("2026-12-10 09:00"))
        assert marks(case) == [("overdue", "accept"), ("overdue", "handle"), ("overdue", "verify")]

    def test_a_new_due_time_in_the_same_stage_counts_anew(self, stories, clock):
        case = stories.case_in("processing")  # due on 2 December
        mark_due(now=clock.to("2026-12-02 09:00"))
        stories.act(case, "suspend")
        assert mark_due(now=clock.to("2026-12-05 09:00")) == {"overdue": 0, "due_soon": 0}
        clock.to("2026-12-07 10:00")
        assert stories.act(case, "resume").due_at == at("2026-12-07 17:30")
        mark_due(now=clock.moment)
        mark_due(now=clock.to("2026-12-07 18:00"))
        assert marks(case) == [("due_soon", "handle"), ("due_soon", "handle"), ("overdue", "handle")]

    def test_the_same_due_time_after_a_suspension_is_not_told_again(self, stories, clock):
        case = stories.case_in("processing")
        mark_due(now=clock.to("2026-12-03 09:00"))
        stories.act(case, "suspend")
        clock.to("2026-12-08 09:00")
        assert stories.act(case, "resume").due_at == at("2026-12-02 17:30"), "it was used up before the wait"
        mark_due(now=clock.moment)
        assert marks(case) == [("overdue", "handle")]

    def test_suspended_and_ended_cases_are_left_alone(self, stories):
        cases = [stories.case_in(state) for state in ("suspended", "closed", "rejected", "cancelled")]
        mark_due(now=at("2027-06-01 10:00"))
        assert [marks(case) for case in cases] == [[], [], [], []]

    def test_the_mark_says_which_stage_and_which_due_time(self, stories):
        case = stories.report()
        mark_due(now=at("2026-11-27 10:00"))
        event = CaseEvent.objects.get(case=case, act="overdue")
        assert event.data == {"stage": "accept", "due_at": "2026-11-26T09:30:00+00:00"}
        assert (event.actor, event.from_state, event.to_state) == (None, "reported", "reported")

    def test_marking_moves_nothing_and_makes_nobodys_version_stale(self, stories, browser, operator, clock):
        case = stories.report()
        mark_due(now=clock.to("2026-11-27 10:00"))
        answer = browser(operator).post(f"cases/{case.pk}/acts/accept/", {"version": 1})
        assert answer.status_code == 200

    def test_the_chain_holds_with_the_marks_in_it(self, stories, clock):
        case = stories.report()
        mark_due(now=clock.to("2026-11-26 10:00"))
        stories.act(case, "comment")
        mark_due(now=clock.to("2026-11-27 10:00"))
        case.refresh_from_db()
        assert case.event_count == 4
        assert list(verify_chain(case=case)) == []

    def test_what_is_overdue_in_the_scan_is_overdue_in_the_list(self, stories, browser, operator, clock):
        stories.report()
        case = stories.case_in("processing")
        mark_due(now=clock.to("2026-11-27 10:00"))
        marked = set(CaseEvent.objects.filter(act="overdue").values_list("case_id", flat=True))
        rows = browser(operator).get("cases/", overdue="true").json()["results"]
        assert {row["id"] for row in rows} == marked
        assert case.pk not in marked


class TestSuspensionsThatEnd:
    def suspended(self, stories, until: str = "2026-12-01") -> Case:
        return stories.act(stories.case_in("processing"), "suspend", until=at(f"{until} 00:00").date())

    def test_the_day_before_it_stays(self, stories):
        case = self.suspended(stories)
        assert resume_suspended(now=at("2026-11-30 23:59")) == 0
        case.refresh_from_db()
        assert case.state == "suspended"

    def test_on_the_day_the_clock_goes_on_by_itself(self, stories):
        case = self.suspended(stories)
        assert resume_suspended(now=at("2026-12-01 00:00")) == 1
        version = case.version
        case.refresh_from_db()
        assert (case.state, case.is_open, case.suspended_until, case.version) == ("processing", True, None, version + 1)
        assert case.due_at == case.handle_due_at == at("2026-12-07 17:30"), "25 to 30 November stood"
        event = CaseEvent.objects.get(case=case, act="resume")
        assert (event.actor, event.from_state, event.to_state) == (None, "suspended", "processing")
        assert event.data == {"until": "2026-12-01", "handle_due_at": "2026-12-07T09:30:00+00:00"}
        assert list(verify_chain(case=case)) == []
        agree(case)

    def test_a_day_that_was_missed_is_made_up_for(self, stories):
        case = self.suspended(stories)
        assert resume_suspended(now=at("2026-12-04 09:00")) == 1
        agree(case)

    def test_again_nothing_happens(self, stories):
        self.suspended(stories)
        now = at("2026-12-01 00:00")
        assert (resume_suspended(now=now), resume_suspended(now=now)) == (1, 0)

    def test_who_saw_it_suspended_is_told_that_it_moved(self, stories, browser, operator):
        case = self.suspended(stories)
        resume_suspended(now=at("2026-12-01 00:00"))
        answer = browser(operator).post(f"cases/{case.pk}/acts/resume/", {"version": case.version})
        assert (answer.status_code, answer.json()["code"]) == (409, "stale_version")

    def test_more_than_a_batch(self, stories):
        for _ in range(3):
            self.suspended(stories)
        assert resume_suspended(now=at("2026-12-01 00:00"), batch=2) == 3


class TestBatches:
    def test_more_than_a_batch_are_all_marked_oldest_first(self, stories):
        late = [stories.report(at=at(f"2026-11-{day} 09:00")) for day in (20, 18, 19, 17, 16)]
        assert mark_due(now=at("2026-11-25 10:00"), batch=2) == {"overdue": 5, "due_soon": 0}
        order = CaseEvent.objects.filter(act="overdue").order_by("pk").values_list("case_id", flat=True)
        assert list(order) == [case.pk for case in sorted(late, key=lambda case: case.due_at)]


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_scans_at_once_mark_each_case_once(self, stories):
        for _ in range(12):
            stories.report(at=at("2026-11-20 09:00"))
        now = at("2026-11-25 10:00")
        at_once(*[lambda: mark_due(now=now, batch=3)] * 3)
        assert CaseEvent.objects.filter(act="overdue").count() == 12
        for case in Case.objects.all():
            assert marks(case) == [("overdue", "accept")]
            assert list(verify_chain(case=case)) == []

    def test_a_case_somebody_is_working_on_is_skipped_and_marked_next_time(self, stories):
        busy, free = (stories.report(at=at("2026-11-20 09:00")) for _ in range(2))
        now = at("2026-11-25 10:00")
        with held(busy):
            found = mark_due(now=now)
        assert found["overdue"] == 1
        assert (marks(busy), marks(free)) == ([], [("overdue", "accept")])
        assert mark_due(now=now)["overdue"] == 1
        assert marks(busy) == [("overdue", "accept")]

    def test_two_scans_at_once_resume_each_case_once(self, stories):
        for _ in range(6):
            stories.act(stories.case_in("processing"), "suspend", until=at("2026-12-01 00:00").date())
        now = at("2026-12-01 00:00")
        assert sum(at_once(*[lambda: resume_suspended(now=now, batch=2)] * 2)) == 6
        assert CaseEvent.objects.filter(act="resume").count() == 6

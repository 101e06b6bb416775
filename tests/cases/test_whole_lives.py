"""Whole lives of a case, day by day, with the due time it shows at each turn."""

from __future__ import annotations

import pytest

from cases.models import Case, CaseEvent
from cases.selectors.explain import explain_clocks
from cases.services.evidence import verify_chain
from tests.town import at


class Life:
    """Acts at moments; after each the case must be in the state and due as said, explained and chained."""

    def __init__(self, stories, clock) -> None:
        self.stories = stories
        self.clock = clock

    def __call__(self, case: Case, moment: str, act: str, state: str, due: str | None, **given) -> Case:
        self.clock.to(moment)
        case = self.stories.act(case, act, **given)
        assert (case.state, case.due_at) == (state, at(due) if due else None), f"{moment} {act}"
        assert list(verify_chain(case=case)) == []
        if case.is_open and case.due_at:
            assert case.due_at in {clock["due_at"] for clock in explain_clocks(case=case)}, f"{moment} {act}"
        return case


@pytest.fixture
def life(stories, clock) -> Life:
    return Life(stories, clock)


def acts_of(case: Case) -> list[str]:
    return list(CaseEvent.objects.filter(case=case).order_by("seq").values_list("act", flat=True))


def test_from_report_to_the_archive(stories, life):
    case = stories.report()
    assert case.due_at == at("2026-11-26 17:30")
    case = life(case, "2026-11-25 11:00", "accept", "accepted", "2026-12-02 17:30")
    case = life(case, "2026-11-25 11:20", "assign", "assigned", "2026-12-02 17:30")
    case = life(case, "2026-11-25 15:00", "acknowledge", "processing", "2026-12-02 17:30")
    case = life(case, "2026-11-27 10:00", "feedback", "awaiting_verify", "2026-12-01 17:30")
    case = life(case, "2026-11-30 09:00", "verify", "verified", "2026-12-01 17:30")
    case = life(case, "2026-11-30 10:00", "close", "closed", "2026-12-01 17:30")
    case = life(case, "2026-12-02 10:00", "follow_up", "closed", "2026-12-01 17:30")
    case = life(case, "2026-12-10 10:00", "archive", "archived", "2026-12-01 17:30")
    assert (case.rework_count, case.hop_count, case.extension_count) == (0, 0, 0)
    assert acts_of(case)[-3:] == ["close", "follow_up", "archive"]


def test_sent_back_twice_and_done_by_the_third_unit(stories, life, units, cast):
    case = life(stories.report(), "2026-11-25 11:00", "accept", "accepted", "2026-12-02 17:30")
    case = life(case, "2026-11-25 12:00", "assign", "assigned", "2026-12-02 17:30")
    case = life(case, "2026-11-26 09:00", "return", "accepted", "2026-12-02 17:30")
    case = life(case, "2026-11-26 10:00", "assign", "assigned", "2026-12-02 17:30", organisation=units.services.pk)
    case = life(case, "2026-11-26 15:00", "acknowledge", "processing", "2026-12-02 17:30", by=cast.other_handler)
    case = life(case, "2026-11-27 09:00", "return", "accepted", "2026-12-02 17:30", by=cast.other_handler)
    case = life(case, "2026-11-27 10:00", "assign", "assigned", "2026-12-02 17:30", organisation=units.committee.pk)
    case = life(case, "2026-11-27 11:00", "acknowledge", "processing", "2026-12-02 17:30", by=cast.officer)
    assert (case.hop_count, case.first_responsible) == (2, False), "two hops are within the measure"
    case = life(case, "2026-11-30 11:00", "feedback", "awaiting_verify", "2026-12-02 17:30", by=cast.officer)


def test_extended_and_late_all_the_same(stories, life, clock):
    case = stories.walk(stories.report(), "accept assign acknowledge")
    case = life(case, "2026-12-01 09:00", "ask_extension", "processing", "2026-12-02 17:30", amount=3)
    case = life(case, "2026-12-02 09:00", "extend", "processing", "2026-12-07 17:30", amount=3)
    clock.to("2026-12-08 09:00")
    assert Case.objects.overdue(now=clock()).get() == case
    case = life(case, "2026-12-09 09:00", "feedback", "awaiting_verify", "2026-12-11 17:30")
    assert case.feedback_at > case.handle_due_at == at("2026-12-07 17:30"), "judged by the due time that was granted"
    assert case.extension_count == 1, "and the extension is not hidden"


def test_suspended_over_the_national_day(stories, life, clock):
    clock.to("2026-09-28 09:00")
    case = stories.report()
    case = life(case, "2026-09-28 10:00", "accept", "accepted", "2026-10-10 17:30")  # a make-up Saturday
    case = stories.walk(case, "assign acknowledge")
    case = life(case, "2026-09-29 10:00", "suspend", "suspended", None, until=at("2026-10-12 00:00").date())
    # 29 September to 11 October: five worked days among them, none of which counts.
    case = life(case, "2026-10-12 09:00", "resume", "processing", "2026-10-16 17:30")


def test_escalated_and_given_back(stories, life):
    case = stories.walk(stories.report(), "accept assign acknowledge")
    case = life(case, "2026-11-26 09:00", "escalate", "escalated", "2026-12-10 17:30")
    case = life(case, "2026-12-14 09:00", "answer", "processing", "2026-12-18 17:30")
    case = life(case, "2026-12-15 09:00", "feedback", "awaiting_verify", "2026-12-17 17:30")


def test_merged_by_mistake_and_set_free(stories, life):
    other = stories.report(description="看似同一件事")
    case = life(stories.report(), "2026-11-25 11:00", "accept", "accepted", "2026-12-02 17:30")
    case = life(case, "2026-11-25 12:00", "merge", "merged", "2026-12-02 17:30", into=other.number)
    case = life(case, "2026-11-27 12:00", "unmerge", "accepted", "2026-12-02 17:30")
    case = life(case, "2026-11-27 13:00", "assign", "assigned", "2026-12-02 17:30")


def test_reopened_after_it_was_put_away(stories, life, handler):
    case = stories.case_in("archived")
    case = life(case, "2026-12-14 09:00", "reopen", "processing", "2026-12-21 17:30")
    assert case.assignee == handler, "the same person answers for it"
    case = life(case, "2026-12-15 09:00", "feedback", "awaiting_verify", "2026-12-17 17:30")
    case = life(case, "2026-12-16 09:00", "verify", "verified", "2026-12-17 17:30")
    case = life(case, "2026-12-16 10:00", "close", "closed", "2026-12-17 17:30")
    assert case.reopen_count == 1

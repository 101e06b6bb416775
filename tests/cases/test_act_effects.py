"""What each act changes on the case, and what it must leave alone."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from cases.models import CaseEvent, RoutingRule
from cases.services.errors import NotYoursError
from grid.models import Area
from staff.models import Post, User
from tests.town import CELL_A, NOW, SINCE, at


def last(case) -> CaseEvent:
    return CaseEvent.objects.filter(case=case).latest("seq")


class TestAccept:
    def test_the_handle_clock_starts(self, stories):
        case = stories.case_in("accepted")
        assert case.accepted_at == case.stage_started_at == NOW
        assert case.due_at == case.handle_due_at == at("2026-12-02 17:30")

    def test_the_center_may_put_it_under_another_category_and_its_limit(self, stories):
        case = stories.act(stories.report(), "accept", category="D01")
        assert (case.category_code, case.category.code) == ("D01", "D01")
        assert case.due_at == at("2026-12-09 17:30"), "ten working days"
        assert last(case).data["category_before"] == "C01"

    def test_an_emergency_found_out_only_now_is_one_from_now_on(self, stories):
        case = stories.act(stories.report(), "accept", category="J03")
        assert case.emergency is True
        assert case.due_at == at("2026-11-26 10:00")


class TestAssign:
    def test_the_unit_leads_and_the_clock_runs_on(self, stories, units, clock):
        case = stories.case_in("accepted")
        clock.to("2026-11-26 10:00")
        case = stories.act(case, "assign")
        assert (case.lead_org, case.assignee_id, case.assigned_at) == (units.enforcement, None, clock.moment)
        assert case.due_at == at("2026-12-02 17:30")

    def test_a_person_of_the_unit_may_be_named(self, stories, handler):
        case = stories.act(stories.case_in("accepted"), "assign", assignee=handler.pk)
        assert case.assignee_id == handler.pk

    @pytest.mark.parametrize("name", ["other_handler", "worker", "outsider"])
    def test_a_person_of_no_such_unit_is_refused(self, stories, cast, name):
        case = stories.case_in("accepted")
        with pytest.raises(ValidationError) as refused:
            stories.act(case, "assign", assignee=getattr(cast, name).pk)
        assert set(refused.value.error_dict) == {"assignee"}

    def test_another_towns_unit_is_refused(self, stories, units):
        with pytest.raises(ValidationError) as refused:
            stories.act(stories.case_in("accepted"), "assign", organisation=units.foreign.pk)
        assert set(refused.value.error_dict) == {"organisation"}

    def test_an_earlier_date_may_be_set(self, stories):
        case = stories.act(stories.case_in("accepted"), "assign", due_at=at("2026-11-27 12:00"))
        assert case.due_at == case.handle_due_at == at("2026-11-27 12:00")

    @pytest.mark.parametrize("moment", ["2026-11-25 09:59", "2026-12-02 17:31"], ids=["past", "after the limit"])
    def test_a_date_in_the_past_or_after_the_limit_is_refused(self, stories, moment):
        case = stories.case_in("accepted")
        with pytest.raises(ValidationError) as refused:
            stories.act(case, "assign", due_at=at(moment))
        assert set(refused.value.error_dict) == {"due_at"}
        case.refresh_from_db()
        assert (case.state, case.due_at) == ("accepted", at("2026-12-02 17:30"))

    def test_what_the_rules_proposed_is_on_record_whatever_was_chosen(self, stories, units):
        case = stories.act(stories.case_in("accepted"), "assign")
        assert last(case).data["route"] is None, "no rule fits"
        today = NOW.date()
        RoutingRule.objects.create(organisation=units.services, basis="派单目录", valid_from=today, active=True)
        case = stories.act(stories.case_in("accepted"), "assign")
        assert last(case).data["route"]["organisation"] == units.services.pk
        assert last(case).data["organisation"] == units.enforcement.pk


class TestAcknowledgeAndReturn:
    def test_whoever_takes_it_answers_for_it(self, stories, handler):
        case = stories.case_in("processing")
        assert (case.assignee, case.handled_by, case.acknowledged_at) == (handler, [handler.pk], NOW)

    def test_sent_back_it_is_nobodys_again_and_counts_a_hop(self, stories):
        case = stories.act(stories.case_in("processing"), "return")
        assert (case.state, case.lead_org, case.assignee, case.assigned_at) == ("accepted", None, None, None)
        assert case.hop_count == 1
        assert case.due_at == at("2026-12-02 17:30"), "the clock does not start again"

    def test_the_next_unit_sees_it_and_the_last_one_no_more(self, stories, browser, units, handler, other_handler):
        case = stories.act(stories.case_in("assigned"), "return")
        assert browser(handler).get(f"cases/{case.pk}/").status_code == 404
        stories.act(case, "assign", organisation=units.services.pk)
        assert browser(other_handler).get(f"cases/{case.pk}/").status_code == 200


class TestFeedbackAndVerify:
    def test_the_verify_clock_starts_with_the_feedback(self, stories, clock):
        case = stories.case_in("processing")
        clock.to("2026-11-27 16:00")
        case = stories.act(case, "feedback")
        assert case.feedback_at == case.stage_started_at == clock.moment
        assert case.due_at == case.verify_due_at == at("2026-12-01 17:30"), "two working days"
        assert case.handle_due_at == at("2026-12-02 17:30")

    def test_found_not_done_it_goes_back_to_work_and_the_wait_is_not_the_units(self, stories, clock):
        case = stories.case_in("awaiting_verify")
        clock.to("2026-11-27 18:00")
        case = stories.act(case, "verify", passed=False, text="只处理了一半")
        assert (case.state, case.rework_count, case.feedback_at, case.verify_due_at) == ("processing", 1, None, None)
        assert case.due_at == case.handle_due_at == at("2026-12-04 17:30"), "two waited days later"

    def test_passed_it_waits_for_the_center_under_the_same_clock(self, stories, clock):
        case = stories.case_in("awaiting_verify")
        clock.to("2026-11-26 09:00")
        case = stories.act(case, "verify")
        assert (case.state, case.verified_at) == ("verified", clock.moment)
        assert case.due_at == at("2026-11-27 17:30")


class TestASecondPairOfEyes:
    """The verifier is never who handled it, nor a colleague of that unit, by whatever post."""

    def give_post(self, user: User, role: str, code: str, unit=None) -> User:
        area = Area.objects.get(code=code)
        Post.objects.create(user=user, role=role, area=area, organisation=unit, valid_from=SINCE)
        return User.objects.get(pk=user.pk)

    def test_the_handler_who_is_also_the_cells_worker_cannot(self, stories, handler):
        case = stories.case_in("awaiting_verify")
        both = self.give_post(handler, "grid_worker", CELL_A)
        with pytest.raises(NotYoursError):
            stories.act(case, "verify", by=both)

    def test_a_colleague_of_the_unit_who_is_also_the_cells_worker_cannot(self, stories, worker, units):
        case = stories.case_in("awaiting_verify")
        both = self.give_post(worker, "handler", CELL_A, units.enforcement)
        with pytest.raises(NotYoursError):
            stories.act(case, "verify", by=both)

    def test_what_the_center_handled_itself_the_center_cannot_verify(self, stories, cast, units):
        case = stories.act(stories.case_in("accepted"), "assign", organisation=units.center.pk)
        case = stories.act(case, "acknowledge", by=cast.operator)
        case = stories.act(case, "feedback", by=cast.operator)
        for person in (cast.operator, cast.head):
            with pytest.raises(NotYoursError):
                stories.act(case, "verify", by=person)
        assert stories.act(case, "verify", by=cast.worker).state == "verified"

    def test_who_handled_it_before_it_went_to_another_unit_cannot(self, stories, cast, units):
        case = stories.act(stories.case_in("accepted"), "assign", organisation=units.committee.pk)
        case = stories.act(case, "acknowledge", by=cast.officer)
        case = stories.act(case, "return", by=cast.officer)
        case = stories.walk(case, "assign acknowledge feedback")
        with pytest.raises(NotYoursError):
            stories.act(case, "verify", by=cast.officer)


class TestSuspendAndResume:
    def test_while_suspended_nothing_is_due(self, stories, browser, operator):
        case = stories.case_in("suspended")
        assert (case.due_at, case.handle_due_at, case.soon_at) == (None, None, None)
        shown = browser(operator).get(f"cases/{case.pk}/").json()
        assert (shown["overdue"], shown["light"], shown["suspended_until"]) == (False, "none", "2027-11-25")

    def test_resumed_the_wait_is_added(self, stories, clock):
        case = stories.case_in("suspended")
        clock.to("2026-12-01 18:00")
        case = stories.act(case, "resume")
        assert (case.state, case.suspended_until) == ("processing", None)
        assert case.due_at == at("2026-12-08 17:30"), "25 to 30 November and 1 December did not count"


class TestEnds:
    def test_closed_it_keeps_how_it_ended(self, stories):
        case = stories.act(stories.case_in("verified"), "close", outcome="partly")
        assert (case.is_open, case.outcome, case.closed_at) == (False, "partly", NOW)

    def test_merged_it_points_to_the_other(self, stories):
        first, again = stories.report(), stories.report()
        again = stories.act(again, "merge", into=first.number)
        assert (again.merged_into, again.is_open) == (first, False)
        assert last(again).data["into_number"] == first.number

    def test_merging_into_oneself_or_into_what_was_rejected_is_refused(self, stories):
        case, rejected = stories.report(), stories.case_in("rejected")
        for number in (case.number, rejected.number):
            with pytest.raises(ValidationError) as refused:
                stories.act(case, "merge", into=number)
            assert set(refused.value.error_dict) == {"into"}

    def test_merging_into_a_case_one_cannot_see_is_refused(self, stories, cast):
        theirs = stories.report(by=cast.outsider, point=(118.105, 22.005))
        with pytest.raises(ValidationError):
            stories.act(stories.report(), "merge", into=theirs.number)

    @pytest.mark.parametrize("state", ["closed", "rejected", "merged", "cancelled"])
    def test_ended_cases_have_no_light_and_are_never_overdue(self, stories, browser, operator, clock, state):
        case = stories.case_in(state)
        clock.to("2027-06-01 10:00")
        shown = browser(operator).get(f"cases/{case.pk}/").json()
        assert (shown["overdue"], shown["light"], shown["due_stage"]) == (False, "none", None)

    def test_a_comment_changes_nothing_but_the_record(self, stories):
        case = stories.case_in("processing")
        after = stories.act(case, "comment", text="住户又打来电话")
        assert (after.version, after.state, after.due_at) == (case.version, "processing", case.due_at)
        assert last(case).text == "住户又打来电话"
        assert after.event_count == case.event_count + 1

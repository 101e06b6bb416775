"""Information, time, help from above, supervision: what is asked, who decides, and what the clocks make of it."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from cases.models import Case, CaseEvent, Category
from cases.selectors.explain import explain_clocks
from cases.selectors.forms import acts_for
from cases.services.errors import NotYoursError
from cases.services.report import is_drawn
from grid.models import Area
from reports.selectors import late_at
from staff.models import Post, User
from staff.scope import scope_of
from tests.town import DISTRICT, NOW, SINCE, at


def last(case) -> CaseEvent:
    return CaseEvent.objects.filter(case=case).latest("seq")


def refused(name: str, stories, case, act: str, **given) -> str:
    """The code with which `act` is refused at the field `name`."""
    with pytest.raises(ValidationError) as caught:
        stories.act(case, act, **given)
    assert set(caught.value.error_dict) == {name}
    return caught.value.error_dict[name][0].code


class TestInformation:
    def test_the_reporter_is_asked_and_has_a_term_of_their_own(self, stories):
        case = stories.act(stories.report(), "return_for_info")
        assert (case.state, case.is_open) == ("draft", True)
        assert case.due_at == case.accept_due_at == at("2026-11-30 17:30"), "three working days"

    def test_with_the_answer_the_center_has_its_whole_term_again(self, stories, clock):
        case = stories.act(stories.report(), "return_for_info")
        clock.to("2026-11-27 09:00")
        case = stories.act(case, "submit")
        assert case.state == "reported"
        assert case.due_at == case.accept_due_at == at("2026-11-30 17:30"), "one working day from the answer"
        assert last(case).text == "东村12号"

    def test_nobody_answers_for_the_reporter(self, stories, cast):
        case = stories.act(stories.report(), "return_for_info")
        for person in (cast.operator, cast.officer):
            with pytest.raises(NotYoursError):
                stories.act(case, "submit", by=person)


class TestExtension:
    def asked(self, stories, **given):
        return stories.act(stories.case_in("processing"), "ask_extension", **given)

    def test_granted_in_part_it_moves_the_due_time_by_working_days(self, stories, clock):
        case = self.asked(stories, amount=3)
        assert (case.asked_for, case.asked_amount) == ("extension", 3)
        clock.to("2026-11-27 09:00")
        case = stories.act(case, "extend", amount=2)
        assert case.due_at == case.handle_due_at == at("2026-12-04 17:30"), "five and two working days"
        assert (case.asked_for, case.asked_amount, case.extension_count) == ("", None, 1)
        assert (last(case).data["amount"], last(case).data["asked_amount"]) == (2, 3)

    def test_never_more_than_was_asked_for(self, stories):
        case = self.asked(stories, amount=2)
        refused("amount", stories, case, "extend", amount=3)
        refused("amount", stories, case, "extend", amount=0)

    def test_at_most_as_long_as_the_limit_itself(self, stories):
        case = stories.case_in("processing")
        refused("amount", stories, case, "ask_extension", amount=6)
        assert stories.act(case, "ask_extension", amount=5).asked_amount == 5

    def test_late_is_too_late_to_ask(self, stories, clock):
        case = stories.case_in("processing")
        clock.to("2026-12-02 17:30")
        assert refused("amount", stories, case, "ask_extension") == "late"

    def test_twice_is_the_most(self, stories):
        case = self.asked(stories)
        case = stories.walk(case, "extend ask_extension extend")
        assert case.extension_count == 2
        assert refused("amount", stories, case, "ask_extension") == "spent"

    def test_one_request_at_a_time(self, stories):
        assert refused("text", stories, self.asked(stories), "ask_suspension") == "asked"

    def test_what_nobody_asked_for_is_not_given(self, stories):
        case = stories.case_in("processing")
        for act in ("extend", "refuse_extension", "refuse_suspension"):
            assert refused("text", stories, case, act) == "not_asked"

    def test_refused_the_due_time_stays(self, stories):
        case = stories.act(self.asked(stories), "refuse_extension")
        assert (case.asked_for, case.due_at, case.extension_count) == ("", at("2026-12-02 17:30"), 0)

    def test_what_is_done_needs_no_more_time(self, stories):
        assert stories.act(self.asked(stories), "feedback").asked_for == ""

    def test_an_earlier_date_of_the_assignment_yields_to_an_extension(self, stories):
        case = stories.act(stories.case_in("accepted"), "assign", due_at=at("2026-11-27 12:00"))
        case = stories.walk(case, "acknowledge ask_extension extend")
        assert case.due_at == at("2026-12-04 17:30")


class TestAskedSuspension:
    def test_the_unit_asks_and_the_center_stops_the_clock(self, stories, handler):
        case = stories.act(stories.case_in("processing"), "ask_suspension")
        assert (case.state, case.due_at) == ("processing", at("2026-12-02 17:30")), "asking stops nothing"
        case = stories.act(case, "suspend")
        assert (case.state, case.due_at, case.asked_for) == ("suspended", None, "")
        with pytest.raises(NotYoursError):
            stories.act(stories.case_in("processing"), "suspend", by=handler)


class TestUpwards:
    def test_the_unit_s_clock_stands_and_the_higher_center_s_runs(self, stories, clock):
        case = stories.case_in("processing")
        clock.to("2026-11-26 11:00")
        case = stories.act(case, "escalate")
        assert (case.state, case.authority) == ("escalated", "区综治中心")
        assert case.due_at == at("2026-12-10 17:30"), "ten working days for the answer"
        clock.to("2026-11-30 18:00")
        case = stories.act(case, "answer")
        assert case.state == "processing"
        assert case.due_at == at("2026-12-07 17:30"), "26 to 30 November did not count"

    def test_what_was_led_by_nobody_comes_back_to_be_assigned(self, stories):
        case = stories.walk(stories.report(), "accept escalate answer")
        assert (case.state, case.lead_org) == ("accepted", None)

    def test_kept_above_it_has_left_the_town_and_the_rates(self, stories):
        case = stories.act(stories.case_in("escalated"), "answer", taken_over=True)
        assert (case.state, case.is_open) == ("transferred", False)


class TestHandovers:
    def test_a_handover_has_a_term_of_its_own_until_it_is_taken(self, stories):
        case = stories.case_in("assigned")
        assert case.take_due_at == at("2026-11-26 17:30"), "one working day"
        assert stories.act(case, "acknowledge").take_due_at is None

    def test_given_to_a_colleague_it_is_taken_anew_and_the_clock_runs_on(self, stories, units, cast):
        colleague = User.objects.create(username="colleague", display_name="赵工")
        Post.objects.create(
            user=colleague, role="handler", area_id=units.enforcement.area_id, organisation=units.enforcement,
            valid_from=SINCE,
        )  # fmt: skip
        case = stories.act(stories.case_in("processing"), "reassign", by=cast.handler, assignee=colleague.pk)
        assert (case.state, case.assignee, case.hop_count) == ("assigned", colleague, 1)
        assert case.due_at == at("2026-12-02 17:30")
        refused("assignee", stories, case, "reassign", assignee=colleague.pk)
        refused("assignee", stories, case, "reassign", assignee=cast.other_handler.pk)

    def test_the_center_takes_it_from_one_unit_and_gives_it_to_another(self, stories, units):
        case = stories.act(stories.case_in("processing"), "assign", organisation=units.services.pk, text="职责已划转")
        assert (case.state, case.lead_org, case.assignee, case.hop_count) == ("assigned", units.services, None, 1)
        refused("organisation", stories, case, "assign", organisation=units.services.pk, text="再派一次")

    def test_assisting_units_see_it_and_give_their_opinion(self, stories, units, browser, mediator, other_handler):
        case = stories.act(stories.case_in("accepted"), "assign", assistants=(units.mediation.pk,))
        assert browser(mediator).get(f"cases/{case.pk}/").status_code == 200
        assert browser(other_handler).get(f"cases/{case.pk}/").status_code == 404
        for wrong in (units.enforcement.pk, units.foreign.pk, 999_999):
            refused("assistants", stories, stories.case_in("accepted"), "assign", assistants=(wrong,))

    def test_after_three_hops_the_head_names_who_answers_first_and_it_stays_there(self, stories, cast, units):
        case = stories.report()
        case = stories.walk(case, "accept assign return assign return assign return")
        assert case.hop_count == 3
        assert refused("organisation", stories, case, "assign", text="再派") == "head_only"
        assert refused("text", stories, case, "assign", by=cast.head) == "required"
        case = stories.act(case, "assign", by=cast.head, text="由执法办首接负责")
        assert (case.first_responsible, case.lead_org) == (True, units.enforcement)
        assert last(case).data["first_responsible"] is True
        refused("text", stories, case, "return")
        assert "return" not in {row["act"] for row in _acts(stories, case, cast.handler)}


def _acts(stories, case, person):
    return acts_for(case=case, scope=scope_of(person))


class TestSupervision:
    def supervised(self, stories, **given):
        return stories.act(stories.case_in("processing"), "supervise", **given)

    def test_the_reply_has_a_term_by_the_rule_or_as_the_leader_says(self, stories):
        assert self.supervised(stories).supervision_due_at == at("2026-11-27 17:30"), "two working days"
        said = at("2026-11-26 12:00")
        assert self.supervised(stories, reply_by=said).supervision_due_at == said
        refused("reply_by", stories, stories.case_in("processing"), "supervise", reply_by=NOW)

    def test_a_reply_does_not_lift_it(self, stories):
        case = stories.act(self.supervised(stories), "supervision_reply")
        assert (case.supervision, case.supervision_replied_at) == ("yellow", NOW)

    def test_only_the_level_that_issued_it_lifts_it(self, stories, cast):
        above = User.objects.create(username="above", display_name="区里")
        Post.objects.create(user=above, role="leader", area=_area(DISTRICT), valid_from=SINCE)
        case = self.supervised(stories, by=above, supervision="red")
        assert refused("text", stories, case, "lift_supervision", by=cast.leader) == "level"
        assert refused("supervision", stories, case, "supervise", by=cast.head) == "higher"
        case = stories.act(case, "lift_supervision", by=above)
        assert (case.supervision, case.supervised_by, case.supervision_due_at) == ("", None, None)

    def test_nobody_replies_to_nothing(self, stories):
        case = stories.case_in("processing")
        assert refused("text", stories, case, "supervision_reply") == "not_supervised"
        assert refused("text", stories, case, "lift_supervision") == "not_supervised"

    def test_a_nudge_is_heard_once_a_day_from_each_person(self, stories, cast, clock):
        case = stories.act(stories.case_in("processing"), "nudge")
        assert refused("text", stories, case, "nudge") == "once_a_day"
        case = stories.act(case, "nudge", by=cast.leader)
        clock.to("2026-11-26 00:01")
        assert stories.act(case, "nudge").event_count == case.event_count + 1


def _area(code: str):
    return Area.objects.get(code=code)


class TestSameMatterAndParts:
    def test_a_merge_is_undone_as_if_it_had_not_been(self, stories, clock):
        case = stories.report()
        before = (case.state, case.due_at)
        case = stories.act(case, "merge")
        clock.to("2026-11-26 09:00")
        case = stories.act(case, "unmerge")
        assert (case.state, case.due_at, case.merged_into) == (*before, None)
        accepted = stories.act(stories.case_in("accepted"), "merge")
        assert stories.act(accepted, "unmerge").state == "accepted"

    def test_closing_the_whole_leaves_the_parts_and_names_them(self, stories):
        whole, part = stories.case_in("verified"), stories.case_in("processing")
        part = stories.act(part, "link_parent", into=whole.number)
        whole = stories.act(whole, "close")
        assert last(whole).data["open_parts"] == [part.number]
        part.refresh_from_db()
        assert (part.state, part.due_at) == ("processing", at("2026-12-02 17:30"))

    def test_a_part_has_no_parts_and_only_one_whole(self, stories):
        whole, part, third = stories.report(), stories.report(), stories.report()
        part = stories.act(part, "link_parent", into=whole.number)
        assert refused("into", stories, third, "link_parent", into=part.number) == "nested"
        assert refused("into", stories, whole, "link_parent", into=third.number) == "nested"
        assert refused("into", stories, part, "link_parent", into=third.number) == "linked"
        assert stories.act(part, "unlink_parent").parent is None
        assert refused("text", stories, part, "unlink_parent") == "not_linked"

    def test_the_whole_counts_its_parts(self, stories):
        whole, *parts = (stories.case_in("processing") for _ in range(3))

        def counted() -> int:
            whole.refresh_from_db()
            return whole.part_count

        for count, part in enumerate(parts, start=1):
            stories.act(part, "link_parent", into=whole.number)
            assert counted() == count
        stories.act(parts[0], "unlink_parent")
        assert counted() == 1


class TestAfterwards:
    def test_the_file_has_a_term_to_be_put_away(self, stories, clock):
        case = stories.case_in("closed")
        assert case.archive_due_at == at("2026-12-16 17:30"), "fifteen working days"
        clock.to("2026-12-01 09:00")
        case = stories.act(case, "archive")
        assert (case.state, case.archived_at, case.is_open) == ("archived", clock.moment, False)

    def test_what_cannot_be_solved_says_why(self, stories):
        case = stories.case_in("verified")
        assert refused("text", stories, case, "close", outcome="unsolvable") == "required"
        assert stories.act(case, "close", outcome="unsolvable", text="涉及历史权属").outcome == "unsolvable"

    def test_reopened_once_with_a_whole_new_term(self, stories, clock):
        case = stories.case_in("closed")
        clock.to("2026-12-14 09:00")
        case = stories.act(case, "reopen")
        assert (case.state, case.is_open, case.outcome, case.closed_at) == ("processing", True, "", None)
        assert case.due_at == case.handle_due_at == at("2026-12-21 17:30"), "five working days from the reopening"
        case = stories.walk(case, "feedback verify close")
        assert refused("text", stories, case, "reopen") == "spent"

    def test_reopened_in_the_very_moment_it_was_closed_the_new_term_runs_and_is_explained(self, stories):
        case = stories.act(stories.case_in("closed"), "reopen")
        assert case.due_at == at("2026-12-02 17:30"), "what was done before belongs to the term before"
        running = [clock for clock in explain_clocks(case=case) if clock["done_at"] is None]
        assert [(clock["stage"], clock["due_at"], clock["agrees"]) for clock in running] == [
            ("handle", case.due_at, True)
        ]

    def test_said_to_be_unsolved_it_is_looked_at_again_and_no_new_case(self, stories, clock):
        case = stories.case_in("closed")
        clock.to("2026-12-01 09:00")
        case = stories.act(case, "follow_up", satisfaction="not_solved", text="还在原处")
        assert (case.state, case.closed_at, case.outcome) == ("awaiting_verify", None, "")
        assert case.due_at == at("2026-12-03 17:30")
        case = stories.act(case, "verify", passed=False, text="确实未清")
        assert (case.state, case.rework_count) == ("processing", 1)

    @pytest.mark.parametrize("said", ["satisfied", "not_satisfied"])
    def test_other_answers_are_kept_and_move_nothing(self, stories, said):
        case = stories.act(stories.case_in("closed"), "follow_up", satisfaction=said)
        assert (case.state, case.satisfaction) == ("closed", said)
        refused("satisfaction", stories, case, "follow_up", satisfaction="wonderful")


class TestSolvedOnTheSpot:
    def set_share(self, percent: int) -> None:
        Category.objects.filter(code="C01").update(sample_percent=percent)

    def test_one_entry_and_it_is_closed(self, stories, worker):
        self.set_share(0)
        case = stories.report(self_handled=True)
        assert (case.state, case.is_open, case.outcome, case.self_handled) == ("closed", False, "solved", True)
        assert (case.closed_at, case.handled_by) == (NOW, [worker.pk])
        assert CaseEvent.objects.get(case=case).data["self_handled"] is True

    def test_drawn_it_waits_for_somebody_else_s_look(self, stories, worker, officer):
        self.set_share(100)
        case = stories.report(self_handled=True)
        assert (case.state, case.due_at) == ("awaiting_verify", at("2026-11-27 17:30"))
        with pytest.raises(NotYoursError):
            stories.act(case, "verify", by=worker)
        assert stories.act(case, "verify", by=officer).state == "verified"

    def test_found_not_solved_it_is_the_center_s_like_any_report(self, stories, officer):
        self.set_share(100)
        case = stories.act(stories.report(self_handled=True), "verify", by=officer, passed=False, text="仍有垃圾")
        assert (case.state, case.accepted_at) == ("reported", None)
        assert case.due_at == case.accept_due_at == at("2026-11-26 17:30")
        assert stories.walk(case, "accept assign acknowledge").state == "processing"

    def test_the_share_is_kept_and_a_retry_draws_the_same(self, stories):
        ids = [stories.client_id() for _ in range(1000)]
        drawn = [one for one in ids if is_drawn(client_id=one, percent=20)]
        assert 150 <= len(drawn) <= 250
        assert drawn == [one for one in ids if is_drawn(client_id=one, percent=20)]
        assert not any(is_drawn(client_id=one, percent=0) for one in ids)
        assert all(is_drawn(client_id=one, percent=100) for one in ids)

    def test_it_counts_as_on_time_and_never_as_late(self, stories, clock):
        self.set_share(0)
        stories.report(self_handled=True, reported_at=at("2026-11-20 09:00"))
        assert not Case.objects.filter(late_at(at("2026-12-30 09:00"))).exists()

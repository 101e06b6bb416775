"""Where the rules would send a case, why it is where it is, and who keeps the rules."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cases.models import RoutingRule
from cases.selectors.routing import Why, propose
from cases.services.evidence import next_event
from staff.models import Leave, Post
from tests.cases.routing_rules import make_rule
from tests.statements import statements
from tests.town import CELL_A, EAST, IN_C, SINCE, WEST

TODAY = date(2026, 11, 25)


@pytest.fixture
def rule(units):
    return make_rule


class TestProposal:
    def test_without_rules_nothing_is_proposed(self, stories):
        assert propose(case=stories.report()) is None

    def test_the_first_rule_in_order_that_fits_is_proposed(self, stories, rule, units):
        rule(20, "C01", units.services)
        first = rule(10, "C", units.enforcement)
        proposal = propose(case=stories.report())
        assert (proposal.rule_id, proposal.to.organisation_id) == (first.pk, units.enforcement.pk)
        assert proposal.basis == "镇派单目录第10条"

    def test_it_says_what_matched_and_which_rules_were_passed_over(self, stories, rule, units):
        west = rule(1, "C", units.services, area=WEST)
        grave = rule(2, "C", units.services, level="grave")
        rule(3, "A", units.mediation)
        taken = rule(4, "C01", units.enforcement, area=EAST)
        later = rule(5, None, units.center)
        record = propose(case=stories.report()).record()
        assert record["rule"] == taken.pk
        assert record["matched"] == {"category": "C01", "area": EAST, "level": "", "role": ""}
        assert [(one["rule"], one["why"]) for one in record["passed"]] == [
            (west.pk, "area"),
            (grave.pk, "level"),
            (later.pk, "later"),
        ]

    @pytest.mark.parametrize(
        "how",
        [
            pytest.param({"active": False}, id="switched off"),
            pytest.param({"until": TODAY}, id="ended"),
            pytest.param({"since": TODAY + timedelta(days=1)}, id="not yet in force"),
        ],
    )
    def test_a_rule_that_is_not_in_force_proposes_nothing(self, stories, rule, units, how):
        rule(10, "C", units.enforcement, **how)
        assert propose(case=stories.report()) is None

    def test_the_cell_that_answers_now_decides_not_the_one_of_the_report(self, stories, rule, units):
        rule(10, "C", units.enforcement, area=CELL_A)
        case = stories.report()
        assert propose(case=case) is not None
        case.duty_cell_code = "990000009201002"
        assert propose(case=case) is None

    def test_a_unit_of_another_town_is_never_proposed(self, stories, rule, units):
        rule(10, "C", units.foreign)
        assert propose(case=stories.report()) is None

    def test_a_closed_unit_is_passed_over(self, stories, rule, units):
        units.enforcement.active = False
        units.enforcement.save(update_fields=["active"])
        closed = rule(10, "C", units.enforcement)
        rule(20, "C", units.services)
        proposal = propose(case=stories.report())
        assert proposal.to.organisation_id == units.services.pk
        assert [(one.rule_id, one.why) for one in proposal.passed] == [(closed.pk, Why.CLOSED)]

    def test_two_statements_for_any_number_of_rules(self, stories, rule, units):
        for order in range(30):
            rule(order, "C", role="village_officer", area=WEST)
        rule(99, "C", role="village_officer")
        case = stories.report()
        with statements([("rules", "cases_routingrule"), ("who holds the posts", "staff_post")]):
            propose(case=case)


class TestPost:
    def test_the_holder_of_the_post_where_the_case_lies_and_their_unit(self, stories, rule, units, officer):
        rule(10, "C", role="village_officer")
        proposal = propose(case=stories.report())
        assert (proposal.to.organisation_id, proposal.to.person_id) == (units.committee.pk, officer.pk)

    def test_where_the_post_is_vacant_the_next_rule_is_asked(self, stories, rule, units):
        vacant = rule(10, "C", role="village_officer")
        rule(20, "C", units.enforcement)
        proposal = propose(case=stories.report(point=IN_C))
        assert proposal.to.organisation_id == units.enforcement.pk
        assert [(one.rule_id, one.why) for one in proposal.passed] == [(vacant.pk, Why.VACANT)]

    def test_of_a_post_of_the_town_everywhere_in_it(self, stories, rule, units, mediator):
        rule(10, "A", role="mediator")
        proposal = propose(case=stories.report(category="A02", point=IN_C))
        assert (proposal.to.organisation_id, proposal.to.person_id) == (units.mediation.pk, mediator.pk)

    def test_of_several_holders_nobody_is_named(self, stories, rule, units, mediator, handler):
        Post.objects.create(
            user=handler, role="mediator", area=units.mediation.area, organisation=units.mediation, valid_from=SINCE
        )
        rule(10, "A", role="mediator")
        to = propose(case=stories.report(category="A02")).to
        assert (to.organisation_id, to.person_id) == (units.mediation.pk, None)

    def test_whoever_stands_in_during_a_leave(self, stories, rule, units, officer, handler):
        post = Post.objects.get(user=officer)
        Post.objects.create(
            user=handler,
            role="village_officer",
            area=post.area,
            organisation=units.committee,
            stands_in_for=post,
            valid_from=SINCE,
        )
        rule(10, "C", role="village_officer")
        case = stories.report()
        assert propose(case=case).to.person_id == officer.pk
        Leave.objects.create(post=post, first_day=TODAY, last_day=TODAY)
        assert propose(case=case).to.person_id == handler.pk

    def test_a_holder_on_leave_without_substitute_is_not_proposed(self, stories, rule, officer):
        Leave.objects.create(post=Post.objects.get(user=officer), first_day=TODAY, last_day=TODAY)
        rule(10, "C", role="village_officer")
        assert propose(case=stories.report()) is None


@pytest.fixture
def assigned(stories, rule, units):
    """Assigned by 值班 with the proposal on record, as the assignment keeps it."""

    def make(unit, text="照目录派单"):
        rule(10, "C", units.enforcement)
        case = stories.case_in("accepted")
        case.lead_org, case.state = unit, "assigned"
        data = {"organisation": unit.pk, "organisation_name": unit.name, "assignee": None}
        data["route"] = propose(case=case).record()
        event = next_event(
            case=case,
            act="assign",
            actor_id=stories.cast.operator.pk,
            at=stories.clock(),
            from_state="accepted",
            text=text,
            data=data,
        )
        event.save(force_insert=True)
        case.save(update_fields=["lead_org", "state", "event_count", "event_hash"])
        return case

    return make


class TestWhyThisUnit:
    def test_the_center_sees_the_proposal_with_what_the_unit_handles(self, browser, operator, stories, rule, units):
        units.enforcement.handles = "垃圾与油烟"
        units.enforcement.save(update_fields=["handles"])
        made = rule(10, "C", units.enforcement)
        answer = browser(operator).get(f"cases/{stories.case_in('accepted').pk}/route/").json()
        assert answer["proposal"] == {
            "rule": made.pk,
            "basis": "镇派单目录第10条",
            "organisation": {"id": units.enforcement.pk, "name": "综合行政执法办公室"},
            "handles": "垃圾与油烟",
            "person": None,
            "matched": {"category": "C", "area": "", "level": "", "role": ""},
            "passed": [],
        }
        assert answer["assigned"] is None

    def test_when_no_rule_fits_it_says_which_were_passed_over(self, browser, operator, stories, rule, units):
        rule(10, "C", units.enforcement, area=WEST)
        answer = browser(operator).get(f"cases/{stories.report().pk}/route/").json()
        assert answer["proposal"] is None
        assert [one["why"] for one in answer["passed"]] == ["area"]

    @pytest.mark.parametrize(("who", "followed"), [("enforcement", True), ("services", False)])
    def test_an_assigned_case_tells_what_was_proposed_and_whether_it_was_followed(
        self, browser, handler, other_handler, units, assigned, who, followed
    ):
        case = assigned(getattr(units, who))
        answer = browser(handler if followed else other_handler).get(f"cases/{case.pk}/route/").json()
        assert answer["proposal"] is None, "only whoever may assign sees what the rules of today say"
        given = answer["assigned"]
        assert (given["followed"], given["text"], given["by"]["name"]) == (followed, "照目录派单", "值班")
        assert given["organisation"]["id"] == getattr(units, who).pk
        assert given["proposal"]["organisation"]["id"] == units.enforcement.pk

    def test_it_stays_as_it_was_when_the_rules_change(self, browser, operator, units, assigned):
        case = assigned(units.enforcement)
        RoutingRule.objects.update(valid_to=TODAY)
        answer = browser(operator).get(f"cases/{case.pk}/route/").json()
        assert answer["proposal"] is None
        assert answer["assigned"]["proposal"]["basis"] == "镇派单目录第10条"

    def test_an_assignment_without_a_proposal_was_neither_followed_nor_not(self, browser, operator, stories):
        answer = browser(operator).get(f"cases/{stories.case_in('assigned').pk}/route/").json()
        assert (answer["assigned"]["proposal"], answer["assigned"]["followed"]) == (None, None)

    def test_once_sent_back_no_unit_is_explained(self, browser, operator, stories):
        case = stories.walk(stories.report(), "accept assign return")
        assert browser(operator).get(f"cases/{case.pk}/route/").json()["assigned"] is None

    @pytest.mark.parametrize(
        ("who", "status"), [(None, 401), ("outsider", 404), ("admin", 404), ("worker", 403), ("auditor", 403)]
    )
    def test_who_may_not_ask_before_it_is_assigned(self, browser, cast, stories, who, status):
        case = stories.case_in("accepted")
        assert browser(who and getattr(cast, who)).get(f"cases/{case.pk}/route/").status_code == status

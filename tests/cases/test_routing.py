"""Where the rules would send a case, why it is where it is, and who keeps the rules."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cases.models import Case, CaseEvent, Category, RoutingRule
from cases.selectors.routing import Why, propose
from cases.services.evidence import next_event
from grid.names import Names
from staff.models import Leave, Post
from tests.statements import statements
from tests.town import CELL_A, EAST, IN_C, OTHER_TOWN, SINCE, TOWN, WEST

TODAY = date(2026, 11, 25)


@pytest.fixture
def rule(units):
    """`rule(10, "C", units.enforcement)`: in force, for the whole town unless it says otherwise."""

    def make(order, category=None, unit=None, *, role="", area="", level="", active=True, since=SINCE, until=None):
        return RoutingRule.objects.create(
            order=order,
            category=Category.objects.get(code=category) if category else None,
            area_code=area,
            level=level,
            organisation=unit,
            role=role,
            basis=f"镇派单目录第{order}条",
            active=active,
            valid_from=since,
            valid_to=until,
        )

    return make


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


def draft(units, **more):
    return {"category": "C", "organisation": units.enforcement.pk, "basis": "镇派单目录", **more}


class TestKeeping:
    def test_a_new_rule_is_switched_off_and_covers_the_keepers_town(self, browser, head, units):
        answer = browser(head).post("routing-rules/", draft(units))
        assert answer.status_code == 201
        made = answer.json()
        assert (made["active"], made["area"]["code"], made["valid_from"]) == (False, TOWN, "2026-11-25")
        assert (made["category"]["code"], made["organisation"]["name"]) == ("C", "综合行政执法办公室")
        assert made["may_change"] is True
        assert RoutingRule.objects.get(pk=made["id"]).made_by == head

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            pytest.param({"category": "Z99"}, "category", id="no such category"),
            pytest.param({"area": OTHER_TOWN}, "area", id="another town"),
            pytest.param({"area": "990000009999"}, "area", id="no such area"),
            pytest.param({"role": "mediator"}, "organisation", id="a unit and a post"),
            pytest.param({"organisation": None}, "organisation", id="neither"),
            pytest.param({"basis": "  "}, "basis", id="no basis"),
            pytest.param({"level": "worst"}, "level", id="no such level"),
        ],
    )
    def test_a_rule_that_makes_no_sense_is_refused(self, browser, head, units, more, field):
        answer = browser(head).post("routing-rules/", draft(units, **more))
        assert (answer.status_code, answer.json()["field"]) == (400, field)
        assert not RoutingRule.objects.exists()

    def test_a_unit_of_another_town_is_refused(self, browser, head, units):
        answer = browser(head).post("routing-rules/", draft(units, organisation=units.foreign.pk))
        assert (answer.status_code, answer.json()["field"]) == (400, "organisation")

    def test_switched_on_it_proposes_switched_off_it_does_not(self, browser, head, stories, units):
        case, phone = stories.report(), browser(head)
        pk = phone.post("routing-rules/", draft(units)).json()["id"]
        assert propose(case=case) is None
        assert phone.patch(f"routing-rules/{pk}/", {"active": True}).json()["active"] is True
        assert propose(case=case).rule_id == pk
        phone.patch(f"routing-rules/{pk}/", {"active": False})
        assert propose(case=case) is None

    def test_ended_it_stays_in_the_list_and_cannot_come_back(self, browser, head, stories, rule, units):
        made, phone = rule(10, "C", units.enforcement, area=TOWN), browser(head)
        for _twice in range(2):
            answer = phone.delete(f"routing-rules/{made.pk}/")
            assert (answer.status_code, answer.json()["ended"]) == (200, True)
        assert propose(case=stories.report()) is None
        assert [one["valid_to"] for one in phone.get("routing-rules/").json()["results"]] == ["2026-11-25"]
        for back in ({"active": True}, {"valid_to": None}):
            answer = phone.patch(f"routing-rules/{made.pk}/", back)
            assert (answer.status_code, answer.json()["code"]) == (400, "over")

    def test_it_cannot_end_in_the_past(self, browser, head, rule, units):
        made = rule(10, "C", units.enforcement, area=TOWN)
        answer = browser(head).patch(f"routing-rules/{made.pk}/", {"valid_to": "2026-11-24"})
        assert (answer.status_code, answer.json()["field"]) == (400, "valid_to")

    def test_put_in_another_order_another_rule_is_first(self, browser, head, stories, rule, units):
        one, two = (rule(10, "C", unit, area=TOWN) for unit in (units.enforcement, units.services))
        answer = browser(head).post("routing-rules/order/", {"ids": [two.pk, one.pk]})
        assert [row["id"] for row in answer.json()["results"]] == [two.pk, one.pk]
        assert propose(case=stories.report()).rule_id == two.pk

    @pytest.mark.parametrize("which", ["twice", "everywhere", "unknown"])
    def test_only_ones_own_rules_each_once_are_put_in_order(self, browser, head, rule, units, which):
        one, everywhere = rule(10, "C", units.enforcement, area=TOWN), rule(11, "C", units.enforcement)
        ids = {"twice": [one.pk, one.pk], "everywhere": [one.pk, everywhere.pk], "unknown": [one.pk, 10**9]}[which]
        answer = browser(head).post("routing-rules/order/", {"ids": ids})
        assert (answer.status_code, answer.json()["field"]) == (400, "ids")
        assert RoutingRule.objects.get(pk=one.pk).order == 10

    def test_a_rule_for_everywhere_is_read_here_and_changed_in_the_admin(self, browser, head, rule, units):
        made, phone = rule(10, "C", units.enforcement), browser(head)
        assert [one["may_change"] for one in phone.get("routing-rules/").json()["results"]] == [False]
        assert phone.patch(f"routing-rules/{made.pk}/", {"active": False}).status_code == 403
        assert phone.delete(f"routing-rules/{made.pk}/").status_code == 403

    @pytest.mark.parametrize(
        ("who", "read", "write", "change"),
        [
            (None, 401, 401, 401),
            ("worker", 403, 403, 404),
            ("handler", 403, 403, 404),
            ("operator", 200, 403, 403),
            ("leader", 200, 403, 403),
            ("auditor", 200, 403, 403),
            ("outsider", 200, 403, 404),
            ("head", 200, 201, 200),
            ("admin", 200, 201, 200),
        ],
    )
    def test_who_reads_and_who_keeps(self, browser, cast, rule, units, who, read, write, change):
        made, phone = rule(10, "C", units.enforcement, area=TOWN), browser(who and getattr(cast, who))
        assert phone.get("routing-rules/").status_code == read
        assert phone.post("routing-rules/", draft(units)).status_code == write
        assert phone.patch(f"routing-rules/{made.pk}/", {"active": False}).status_code == change
        assert phone.delete(f"routing-rules/{made.pk}/").status_code == change
        refused = {200: 200, 401: 401}.get(change, 403)
        assert phone.post("routing-rules/order/", {"ids": [made.pk]}).status_code == refused
        assert phone.post("routing-rules/preview/", draft(units)).status_code == refused

    def test_another_town_sees_none_of_ours(self, browser, outsider, rule, units):
        rule(10, "C", units.enforcement, area=TOWN)
        assert browser(outsider).get("routing-rules/").json()["results"] == []


class TestPreview:
    def test_it_counts_what_it_would_catch_and_where_they_went(self, browser, head, stories, units):
        stories.case_in("processing")
        other = stories.walk(stories.report(), "accept")
        stories.act(other, "assign", organisation=units.services.pk)
        waiting = stories.report()
        stories.report(category="A02")
        answer = browser(head).post("routing-rules/preview/", draft(units)).json()
        counts = ("fit", "caught", "taken_before", "nowhere", "agree", "differ", "unassigned")
        assert [answer[name] for name in counts] == [3, 3, 0, 0, 1, 1, 1]
        assert {(row["organisation"] or {}).get("name"): row["count"] for row in answer["went"]} == {
            "综合行政执法办公室": 1,
            "公共服务办公室": 1,
            None: 1,
        }
        newest = answer["sample"][0]
        assert (newest["number"], newest["went"], newest["agrees"]) == (waiting.number, None, False)
        assert newest["would"]["name"] == "综合行政执法办公室"

    def test_nothing_is_changed(self, browser, head, stories, units):
        case = stories.case_in("assigned")
        before = Case.objects.values().get(pk=case.pk), CaseEvent.objects.count()
        browser(head).post("routing-rules/preview/", draft(units, organisation=units.services.pk))
        assert (Case.objects.values().get(pk=case.pk), CaseEvent.objects.count()) == before
        assert not RoutingRule.objects.exists()

    def test_cases_of_more_than_ninety_days_ago_are_left_out(self, browser, head, stories, units, clock):
        stories.report(at=clock() - timedelta(days=91))
        stories.report(at=clock() - timedelta(days=89))
        assert browser(head).post("routing-rules/preview/", draft(units)).json()["fit"] == 1

    def test_what_a_rule_before_it_takes_is_not_caught(self, browser, head, stories, rule, units):
        first = rule(10, "C01", units.services)
        stories.report()
        answer = browser(head).post("routing-rules/preview/", draft(units, order=20)).json()
        assert (answer["caught"], answer["taken_before"]) == (0, 1)
        assert (answer["sample"][0]["taken_by"], answer["sample"][0]["would"]) == (first.pk, None)
        assert browser(head).post("routing-rules/preview/", draft(units, order=5)).json()["caught"] == 1

    def test_a_post_is_looked_up_case_by_case(self, browser, head, stories, units):
        stories.report()
        stories.report(point=IN_C)
        answer = browser(head).post("routing-rules/preview/", draft(units, organisation=None, role="village_officer"))
        assert (answer.json()["caught"], answer.json()["nowhere"]) == (1, 1)

    def test_a_rule_that_is_there_is_tried_as_it_is(self, browser, head, stories, rule, units):
        made = rule(10, "C", units.enforcement, area=TOWN, active=False)
        stories.case_in("assigned")
        answer = browser(head).post("routing-rules/preview/", {"id": made.pk}).json()
        assert (answer["caught"], answer["agree"]) == (1, 1)

    def test_the_administrator_previews_without_seeing_cases(self, browser, admin, stories, units):
        stories.report()
        answer = browser(admin).post("routing-rules/preview/", draft(units)).json()
        assert (answer["fit"], answer["sample"]) == (0, [])

    def test_the_statements_do_not_grow_with_cases(self, browser, head, stories, units):
        phone = browser(head)
        budget = [
            ("who is signed in", "staff_user"),
            ("their posts", "staff_post"),
            ("the category", "cases_category"),
            ("the area", "grid_area"),
            ("the unit", "staff_organisation"),
            ("cases counted by what rules look at", "COUNT"),
            ("rules before it", "cases_routingrule"),
            ("the newest cases", "LIMIT 20"),
            ("names of units", "staff_organisation"),
        ]
        stories.case_in("assigned")
        phone.get("session/")
        for number in range(2):
            stories.case_in("assigned", category=("C02", "C03")[number])
            Names.forget_all()
            with statements(budget):
                phone.post("routing-rules/preview/", draft(units))

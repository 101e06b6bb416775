"""The routing rules: who keeps them, in which order, and what one would have done before it is switched on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.models import Case, CaseEvent, RoutingRule
from cases.selectors.routing import propose
from grid.names import Names
from tests.cases.routing_rules import make_rule
from tests.statements import statements
from tests.town import IN_C, OTHER_TOWN, TOWN


@pytest.fixture
def rule(units):
    return make_rule


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

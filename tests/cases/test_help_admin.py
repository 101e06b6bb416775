"""Rules, texts and questions in the admin: kept by the administrator, and what old cases rest on stays."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

from cases.models import Category, Question, ReplyText, RoutingRule
from tests.cases.routing_rules import make_rule


@pytest.fixture
def site(admin):
    client = Client(headers={"accept-language": "zh-Hans"})
    client.force_login(admin)
    return client


def rule_form(**more):
    said = {"order": "10", "category": "", "area_code": "", "level": "", "organisation": "", "role": "mediator"}
    return {**said, "basis": "镇派单目录", "valid_from": "2026-11-25", "valid_to": "", **more}


class TestRules:
    def test_a_new_rule_is_switched_off_and_its_maker_kept(self, site, admin):
        assert site.post(reverse("admin:cases_routingrule_add"), rule_form()).status_code == 302
        rule = RoutingRule.objects.get()
        assert (rule.active, rule.role, rule.made_by) == (False, "mediator", admin)

    @pytest.mark.parametrize("both", [True, False])
    def test_a_unit_or_a_post_not_both_and_not_neither(self, site, units, both):
        said = rule_form(organisation=str(units.enforcement.pk)) if both else rule_form(role="")
        answer = site.post(reverse("admin:cases_routingrule_add"), said)
        assert answer.status_code == 200
        assert "organisation" in answer.context["adminform"].form.errors
        assert not RoutingRule.objects.exists()

    def test_what_it_says_cannot_be_changed_but_when_it_ends_and_where_it_stands(self, site, units):
        rule = make_rule(10, "C", units.enforcement)
        change = rule_form(order="20", category="", role="mediator", basis="别的", valid_to="2026-12-01")
        assert site.post(reverse("admin:cases_routingrule_change", args=[rule.pk]), change).status_code == 302
        rule.refresh_from_db()
        assert (rule.order, str(rule.valid_to), rule.active) == (20, "2026-12-01", False)
        assert (rule.category.code, rule.role, rule.organisation, rule.basis) == (
            "C",
            "",
            units.enforcement,
            "镇派单目录第10条",
        )

    def test_it_cannot_be_deleted(self, site, units):
        rule = make_rule(10, "C", units.enforcement)
        page = reverse("admin:cases_routingrule_delete", args=[rule.pk])
        assert site.post(page, {"post": "yes"}).status_code == 403
        assert RoutingRule.objects.exists()


class TestTexts:
    def test_the_site_writes_its_own(self, site):
        page = reverse("admin:cases_replytext_add")
        assert (
            site.post(page, {"act": "reject", "text": "我们自己的话", "order": "1", "active": "on"}).status_code == 302
        )
        assert ReplyText.objects.get().text == "我们自己的话"


class TestQuestions:
    def ask(self, site, **more):
        said = {"category": str(Category.objects.get(code="C").pk), "key": "size", "kind": "choice", "order": "1"}
        said = {**said, "label_zh": "多大？", "label_en": "", "active": "on", **more}
        return site.post(reverse("admin:cases_question_add"), said)

    def test_a_choice_with_its_choices_is_kept(self, site):
        choices = [{"value": "a", "zh": "小"}, {"value": "b", "zh": "大", "en": "large"}]
        assert self.ask(site, choices=json.dumps(choices)).status_code == 302
        assert [one["label"] for one in Question.objects.get().named_choices()] == ["小", "大"]

    @pytest.mark.parametrize(
        "choices",
        [
            pytest.param([], id="none"),
            pytest.param({"value": "a", "zh": "小"}, id="no list"),
            pytest.param([{"value": "a"}], id="no name"),
            pytest.param([{"value": 1, "zh": "小"}], id="no text"),
            pytest.param([{"value": "a", "zh": "小"}, {"value": "a", "zh": "大"}], id="twice"),
            pytest.param(["a"], id="bare words"),
        ],
    )
    def test_choices_that_no_phone_could_show_are_refused(self, site, choices):
        answer = self.ask(site, choices=json.dumps(choices))
        assert answer.status_code == 200
        assert "choices" in answer.context["adminform"].form.errors

    def test_other_kinds_need_none(self, site):
        assert self.ask(site, kind="number", choices="[]").status_code == 302


@pytest.mark.parametrize("model", ["routingrule", "replytext", "question"])
def test_lists_open_and_nobody_else_enters(site, head, units, model):
    make_rule(10, "C", units.enforcement)
    page = reverse(f"admin:cases_{model}_changelist")
    assert site.get(page, {"q": "x"}).status_code == 200
    other = Client()
    other.force_login(head)
    assert other.get(page).status_code == 302

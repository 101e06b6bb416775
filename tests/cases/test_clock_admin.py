"""The administrator keeps limits and the calendar: readable lists, halves, towns, and rules in force that only end."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from cases.models import Category, LimitRule, Workday
from tests.town import TOWN


@pytest.fixture
def desk(admin) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(admin)
    return client


def limit(**said) -> LimitRule:
    said = {"stage": "handle", "amount": 3, "unit": "half_day", "basis": "镇规", "valid_from": date(2027, 1, 1), **said}
    return LimitRule.objects.create(**said)


def test_a_limit_is_listed_with_whom_it_is_for(desk, units):
    limit(organisation=units.services, category=Category.objects.get(code="C01"), level="grave")
    page = desk.get("/admin/cases/limitrule/").content.decode()
    assert "公共服务办公室 · C01" in page
    assert desk.get("/admin/cases/limitrule/?level__exact=grave&stage__exact=handle").status_code == 200


def test_a_limit_in_force_only_ends(desk, units):
    rule = limit(organisation=units.services)
    form = desk.get(f"/admin/cases/limitrule/{rule.pk}/change/").content.decode()
    assert 'name="valid_to"' in form
    for name in ("stage", "category", "level", "organisation", "amount", "unit", "basis", "valid_from"):
        assert f'name="{name}"' not in form, name
    assert desk.post(f"/admin/cases/limitrule/{rule.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_new_limit_of_half_days_for_a_unit_and_a_level(desk, units):
    said = {
        "stage": "take",
        "category": "",
        "level": "major",
        "organisation": units.services.pk,
        "amount": 1,
        "unit": "half_day",
        "basis": "本单位承诺半天内签收",
        "valid_from": "2026-12-01",
        "valid_to": "",
    }
    assert desk.post("/admin/cases/limitrule/add/", said).status_code == 302
    rule = LimitRule.objects.get(organisation=units.services)
    assert (rule.stage, rule.level, rule.unit) == ("take", "major", "half_day")


def test_a_half_day_of_one_town(desk):
    said = {"date": "2026-11-27", "town_code": TOWN, "working": "on", "morning": "on", "name": "下午停电", "basis": ""}
    assert desk.post("/admin/cases/workday/add/", said).status_code == 302
    row = Workday.objects.get(date=date(2026, 11, 27))
    assert (row.town_code, row.working, row.morning, row.afternoon) == (TOWN, True, True, False)
    page = desk.get("/admin/cases/workday/?q=停电").content.decode()
    assert TOWN in page


@pytest.mark.parametrize("wrong", [{"town_code": "99"}, {"morning": "", "afternoon": ""}])
def test_what_cannot_be_is_refused_in_the_form(desk, wrong):
    said = {"date": "2026-11-27", "town_code": "", "working": "on", "morning": "on", "name": "x", "basis": "", **wrong}
    said = {name: value for name, value in said.items() if value or name in ("town_code", "basis")}
    assert desk.post("/admin/cases/workday/add/", said).status_code == 200
    assert not Workday.objects.filter(date=date(2026, 11, 27)).exists()


def test_nobody_else_comes_in(worker, operator):
    for person in (worker, operator):
        client = Client()
        client.force_login(person)
        assert client.get("/admin/cases/workday/").status_code == 302

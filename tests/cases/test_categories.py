"""Categories as the phone gets them: names, initials of their pinyin, and words by which they are proposed."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from cases.models import Category
from cases.pinyin import initials
from tests.statements import statements


@pytest.fixture
def ask(browser, worker):
    def send() -> dict[str, dict]:
        return {row["code"]: row for row in browser(worker).get("categories/").json()["results"]}

    return send


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("垃圾堆放", "ljdf"),
        ("劳动争议/欠薪", "ldzyqx"),
        ("电动车充电", "ddccd"),
        ("12345 热线", "12345rx"),
        ("WiFi 故障", "wifigz"),
        ("", ""),
        ("——", ""),
    ],
)
def test_initials_are_a_letter_for_each_character(name, letters):
    assert initials(name) == letters


def test_a_category_has_initials_and_words(ask):
    row = ask()["C01"]
    assert row["initials"] == "ljdf"
    assert {"垃圾", "乱倒"} <= set(row["keywords"])


def test_every_second_level_has_words_and_none_twice_in_a_first_level(db):
    rows = dict(Category.objects.values_list("code", "keywords"))
    without = {code for code, words in rows.items() if not words}
    assert without == {code for code in rows if len(code) == 1 or code.endswith("99")}
    for letter in "ABCDEFGHIJ":
        words = [word for code, text in rows.items() if code[0] == letter for word in text.split()]
        assert len(words) == len(set(words)), letter


def test_the_site_changes_the_words(ask, admin, browser):
    category = Category.objects.get(code="C01")
    page = f"/admin/cases/category/{category.pk}/change/"
    form = browser(admin).client.get(page).context["adminform"].form.initial
    body = {**{name: value for name, value in form.items() if value is not None}, "keywords": "垃圾  烂菜叶"}
    answer = browser(admin).client.post(page, {**body, "active": "on", "emergency": ""})
    assert answer.status_code == 302
    assert ask()["C01"]["keywords"] == ["垃圾", "烂菜叶"]


def test_one_statement_for_all(browser, worker):
    phone = browser(worker)
    phone.get("categories/")
    with statements([("who asks", "staff_user"), ("the categories", "cases_category")]):
        phone.get("categories/")


class TestSitesFromBefore:
    def test_they_get_the_words_of_the_defaults(self, db):
        Category.objects.update(keywords="")
        call_command("load_defaults", verbosity=0)
        assert "垃圾" in Category.objects.get(code="C01").keywords

    def test_but_not_over_their_own(self, db):
        Category.objects.update(keywords="")
        Category.objects.filter(code="C02").update(keywords="臭水")
        call_command("load_defaults", verbosity=0)
        words = dict(Category.objects.filter(code__in=["C01", "C02"]).values_list("code", "keywords"))
        assert words == {"C01": "", "C02": "臭水"}

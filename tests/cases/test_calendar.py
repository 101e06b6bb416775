"""The working calendar a site starts with, held against a second, independent list of China's days off."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import holidays
import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from cases.deadlines import DayKind, is_working
from cases.models import Category, LimitRule, Workday
from cases.selectors.rules import Matter, limit_for
from cases.services.defaults import exceptions_of, load_categories, load_limits, load_workdays
from cases.workflow import Stage

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2020, 1, 1), date(2026, 12, 31)

EXPLAINED: dict[date, str] = {}
"""Days on which the two lists differ and why ours is right. Empty: for 2020-2026 they agree on every day."""


@pytest.fixture
def calendar() -> dict[date, DayKind]:
    return {day: DayKind(worked, name) for day, worked, name in Workday.objects.values_list("date", "working", "name")}


def every_day() -> list[date]:
    return [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]


def test_both_lists_agree_on_every_day_of_seven_years(calendar):
    second = holidays.country_holidays("CN", years=range(FIRST.year, LAST.year + 1))
    differing = {
        day.isoformat(): f"here {'worked' if is_working(day=day, calendar=calendar) else 'off'}"
        for day in every_day()
        if day not in EXPLAINED and is_working(day=day, calendar=calendar) != second.is_working_day(day)
    }
    assert differing == {}


def test_every_year_has_its_seven_holidays_and_its_make_up_days(calendar):
    for year in range(FIRST.year, LAST.year + 1):
        off = {kind.name for day, kind in calendar.items() if day.year == year and not kind.working}
        # In 2020 and 2025 中秋 fell into 国庆 and has no name of its own.
        assert off >= {"元旦", "春节", "清明节", "劳动节", "端午节", "国庆节"}, year
        assert any(kind.working and day.weekday() >= 5 for day, kind in calendar.items() if day.year == year), year


def test_each_day_names_the_notice_it_comes_from():
    assert not Workday.objects.exclude(basis__contains="国务院办公厅").exists()


def test_what_the_site_entered_stays():
    Workday.objects.filter(date=date(2026, 10, 8)).delete()
    Workday.objects.create(date=date(2026, 10, 8), working=False, name="台风停工")
    Workday.objects.filter(date=date(2026, 10, 1)).update(name="本镇改过")
    assert load_workdays(until=2026) == 0
    assert Workday.objects.get(date=date(2026, 10, 8)).working is False
    assert Workday.objects.get(date=date(2026, 10, 1)).name == "本镇改过"


def test_a_year_whose_notice_is_not_out_yet_is_left_to_be_entered():
    assert exceptions_of(2040) == []
    assert load_workdays(until=2040) == 0


class TestDefaults:
    def test_categories_are_two_levels_in_both_languages(self):
        top = Category.objects.filter(parent=None)
        assert "".join(top.values_list("code", flat=True)) == "ABCDEFGHIJ"
        for category in Category.objects.exclude(parent=None).select_related("parent"):
            assert category.code.startswith(category.parent.code)
            assert category.parent.parent_id is None
        assert not Category.objects.filter(name_zh="").exists()
        assert not Category.objects.filter(name_en="").exists()

    def test_only_emergencies_are_emergencies(self):
        assert set(Category.objects.filter(emergency=True).values_list("code", flat=True)) == set(
            Category.objects.filter(code__startswith="J").values_list("code", flat=True)
        )

    def test_every_stage_has_a_limit_for_every_category_with_its_basis(self):
        general = LimitRule.objects.filter(category=None)
        assert Counter(general.values_list("stage", flat=True)) == {"accept": 1, "handle": 1, "verify": 1}
        assert not LimitRule.objects.filter(basis="").exists()

    def test_loading_again_creates_nothing(self):
        assert (load_categories(), load_limits(), load_workdays(until=2026)) == (0, 0, 0)

    def test_loading_again_keeps_what_the_site_changed(self, capsys):
        Category.objects.filter(code="C01").update(name_zh="本镇的叫法", active=False)
        LimitRule.objects.filter(stage="accept", category=None).update(amount=3)
        call_command("load_defaults")
        category = Category.objects.get(code="C01")
        assert (category.name_zh, category.active) == ("本镇的叫法", False)
        assert LimitRule.objects.get(stage="accept", category=None).amount == 3

    def test_a_limit_of_nothing_cannot_be(self):
        with pytest.raises(IntegrityError, match="limit_positive"), transaction.atomic():
            LimitRule.objects.create(stage="accept", category=None, amount=0, basis="x", valid_from=date(2027, 1, 1))

    def test_the_most_specific_rule_of_the_day_wins(self):
        def amount(code: str, on: date) -> int:
            return limit_for(stage=Stage.HANDLE, matter=Matter(code), on=on).amount

        day, later = date(2026, 11, 25), date(2027, 1, 1)
        assert (amount("C01", day), amount("B03", day)) == (5, 7)
        own = Category.objects.get(code="B03")
        LimitRule.objects.create(stage="handle", category=own, amount=2, basis="镇规", valid_from=later)
        assert (amount("B03", day), amount("B03", later), amount("B04", later)) == (7, 2, 7)

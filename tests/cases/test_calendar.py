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
from cases.selectors.rules import Matter, calendar_from, limit_for
from cases.services.defaults import exceptions_of, load_categories, load_limits, load_workdays
from cases.workflow import Stage
from staff.models import Organisation
from tests.town import at

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2020, 1, 1), date(2026, 12, 31)
SECOND_FROM = 2007
"""Both lists know the notices of the State Council from here on (and some years before) to 2026."""

EXPLAINED: dict[date, str] = {}
"""Days on which the two lists differ, with the notice that says why ours is right. Empty: from 2007 to 2026 they agree
on every one of the 7,305 days, days off and make-up days alike. python-holidays copies each year's notice by hand from
gov.cn, as chinesecalendar does, by other people: two readers of the same papers, not two papers. Its half days (such as
8 March and 4 May) are for parts of the people and no days off here.
"""


@pytest.fixture
def calendar() -> dict[date, DayKind]:
    return {day: DayKind(worked, name) for day, worked, name in Workday.objects.values_list("date", "working", "name")}


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def differing(calendar: dict[date, DayKind], first: date, last: date) -> dict[str, str]:
    second = holidays.country_holidays("CN", years=range(first.year - 1, last.year + 2))
    return {
        day.isoformat(): f"here {'worked' if is_working(day=day, calendar=calendar) else 'off'}"
        for day in days_between(first, last)
        if day not in EXPLAINED and is_working(day=day, calendar=calendar) != second.is_working_day(day)
    }


def test_what_the_site_starts_with_agrees_with_the_second_list(calendar):
    assert differing(calendar, FIRST, LAST) == {}


def test_both_lists_agree_on_every_day_of_twenty_years():
    ours = {
        row.date: DayKind(row.working, row.name)
        for year in range(SECOND_FROM, LAST.year + 1)
        for row in exceptions_of(year)
    }
    assert {day.year for day in ours} == set(range(SECOND_FROM, LAST.year + 1)), "no year is empty on our side"
    assert differing(ours, date(SECOND_FROM, 1, 1), LAST) == {}


def test_the_second_list_knows_each_year_by_its_notice():
    """It would agree by mere weekends on most days: every year has days off and worked weekends of its own."""
    second = holidays.country_holidays("CN", years=range(SECOND_FROM, LAST.year + 1))
    for year in range(SECOND_FROM, LAST.year + 1):
        days = days_between(date(year, 1, 1), date(year, 12, 31))
        assert sum(day.weekday() < 5 and not second.is_working_day(day) for day in days) >= 8, year
        assert any(day.weekday() >= 5 and second.is_working_day(day) for day in days), year


def test_a_wrong_day_would_show(calendar):
    assert differing({**calendar, date(2026, 10, 8): DayKind(False)}, FIRST, LAST) == {"2026-10-08": "here off"}


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


def test_a_day_one_town_entered_takes_nothing_from_the_others():
    Workday.objects.filter(date=date(2026, 10, 1)).delete()
    Workday.objects.create(date=date(2026, 10, 1), town_code="990000009", working=True, name="本镇防汛值班")
    assert load_workdays(until=2026) == 1
    assert Workday.objects.get(date=date(2026, 10, 1), town_code="").working is False


def test_the_towns_own_day_stands_above_the_day_for_all():
    Workday.objects.create(date=date(2026, 11, 27), working=False, name="全区停工")
    Workday.objects.create(
        date=date(2026, 11, 27), town_code="990000009", working=True, afternoon=False, name="本镇半天"
    )
    start = at("2026-11-26 10:00")
    ours, others = (calendar_from(start, town_code=code)[date(2026, 11, 27)] for code in ("990000009", "990000008"))
    assert ours == DayKind(True, "本镇半天", morning=True, afternoon=False)
    assert others == DayKind(False, "全区停工")


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
        assert set(general.filter(level="", organisation=None).values_list("stage", flat=True)) == set(Stage)
        assert Counter(general.values_list("stage", flat=True)) == {**dict.fromkeys(Stage, 1), "handle": 3}
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

    def test_a_graver_matter_has_more_time_unless_its_kind_has_a_rule_of_its_own(self):
        def amount(matter: Matter) -> int:
            return limit_for(stage=Stage.HANDLE, matter=matter, on=date(2026, 11, 25)).amount

        assert [amount(Matter("C01", level)) for level in ("general", "major", "grave")] == [5, 10, 20]
        assert amount(Matter("B03", "grave")) == 7

    def test_a_rule_for_the_unit_stands_above_all_others(self):
        unit = Organisation.objects.get(name="综合行政执法办公室")
        LimitRule.objects.create(
            stage="handle", organisation=unit, amount=3, basis="本单位承诺", valid_from=date(2026, 1, 1)
        )
        on = date(2026, 11, 25)
        assert limit_for(stage=Stage.HANDLE, matter=Matter("B03", "grave", unit.pk), on=on).amount == 3
        assert limit_for(stage=Stage.HANDLE, matter=Matter("B03", "grave", unit.pk + 1), on=on).amount == 7

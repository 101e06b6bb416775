"""Bring in what every site starts with: categories, limits and the working calendar. All of it stays editable."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import chinese_calendar
from django.db import transaction

from cases.models import Category, LimitRule, Workday

DATA: Final = Path(__file__).resolve().parent.parent / "data"
FIRST_DAY: Final = date(2020, 1, 1)
BASIS: Final = "国务院办公厅节假日安排（chinesecalendar %d）"

HOLIDAY_NAMES: Final = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}


def _table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@transaction.atomic
def load_categories() -> int:
    """Create the categories that are not there; how many. What the site changed stays."""
    known = set(Category.objects.values_list("code", flat=True))
    new = [row for row in _table("categories.csv") if row["code"] not in known]
    for row in new:
        Category.objects.create(
            code=row["code"],
            parent=Category.objects.get(code=row["parent"]) if row["parent"] else None,
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            emergency=row["emergency"] == "1",
            keywords=row["keywords"],
        )
    return len(new)


@transaction.atomic
def load_keywords() -> int:
    """Give a site whose categories have no words yet the words of the defaults; how many. What it has set stays."""
    if Category.objects.exclude(keywords="").exists():
        return 0
    words = {row["code"]: row["keywords"] for row in _table("categories.csv") if row["keywords"]}
    categories = list(Category.objects.filter(code__in=words))
    for category in categories:
        category.keywords = words[category.code]
    return Category.objects.bulk_update(categories, ["keywords"])


@transaction.atomic
def load_limits() -> int:
    """Create the default limits of every stage for which the site has none; how many."""
    known = set(LimitRule.objects.values_list("stage", flat=True))
    rows = [row for row in _table("limits.csv") if row["stage"] not in known]
    for row in rows:
        LimitRule.objects.create(
            stage=row["stage"],
            category=Category.objects.get(code=row["category"]) if row["category"] else None,
            level=row["level"],
            amount=int(row["amount"]),
            unit=row["unit"],
            basis=row["basis"],
            valid_from=FIRST_DAY,
        )
    return len(rows)


def exceptions_of(year: int) -> list[Workday]:
    """Days of the year that do not follow the week, unsaved. Empty when the year's notice is not known yet."""
    found = []
    day = date(year, 1, 1)
    while day.year == year:
        try:
            holiday, name = chinese_calendar.get_holiday_detail(day)
        except NotImplementedError:
            return []
        working = not holiday
        # A plain weekend or weekday needs no row; a named weekend day off does, for its name.
        if name is not None or working != (day.weekday() < 5):
            label = HOLIDAY_NAMES.get(name or "", name or "")
            found.append(
                Workday(date=day, working=working, name=f"{label}调休上班" if working else label, basis=BASIS % year)
            )
        day += timedelta(days=1)
    return found


def load_workdays(*, until: int) -> int:
    """Create days off and make-up days from FIRST_DAY to the end of `until`; how many. Entered rows stay.

    What a town entered for itself takes nothing away from the others.
    """
    rows = [row for year in range(FIRST_DAY.year, until + 1) for row in exceptions_of(year)]
    known = set(Workday.objects.filter(town_code="").values_list("date", flat=True))
    new = [row for row in rows if row.date not in known]
    Workday.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)

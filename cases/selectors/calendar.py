"""How far the working calendar reaches, what is missing in it, and what changed in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from cases.models import CalendarState, Workday

NOTICE_MONTH: Final = 11
"""The State Council's notice for a year comes out in November of the year before: from then on it is missed."""
SPRING: Final = (1, 2)
"""Months in which every notice has days off: 元旦 and 春节."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """`missing`: years that should be there and are not, in order; `until`: the last day that is known."""

    missing: tuple[int, ...]
    until: date

    @property
    def complete(self) -> bool:
        return not self.missing


def coverage(*, today: date) -> Coverage:
    """Whether this year and, from November on, the next are in the calendar. One statement.

    A year counts as entered when it has days off for all towns in January or February and on 1 to 3 October: every
    notice has both, and a single day that a site enters itself does not pass for one.
    """
    this = today.year
    wanted = [this, this + 1] if today.month >= NOTICE_MONTH else [this]
    rows = Workday.objects.filter(date__year__gte=this, date__year__lte=this + 1, working=False, town_code="")
    days = list(rows.values_list("date", flat=True))
    there = {year for year in (this, this + 1) if _is_entered([day for day in days if day.year == year])}
    last = next((year - 1 for year in (this, this + 1) if year not in there), this + 1)
    return Coverage(tuple(year for year in wanted if year not in there), date(last, 12, 31))


def _is_entered(days: list[date]) -> bool:
    return any(day.month in SPRING for day in days) and any(day.month == 10 and day.day <= 3 for day in days)


def banner(*, found: Coverage) -> str:
    """What the apps show while a year is missing, in the language of the request; else nothing."""
    if found.complete:
        return ""
    return _(
        "The working calendar of %(years)s is not entered: due times take weekends for the only days off. "
        "They are worked out again when the administrator enters the State Council's notice."
    ) % {"years": ", ".join(str(year) for year in found.missing)}


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A row of the calendar, to be compared with what it was."""

    day: str
    town_code: str
    working: bool
    morning: bool
    afternoon: bool
    name: str
    basis: str

    @property
    def kind(self) -> tuple[bool, bool, bool]:
        """What a clock goes by; names and bases are words."""
        return self.working, self.morning, self.afternoon


@dataclass(frozen=True, slots=True)
class Change:
    """One day that is worked otherwise than the clocks were set by; `town_code` empty: in all towns."""

    day: date
    town_code: str
    words: str


def present_days() -> list[CalendarDay]:
    """All rows of the calendar. One statement."""
    rows = Workday.objects.order_by("date", "town_code")
    values = rows.values_list("date", "town_code", "working", "morning", "afternoon", "name", "basis")
    return [CalendarDay(row[0].isoformat(), *row[1:]) for row in values]


def kept_days(state: CalendarState) -> list[CalendarDay]:
    return [CalendarDay(*row) for row in state.days]


def changes_between(*, before: Iterable[CalendarDay], after: Iterable[CalendarDay]) -> list[Change]:
    """Days that were entered, removed or set otherwise, oldest first."""
    old = {(one.day, one.town_code): one for one in before}
    new = {(one.day, one.town_code): one for one in after}
    found = []
    for key in sorted({*old, *new}):
        was, now = old.get(key), new.get(key)
        if was is None or now is None or was.kind != now.kind:
            found.append(Change(date.fromisoformat(key[0]), key[1], _words(now or was, gone=now is None)))
    return found


def _words(row: CalendarDay | None, *, gone: bool) -> str:
    assert row is not None, "a change has a row before it or after it"
    words = f"{row.day} {row.name}" + (f"（{row.basis}）" if row.basis else "")
    return f"{words} ✕" if gone else words

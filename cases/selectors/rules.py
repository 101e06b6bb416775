"""Bring rules, calendar and events from the database to the pure functions of `cases.deadlines`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.timezone import localdate

from cases.deadlines import Calendar, DayKind, Due, Limit, Step, Unit, due, handle_due
from cases.models import CaseEvent, LimitRule, Workday
from cases.workflow import Act, Stage

REACH = timedelta(days=400)
"""How far ahead the calendar is read; the longest limit in use is a tenth of it."""
CLOCK_ACTS = (Act.ACCEPT, Act.ASSIGN, Act.FEEDBACK, Act.VERIFY, Act.SUSPEND, Act.RESUME)


class NoLimitError(LookupError):
    """No rule covers this stage on this day: the limits were not loaded, or the last one has ended."""


def calendar_from(start: datetime) -> Calendar:
    """Days off and make-up days from the day before `start` on; one statement."""
    first = localdate(start) - timedelta(days=1)
    rows = Workday.objects.filter(date__gte=first, date__lte=first + REACH).values_list("date", "working", "name")
    return {day: DayKind(working, name) for day, working, name in rows}


def limit_for(*, stage: Stage, category_code: str, on: date) -> Limit:
    """The rule of the day for the category, else its parent, else for all; one statement. Raises NoLimitError."""
    codes = [category_code, category_code[:1]]
    rows = LimitRule.objects.filter(
        Q(category__code__in=codes) | Q(category__isnull=True),
        Q(valid_to__isnull=True) | Q(valid_to__gt=on),
        stage=stage,
        valid_from__lte=on,
    ).values_list("category__code", "valid_from", "amount", "unit", "basis")
    best = max(rows, key=lambda row: (len(row[0] or ""), row[1]), default=None)
    if best is None:
        raise NoLimitError(f"no limit for {stage} of {category_code} on {on}")
    return Limit(amount=best[2], unit=Unit(best[3]), basis=best[4])


def term(*, stage: Stage, category_code: str, start: datetime, calendar: Calendar | None = None) -> Due:
    """The end of an accept or verify stage that starts at `start`."""
    limit = limit_for(stage=stage, category_code=category_code, on=localdate(start))
    return _in_utc(due(start=start, limit=limit, calendar=calendar if calendar is not None else calendar_from(start)))


def _in_utc(term: Due) -> Due:
    """Moments as the database gives them back, so that an answer made before and after reading is the same."""
    return replace(
        term,
        at=term.at.astimezone(UTC) if term.at else None,
        soon_at=term.soon_at.astimezone(UTC) if term.soon_at else None,
    )


def step_of(event: CaseEvent) -> Step:
    fixed = event.data.get("due_at")
    return Step(
        act=event.act,
        at=event.at,
        passed=event.data.get("passed"),
        fixed=parse_datetime(fixed) if isinstance(fixed, str) and event.act == Act.ASSIGN else None,
    )


def handle_term(*, events: Iterable[CaseEvent], category_code: str) -> Due:
    """The handle clock from the case's events, oldest first, the newest perhaps not saved yet."""
    steps = [step_of(event) for event in events if event.act in CLOCK_ACTS]
    start = next(step.at for step in steps if step.act == Act.ACCEPT)
    limit = limit_for(stage=Stage.HANDLE, category_code=category_code, on=localdate(start))
    return _in_utc(handle_due(steps=steps, limit=limit, calendar=calendar_from(start)))

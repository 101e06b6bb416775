"""When something is due, and how that came about. Pure: no database, no clock of its own.

Counting follows 民法典 §§ 201, 203: the day something starts on is not counted, and the last day ends when business
hours end. Days off and make-up days come from the Workday table as a mapping; a day that is not in it is a working
day from Monday to Friday. All dates and closing times are Asia/Shanghai; moments are aware datetimes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Asia/Shanghai")
CLOSING: Final = time(17, 30)
"""End of business hours: the minute a day's term ends."""
SOON_SHARE: Final = 0.75
"""Share of the span after which a term turns yellow."""
SPAN_DAYS: Final = 3 * 366
"""A term that has not ended after so many calendar days is an error in the data, not a term."""


class Unit(StrEnum):
    WORKING_DAY = "working_day"
    CALENDAR_DAY = "calendar_day"
    HALF_DAY = "half_day"
    HOUR = "hour"


class DayReason(StrEnum):
    START = "start_day"
    WORKING = "working_day"
    CALENDAR = "calendar_day"
    MAKE_UP = "make_up_day"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class DayKind:
    """An exception in the calendar: a day off, or a make-up day on a weekend."""

    working: bool
    name: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """A span in which the clock stands; `end` is None while it still stands."""

    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Limit:
    amount: int
    unit: Unit
    basis: str = ""


@dataclass(frozen=True, slots=True)
class DayNote:
    """Why one day was counted or skipped."""

    day: date
    counted: bool
    reason: DayReason
    name: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """The end of a term. `at` is None while a pause lasts: a clock that stands has no end.

    `soon_at` is when it turns yellow: three quarters of the span are used or, for terms of two days and more,
    one counted day is left; whichever comes first.
    """

    at: datetime | None
    soon_at: datetime | None
    days: tuple[DayNote, ...]


Calendar = Mapping[date, DayKind]


class EndlessTermError(ValueError):
    """The calendar has no working day within SPAN_DAYS."""


def closing_of(day: date) -> datetime:
    """The moment business hours end on `day`, aware, Asia/Shanghai."""
    return datetime.combine(day, CLOSING, tzinfo=ZONE)


def is_working(*, day: date, calendar: Calendar) -> bool:
    kind = calendar.get(day)
    return kind.working if kind is not None else day.weekday() < 5


def _note(*, day: date, unit: Unit, calendar: Calendar, pauses: Sequence[Pause]) -> DayNote:
    kind = calendar.get(day)
    name = kind.name if kind is not None else ""
    if any(p.start <= closing_of(day) and (p.end is None or closing_of(day) < p.end) for p in pauses):
        return DayNote(day, False, DayReason.PAUSED, name)
    if unit is Unit.CALENDAR_DAY:
        return DayNote(day, True, DayReason.CALENDAR, name)
    if kind is None:
        working = day.weekday() < 5
        return DayNote(day, working, DayReason.WORKING if working else DayReason.WEEKEND)
    if kind.working:
        return DayNote(day, True, DayReason.MAKE_UP if day.weekday() >= 5 else DayReason.WORKING, name)
    return DayNote(day, False, DayReason.HOLIDAY, name)


def due(*, start: datetime, limit: Limit, calendar: Calendar, pauses: Sequence[Pause] = ()) -> Due:
    """The end of the term `limit` that starts at `start`, with a note on every day from the start to the end.

    A term of hours runs through nights and rest days (emergencies) and is lengthened by the pauses. A term of calendar
    days that would end on a rest day ends on the next working day.
    Raises EndlessTermError, and ValueError for a limit that is not positive.
    """
    if limit.amount <= 0:
        raise ValueError("a limit is at least one")
    if any(p.end is None for p in pauses):
        return Due(None, None, ())
    if limit.unit is Unit.HOUR:
        end = _after_hours(start=start, hours=limit.amount, pauses=pauses)
        return Due(end, start + (end - start) * SOON_SHARE, ())
    notes = _count(start=start, limit=limit, calendar=calendar, pauses=pauses)
    end = closing_of(notes[-1].day)
    soon = start + (end - start) * SOON_SHARE
    counted = [note.day for note in notes if note.counted]
    if limit.amount >= 2:
        soon = min(soon, closing_of(counted[-2]))
    return Due(end, soon, notes)


def _count(*, start: datetime, limit: Limit, calendar: Calendar, pauses: Sequence[Pause]) -> tuple[DayNote, ...]:
    first = start.astimezone(ZONE).date()
    notes = [DayNote(first, False, DayReason.START)]
    left = limit.amount
    for offset in range(1, SPAN_DAYS):
        day = first + timedelta(days=offset)
        unit = limit.unit if left else Unit.WORKING_DAY
        note = _note(day=day, unit=unit, calendar=calendar, pauses=pauses)
        if left:
            left -= note.counted
            notes.append(note)
            if not left and (limit.unit is Unit.WORKING_DAY or is_working(day=day, calendar=calendar)):
                return tuple(notes)
        else:
            # The term is used up but its last day is a rest day: it ends with the next working day.
            notes.append(replace(note, counted=False))
            if note.counted:
                return tuple(notes)
    raise EndlessTermError(f"no end within {SPAN_DAYS} days of {first}")


def _after_hours(*, start: datetime, hours: int, pauses: Sequence[Pause]) -> datetime:
    end = start + timedelta(hours=hours)
    for pause in sorted(pauses, key=lambda p: p.start):
        if pause.end is not None and pause.start < end and pause.end > start:
            end += pause.end - max(pause.start, start)
    return end


@dataclass(frozen=True, slots=True)
class Step:
    """What the handle clock needs to know of an event.

    `fixed` is an earlier date set when assigning, `amount` what an extension gave, in the unit of the limit.
    """

    act: str
    at: datetime
    passed: bool | None = None
    fixed: datetime | None = None
    amount: int = 0


def pauses_of(steps: Sequence[Step]) -> tuple[Pause, ...]:
    """Spans in which the handling unit's clock stands: suspension, and waiting for a higher level or a verification."""
    pauses: list[Pause] = []
    since: datetime | None = None
    for step in steps:
        if step.act in {"suspend", "feedback", "escalate"}:
            since = step.at
        elif since is not None and _goes_on(step):
            pauses.append(Pause(since, step.at))
            since = None
    if since is not None:
        pauses.append(Pause(since, None))
    return tuple(pauses)


def _goes_on(step: Step) -> bool:
    return step.act in {"resume", "answer"} or (step.act == "verify" and step.passed is False)


def begins_handling(steps: Sequence[Step]) -> datetime | None:
    """When the handle clock that runs now began: with the acceptance, or anew with the reopening."""
    return next((step.at for step in reversed(steps) if step.act in {"accept", "reopen"}), None)


def handle_due(*, steps: Sequence[Step], limit: Limit, calendar: Calendar) -> Due:
    """The handle clock of a case from its events, oldest first.

    It starts with the acceptance, and anew with a reopening; extensions lengthen it. An earlier date fixed by the last
    assignment counts instead until there is an extension, moved on by the pauses since.
    Raises ValueError when the case was never accepted.
    """
    start = begins_handling(steps)
    if start is None:
        raise ValueError("the handle clock starts with the acceptance")
    steps = [step for step in steps if step.at >= start]
    pauses = pauses_of(steps)
    extra = sum(step.amount for step in steps if step.act == "extend")
    term = due(start=start, limit=replace(limit, amount=limit.amount + extra), calendar=calendar, pauses=pauses)
    assigned = next((step for step in reversed(steps) if step.act == "assign"), None)
    if assigned is None or assigned.fixed is None or term.at is None or extra:
        return term
    fixed = assigned.fixed
    for pause in pauses:
        if pause.end is not None and pause.start >= assigned.at:
            fixed += pause.end - pause.start
    if fixed >= term.at:
        return term
    last = fixed.astimezone(ZONE).date()
    notes = tuple(note for note in term.days if note.day <= last)
    return Due(fixed, assigned.at + (fixed - assigned.at) * SOON_SHARE, notes)


class Light(StrEnum):
    NONE = "none"
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    DARK_RED = "dark_red"


def light(*, start: datetime, soon_at: datetime | None, due_at: datetime | None, now: datetime) -> Light:
    """green until `soon_at`, yellow until `due_at`, then red; dark red when as much time again has passed."""
    if due_at is None or soon_at is None:
        return Light.NONE
    if now >= due_at + (due_at - start):
        return Light.DARK_RED
    if now >= due_at:
        return Light.RED
    return Light.YELLOW if now >= soon_at else Light.GREEN


def sending_time(*, wanted: datetime, calendar: Calendar) -> datetime:
    """The first moment from `wanted` on within 08:00–20:00 (Asia/Shanghai) of a working day."""
    moment = wanted.astimezone(ZONE)
    for _ in range(SPAN_DAYS):
        if is_working(day=moment.date(), calendar=calendar):
            if moment.time() < time(8):
                return datetime.combine(moment.date(), time(8), tzinfo=ZONE)
            if moment.time() < time(20):
                return moment
        moment = datetime.combine(moment.date() + timedelta(days=1), time(0), tzinfo=ZONE)
    raise EndlessTermError(f"no working day within {SPAN_DAYS} days of {wanted}")

"""When something is due, and how that came about. Pure: no database, no clock of its own.

Counting follows 民法典 §§ 201, 203: the day something starts on is not counted, and the last day ends when business
hours end: at noon if only its morning is worked. Days off, make-up days and half days come from the Workday table as a
mapping; a day that is not in it is a working day from Monday to Friday. All dates and closing times are Asia/Shanghai;
moments are aware datetimes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import takewhile
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Asia/Shanghai")
CLOSING: Final = time(17, 30)
"""End of business hours: the minute a day's term ends."""
NOON: Final = time(12)
"""End of the morning, and of a day of which only the morning is worked."""
SOON_SHARE: Final = 0.75
"""Share of the span after which a term turns yellow."""
SPAN_DAYS: Final = 3 * 366
"""A term that has not ended after so many calendar days is an error in the data, not a term."""


class Unit(StrEnum):
    WORKING_DAY = "working_day"
    CALENDAR_DAY = "calendar_day"
    HALF_DAY = "half_day"
    HOUR = "hour"


class Half(StrEnum):
    MORNING = "morning"
    AFTERNOON = "afternoon"


# The hours common at public offices in Guangdong, from memory: to be checked against the town's own notice.
HALVES: Final = {Half.MORNING: (time(8, 30), NOON), Half.AFTERNOON: (time(14, 30), CLOSING)}


class DayReason(StrEnum):
    START = "start_day"
    WORKING = "working_day"
    CALENDAR = "calendar_day"
    MAKE_UP = "make_up_day"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    PAUSED = "paused"
    ON_THE_SPOT = "on_the_spot"


@dataclass(frozen=True, slots=True)
class DayKind:
    """An exception in the calendar: a day off, a make-up day on a weekend, or a day of which a half is worked."""

    working: bool
    name: str = ""
    morning: bool = True
    afternoon: bool = True

    def works(self, half: Half) -> bool:
        return self.working and (self.morning if half is Half.MORNING else self.afternoon)


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
    """Why one day, or one half of it, was counted or skipped. `extension`: counted only because more time was given."""

    day: date
    counted: bool
    reason: DayReason
    name: str = ""
    half: Half | None = None
    extension: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """The end of a term. `at` is None while a pause lasts: a clock that stands has no end, and `days` end with it.

    `soon_at` is when it turns yellow: three quarters of the span without its pauses are used or, for terms longer than
    a day, one working day is left; whichever comes first.
    """

    at: datetime | None
    soon_at: datetime | None
    days: tuple[DayNote, ...]


Calendar = Mapping[date, DayKind]


class EndlessTermError(ValueError):
    """The calendar has no working day within SPAN_DAYS."""


_WEEK_ONLY: Final[Calendar] = MappingProxyType({})


def closing_of(day: date, calendar: Calendar = _WEEK_ONLY) -> datetime:
    """The moment business hours end on `day`, aware, Asia/Shanghai; on a rest day when they would."""
    kind = calendar.get(day)
    morning_only = kind is not None and kind.working and not kind.afternoon
    return datetime.combine(day, NOON if morning_only else CLOSING, tzinfo=ZONE)


def is_working(*, day: date, calendar: Calendar) -> bool:
    """Whether the day or a half of it is worked."""
    kind = calendar.get(day)
    return kind.working if kind is not None else day.weekday() < 5


def _stands(moment: datetime, pauses: Sequence[Pause]) -> bool:
    return any(p.start <= moment and (p.end is None or moment < p.end) for p in pauses)


def _note(*, day: date, unit: Unit, calendar: Calendar, pauses: Sequence[Pause]) -> DayNote:
    kind = calendar.get(day)
    name = kind.name if kind is not None else ""
    if _stands(closing_of(day, calendar), pauses):
        return DayNote(day, False, DayReason.PAUSED, name)
    if unit is Unit.CALENDAR_DAY:
        return DayNote(day, True, DayReason.CALENDAR, name)
    if not is_working(day=day, calendar=calendar):
        return DayNote(day, False, DayReason.HOLIDAY if kind is not None else DayReason.WEEKEND, name)
    return DayNote(day, True, _worked(day, kind), name)


def _worked(day: date, kind: DayKind | None) -> DayReason:
    return DayReason.MAKE_UP if kind is not None and day.weekday() >= 5 else DayReason.WORKING


def due(*, start: datetime, limit: Limit, calendar: Calendar, pauses: Sequence[Pause] = ()) -> Due:
    """The end of the term `limit` that starts at `start`, with a note on every day from the start to the end.

    A term of hours runs through nights and rest days (emergencies) and is lengthened by the pauses. A term of calendar
    days that would end on a rest day ends on the next working day. A term of half days counts worked halves that begin
    after `start`.
    Raises EndlessTermError, and ValueError for a limit that is not positive.
    """
    if limit.amount <= 0:
        raise ValueError("a limit is at least one")
    count = _count_halves if limit.unit is Unit.HALF_DAY else _count
    standing = next((p for p in pauses if p.end is None), None)
    if standing is not None:
        last = standing.start.astimezone(ZONE).date()
        notes = () if limit.unit is Unit.HOUR else count(start=start, limit=limit, calendar=calendar, pauses=pauses)
        return Due(None, None, tuple(takewhile(lambda note: note.day <= last, notes)))
    if limit.unit is Unit.HOUR:
        span = timedelta(hours=limit.amount)
        return Due(_after(start, span, pauses), _after(start, span * SOON_SHARE, pauses), ())
    counted = tuple(count(start=start, limit=limit, calendar=calendar, pauses=pauses))
    end = _end_of(counted[-1], calendar)
    soon = _after(start, (end - start - _stood(start, end, pauses)) * SOON_SHARE, pauses)
    return Due(end, min([soon, *_last_day(counted, limit=limit, calendar=calendar)]), counted)


def _end_of(note: DayNote, calendar: Calendar) -> datetime:
    if note.half is None:
        return closing_of(note.day, calendar)
    return datetime.combine(note.day, HALVES[note.half][1], tzinfo=ZONE)


def _last_day(notes: Sequence[DayNote], *, limit: Limit, calendar: Calendar) -> list[datetime]:
    """When one working day of the term is left; nothing for terms that are no longer than that."""
    halves = limit.unit is Unit.HALF_DAY
    if limit.amount <= (2 if halves else 1):
        return []
    if limit.unit is Unit.CALENDAR_DAY:
        skipped = (DayReason.START, DayReason.PAUSED)
        used = [n for n in notes[:-1] if n.reason not in skipped and is_working(day=n.day, calendar=calendar)]
    else:
        used = [note for note in notes if note.counted][: -2 if halves else -1]
    return [_end_of(note, calendar) for note in used[-1:]]


def _count(*, start: datetime, limit: Limit, calendar: Calendar, pauses: Sequence[Pause]) -> Iterator[DayNote]:
    first = start.astimezone(ZONE).date()
    yield DayNote(first, False, DayReason.START)
    left = limit.amount
    for offset in range(1, SPAN_DAYS):
        day = first + timedelta(days=offset)
        unit = limit.unit if left else Unit.WORKING_DAY
        note = _note(day=day, unit=unit, calendar=calendar, pauses=pauses)
        if left:
            left -= note.counted
            yield note
            if not left and (limit.unit is Unit.WORKING_DAY or is_working(day=day, calendar=calendar)):
                return
        else:
            # The term is used up but its last day is a rest day: it ends with the next working day.
            yield replace(note, counted=False)
            if note.counted:
                return
    raise EndlessTermError(f"no end within {SPAN_DAYS} days of {first}")


def _count_halves(*, start: datetime, limit: Limit, calendar: Calendar, pauses: Sequence[Pause]) -> Iterator[DayNote]:
    first = start.astimezone(ZONE).date()
    left = limit.amount
    for offset in range(SPAN_DAYS):
        day = first + timedelta(days=offset)
        for note in _halves_of(day=day, start=start, calendar=calendar, pauses=pauses):
            left -= note.counted
            yield note
            if not left:
                return
    raise EndlessTermError(f"no end within {SPAN_DAYS} days of {first}")


def _halves_of(*, day: date, start: datetime, calendar: Calendar, pauses: Sequence[Pause]) -> Iterator[DayNote]:
    """A note on each half that ends after `start`; one for the whole of a rest day."""
    if not is_working(day=day, calendar=calendar):
        yield _note(day=day, unit=Unit.HALF_DAY, calendar=calendar, pauses=pauses)
        return
    kind = calendar.get(day)
    name = kind.name if kind is not None else ""
    for half, (opens, closes) in HALVES.items():
        begin, end = (datetime.combine(day, moment, tzinfo=ZONE) for moment in (opens, closes))
        if end <= start:
            continue
        if begin <= start:
            yield DayNote(day, False, DayReason.START, half=half)
        elif kind is not None and not kind.works(half):
            yield DayNote(day, False, DayReason.HOLIDAY, name, half)
        elif _stands(end, pauses):
            yield DayNote(day, False, DayReason.PAUSED, name, half)
        else:
            yield DayNote(day, True, _worked(day, kind), name, half)


def _stood(start: datetime, end: datetime, pauses: Sequence[Pause]) -> timedelta:
    """How much of start … end lies within pauses that are over."""
    spans = (min(p.end, end) - max(p.start, start) for p in pauses if p.end is not None)
    return sum((span for span in spans if span > timedelta(0)), timedelta(0))


def _after(start: datetime, span: timedelta, pauses: Sequence[Pause]) -> datetime:
    """The moment at which `span` has passed since `start`, pauses left out."""
    end = start + span
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


def present_run(steps: Sequence[Step]) -> Sequence[Step]:
    """The steps of the handle clock that runs now, from the acceptance or the last reopening on; none before.

    By their order, not by their moments: two acts may carry the same one.
    """
    began = next((n for n in reversed(range(len(steps))) if steps[n].act in {"accept", "reopen"}), len(steps))
    return steps[began:]


def begins_handling(steps: Sequence[Step]) -> datetime | None:
    """When the handle clock that runs now began."""
    return next((step.at for step in present_run(steps)), None)


def handle_due(*, steps: Sequence[Step], limit: Limit, calendar: Calendar) -> Due:
    """The handle clock of a case from its events, oldest first.

    It starts with the acceptance, and anew with a reopening; extensions lengthen it. An earlier date fixed by the last
    assignment counts instead until there is an extension, moved on by the pauses since.
    Raises ValueError when the case was never accepted.
    """
    steps = present_run(steps)
    if not steps:
        raise ValueError("the handle clock starts with the acceptance")
    pauses = pauses_of(steps)
    extra = sum(step.amount for step in steps if step.act == "extend")
    lengthened = replace(limit, amount=limit.amount + extra)
    term = due(start=steps[0].at, limit=lengthened, calendar=calendar, pauses=pauses)
    if extra:
        return replace(term, days=_marked(term.days, limit.amount))
    assigned = next((step for step in reversed(steps) if step.act == "assign"), None)
    if assigned is None or assigned.fixed is None or term.at is None:
        return term
    since = [pause for pause in pauses if pause.start >= assigned.at]
    return _fixed(term, start=assigned.at, span=assigned.fixed - assigned.at, pauses=since, calendar=calendar)


def _marked(notes: Sequence[DayNote], amount: int) -> tuple[DayNote, ...]:
    """What is counted beyond `amount` is counted because more time was given."""
    marked, counted = [], 0
    for note in notes:
        counted += note.counted
        marked.append(replace(note, extension=note.counted and counted > amount))
    return tuple(marked)


def _fixed(term: Due, *, start: datetime, span: timedelta, pauses: Sequence[Pause], calendar: Calendar) -> Due:
    """The term, cut where an earlier date was fixed at `start`, `span` away; each pause since moves the date on."""
    fixed = start + span + sum((p.end - p.start for p in pauses if p.end is not None), timedelta(0))
    if term.at is None or fixed >= term.at:
        return term
    first, last = (moment.astimezone(ZONE).date() for moment in (start, fixed))
    notes = tuple(note for note in term.days if note.day <= last)
    worked = [n.day for n in notes if first < n.day < last and is_working(day=n.day, calendar=calendar)]
    one_day_left = [closing_of(day, calendar) for day in worked[-1:]]
    return Due(fixed, min([_after(start, span * SOON_SHARE, pauses), *one_day_left]), notes)


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

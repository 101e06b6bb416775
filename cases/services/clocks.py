"""Set running clocks anew when the working calendar was changed. Runs in the background and may run twice at once."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localdate

from cases.deadlines import ZONE, Calendar
from cases.models import CalendarState, Case, CaseEvent, CaseQuerySet
from cases.selectors.calendar import Change, changes_between, kept_days, present_days
from cases.selectors.clocks import Clock, clocks_of, running
from cases.selectors.rules import NoLimitError, RuleBook, calendar_from
from cases.services.evidence import next_event
from cases.workflow import STAGE_OF, Act, Stage, State

logger = logging.getLogger(__name__)

BATCH: Final = 500
"""Rows locked at a time: an act on one of them waits for a second at most."""
WORDS: Final = 3
"""Most days an event names as the reason; the rest are counted."""
ALL_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)

_COLUMN: Final[dict[Stage, str]] = {
    Stage.INFO: "accept_due_at",
    Stage.ACCEPT: "accept_due_at",
    Stage.HANDLE: "handle_due_at",
    Stage.UPPER: "handle_due_at",
    Stage.VERIFY: "verify_due_at",
    Stage.TAKE: "take_due_at",
}
_WRITTEN: Final = (
    *("due_at", "soon_at", *sorted(set(_COLUMN.values()))),
    *("event_count", "event_hash", "updated_at"),
)


@dataclass(slots=True)
class Followed:
    """How many cases have a new due time, and how many were held by somebody else and come next time."""

    moved: int = 0
    held: int = 0


def follow_calendar(*, now: datetime, batch: int = BATCH) -> Followed:
    """Set the clocks anew that span a day which was entered, removed or set otherwise since the last time.

    The calendar counts as followed only when no case was held by another process: else all is looked at again, and what
    was moved already is not moved twice.
    """
    state = CalendarState.objects.first()
    present = present_days()
    changes = changes_between(before=kept_days(state), after=present) if state is not None else None
    if changes == []:
        return Followed()
    found = recompute_clocks(now=now, changes=changes, batch=batch)
    if not found.held:
        rows = [[d.day, d.town_code, d.working, d.morning, d.afternoon, d.name, d.basis] for d in present]
        CalendarState.objects.update_or_create(pk=1, defaults={"days": rows, "followed_at": now})
    logger.info("calendar_followed moved=%s held=%s", found.moved, found.held)
    return found


def recompute_clocks(*, now: datetime, changes: Sequence[Change] | None = None, batch: int = BATCH) -> Followed:
    """Work the running clocks of open cases out again, of those that span one of `changes`; all when None.

    A case whose due time is another gets a clock_changed event and the new time; its version stays, so that nobody's
    act in progress is refused. Batches in the order of ids skip rows another process holds.
    """
    work = _Work(now=now, changes=changes)
    found, last = Followed(), 0
    while ids := list(_candidates(changes).filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:batch]):
        last = ids[-1]
        looked_at, moved = work.do(ids)
        found.moved += moved
        found.held += len(ids) - looked_at
    return found


def _candidates(changes: Sequence[Change] | None) -> CaseQuerySet:
    cases = Case.objects.filter(is_open=True).exclude(state=State.SUSPENDED)
    if changes is None:
        return cases
    first, last = min(c.day for c in changes), max(c.day for c in changes)
    since, until = (datetime.combine(day, moment, tzinfo=ZONE) for day, moment in ((first, time.min), (last, time.max)))
    return cases.filter(Q(due_at__gte=since) | Q(take_due_at__gte=since), stage_started_at__lte=until)


class _Work:
    """What all batches share: the rules and each town's calendar, read once."""

    def __init__(self, *, now: datetime, changes: Sequence[Change] | None) -> None:
        self.now = now
        self.changes = changes
        self.rules = RuleBook.read()
        self.calendars: dict[str, Calendar] = {}

    @transaction.atomic
    def do(self, ids: Sequence[int]) -> tuple[int, int]:
        """How many of `ids` are looked at, and how many of them moved."""
        rows = Case.objects.select_for_update(of=("self",), skip_locked=True).filter(pk__in=ids)
        cases = list(rows.defer("search", "description", "answers").order_by("pk"))
        past: dict[int, list[CaseEvent]] = defaultdict(list)
        for event in CaseEvent.objects.filter(case__in=cases).order_by("case_id", "seq"):
            past[event.case_id].append(event)
        events: list[CaseEvent] = []
        touched: list[Case] = []
        for case in cases:
            if case.is_open and self._spans(case):
                new = self._set_anew(case, past[case.pk])
                events += new or []
                touched += [case] if new is not None else []
        CaseEvent.objects.bulk_create(events)
        Case.objects.bulk_update(touched, _WRITTEN, batch_size=100)
        return len(cases), len({event.case_id for event in events})

    def _spans(self, case: Case) -> bool:
        return self.changes is None or bool(self._reasons(case))

    def _reasons(self, case: Case) -> list[Change]:
        """The changed days that the running clocks of the case count or skip."""
        ends = [moment for moment in (case.due_at, case.take_due_at) if moment is not None]
        first, last = localdate(case.stage_started_at), localdate(max(ends, default=case.stage_started_at))
        return [c for c in self.changes or () if first <= c.day <= last and c.town_code in ("", case.town_code)]

    def _set_anew(self, case: Case, past: Sequence[CaseEvent]) -> list[CaseEvent] | None:
        """The events for what moved; None when nothing is to be written."""
        try:
            clocks = clocks_of(case=case, events=past, calendar=self._calendar(case.town_code), rules=self.rules)
        except NoLimitError:
            logger.warning("clock_without_limit case=%s", case.pk)
            return None
        basis = _basis(self._reasons(case))
        main = running(clocks=clocks, stage=STAGE_OF[State(case.state)])
        soon_before = case.soon_at
        events = [
            self._move(case, clock, basis)
            for clock in (main, running(clocks=clocks, stage=Stage.TAKE))
            if clock is not None and _is_other(case, clock)
        ]
        if main is not None and main.recorded is not None and main.term.at is not None:
            case.due_at, case.soon_at = main.term.at, main.term.soon_at
        case.updated_at = self.now
        return events if events or case.soon_at != soon_before else None

    def _move(self, case: Case, clock: Clock, basis: str) -> CaseEvent:
        before, after = _kept(case, clock), clock.term.at
        data = {"stage": clock.stage.value, "due_before": _utc(before), "due_at": _utc(after), "basis": basis}
        setattr(case, _COLUMN[clock.stage], after)
        return next_event(
            case=case, act=Act.CLOCK_CHANGED, actor_id=None, at=self.now, from_state=case.state, data=data
        )

    def _calendar(self, town_code: str) -> Calendar:
        if town_code not in self.calendars:
            self.calendars[town_code] = calendar_from(ALL_TIME, town_code=town_code)
        return self.calendars[town_code]


def _is_other(case: Case, clock: Clock) -> bool:
    """Whether the clock now ends at another moment than the one the case carries; one that stands has no end."""
    return clock.term.at is not None and clock.recorded is not None and clock.term.at != _kept(case, clock)


def _kept(case: Case, clock: Clock) -> datetime | None:
    return case.take_due_at if clock.stage is Stage.TAKE else case.due_at


def _utc(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None


def _basis(reasons: Sequence[Change]) -> str:
    more = len(reasons) - WORDS
    return "；".join(change.words for change in reasons[:WORDS]) + (f"；… +{more}" if more > 0 else "")

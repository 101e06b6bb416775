"""How every due time of a case came about, worked out again from its events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.utils.timezone import localdate

from cases.deadlines import Calendar, Due, Limit, due, handle_due
from cases.labels import DAY_REASONS, STAGES
from cases.models import Case, CaseEvent, LimitRule
from cases.selectors.rules import CLOCK_ACTS, Matter, calendar_from, limit_for, matter_of, step_of
from cases.workflow import Act, Stage


def explain_clocks(*, case: Case) -> list[dict[str, Any]]:
    """The clocks of the case, in the order they ran; the last due time equals the one stored.

    The category of each clock is the one the case had when the clock started.
    """
    events = list(CaseEvent.objects.filter(case=case).order_by("seq"))
    calendar = calendar_from(case.reported_at, town_code=case.town_code)
    clocks = [_accept(case=case, events=events, calendar=calendar)]
    accepted = next((e for e in events if e.act == Act.ACCEPT), None)
    if accepted is not None:
        clocks.append(_handle(events=events, accepted=accepted, matter=matter_of(case), calendar=calendar))
    done = next((e for e in reversed(events) if e.act in (Act.FEEDBACK, Act.VERIFY) and not _failed(e)), None)
    if done is not None and not _sent_back_after(events, done):
        fed_back = next(e for e in reversed(events) if e.act == Act.FEEDBACK)
        clocks.append(_verify(case=case, fed_back=fed_back, calendar=calendar))
    return clocks


def _failed(event: CaseEvent) -> bool:
    return event.act == Act.VERIFY and event.data.get("passed") is False


def _sent_back_after(events: Sequence[CaseEvent], done: CaseEvent) -> bool:
    return any(_failed(e) for e in events if e.seq > done.seq)


def _accept(*, case: Case, events: Sequence[CaseEvent], calendar: Calendar) -> dict[str, Any]:
    accepted = next((e for e in events if e.act == Act.ACCEPT), None)
    category = accepted.data.get("category_before", case.category_code) if accepted else case.category_code
    limit = limit_for(
        stage=Stage.ACCEPT, matter=Matter(category, town_code=case.town_code), on=localdate(case.reported_at)
    )
    term = due(start=case.reported_at, limit=limit, calendar=calendar)
    ended = next((e.at for e in events if e.act in (Act.ACCEPT, Act.REJECT, Act.MERGE, Act.CANCEL)), None)
    return _clock(stage=Stage.ACCEPT, start=case.reported_at, term=term, limit=limit, done_at=ended)


def _handle(*, events: Sequence[CaseEvent], accepted: CaseEvent, matter: Matter, calendar: Calendar) -> dict[str, Any]:
    limit = limit_for(stage=Stage.HANDLE, matter=matter, on=localdate(accepted.at))
    fed_back = next((e for e in reversed(events) if e.act == Act.FEEDBACK), None)
    done_at = None if fed_back is None or _sent_back_after(events, fed_back) else fed_back.at
    # While others verify the clock stands; what it showed when the unit was done is what it is judged by.
    before = fed_back.seq if fed_back is not None and done_at is not None else len(events) + 1
    steps = [step_of(e) for e in events if e.act in CLOCK_ACTS and e.seq < before]
    term = handle_due(steps=steps, limit=limit, calendar=calendar)
    return _clock(stage=Stage.HANDLE, start=accepted.at, term=term, limit=limit, done_at=done_at)


def _verify(*, case: Case, fed_back: CaseEvent, calendar: Calendar) -> dict[str, Any]:
    limit = limit_for(stage=Stage.VERIFY, matter=matter_of(case), on=localdate(fed_back.at))
    term = due(start=fed_back.at, limit=limit, calendar=calendar)
    return _clock(stage=Stage.VERIFY, start=fed_back.at, term=term, limit=limit, done_at=case.closed_at)


def _clock(*, stage: Stage, start: datetime, term: Due, limit: Limit, done_at: datetime | None) -> dict[str, Any]:
    return {
        "stage": stage.value,
        "stage_name": str(STAGES[stage]),
        "started_at": start,
        "due_at": term.at.astimezone(UTC) if term.at else None,
        "done_at": done_at,
        "limit_amount": limit.amount,
        "limit_unit": limit.unit.value,
        "limit_unit_name": str(LimitRule.Unit(limit.unit.value).label),
        "basis": limit.basis,
        "days": [
            {
                "date": note.day,
                "counted": note.counted,
                "reason": note.reason.value,
                "reason_name": note.name or str(DAY_REASONS[note.reason.value]),
            }
            for note in term.days
        ],
    }

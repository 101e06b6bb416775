"""Put on record what has become due soon or overdue, and end suspensions whose day has come. Runs every minute and may
run twice at once.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from django.db import connection, transaction
from django.utils import timezone
from django.utils.timezone import localdate

from cases.models import Case, CaseEvent
from cases.services.evidence import next_event
from cases.services.handle_clock import set_handle_clock
from cases.workflow import STAGE_OF, Act, Party, State, moves

BATCH: Final = 500
"""Rows locked at a time: an act on one of them waits for milliseconds, not for the whole scan."""

# A due time is marked once: the mark is the due time itself, so a new due time (extension, next stage) counts anew.
_NEWLY: Final[dict[Act, str]] = {
    Act.OVERDUE: "due_at <= %(now)s AND overdue_marked_for IS DISTINCT FROM due_at",
    Act.DUE_SOON: "soon_at <= %(now)s AND due_at > %(now)s AND soon_marked_for IS DISTINCT FROM due_at",
}
_MARK: Final[dict[Act, str]] = {Act.OVERDUE: "overdue_marked_for", Act.DUE_SOON: "soon_marked_for"}


def mark_due(*, now: datetime | None = None, batch: int = BATCH) -> dict[str, int]:
    """Append a due_soon or overdue event to every open case that newly is; how many of each.

    Oldest due first, in transactions of `batch` rows that skip rows another process holds; those come next time.
    """
    moment = now or timezone.now()
    found = {}
    for act in (Act.OVERDUE, Act.DUE_SOON):
        total = 0
        while count := _mark_batch(act=act, now=moment, batch=batch):
            total += count
        found[act.value] = total
    return found


@transaction.atomic
def _mark_batch(*, act: Act, now: datetime, batch: int) -> int:
    cases = list(
        Case.objects.raw(
            f"SELECT id, client_id, state, due_at, event_count, event_hash FROM cases_case"
            f" WHERE is_open AND {_NEWLY[act]} ORDER BY due_at, id LIMIT %(batch)s FOR UPDATE SKIP LOCKED",
            {"now": now, "batch": batch},
        )
    )
    events = [_event(case=case, act=act, now=now) for case in cases]
    CaseEvent.objects.bulk_create(events)
    if cases:
        _write_marks(act=act, cases=cases)
    return len(cases)


def _event(*, case: Case, act: Act, now: datetime) -> CaseEvent:
    assert case.due_at is not None, "only cases with a due time are selected"
    data = {"stage": STAGE_OF[State(case.state)].value, "due_at": case.due_at.astimezone(UTC).isoformat()}
    return next_event(case=case, act=act, actor_id=None, at=now, from_state=case.state, data=data)


def _write_marks(*, act: Act, cases: list[Case]) -> None:
    """One statement for the batch: the mark and the head of each chain."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE cases_case SET {_MARK[act]} = due_at, event_count = new.count, event_hash = new.hash"
            " FROM unnest(%s::bigint[], %s::int[], %s::text[]) AS new(id, count, hash) WHERE cases_case.id = new.id",
            [[c.pk for c in cases], [c.event_count for c in cases], [c.event_hash for c in cases]],
        )


_RESUMED: Final = (
    *("state", "version", "suspended_until", "handle_due_at", "due_at", "soon_at", "stage_started_at"),
    *("event_count", "event_hash", "updated_at"),
)


def resume_suspended(*, now: datetime | None = None, batch: int = BATCH) -> int:
    """Let the clock of every suspended case go on whose day has come (Asia/Shanghai); how many.

    In transactions of `batch` rows that skip rows another process holds; those come next time.
    """
    moment = now or timezone.now()
    total = 0
    while count := _resume_batch(now=moment, batch=batch):
        total += count
    return total


@transaction.atomic
def _resume_batch(*, now: datetime, batch: int) -> int:
    waiting = Case.objects.filter(state=State.SUSPENDED, suspended_until__lte=localdate(now))
    rows = waiting.select_for_update(of=("self",), skip_locked=True).order_by("suspended_until", "pk")
    cases = list(rows.defer("search", "description", "answers")[:batch])
    CaseEvent.objects.bulk_create([_resume(case=case, now=now) for case in cases])
    Case.objects.bulk_update(cases, _RESUMED, batch_size=100)
    return len(cases)


def _resume(*, case: Case, now: datetime) -> CaseEvent:
    """As when the center resumes it, by nobody."""
    (move,) = (m for m in moves(state=State(case.state), act=Act.RESUME) if m.by is Party.CLOCK)
    assert move.to is not None, "the table leads on"
    past = CaseEvent.objects.filter(case=case).order_by("seq")
    events = [*past, CaseEvent(act=Act.RESUME, at=now, to_state=move.to)]
    until = case.suspended_until.isoformat() if case.suspended_until else None
    data = {"until": until, "handle_due_at": set_handle_clock(case=case, events=events, at=now)}
    from_state, case.state = case.state, move.to
    case.version += 1
    case.suspended_until, case.updated_at = None, now
    return next_event(case=case, act=Act.RESUME, actor_id=None, at=now, from_state=from_state, data=data)

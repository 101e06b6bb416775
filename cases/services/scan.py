"""Put on record what has become due soon or overdue. Runs every few minutes and may run twice at once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from cases.models import Case, CaseEvent
from cases.services.evidence import next_event
from cases.workflow import STAGE_OF, Act, State

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

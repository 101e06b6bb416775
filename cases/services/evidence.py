"""Append events to a case's chain, and check the chain."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from cases.models import Case, CaseEvent

Data = dict[str, Any]


def event_hash(*, case_client_id: UUID, event: CaseEvent) -> str:
    """SHA-256 (hex) over the event's content and the hash before it.

    The content is JSON with sorted keys; moments are UTC with microseconds. `data` must hold only text, whole numbers,
    truth values, null, lists and objects: those come back from the database as they went in.
    """
    content = {
        "case": str(case_client_id),
        "seq": event.seq,
        "act": event.act,
        "from": event.from_state,
        "to": event.to_state,
        "actor": event.actor_id,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "text": event.text,
        "data": event.data,
        "client_id": str(event.client_id) if event.client_id else None,
        "prev": event.prev_hash,
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def next_event(
    *,
    case: Case,
    act: str,
    actor_id: int | None,
    at: datetime,
    from_state: str,
    text: str = "",
    data: Data | None = None,
    client_id: UUID | None = None,
) -> CaseEvent:
    """The next event of the locked `case`, unsaved, with its hash; `case.event_count` and `event_hash` move on."""
    event = CaseEvent(
        case=case,
        seq=case.event_count + 1,
        act=act,
        from_state=from_state,
        to_state=case.state,
        actor_id=actor_id,
        at=at,
        text=text,
        data=data or {},
        client_id=client_id,
        prev_hash=case.event_hash,
    )
    event.hash = event_hash(case_client_id=case.client_id, event=event)
    case.event_count = event.seq
    case.event_hash = event.hash
    return event


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain does not hold."""

    case_number: str
    seq: int
    what: str


def verify_chain(*, case: Case) -> Iterator[Break]:
    """Every break in the chain of `case`: edited, removed, re-ordered or added rows. None when it holds."""
    prev, seq, state = "", 0, ""
    for event in CaseEvent.objects.filter(case=case).order_by("seq").iterator():
        seq += 1
        if event.seq != seq:
            yield Break(case.number, seq, "missing")
            seq = event.seq
        if event.prev_hash != prev:
            yield Break(case.number, event.seq, "does not follow the row before")
        if event.hash != event_hash(case_client_id=case.client_id, event=event):
            yield Break(case.number, event.seq, "edited")
        prev = event.hash
        state = event.to_state
    if seq != case.event_count or prev != case.event_hash:
        yield Break(case.number, case.event_count, "last row missing or added")
    elif state != case.state:
        yield Break(case.number, seq, f"the case says {case.state}, its last event {state}")

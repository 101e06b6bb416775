"""Set the handle clock of a case from its events: the one place where its columns are written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cases.models import Case, CaseEvent
from cases.selectors import rules as clocks


def set_handle_clock(*, case: Case, events: Sequence[CaseEvent], at: datetime) -> str | None:
    """Work the clock out from `events`, oldest first, the one of `at` included, and set the unsaved `case` by it.

    The due time as an event keeps it; None while the clock stands.
    """
    term = clocks.handle_term(events=events, matter=clocks.matter_of(case))
    case.handle_due_at, case.due_at, case.soon_at = term.at, term.at, term.soon_at
    case.stage_started_at = clocks.handle_start(events) or at
    return term.at.isoformat() if term.at else None

"""An act in progress: what was typed, on which case, along which move."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError

from cases.deadlines import Due
from cases.models import Case, CaseEvent
from cases.selectors import rules as clocks
from cases.services.handle_clock import set_handle_clock
from cases.workflow import Act, Move, Stage
from staff.models import User


@dataclass(frozen=True, slots=True)
class ActInput:
    """What a person typed with an act; each act reads its own fields and leaves the rest."""

    text: str = ""
    category: str | None = None
    level: str | None = None
    organisation: int | None = None
    assistants: tuple[int, ...] | None = None
    assignee: int | None = None
    due_at: datetime | None = None
    passed: bool | None = None
    outcome: str | None = None
    until: date | None = None
    into: str | None = None
    amount: int | None = None
    authority: str = ""
    taken_over: bool | None = None
    supervision: str | None = None
    reply_by: datetime | None = None
    satisfaction: str | None = None


@dataclass(slots=True)
class Doing:
    """One act in progress on a locked case. `author` is whose act it was, when `by` only lets it count."""

    case: Case
    by: User
    at: datetime
    given: ActInput
    move: Move
    from_state: str
    author: User | None = None
    data: dict[str, Any] = field(default_factory=dict)


def invalid(name: str, message: str, code: str = "invalid") -> ValidationError:
    return ValidationError({name: ValidationError(message, code=code)})


def start_term(doing: Doing, stage: Stage, *, kept_as: str) -> Due:
    """A term of `stage` that begins now, in the event under `kept_as`; it has no pauses."""
    term = clocks.term(stage=stage, matter=clocks.matter_of(doing.case), start=doing.at)
    doing.data[kept_as] = term.at.isoformat() if term.at else None
    return term


def run_stage(doing: Doing, stage: Stage, *, kept_as: str = "due_at") -> None:
    """Start the clock the case is under from now on: it is due at its end."""
    term = start_term(doing, stage, kept_as=kept_as)
    doing.case.stage_started_at, doing.case.due_at, doing.case.soon_at = doing.at, term.at, term.soon_at


def run_handle_clock(doing: Doing) -> None:
    """Set the handle clock from all events, this one included."""
    case = doing.case
    past = [] if doing.move.act is Act.ACCEPT else list(CaseEvent.objects.filter(case=case).order_by("seq"))
    events = [*past, CaseEvent(act=doing.move.act, at=doing.at, to_state=case.state, data=doing.data)]
    doing.data["handle_due_at"] = set_handle_clock(case=case, events=events, at=doing.at)

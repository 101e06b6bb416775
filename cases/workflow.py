"""The life of a case as one table: from where, by which act, to where, who may, what is needed, and why.

Plain Python: no Django here, so that the table can be read, drawn, compared and tested by itself.
Only `cases/services.py` moves a case, and only along this table. docs/workflow.md is generated from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class State(StrEnum):
    REPORTED = "reported"
    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    PROCESSING = "processing"
    AWAITING_VERIFY = "awaiting_verify"
    VERIFIED = "verified"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    REJECTED = "rejected"
    MERGED = "merged"
    CANCELLED = "cancelled"


class Act(StrEnum):
    REPORT = "report"
    ACCEPT = "accept"
    REJECT = "reject"
    MERGE = "merge"
    ASSIGN = "assign"
    ACKNOWLEDGE = "acknowledge"
    RETURN = "return"
    FEEDBACK = "feedback"
    VERIFY = "verify"
    CLOSE = "close"
    SUSPEND = "suspend"
    RESUME = "resume"
    CANCEL = "cancel"
    COMMENT = "comment"
    ATTACH = "attach"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    CELL_CHANGED = "cell_changed"


class Party(StrEnum):
    """Who somebody is to a case; `cases/policy.py` tells it from posts."""

    REPORTER = "reporter"
    CENTER = "center"
    UNIT = "unit"  # the person or unit the case is assigned to
    CHECKER = "checker"  # on the spot or at the center, and never of the unit that handled it
    READER = "reader"  # sees the case and may add to it
    CLOCK = "clock"  # the overdue scan, and the day on which a boundary changes


class Stage(StrEnum):
    """The clock that runs: each has its own limit."""

    ACCEPT = "accept"
    HANDLE = "handle"
    VERIFY = "verify"


class Outcome(StrEnum):
    """How a case ended, apart from the state it ended in."""

    SOLVED = "solved"
    PARTLY = "partly"
    UNSOLVABLE = "unsolvable"
    NOT_AS_REPORTED = "not_as_reported"


@dataclass(frozen=True, slots=True)
class Move:
    """One way on. `to` is None when the act leaves the state as it is."""

    act: Act
    frm: State | None
    to: State | None
    by: Party
    why: str
    needs: tuple[str, ...] = ()


MOVES: Final[tuple[Move, ...]] = (
    Move(Act.REPORT, None, State.REPORTED, Party.REPORTER, "what was found is on record from the first moment"),
    Move(
        Act.ACCEPT,
        State.REPORTED,
        State.ACCEPTED,
        Party.CENTER,
        "the center answers for every report it takes",
    ),
    Move(
        Act.REJECT,
        State.REPORTED,
        State.REJECTED,
        Party.CENTER,
        "not ours, and the reporter is told why",
        ("text",),
    ),
    Move(
        Act.MERGE,
        State.REPORTED,
        State.MERGED,
        Party.CENTER,
        "the same matter is handled once",
        ("into", "text"),
    ),
    Move(
        Act.MERGE,
        State.ACCEPTED,
        State.MERGED,
        Party.CENTER,
        "the same matter is handled once",
        ("into", "text"),
    ),
    Move(Act.CANCEL, State.REPORTED, State.CANCELLED, Party.REPORTER, "sent by mistake", ("text",)),
    Move(Act.CANCEL, State.REPORTED, State.CANCELLED, Party.CENTER, "void, with the reason kept", ("text",)),
    Move(Act.CANCEL, State.ACCEPTED, State.CANCELLED, Party.CENTER, "void, with the reason kept", ("text",)),
    Move(Act.ASSIGN, State.ACCEPTED, State.ASSIGNED, Party.CENTER, "one unit leads", ("organisation",)),
    Move(Act.ACKNOWLEDGE, State.ASSIGNED, State.PROCESSING, Party.UNIT, "a handover is taken, never silent"),
    Move(Act.RETURN, State.ASSIGNED, State.ACCEPTED, Party.UNIT, "the wrong unit says so at once", ("text",)),
    Move(Act.RETURN, State.PROCESSING, State.ACCEPTED, Party.UNIT, "found to be another's work", ("text",)),
    Move(
        Act.FEEDBACK,
        State.PROCESSING,
        State.AWAITING_VERIFY,
        Party.UNIT,
        "what was done, in words",
        ("text",),
    ),
    Move(Act.VERIFY, State.AWAITING_VERIFY, State.VERIFIED, Party.CHECKER, "a second pair of eyes", ("passed",)),
    Move(
        Act.VERIFY,
        State.AWAITING_VERIFY,
        State.PROCESSING,
        Party.CHECKER,
        "not done: back to work",
        ("passed", "text"),
    ),
    Move(
        Act.CLOSE,
        State.VERIFIED,
        State.CLOSED,
        Party.CENTER,
        "closed by whoever answers for it",
        ("outcome",),
    ),
    Move(Act.SUSPEND, State.PROCESSING, State.SUSPENDED, Party.CENTER, "waiting on others", ("text", "until")),
    Move(Act.RESUME, State.SUSPENDED, State.PROCESSING, Party.CENTER, "the wait is over"),
    Move(Act.RESUME, State.SUSPENDED, State.PROCESSING, Party.UNIT, "the wait is over"),
)

OPEN: Final = frozenset(
    {
        State.REPORTED,
        State.ACCEPTED,
        State.ASSIGNED,
        State.PROCESSING,
        State.AWAITING_VERIFY,
        State.VERIFIED,
        State.SUSPENDED,
    }
)
ENDED: Final = frozenset(State) - OPEN
UNCOUNTED: Final = frozenset({State.REJECTED, State.MERGED, State.CANCELLED})
"""Ended without having been a case of its own: left out of rates (domain.md §7)."""

ALWAYS: Final[tuple[Move, ...]] = tuple(
    Move(act, state, None, party, why, needs)
    for state in State
    for act, party, why, needs in (
        (Act.COMMENT, Party.READER, "what somebody knows is kept with the case", ("text",)),
        (Act.ATTACH, Party.READER, "a photo says more", ("file",)),
        (Act.DUE_SOON, Party.CLOCK, "told before it is late", ()),
        (Act.OVERDUE, Party.CLOCK, "late is on record", ()),
        (Act.CELL_CHANGED, Party.CLOCK, "whoever has the ground has its open cases", ()),
    )
    if state in OPEN or act is Act.COMMENT
)

STAGE_OF: Final[dict[State, Stage]] = {
    State.REPORTED: Stage.ACCEPT,
    State.ACCEPTED: Stage.HANDLE,
    State.ASSIGNED: Stage.HANDLE,
    State.PROCESSING: Stage.HANDLE,
    State.SUSPENDED: Stage.HANDLE,
    State.AWAITING_VERIFY: Stage.VERIFY,
    State.VERIFIED: Stage.VERIFY,
}
"""Which clock a case in this state is under; ended cases are under none."""


def moves(*, state: State, act: Act | None = None) -> tuple[Move, ...]:
    """Every way on from `state`, by `act` only if given."""
    return tuple(m for m in (*MOVES, *ALWAYS) if m.frm == state and (act is None or m.act == act))

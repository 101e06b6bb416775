"""The life of a case as one table: from where, by which act, to where, who may, what is needed, and why.

Plain Python: no Django here, so that the table can be read, drawn, compared and tested by itself.
Only `cases/services` moves a case, and only along this table. docs/workflow.md is generated from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class State(StrEnum):
    DRAFT = "draft"  # sent back for information; what never left the phone is the phone's own
    REPORTED = "reported"
    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    PROCESSING = "processing"
    ESCALATED = "escalated"
    AWAITING_VERIFY = "awaiting_verify"
    VERIFIED = "verified"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    ARCHIVED = "archived"
    REJECTED = "rejected"
    MERGED = "merged"
    CANCELLED = "cancelled"
    TRANSFERRED = "transferred"


class Act(StrEnum):
    REPORT = "report"
    RETURN_FOR_INFO = "return_for_info"
    SUBMIT = "submit"
    ACCEPT = "accept"
    REJECT = "reject"
    MERGE = "merge"
    UNMERGE = "unmerge"
    ASSIGN = "assign"
    ACKNOWLEDGE = "acknowledge"
    RETURN = "return"
    REASSIGN = "reassign"
    FEEDBACK = "feedback"
    VERIFY = "verify"
    CLOSE = "close"
    ARCHIVE = "archive"
    REOPEN = "reopen"
    FOLLOW_UP = "follow_up"
    ASK_SUSPENSION = "ask_suspension"
    SUSPEND = "suspend"
    REFUSE_SUSPENSION = "refuse_suspension"
    RESUME = "resume"
    ASK_EXTENSION = "ask_extension"
    EXTEND = "extend"
    REFUSE_EXTENSION = "refuse_extension"
    ESCALATE = "escalate"
    ANSWER = "answer"
    TRANSFER = "transfer"
    CANCEL = "cancel"
    COMMENT = "comment"
    ATTACH = "attach"
    PARTY_ADDED = "party_added"
    PARTY_REMOVED = "party_removed"
    CONFLICT = "conflict"
    SETTLE_CONFLICT = "settle_conflict"
    OPINE = "opine"
    MEET = "meet"
    NUDGE = "nudge"
    SUPERVISE = "supervise"
    SUPERVISION_REPLY = "supervision_reply"
    LIFT_SUPERVISION = "lift_supervision"
    INSTRUCT = "instruct"
    LINK_PARENT = "link_parent"
    UNLINK_PARENT = "unlink_parent"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    CELL_CHANGED = "cell_changed"
    CLOCK_CHANGED = "clock_changed"


class Party(StrEnum):
    """Who somebody is to a case; `cases/policy.py` tells it from posts."""

    REPORTER = "reporter"
    CENTER = "center"
    HEAD = "head"  # of the center: what needs an approval
    LEADER = "leader"
    UNIT = "unit"  # the person or unit the case is assigned to
    ASSISTANT = "assistant"  # a unit that helps the one that leads
    CHECKER = "checker"  # on the spot or at the center, and never of the unit that handled it
    READER = "reader"  # sees the case and may add to it
    CLOCK = "clock"  # what happens by itself: the scan of due times, a boundary that changes, a new holiday notice


class Stage(StrEnum):
    """The clocks: each has its own limit."""

    INFO = "info"  # until the reporter has given what was asked for
    ACCEPT = "accept"
    TAKE = "take"  # until the unit has taken the handover; runs inside the handle clock
    HANDLE = "handle"
    UPPER = "upper"  # until the higher center has answered
    VERIFY = "verify"
    ARCHIVE = "archive"
    SUPERVISION = "supervision"  # until the unit has replied to a supervision; runs beside the others


class Outcome(StrEnum):
    """How a case ended, apart from the state it ended in."""

    SOLVED = "solved"
    PARTLY = "partly"
    UNSOLVABLE = "unsolvable"
    NOT_AS_REPORTED = "not_as_reported"


class Level(StrEnum):
    """How grave a matter is; limits may differ by it (domain.md §3.3)."""

    GENERAL = "general"
    MAJOR = "major"
    GRAVE = "grave"


class Supervision(StrEnum):
    """How sharply a supervision is put."""

    ORDINARY = "ordinary"
    YELLOW = "yellow"
    RED = "red"


class When(StrEnum):
    """What decides between moves of one act from one state."""

    PASSED = "passed"
    FAILED = "failed"
    FAILED_UNASSIGNED = "failed_unassigned"  # solved on the spot, said the reporter; it was not
    OVERRULED = "overruled"  # a person decided for the second of two verdicts
    OVERRULED_UNASSIGNED = "overruled_unassigned"
    ASSIGNED = "assigned"  # a unit leads
    UNASSIGNED = "unassigned"
    TAKEN_OVER = "taken_over"  # the higher center keeps the matter
    GIVEN_BACK = "given_back"
    GIVEN_BACK_UNASSIGNED = "given_back_unassigned"
    WAS_REPORTED = "was_reported"
    WAS_ACCEPTED = "was_accepted"
    NOT_SOLVED = "not_solved"
    SAID_SOLVED = "said_solved"
    SELF_HANDLED_SAMPLED = "self_handled_sampled"
    SELF_HANDLED = "self_handled"


@dataclass(frozen=True, slots=True)
class Move:
    """One way on. `to` is None when the act leaves the state as it is."""

    act: Act
    frm: State | None
    to: State | None
    by: Party
    why: str
    needs: tuple[str, ...] = ()
    when: When | None = None


Needs = tuple[str, ...]


def _same(act: Act, froms: Iterable[State], parties: Sequence[Party], why: str, needs: Needs = ()) -> tuple[Move, ...]:
    """The act of each of `parties` in each of these states, which it leaves as they are."""
    states = tuple(froms)
    return tuple(Move(act, frm, None, by, why, needs) for by in parties for frm in states)


S, A, P = State, Act, Party

OPEN: Final = frozenset(
    {
        *(S.DRAFT, S.REPORTED, S.ACCEPTED, S.ASSIGNED, S.PROCESSING, S.ESCALATED),
        *(S.AWAITING_VERIFY, S.VERIFIED, S.SUSPENDED),
    }
)
ENDED: Final = frozenset(State) - OPEN
SETTLED: Final = frozenset({S.CLOSED, S.ARCHIVED})
"""Ended by being handled."""
UNCOUNTED: Final = ENDED - SETTLED
"""Ended without having been a case of its own: left out of rates (domain.md §7)."""
DECIDED: Final = frozenset({When.OVERRULED, When.OVERRULED_UNASSIGNED})
"""Nobody's to do by themselves: only where a conflict is decided."""
LED: Final = (S.ASSIGNED, S.PROCESSING, S.ESCALATED, S.AWAITING_VERIFY, S.VERIFIED, S.SUSPENDED)
"""Open states in which a unit may lead."""

_REPORT: Final = (
    Move(A.REPORT, None, S.REPORTED, P.REPORTER, "what was found is on record from the first moment"),
    Move(
        *(A.REPORT, None, S.AWAITING_VERIFY, P.REPORTER, "solved on the spot, and drawn for a look by somebody else"),
        when=When.SELF_HANDLED_SAMPLED,
    ),
    Move(
        *(A.REPORT, None, S.CLOSED, P.REPORTER, "solved on the spot: one entry is enough"),
        when=When.SELF_HANDLED,
    ),
)
_INTAKE: Final = (
    Move(A.ACCEPT, S.REPORTED, S.ACCEPTED, P.CENTER, "the center answers for every report it takes"),
    Move(
        *(A.RETURN_FOR_INFO, S.REPORTED, S.DRAFT, P.CENTER, "what is missing is asked of the one who was there"),
        needs=("text",),
    ),
    Move(A.SUBMIT, S.DRAFT, S.REPORTED, P.REPORTER, "the answer to what was asked", ("text",)),
    Move(A.REJECT, S.REPORTED, S.REJECTED, P.CENTER, "not ours, and the reporter is told why", ("text",)),
    *(
        Move(A.MERGE, frm, S.MERGED, P.CENTER, "the same matter is handled once", ("into", "text"))
        for frm in (S.REPORTED, S.ACCEPTED)
    ),
    Move(
        *(A.UNMERGE, S.MERGED, S.REPORTED, P.CENTER, "a wrong link is undone, and nothing was moved", ("text",)),
        when=When.WAS_REPORTED,
    ),
    Move(
        *(A.UNMERGE, S.MERGED, S.ACCEPTED, P.CENTER, "a wrong link is undone, and nothing was moved", ("text",)),
        when=When.WAS_ACCEPTED,
    ),
    Move(A.CANCEL, S.REPORTED, S.CANCELLED, P.REPORTER, "sent by mistake", ("text",)),
    Move(A.CANCEL, S.DRAFT, S.CANCELLED, P.REPORTER, "sent by mistake", ("text",)),
    *(
        Move(A.CANCEL, frm, S.CANCELLED, P.CENTER, "void, with the reason kept", ("text",))
        for frm in (S.DRAFT, S.REPORTED, S.ACCEPTED)
    ),
)
_HANDOVER: Final = (
    Move(A.ASSIGN, S.ACCEPTED, S.ASSIGNED, P.CENTER, "one unit leads", ("organisation",)),
    *(
        Move(A.ASSIGN, frm, S.ASSIGNED, P.CENTER, "another unit leads, and takes it anew", ("organisation", "text"))
        for frm in (S.ASSIGNED, S.PROCESSING)
    ),
    Move(A.ACKNOWLEDGE, S.ASSIGNED, S.PROCESSING, P.UNIT, "a handover is taken, never silent"),
    Move(A.RETURN, S.ASSIGNED, S.ACCEPTED, P.UNIT, "the wrong unit says so at once", ("text",)),
    Move(A.RETURN, S.PROCESSING, S.ACCEPTED, P.UNIT, "found to be another's work", ("text",)),
    *(
        Move(A.REASSIGN, frm, S.ASSIGNED, by, "another person of the unit takes it", ("assignee",))
        for frm in (S.ASSIGNED, S.PROCESSING)
        for by in (P.UNIT, P.CENTER)
    ),
)
_HANDLING: Final = (
    Move(A.FEEDBACK, S.PROCESSING, S.AWAITING_VERIFY, P.UNIT, "what was done, in words", ("text",)),
    Move(*(A.VERIFY, S.AWAITING_VERIFY, S.VERIFIED, P.CHECKER, "a second pair of eyes", ("passed",)), when=When.PASSED),
    Move(
        *(A.VERIFY, S.AWAITING_VERIFY, S.PROCESSING, P.CHECKER, "not done: back to work", ("passed", "text")),
        when=When.FAILED,
    ),
    Move(
        *(A.VERIFY, S.AWAITING_VERIFY, S.REPORTED, P.CHECKER, "not solved on the spot after all: the center takes it"),
        needs=("passed", "text"),
        when=When.FAILED_UNASSIGNED,
    ),
    *(
        Move(A.VERIFY, S.VERIFIED, to, P.CHECKER, "of two verdicts the one a person chose", ("passed", "text"), when)
        for to, when in ((S.PROCESSING, When.OVERRULED), (S.REPORTED, When.OVERRULED_UNASSIGNED))
    ),
    Move(A.SUSPEND, S.PROCESSING, S.SUSPENDED, P.CENTER, "waiting on others", ("text", "until")),
    Move(A.RESUME, S.SUSPENDED, S.PROCESSING, P.CENTER, "the wait is over"),
    Move(A.RESUME, S.SUSPENDED, S.PROCESSING, P.UNIT, "the wait is over"),
    Move(A.RESUME, S.SUSPENDED, S.PROCESSING, P.CLOCK, "the day came that was named for its end"),
    *_same(A.ASK_SUSPENSION, [S.PROCESSING], (P.UNIT,), "a clock is stopped by somebody else", ("text", "until")),
    *_same(A.REFUSE_SUSPENSION, [S.PROCESSING], (P.CENTER,), "a no has its reason", ("text",)),
    *_same(A.ASK_EXTENSION, [S.PROCESSING], (P.UNIT,), "asked before it is late, with a reason", ("text", "amount")),
    *_same(A.EXTEND, [S.PROCESSING], (P.HEAD,), "more time is given by name, whole or in part", ("amount",)),
    *_same(A.REFUSE_EXTENSION, [S.PROCESSING], (P.HEAD,), "a no has its reason", ("text",)),
)
_UPWARD: Final = (
    *(
        Move(
            *(A.ESCALATE, frm, S.ESCALATED, P.CENTER, "beyond the town's power, with what was tried"),
            needs=("authority", "text"),
        )
        for frm in (S.ACCEPTED, S.PROCESSING)
    ),
    Move(
        *(A.ANSWER, S.ESCALATED, S.PROCESSING, P.CENTER, "the higher center has spoken; the unit goes on"),
        needs=("taken_over", "text"),
        when=When.GIVEN_BACK,
    ),
    Move(
        *(A.ANSWER, S.ESCALATED, S.ACCEPTED, P.CENTER, "the higher center has spoken; a unit is chosen"),
        needs=("taken_over", "text"),
        when=When.GIVEN_BACK_UNASSIGNED,
    ),
    Move(
        *(A.ANSWER, S.ESCALATED, S.TRANSFERRED, P.CENTER, "the higher center keeps the matter"),
        needs=("taken_over", "text"),
        when=When.TAKEN_OVER,
    ),
    *(
        Move(A.TRANSFER, frm, S.TRANSFERRED, P.CENTER, "an authority has to decide it", ("authority", "text"))
        for frm in (S.ACCEPTED, S.PROCESSING)
    ),
)
_AFTER: Final = (
    Move(A.CLOSE, S.VERIFIED, S.CLOSED, P.CENTER, "closed by whoever answers for it", ("outcome",)),
    Move(A.ARCHIVE, S.CLOSED, S.ARCHIVED, P.CENTER, "the file is complete and put away"),
    *(
        Move(A.REOPEN, frm, to, P.CENTER, "it came back: once, with the reason", ("text",), when)
        for frm in (S.CLOSED, S.ARCHIVED)
        for to, when in ((S.PROCESSING, When.ASSIGNED), (S.REPORTED, When.UNASSIGNED))
    ),
    *(
        Move(A.FOLLOW_UP, S.CLOSED, None, by, "whoever it concerned is asked", ("satisfaction",), When.SAID_SOLVED)
        for by in (P.CENTER, P.CHECKER, P.REPORTER)
    ),
    *(
        Move(
            *(A.FOLLOW_UP, S.CLOSED, S.AWAITING_VERIFY, by, "not solved is looked at again, not opened anew"),
            needs=("satisfaction", "text"),
            when=When.NOT_SOLVED,
        )
        for by in (P.CENTER, P.CHECKER, P.REPORTER)
    ),
)
_ANY_OPEN: Final = tuple(sorted(OPEN))
_WATCH: Final = (
    *_same(A.NUDGE, LED, (P.CENTER, P.LEADER), "a reminder by name, once a day"),
    *_same(
        *(A.SUPERVISE, LED, (P.HEAD, P.LEADER), "somebody above wants an answer by a day"),
        needs=("supervision", "text"),
    ),
    *_same(A.SUPERVISION_REPLY, LED, (P.UNIT, P.CENTER), "the answer to a supervision", ("text",)),
    *_same(A.LIFT_SUPERVISION, LED, (P.HEAD, P.LEADER), "lifted by the level that issued it", ("text",)),
    *_same(A.INSTRUCT, _ANY_OPEN, (P.LEADER,), "what a leader wants done is on record", ("text",)),
    *_same(A.OPINE, LED, (P.ASSISTANT,), "what the helping unit found", ("text",)),
    *_same(A.MEET, LED, (P.CENTER, P.UNIT), "who met, and what was agreed", ("text",)),
    *_same(A.LINK_PARENT, _ANY_OPEN, (P.CENTER,), "a part of a larger matter, with its own clocks", ("into",)),
    *_same(A.UNLINK_PARENT, _ANY_OPEN, (P.CENTER,), "a matter of its own after all", ("text",)),
)
_PEOPLE: Final = (
    *_same(
        *(A.PARTY_ADDED, _ANY_OPEN, (P.CENTER, P.UNIT, P.ASSISTANT, P.REPORTER)),
        "whom the matter is between is written down once, and sealed",
        ("party",),
    ),
    *_same(
        *(A.PARTY_REMOVED, State, (P.CENTER, P.UNIT)),
        "a wrong name can go at any time; helper and reporter take back their own while it is open",
        ("party", "text"),
    ),
    *_same(A.PARTY_REMOVED, _ANY_OPEN, (P.ASSISTANT, P.REPORTER), "only what they wrote themselves", ("party", "text")),
)

MOVES: Final[tuple[Move, ...]] = (*_REPORT, *_INTAKE, *_HANDOVER, *_HANDLING, *_UPWARD, *_AFTER)
"""The road of a case."""

ALWAYS: Final[tuple[Move, ...]] = (
    *_WATCH,
    *_PEOPLE,
    *(
        Move(act, state, None, party, why, needs)
        for state in State
        for act, party, why, needs in (
            (A.COMMENT, P.READER, "what somebody knows is kept with the case", ("text",)),
            (A.ATTACH, P.READER, "a photo says more", ("file",)),
            (A.CONFLICT, P.READER, "what was done without signal and came too late is kept whole", ()),
            (A.SETTLE_CONFLICT, P.CENTER, "a person decides between two, never the later one by itself", ("decision",)),
            (A.DUE_SOON, P.CLOCK, "told before it is late", ()),
            (A.OVERDUE, P.CLOCK, "late is on record", ()),
            (A.CELL_CHANGED, P.CLOCK, "whoever has the ground has its open cases", ()),
            (A.CLOCK_CHANGED, P.CLOCK, "a new holiday notice moves what is due", ()),
        )
        if state in OPEN or act in (A.COMMENT, A.CONFLICT, A.SETTLE_CONFLICT)
    ),
)
"""What may be added along the road."""

STAGE_OF: Final[dict[State, Stage]] = {
    S.DRAFT: Stage.INFO,
    S.REPORTED: Stage.ACCEPT,
    S.ACCEPTED: Stage.HANDLE,
    S.ASSIGNED: Stage.HANDLE,
    S.PROCESSING: Stage.HANDLE,
    S.SUSPENDED: Stage.HANDLE,
    S.ESCALATED: Stage.UPPER,
    S.AWAITING_VERIFY: Stage.VERIFY,
    S.VERIFIED: Stage.VERIFY,
}
"""Which clock a case in this state is under; ended cases are under none but the archive's."""

BESIDE: Final = frozenset({Stage.TAKE, Stage.ARCHIVE, Stage.SUPERVISION})
"""Clocks that run beside the one of the state."""


def moves(*, state: State, act: Act | None = None) -> tuple[Move, ...]:
    """Every way on from `state`, by `act` only if given."""
    return tuple(m for m in (*MOVES, *ALWAYS) if m.frm == state and (act is None or m.act == act))

"""What a person may do with a case now, and what the form of each act asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.utils.translation import gettext as _

from cases.labels import ACTS, LEVEL_NAMES, OUTCOMES, SATISFACTIONS, SUPERVISIONS
from cases.models import Case
from cases.policy import open_moves
from cases.workflow import Act, Move
from staff.scope import Scope

Field = dict[str, Any]

_PRIMARY: Final = frozenset(
    {
        *(Act.SUBMIT, Act.ACCEPT, Act.ASSIGN, Act.ACKNOWLEDGE, Act.FEEDBACK, Act.VERIFY, Act.CLOSE, Act.ARCHIVE),
        *(Act.RESUME, Act.ANSWER, Act.EXTEND, Act.SUPERVISION_REPLY),
    }
)
_ORDER: Final = (
    *(Act.SUBMIT, Act.ACCEPT, Act.ASSIGN, Act.ACKNOWLEDGE, Act.FEEDBACK, Act.VERIFY, Act.CLOSE, Act.ARCHIVE),
    *(Act.RESUME, Act.ANSWER, Act.SUPERVISION_REPLY, Act.EXTEND, Act.REFUSE_EXTENSION, Act.REFUSE_SUSPENSION),
    *(Act.FOLLOW_UP, Act.OPINE, Act.ASK_EXTENSION, Act.ASK_SUSPENSION, Act.SUSPEND, Act.REASSIGN, Act.RETURN),
    *(Act.RETURN_FOR_INFO, Act.MEET, Act.NUDGE, Act.INSTRUCT, Act.SUPERVISE, Act.LIFT_SUPERVISION, Act.ESCALATE),
    *(Act.TRANSFER, Act.MERGE, Act.UNMERGE, Act.LINK_PARENT, Act.UNLINK_PARENT, Act.REJECT, Act.REOPEN, Act.CANCEL),
    Act.COMMENT,
)


def acts_for(*, case: Case, scope: Scope) -> list[dict[str, Any]]:
    """The acts this person may do now, most likely first, each with the fields of its form."""
    mine: dict[Act, list[Move]] = {}
    for move in open_moves(case=case, scope=scope):
        mine.setdefault(move.act, []).append(move)
    return [
        {
            "act": act.value,
            "name": str(ACTS[act]),
            "primary": act in _PRIMARY and not (act is Act.ASSIGN and case.lead_org_id is not None),
            "fields": _fields(act, frozenset.intersection(*(frozenset(m.needs) for m in mine[act]))),
        }
        for act in _ORDER
        if act in mine and _has_occasion(act, case)
    ]


def _has_occasion(act: Act, case: Case) -> bool:
    """Whether there is something to decide or to answer: what would only be refused is not offered."""
    wanted = _OCCASIONS.get(act)
    return wanted is None or wanted(case)


_OCCASIONS: Final[dict[Act, Callable[[Case], bool]]] = {
    Act.EXTEND: lambda case: case.asked_for == "extension",
    Act.REFUSE_EXTENSION: lambda case: case.asked_for == "extension",
    Act.REFUSE_SUSPENSION: lambda case: case.asked_for == "suspension",
    Act.ASK_EXTENSION: lambda case: not case.asked_for,
    Act.ASK_SUSPENSION: lambda case: not case.asked_for,
    Act.SUPERVISION_REPLY: lambda case: bool(case.supervision) and case.supervision_replied_at is None,
    Act.LIFT_SUPERVISION: lambda case: bool(case.supervision),
    Act.LINK_PARENT: lambda case: case.parent_id is None,
    Act.UNLINK_PARENT: lambda case: case.parent_id is not None,
    Act.RETURN: lambda case: not case.first_responsible,
    Act.REOPEN: lambda case: case.reopen_count == 0,
}


def _fields(act: Act, needs: frozenset[str]) -> list[Field]:
    """What the form of this act asks for; the server checks the same again when the act is done."""
    words = _field("text", "text", (_WORDS.get(act) or (lambda: _("Note")))(), required="text" in needs)
    if act is Act.ACKNOWLEDGE:
        return []
    return [*(_MORE[act]() if act in _MORE else ()), words]


def field_labels(act: Act) -> dict[str, str]:
    """What the fields of this act's form are called, by their names."""
    return {field["name"]: field["label"] for field in _fields(act, frozenset())}


def _field(name: str, kind: str, label: str, *, required: bool = False, choices: Any = None) -> Field:
    shown = [{"value": value, "label": str(text)} for value, text in choices.items()] if choices else None
    return {"name": name, "type": kind, "label": label, "required": required, "choices": shown}


_MORE: Final[dict[Act, Callable[[], list[Field]]]] = {
    Act.ACCEPT: lambda: [
        _field("category", "category", _("Category, if it should be another")),
        _field("level", "choice", _("Level"), choices=LEVEL_NAMES),
    ],
    Act.ASSIGN: lambda: [
        _field("organisation", "organisation", _("Lead unit"), required=True),
        _field("assignee", "user", _("Person (optional)")),
        _field("assistants", "organisations", _("Assisting units (optional)")),
        _field("due_at", "datetime", _("Due earlier than the limit (optional)")),
    ],
    Act.REASSIGN: lambda: [_field("assignee", "user", _("Who takes it"), required=True)],
    Act.VERIFY: lambda: [_field("passed", "boolean", _("Is it done?"), required=True)],
    Act.CLOSE: lambda: [_field("outcome", "choice", _("Outcome"), required=True, choices=OUTCOMES)],
    Act.FOLLOW_UP: lambda: [
        _field("satisfaction", "choice", _("What was answered"), required=True, choices=SATISFACTIONS)
    ],
    Act.ASK_SUSPENSION: lambda: [_field("until", "date", _("Until"), required=True)],
    Act.SUSPEND: lambda: [_field("until", "date", _("Until"), required=True)],
    Act.ASK_EXTENSION: lambda: [_field("amount", "number", _("How much more, as the limit counts"), required=True)],
    Act.EXTEND: lambda: [_field("amount", "number", _("How much of what was asked for"), required=True)],
    Act.ESCALATE: lambda: [_field("authority", "line", _("To which higher center"), required=True)],
    Act.ANSWER: lambda: [_field("taken_over", "boolean", _("Does the higher center keep it?"), required=True)],
    Act.TRANSFER: lambda: [_field("authority", "line", _("To which authority"), required=True)],
    Act.SUPERVISE: lambda: [
        _field("supervision", "choice", _("How sharply"), required=True, choices=SUPERVISIONS),
        _field("reply_by", "datetime", _("Answer wanted by (optional: as the limit says)")),
    ],
    Act.MERGE: lambda: [_field("into", "case", _("Into case"), required=True)],
    Act.LINK_PARENT: lambda: [_field("into", "case", _("Part of case"), required=True)],
}

_WORDS: Final[dict[Act, Callable[[], str]]] = {
    Act.RETURN: lambda: _("Why it is sent back"),
    Act.REJECT: lambda: _("Why it is not accepted (the reporter reads this)"),
    Act.RETURN_FOR_INFO: lambda: _("What is missing (the reporter reads this)"),
    Act.SUBMIT: lambda: _("The information asked for"),
    Act.CANCEL: lambda: _("Why it is void"),
    Act.MERGE: lambda: _("Why it is the same matter"),
    Act.UNMERGE: lambda: _("Why it is another matter"),
    Act.FEEDBACK: lambda: _("What was done"),
    Act.SUSPEND: lambda: _("What is waited for"),
    Act.ASK_SUSPENSION: lambda: _("What is waited for"),
    Act.ASK_EXTENSION: lambda: _("Why more time is needed"),
    Act.COMMENT: lambda: _("Comment"),
    Act.VERIFY: lambda: _("What was found (needed when it is not done)"),
    Act.CLOSE: lambda: _("Note (needed when it cannot be solved)"),
    Act.ESCALATE: lambda: _("What was tried here, and why it is not enough"),
    Act.ANSWER: lambda: _("What the higher center said"),
    Act.TRANSFER: lambda: _("Why it is theirs to decide"),
    Act.REOPEN: lambda: _("What came back"),
    Act.FOLLOW_UP: lambda: _("In their words (needed when it is not solved)"),
    Act.OPINE: lambda: _("What your unit found"),
    Act.MEET: lambda: _("Who met, and what was agreed"),
    Act.SUPERVISE: lambda: _("What an answer is wanted to"),
    Act.SUPERVISION_REPLY: lambda: _("The answer"),
    Act.LIFT_SUPERVISION: lambda: _("Why it is lifted"),
    Act.INSTRUCT: lambda: _("Instruction"),
}

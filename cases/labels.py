"""What states, acts, stages and outcomes are called, in the language of the request."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.models import LEVELS
from cases.workflow import Act, Outcome, Stage, State, Supervision

STATES: Final = {
    State.DRAFT: pgettext_lazy("state", "information wanted"),
    State.REPORTED: pgettext_lazy("state", "reported"),
    State.ACCEPTED: pgettext_lazy("state", "accepted"),
    State.ASSIGNED: pgettext_lazy("state", "assigned"),
    State.PROCESSING: pgettext_lazy("state", "in progress"),
    State.ESCALATED: pgettext_lazy("state", "with the higher center"),
    State.AWAITING_VERIFY: pgettext_lazy("state", "awaiting verification"),
    State.VERIFIED: pgettext_lazy("state", "verified"),
    State.SUSPENDED: pgettext_lazy("state", "suspended"),
    State.CLOSED: pgettext_lazy("state", "closed"),
    State.ARCHIVED: pgettext_lazy("state", "archived"),
    State.REJECTED: pgettext_lazy("state", "not accepted"),
    State.MERGED: pgettext_lazy("state", "merged"),
    State.CANCELLED: pgettext_lazy("state", "cancelled"),
    State.TRANSFERRED: pgettext_lazy("state", "transferred"),
}
ACTS: Final = {
    Act.REPORT: pgettext_lazy("act", "report"),
    Act.RETURN_FOR_INFO: pgettext_lazy("act", "ask for information"),
    Act.SUBMIT: pgettext_lazy("act", "give the information"),
    Act.ACCEPT: pgettext_lazy("act", "accept"),
    Act.REJECT: pgettext_lazy("act", "do not accept"),
    Act.MERGE: pgettext_lazy("act", "merge"),
    Act.UNMERGE: pgettext_lazy("act", "undo the merge"),
    Act.ASSIGN: pgettext_lazy("act", "assign"),
    Act.ACKNOWLEDGE: pgettext_lazy("act", "acknowledge"),
    Act.RETURN: pgettext_lazy("act", "send back"),
    Act.REASSIGN: pgettext_lazy("act", "give to another person"),
    Act.FEEDBACK: pgettext_lazy("act", "give feedback"),
    Act.VERIFY: pgettext_lazy("act", "verify"),
    Act.CLOSE: pgettext_lazy("act", "close"),
    Act.ARCHIVE: pgettext_lazy("act", "archive"),
    Act.REOPEN: pgettext_lazy("act", "reopen"),
    Act.FOLLOW_UP: pgettext_lazy("act", "follow up"),
    Act.ASK_SUSPENSION: pgettext_lazy("act", "ask to suspend"),
    Act.SUSPEND: pgettext_lazy("act", "suspend"),
    Act.REFUSE_SUSPENSION: pgettext_lazy("act", "refuse to suspend"),
    Act.RESUME: pgettext_lazy("act", "resume"),
    Act.ASK_EXTENSION: pgettext_lazy("act", "ask for more time"),
    Act.EXTEND: pgettext_lazy("act", "give more time"),
    Act.REFUSE_EXTENSION: pgettext_lazy("act", "refuse more time"),
    Act.ESCALATE: pgettext_lazy("act", "escalate"),
    Act.ANSWER: pgettext_lazy("act", "enter the answer from above"),
    Act.TRANSFER: pgettext_lazy("act", "transfer"),
    Act.CANCEL: pgettext_lazy("act", "cancel"),
    Act.COMMENT: pgettext_lazy("act", "comment"),
    Act.ATTACH: pgettext_lazy("act", "add a photo"),
    Act.PARTY_ADDED: pgettext_lazy("act", "enter a party"),
    Act.PARTY_REMOVED: pgettext_lazy("act", "take a party out"),
    Act.CONFLICT: pgettext_lazy("act", "came too late"),
    Act.SETTLE_CONFLICT: pgettext_lazy("act", "decide a conflict"),
    Act.OPINE: pgettext_lazy("act", "give an opinion"),
    Act.MEET: pgettext_lazy("act", "record a joint meeting"),
    Act.NUDGE: pgettext_lazy("act", "nudge"),
    Act.SUPERVISE: pgettext_lazy("act", "supervise"),
    Act.SUPERVISION_REPLY: pgettext_lazy("act", "reply to the supervision"),
    Act.LIFT_SUPERVISION: pgettext_lazy("act", "lift the supervision"),
    Act.INSTRUCT: pgettext_lazy("act", "instruct"),
    Act.LINK_PARENT: pgettext_lazy("act", "make it a part"),
    Act.UNLINK_PARENT: pgettext_lazy("act", "make it stand alone"),
    Act.DUE_SOON: pgettext_lazy("act", "due soon"),
    Act.OVERDUE: pgettext_lazy("act", "overdue"),
    Act.CELL_CHANGED: pgettext_lazy("act", "handed to another cell"),
    Act.CLOCK_CHANGED: pgettext_lazy("act", "due time moved by the calendar"),
}
STAGES: Final = {
    Stage.INFO: _("give information"),
    Stage.ACCEPT: _("accept"),
    Stage.TAKE: _("acknowledge"),
    Stage.HANDLE: _("handle"),
    Stage.UPPER: _("answer from above"),
    Stage.VERIFY: _("verify and close"),
    Stage.ARCHIVE: _("archive"),
    Stage.SUPERVISION: _("reply to a supervision"),
}
LEVEL_NAMES: Final = dict(LEVELS)
SUPERVISIONS: Final = {
    Supervision.ORDINARY: _("ordinary supervision"),
    Supervision.YELLOW: _("yellow card"),
    Supervision.RED: _("red card"),
}
SATISFACTIONS: Final = {
    "satisfied": _("satisfied"),
    "not_satisfied": _("not satisfied"),
    "not_solved": _("not solved"),
}
OUTCOMES: Final = {
    Outcome.SOLVED: _("solved"),
    Outcome.PARTLY: _("partly solved"),
    Outcome.UNSOLVABLE: _("cannot be solved"),
    Outcome.NOT_AS_REPORTED: _("not as reported"),
}
DAY_REASONS: Final = {
    "start_day": _("the day it starts is not counted"),
    "working_day": _("working day"),
    "calendar_day": _("calendar day"),
    "make_up_day": _("make-up day"),
    "weekend": _("weekend"),
    "holiday": _("holiday"),
    "paused": _("the clock stood"),
    "on_the_spot": _("solved on the spot: no time ran"),
}


def state_name(state: str) -> str:
    return str(STATES[State(state)]) if state else ""


def act_name(act: str) -> str:
    return str(ACTS[Act(act)])

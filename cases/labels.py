"""What states, acts, stages and outcomes are called, in the language of the request."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.workflow import Act, Outcome, Stage, State

STATES: Final = {
    State.REPORTED: pgettext_lazy("state", "reported"),
    State.ACCEPTED: pgettext_lazy("state", "accepted"),
    State.ASSIGNED: pgettext_lazy("state", "assigned"),
    State.PROCESSING: pgettext_lazy("state", "in progress"),
    State.AWAITING_VERIFY: pgettext_lazy("state", "awaiting verification"),
    State.VERIFIED: pgettext_lazy("state", "verified"),
    State.SUSPENDED: pgettext_lazy("state", "suspended"),
    State.CLOSED: pgettext_lazy("state", "closed"),
    State.REJECTED: pgettext_lazy("state", "not accepted"),
    State.MERGED: pgettext_lazy("state", "merged"),
    State.CANCELLED: pgettext_lazy("state", "cancelled"),
}
ACTS: Final = {
    Act.REPORT: pgettext_lazy("act", "report"),
    Act.ACCEPT: pgettext_lazy("act", "accept"),
    Act.REJECT: pgettext_lazy("act", "do not accept"),
    Act.MERGE: pgettext_lazy("act", "merge"),
    Act.ASSIGN: pgettext_lazy("act", "assign"),
    Act.ACKNOWLEDGE: pgettext_lazy("act", "acknowledge"),
    Act.RETURN: pgettext_lazy("act", "send back"),
    Act.FEEDBACK: pgettext_lazy("act", "give feedback"),
    Act.VERIFY: pgettext_lazy("act", "verify"),
    Act.CLOSE: pgettext_lazy("act", "close"),
    Act.SUSPEND: pgettext_lazy("act", "suspend"),
    Act.RESUME: pgettext_lazy("act", "resume"),
    Act.CANCEL: pgettext_lazy("act", "cancel"),
    Act.COMMENT: pgettext_lazy("act", "comment"),
    Act.ATTACH: pgettext_lazy("act", "add a photo"),
    Act.DUE_SOON: pgettext_lazy("act", "due soon"),
    Act.OVERDUE: pgettext_lazy("act", "overdue"),
    Act.CELL_CHANGED: pgettext_lazy("act", "handed to another cell"),
}
STAGES: Final = {Stage.ACCEPT: _("accept"), Stage.HANDLE: _("handle"), Stage.VERIFY: _("verify and close")}
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
}


def state_name(state: str) -> str:
    return str(STATES[State(state)]) if state else ""


def act_name(act: str) -> str:
    return str(ACTS[Act(act)])

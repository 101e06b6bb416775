"""What states, acts, stages and outcomes are called, in the language of the request."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from cases.workflow import Act, Outcome, Stage, State

STATES: Final = {
    State.REPORTED: _("reported"),
    State.ACCEPTED: _("accepted"),
    State.ASSIGNED: _("assigned"),
    State.PROCESSING: _("in progress"),
    State.AWAITING_VERIFY: _("awaiting verification"),
    State.VERIFIED: _("verified"),
    State.SUSPENDED: _("suspended"),
    State.CLOSED: _("closed"),
    State.REJECTED: _("not accepted"),
    State.MERGED: _("merged"),
    State.CANCELLED: _("cancelled"),
}
ACTS: Final = {
    Act.REPORT: _("report"),
    Act.ACCEPT: _("accept"),
    Act.REJECT: _("do not accept"),
    Act.MERGE: _("merge"),
    Act.ASSIGN: _("assign"),
    Act.ACKNOWLEDGE: _("acknowledge"),
    Act.RETURN: _("send back"),
    Act.FEEDBACK: _("give feedback"),
    Act.VERIFY: _("verify"),
    Act.CLOSE: _("close"),
    Act.SUSPEND: _("suspend"),
    Act.RESUME: _("resume"),
    Act.CANCEL: _("cancel"),
    Act.COMMENT: _("comment"),
    Act.ATTACH: _("add a photo"),
    Act.DUE_SOON: _("due soon"),
    Act.OVERDUE: _("overdue"),
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

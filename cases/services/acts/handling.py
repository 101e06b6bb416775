"""What changes while a unit works on a case, asks for time, or hands the matter upwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case
from cases.selectors import rules as clocks
from cases.services.acts.doing import Doing, invalid, run_handle_clock, run_stage
from cases.services.acts.intake import start_over
from cases.workflow import Act, Stage, State

EXTENSIONS_AT_MOST: Final = 2
"""domain.md §3.3: more than two are a matter for the head to take in hand."""


def _acknowledge(doing: Doing) -> None:
    case = doing.case
    case.acknowledged_at, case.take_due_at = doing.at, None
    # From here one person answers for it.
    if case.assignee_id is None:
        case.assignee = doing.author or doing.by
    _note_handler(doing)
    doing.data["assignee"] = case.assignee_id


def _note_handler(doing: Doing) -> None:
    """Both, when somebody lets another's work count: neither of them verifies it."""
    case = doing.case
    people = [doing.author.pk, doing.by.pk] if doing.author else [doing.by.pk]
    case.handled_by = [*case.handled_by, *(pk for pk in people if pk not in case.handled_by)]


def _feedback(doing: Doing) -> None:
    doing.case.feedback_at = doing.at
    _note_handler(doing)
    _withdraw_request(doing.case)
    start_verify(doing)


def start_verify(doing: Doing) -> None:
    run_stage(doing, Stage.VERIFY, kept_as="verify_due_at")
    doing.case.verify_due_at = doing.case.due_at


def _verify(doing: Doing) -> None:
    case = doing.case
    doing.data["passed"] = doing.given.passed
    if doing.given.passed:
        case.verified_at = doing.at
        return
    case.rework_count += 1
    case.feedback_at = case.verify_due_at = case.verified_at = None
    if case.state == State.REPORTED:
        start_over(doing)
    else:
        run_handle_clock(doing)


def _ask_suspension(doing: Doing) -> None:
    _check_unasked(doing.case)
    doing.case.asked_for, doing.case.asked_until = "suspension", _end_of_wait(doing)


def _end_of_wait(doing: Doing) -> date:
    """The day that was named, which the event keeps."""
    until = doing.given.until
    if until is None or until <= timezone.localdate(doing.at):
        raise invalid("until", _("Choose a day after today."))
    doing.data["until"] = until.isoformat()
    return until


def _suspend(doing: Doing) -> None:
    case = doing.case
    case.suspended_until = _end_of_wait(doing)
    if case.asked_until is not None:
        doing.data["asked_until"] = case.asked_until.isoformat()
    _withdraw_request(case)
    # The clock stands: it has no end for now.
    case.handle_due_at = case.due_at = case.soon_at = None


def _resume(doing: Doing) -> None:
    doing.case.suspended_until = None
    run_handle_clock(doing)


def _refuse_suspension(doing: Doing) -> None:
    _check_asked(doing.case, "suspension")
    _withdraw_request(doing.case)


def _ask_extension(doing: Doing) -> None:
    case, amount = doing.case, doing.given.amount or 0
    _check_unasked(case)
    # Whoever lets another's late request count has seen when it was made.
    if case.handle_due_at is None or (doing.author is None and doing.at >= case.handle_due_at):
        message = _(
            "It is late already: more time is asked for before the due time. Give feedback on what is done, and tell"
            " the center in a comment what is still needed."
        )
        raise invalid("amount", message, "late")
    if case.extension_count >= EXTENSIONS_AT_MOST:
        message = _(
            "Extended %(n)d times already; that is the most. Tell the head of the center in a comment why it is not"
            " enough."
        )
        raise invalid("amount", message % {"n": case.extension_count}, "spent")
    check_amount(case, amount)
    case.asked_for, case.asked_amount = "extension", amount
    doing.data["amount"] = amount


def check_amount(case: Case, amount: int) -> None:
    """At most as long as the original limit, each time."""
    limit = clocks.handle_limit(case=case)
    if not 1 <= amount <= limit.amount:
        raise invalid(
            "amount",
            _("Ask for at least 1 and at most %(most)d, the length of the limit itself.") % {"most": limit.amount},
        )


def _extend(doing: Doing) -> None:
    """Whole or in part, never more than was asked for."""
    case, amount = doing.case, doing.given.amount or 0
    _check_asked(case, "extension")
    if not 1 <= amount <= (case.asked_amount or 0):
        raise invalid(
            "amount", _("At least 1 and at most %(most)d: so much was asked for.") % {"most": case.asked_amount}
        )
    doing.data.update(amount=amount, asked_amount=case.asked_amount)
    case.extension_count += 1
    _withdraw_request(case)
    run_handle_clock(doing)


def _refuse_extension(doing: Doing) -> None:
    _check_asked(doing.case, "extension")
    doing.data["asked_amount"] = doing.case.asked_amount
    _withdraw_request(doing.case)


def _check_unasked(case: Case) -> None:
    if case.asked_for:
        message = _("A request is waiting for its answer already. Wait for it, or add what is new as a comment.")
        raise invalid("text", message, "asked")


def _check_asked(case: Case, what: str) -> None:
    if case.asked_for != what:
        raise invalid("text", _("Nothing of this kind was asked for."), "not_asked")


def _withdraw_request(case: Case) -> None:
    """Decided, or overtaken by what happened."""
    case.asked_for, case.asked_amount, case.asked_until = "", None, None


def _escalate(doing: Doing) -> None:
    doing.case.authority = doing.given.authority.strip()
    doing.data["authority"] = doing.case.authority
    _withdraw_request(doing.case)
    run_stage(doing, Stage.UPPER, kept_as="upper_due_at")
    # What counts as late meanwhile is the answer; the unit's own clock stands and is worked out again afterwards.
    doing.case.handle_due_at = doing.case.due_at


def _answer(doing: Doing) -> None:
    """What the higher center said; the unit's clock goes on where it stood."""
    doing.data.update(authority=doing.case.authority, taken_over=doing.given.taken_over)
    if doing.case.state != State.TRANSFERRED:
        run_handle_clock(doing)


def _transfer(doing: Doing) -> None:
    doing.case.authority = doing.given.authority.strip()
    doing.data["authority"] = doing.case.authority


EFFECTS: Final[dict[Act, Callable[[Doing], None]]] = {
    Act.ACKNOWLEDGE: _acknowledge,
    Act.FEEDBACK: _feedback,
    Act.VERIFY: _verify,
    Act.ASK_SUSPENSION: _ask_suspension,
    Act.SUSPEND: _suspend,
    Act.REFUSE_SUSPENSION: _refuse_suspension,
    Act.RESUME: _resume,
    Act.ASK_EXTENSION: _ask_extension,
    Act.EXTEND: _extend,
    Act.REFUSE_EXTENSION: _refuse_extension,
    Act.ESCALATE: _escalate,
    Act.ANSWER: _answer,
    Act.TRANSFER: _transfer,
}

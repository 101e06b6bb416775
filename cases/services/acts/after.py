"""What changes when a case ends, and afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.utils.translation import gettext as _

from cases.services.acts.doing import Doing, invalid, run_handle_clock, start_term
from cases.services.acts.handling import start_verify
from cases.services.acts.intake import start_over
from cases.workflow import Act, Outcome, Stage, State

REOPENED_AT_MOST: Final = 1
SATISFACTION: Final = ("satisfied", "not_satisfied", "not_solved")


def _close(doing: Doing) -> None:
    case, given = doing.case, doing.given
    if given.outcome not in set(Outcome):
        raise invalid("outcome", _("Say how it ended."), "invalid_choice")
    if given.outcome == Outcome.UNSOLVABLE and not given.text.strip():
        raise invalid("text", _("Say why it cannot be solved: the reporter reads this."), "required")
    case.outcome, case.closed_at = given.outcome, doing.at
    doing.data["outcome"] = given.outcome
    case.archive_due_at = start_term(doing, Stage.ARCHIVE, kept_as="archive_due_at").at
    doing.data["open_parts"] = sorted(case.parts.filter(is_open=True).values_list("number", flat=True))


def _archive(doing: Doing) -> None:
    doing.case.archived_at = doing.at


def _reopen(doing: Doing) -> None:
    """Once: a matter that comes back a second time is a new matter, or one for the head."""
    case = doing.case
    if case.reopen_count >= REOPENED_AT_MOST:
        raise invalid("text", _("Reopened once already. Report it anew and link the two."), "spent")
    case.reopen_count += 1
    _begin_again(doing)
    case.feedback_at = case.verify_due_at = None
    if case.state == State.PROCESSING:
        run_handle_clock(doing)
    else:
        start_over(doing)


def _begin_again(doing: Doing) -> None:
    case = doing.case
    doing.data["outcome_before"] = case.outcome
    case.outcome = case.satisfaction = ""
    case.verified_at = case.closed_at = case.archived_at = case.archive_due_at = None


def _follow_up(doing: Doing) -> None:
    said = doing.given.satisfaction
    if said not in SATISFACTION:
        raise invalid("satisfaction", _("Say what was answered."), "invalid_choice")
    doing.data["satisfaction"] = doing.case.satisfaction = said
    if doing.case.state == State.AWAITING_VERIFY:
        _begin_again(doing)
        start_verify(doing)


EFFECTS: Final[dict[Act, Callable[[Doing], None]]] = {
    Act.CLOSE: _close,
    Act.ARCHIVE: _archive,
    Act.REOPEN: _reopen,
    Act.FOLLOW_UP: _follow_up,
}

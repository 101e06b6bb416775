"""A request for more time or for a pause that was made without signal: does it come too late to be put as it stands?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from django.utils import timezone

from cases.models import Case, CaseConflict, CaseEvent
from cases.services.acts import ActInput
from cases.services.acts.door import ASKING
from cases.services.acts.handling import check_amount
from cases.services.acts.offline import Offline, believed_time
from cases.workflow import Act

Reason = CaseConflict.Reason

GIVEN: Final = frozenset({*ASKING, Act.EXTEND})
"""What others may have done meanwhile about the same time."""


def overtaken(
    *, case: Case, act: Act, given: ActInput, offline: Offline, since: Sequence[CaseEvent], now: datetime
) -> Reason | None:
    """Why a person has to decide on the request; None if it is as good as one made now, rules and refusals included.

    `since` are the events after what its author saw. Whatever came of time or of others is for a person; what would
    have been refused with signal, too, is refused. At most one statement, for the limit.
    Raises ValidationError for more time than could ever be given.
    """
    reason = _reason(case=case, act=act, given=given, offline=offline, since=since, now=now)
    if reason is not None and act is Act.ASK_EXTENSION:
        check_amount(case, given.amount or 0)
    return reason


def _reason(
    *, case: Case, act: Act, given: ActInput, offline: Offline, since: Sequence[CaseEvent], now: datetime
) -> Reason | None:
    said = believed_time(offline=offline, case=case, now=now)
    # A clock that cannot be right says nothing about when: whoever decides sees both times.
    in_doubt = offline.done_at is not None and said is None
    if _asked_or_given(case, act, since, said):
        return Reason.STALE
    end = _ends(case, act, given)
    if end is None or not _is_over(end, now):
        return None
    was_open = said is not None and not _is_over(end, said)
    return Reason.PAST_DUE if was_open or in_doubt else None


def _asked_or_given(case: Case, act: Act, since: Sequence[CaseEvent], said: datetime | None) -> bool:
    """Another request waits, or more time was given: the author counted from another due time."""
    if case.asked_for and any(event.act in ASKING for event in since):
        return True
    unseen = (event for event in since if event.act == Act.EXTEND and (said is None or event.at > said))
    return act is Act.ASK_EXTENSION and any(unseen)


def _ends(case: Case, act: Act, given: ActInput) -> datetime | date | None:
    """Until when it could be asked: the due time, or the last day but one of the pause."""
    return case.handle_due_at if act is Act.ASK_EXTENSION else given.until


def _is_over(end: datetime | date, moment: datetime) -> bool:
    return moment >= end if isinstance(end, datetime) else timezone.localdate(moment) >= end

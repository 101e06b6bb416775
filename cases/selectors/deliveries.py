"""Whose photo still belongs to a case that its author may not see any more: the one of an act they made there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils import timezone

from cases.models import Case, CaseConflict, CaseEvent
from cases.policy import WRITING_ROLES
from cases.workflow import Act
from staff.models import User
from staff.scope import scope_of

DELIVERED_WITHIN: Final = timedelta(days=30)
"""After the act itself has arrived: a phone that had a net for the words finds one for the photo."""
FILES_PER_ACT: Final = 20
WITH_ACT: Final = "with_act"
"""Where the event of such a file names its act."""


def may_deliver(*, case_id: int, by: User, act: UUID, now: datetime) -> bool:
    """Whether a file that belongs to the act with this client id is taken in although the case may be out of sight:
    the act is this person's own, on this case, lately, from a day on which they could add files, and has not had its
    fill of them. Opens nothing else of the case. Four statements, and one for the posts of each day.
    """
    moments = [moment for moment in _moments(case_id=case_id, by=by, act=act) if moment is not None]
    if not moments or max(moments) < now - DELIVERED_WITHIN:
        return False
    days = {timezone.localdate(moment) for moment in moments}
    if not any(scope_of(by, on=day).roles & WRITING_ROLES for day in days):
        return False
    files = CaseEvent.objects.filter(case_id=case_id, act=Act.ATTACH, actor=by, data__with_act=str(act))
    return files.count() < FILES_PER_ACT


def _moments(*, case_id: int, by: User, act: UUID) -> list[datetime | None]:
    """When it was done and when it arrived: as an act, as a report, or kept as a conflict."""
    done = CaseEvent.objects.filter(case_id=case_id, actor=by, client_id=act).values_list("at", flat=True)
    reported = Case.objects.filter(pk=case_id, reporter=by, client_id=act).values_list("received_at", flat=True)
    kept = CaseConflict.objects.filter(case_id=case_id, by=by, client_id=act).values_list("received_at", "done_at")
    return [*done, *reported, *(moment for row in kept for moment in row)]

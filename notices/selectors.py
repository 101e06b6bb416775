"""Which events and which messages wait."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet

from cases.models import TOLD, CaseEvent
from notices.models import Horizon, Message, Reminder

LONGEST_WRITE: Final = timedelta(hours=1)
"""No transaction takes as long: an event older than this stands where its number says."""


def horizon() -> int:
    """Every event to tell up to this number was looked at."""
    return Horizon.objects.values_list("event_id", flat=True).first() or 0


def events_to_tell(*, limit: int) -> QuerySet[CaseEvent]:
    """Events worth a mail that nobody has looked at yet, oldest first."""
    seen = Reminder.objects.filter(event=OuterRef("pk"))
    return (
        CaseEvent.objects.filter(act__in=TOLD, pk__gt=horizon())
        .filter(~Exists(seen))
        .select_related("case")
        .order_by("pk")[:limit]
    )


def settled_up_to(*, now: datetime) -> int | None:
    """The newest event to tell that no transaction still running can come before."""
    told = CaseEvent.objects.filter(act__in=TOLD, pk__gt=horizon())
    young = told.filter(at__gte=now - LONGEST_WRITE).order_by("pk").values_list("pk", flat=True).first()
    old = told if young is None else told.filter(pk__lt=young)
    return old.order_by("-pk").values_list("pk", flat=True).first()


def messages_due(*, now: datetime) -> QuerySet[Message]:
    """Unsent messages whose time has come, oldest first."""
    return Message.objects.filter(sent_at__isnull=True, next_try_at__lte=now).order_by("next_try_at", "pk")

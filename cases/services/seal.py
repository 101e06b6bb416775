"""Seal the day: one hash over all events of all cases since the last seal, and check the seals."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from cases.models import CaseEvent, DayHead
from cases.services.evidence import Break

_LOCK: Final = 7_301_001
"""Key of the advisory lock: one process seals at a time."""


@transaction.atomic
def seal_day(*, now: datetime | None = None) -> DayHead:
    """The seal of yesterday (Asia/Shanghai), made now if there is none: over every event committed until now.

    For a moment it waits for whoever is writing an event, and new ones wait for it: an event whose number was given
    out but not yet committed would otherwise stay outside every seal.
    """
    moment = now or timezone.now()
    day = timezone.localdate(moment) - timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    if (known := DayHead.objects.filter(day=day).first()) is not None:
        return known
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE cases_caseevent IN SHARE MODE")
    before = DayHead.objects.order_by("-day").first()
    after = before.upto_id if before else 0
    upto = CaseEvent.objects.aggregate(last=Max("pk"))["last"] or after
    head, count = _head(before=before.head if before else "", after=after, upto=upto)
    return DayHead.objects.create(day=day, upto_id=upto, events=count, head=head, sealed_at=moment)


def _head(*, before: str, after: int, upto: int) -> tuple[str, int]:
    """SHA-256 (hex) over the seal before and the hashes of the events after..upto by their number, and their count."""
    digest, count = hashlib.sha256(before.encode()), 0
    hashes = CaseEvent.objects.filter(pk__gt=after, pk__lte=upto).order_by("pk").values_list("hash", flat=True)
    for one in hashes.iterator(chunk_size=10_000):
        digest.update(b"\n" + one.encode())
        count += 1
    return digest.hexdigest(), count


def verify_seals() -> Iterator[Break]:
    """Every seal that no longer fits the events: some were edited, taken away or put in since."""
    before, after = "", 0
    for seal in DayHead.objects.order_by("day"):
        head, count = _head(before=before, after=after, upto=seal.upto_id)
        if (head, count) != (seal.head, seal.events):
            missing = seal.events - count
            yield Break(f"{seal.day:%Y-%m-%d}", seal.events, f"seal broken, {missing} events missing")
        before, after = seal.head, seal.upto_id

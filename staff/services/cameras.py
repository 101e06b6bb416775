"""Take in what the video platform says about its cameras."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from grid.models import Camera
from staff.scope import Scope
from staff.sight import lies_in


@dataclass(frozen=True, slots=True)
class CameraReport:
    gb28181_id: str
    online: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """How many cameras were updated, and the numbers that mean nothing to this reporter, in the order sent."""

    updated: int
    unknown: list[str]


# One statement, and conditional: two reporters, or one whose network held a report back, leave the newest standing.
_UPDATE = """
UPDATE grid_camera SET online = new.online, reported_at = new.at
FROM unnest(%s::text[], %s::boolean[], %s::timestamptz[]) AS new(number, online, at)
WHERE gb28181_id = new.number AND (reported_at IS NULL OR reported_at <= new.at)
"""


@transaction.atomic
def take_camera_reports(*, reports: Sequence[CameraReport], scope: Scope) -> Taken:
    """Note which cameras are online, in two statements. Older reports than the one on record change nothing.

    A camera outside the scope is as unknown as one that is not registered.
    """
    newest: dict[str, CameraReport] = {}
    for report in reports:
        if report.gb28181_id not in newest or report.at >= newest[report.gb28181_id].at:
            newest[report.gb28181_id] = report
    cameras = Camera.objects.filter(lies_in(scope.codes()), active=True, gb28181_id__in=newest)
    # Locked in one order: two reporters with the same cameras must not wait for each other.
    known = set(cameras.select_for_update().order_by("pk").values_list("gb28181_id", flat=True))
    taken = [report for number, report in newest.items() if number in known]
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, [[r.gb28181_id for r in taken], [r.online for r in taken], [r.at for r in taken]])
        updated = cursor.rowcount
    return Taken(updated=updated, unknown=[number for number in newest if number not in known])

"""Walk a patrol: start, points, ticks, stop; work out what was visited; forget the points in time."""

from __future__ import annotations

import bisect
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.contrib.gis.geos import Point
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.metres import Scale
from grid.models import CheckPoint, PatrolArea
from staff.models import Patrol, PatrolPoint, PatrolVisit, User
from staff.scope import Scope, scope_of
from staff.selectors.patrols import patrol_areas_of
from staff.sight import GROUND_ROLES

logger = logging.getLogger(__name__)

CLOCK_ERROR: Final = timedelta(minutes=5)
"""How far a phone's clock may be ahead."""
LONGEST: Final = timedelta(hours=24)
"""A patrol that nobody stopped ends by then."""
SPACING: Final = timedelta(seconds=30)
STANDING: Final = timedelta(minutes=5)
STANDING_METRES: Final = 10.0
"""Of somebody who has not moved so far one point in STANDING is kept."""
BATCH: Final = 5000
"""Points deleted at a time."""


class PatrolConflictError(Exception):
    """The client id was used for another patrol, or by somebody else."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a phone says it was (WGS-84)."""

    lon: float
    lat: float
    accuracy_m: float | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    kept: int
    dropped: int


def start_patrol(*, client_id: UUID, patrol_area_id: int | None, started_at: datetime, by: User) -> tuple[Patrol, bool]:
    """The patrol, and whether it is new: the same start sent again answers with the same patrol.

    Raises PermissionDenied, ValidationError, PatrolConflictError.
    """
    scope = scope_of(by)
    codes = scope.codes(*GROUND_ROLES)
    if not codes:
        raise PermissionDenied
    patrol = Patrol.objects.filter(client_id=client_id).first()
    if patrol is None:
        _check_start(started_at)
        area = _patrol_area(pk=patrol_area_id, scope=scope)
        towns = [code[:9] for code in codes]
        town = area.area.code[:9] if area is not None and area.area.code[:9] in towns else towns[0]
        patrol, new = Patrol.objects.get_or_create(
            client_id=client_id,
            defaults={
                "user": by,
                "patrol_area": area,
                "town_code": town,
                "started_at": started_at,
                "received_at": timezone.now(),
            },
        )
        if new:
            logger.info("patrol_started patrol=%s by=%s", patrol.pk, by.pk)
            return patrol, True
    if (patrol.user_id, patrol.patrol_area_id, patrol.started_at) != (by.pk, patrol_area_id, started_at):
        raise PatrolConflictError
    return patrol, False


def _check_start(started_at: datetime) -> None:
    now = timezone.now()
    if started_at > now + CLOCK_ERROR:
        message = _("This moment is still to come. Check the clock of the phone.")
        raise ValidationError({"started_at": ValidationError(message, "in_future")})
    if started_at < now - timedelta(days=settings.PATROL_POINTS_DAYS):
        message = _("This patrol is older than points are kept. Check the clock of the phone.")
        raise ValidationError({"started_at": ValidationError(message, "too_old")})


def _patrol_area(*, pk: int | None, scope: Scope) -> PatrolArea | None:
    if pk is None:
        return None
    area = patrol_areas_of(scope=scope).select_related("area").filter(pk=pk).first()
    if area is None:
        message = _("This patrol area is unknown here. Choose one of the list, or none.")
        raise ValidationError({"patrol_area": ValidationError(message, "unknown")})
    return area


def _locked(patrol: Patrol) -> Patrol:
    """One at a time: the same points sent twice at once must not both be new."""
    return Patrol.objects.select_for_update().get(pk=patrol.pk)


@transaction.atomic
def add_points(*, patrol: Patrol, spots: Sequence[Spot]) -> Kept:
    """Keep what lies between start and stop, thinned. The same points sent again are dropped.

    Late points of a stopped patrol are taken, too, and may add visits.
    """
    patrol = _locked(patrol)
    end = min(patrol.stopped_at or timezone.now() + CLOCK_ERROR, patrol.started_at + LONGEST)
    inside = sorted((spot for spot in spots if patrol.started_at <= spot.at <= end), key=lambda spot: spot.at)
    known = [
        Spot(point.x, point.y, None, at)
        for point, at in PatrolPoint.objects.filter(patrol=patrol).order_by("at").values_list("point", "at")
    ]
    kept = thinned(known=known, spots=inside)
    PatrolPoint.objects.bulk_create(
        PatrolPoint(patrol=patrol, point=Point(spot.lon, spot.lat, srid=4326), accuracy_m=spot.accuracy_m, at=spot.at)
        for spot in kept
    )
    if kept and patrol.stopped_at is not None:
        record_visits(patrol_id=patrol.pk)
    return Kept(kept=len(kept), dropped=len(spots) - len(kept))


def thinned(*, known: Sequence[Spot], spots: Sequence[Spot]) -> list[Spot]:
    """Of `spots` (by time) those worth keeping beside the `known` (by time).

    Dropped is what is nearer than SPACING to a kept one, and whoever has not moved STANDING_METRES within STANDING.
    """
    line = list(known)
    kept = []
    for spot in spots:
        place = bisect.bisect_right(line, spot.at, key=lambda one: one.at)
        before, after = (line[place - 1] if place else None), (line[place] if place < len(line) else None)
        if after is not None and after.at - spot.at < SPACING:
            continue
        if before is not None and _adds_nothing(spot, before):
            continue
        line.insert(place, spot)
        kept.append(spot)
    return kept


def _adds_nothing(spot: Spot, before: Spot) -> bool:
    waited = spot.at - before.at
    if waited < SPACING:
        return True
    scale = Scale.at(before.lat)
    moved = math.hypot((spot.lon - before.lon) * scale.east, (spot.lat - before.lat) * scale.north)
    return waited < STANDING and moved < STANDING_METRES


@transaction.atomic
def tick_check_point(*, patrol: Patrol, check_point_id: int, at: datetime, by_hand: bool, by: User) -> None:
    """Somebody says that they were at a check-point; said twice, the later moment stands.

    Raises ValidationError for a check-point that is not in sight and a moment outside the patrol.
    """
    patrol = _locked(patrol)
    seen = CheckPoint.objects.filter(patrol_area__in=patrol_areas_of(scope=scope_of(by)), active=True)
    point = seen.filter(pk=check_point_id).first()
    if point is None:
        message = _("This check-point is unknown here. Choose one of the list.")
        raise ValidationError({"check_point": ValidationError(message, "unknown")})
    if (
        not patrol.started_at
        <= at
        <= min(patrol.stopped_at or timezone.now() + CLOCK_ERROR, patrol.started_at + LONGEST)
    ):
        message = _("This moment is not within the patrol. Tick while you are walking.")
        raise ValidationError({"at": ValidationError(message, "outside_the_patrol")})
    visit, new = PatrolVisit.objects.get_or_create(
        patrol=patrol, check_point=point, defaults={"at": at, "by_hand": by_hand}
    )
    if not new and at > visit.at:
        PatrolVisit.objects.filter(pk=visit.pk).update(at=at)


@transaction.atomic
def stop_patrol(*, patrol: Patrol, stopped_at: datetime) -> Patrol:
    """End the patrol and work out what was visited. It ends LONGEST after its start at the latest.

    Stopped again, the later moment stands: the server may have ended it while the phone was out of reach.
    Raises ValidationError for a moment before the start or still to come.
    """
    patrol = _locked(patrol)
    if stopped_at < patrol.started_at:
        message = _("The patrol cannot end before it began. Check the clock of the phone.")
        raise ValidationError({"stopped_at": ValidationError(message, "before_start")})
    if stopped_at > timezone.now() + CLOCK_ERROR:
        message = _("This moment is still to come. Check the clock of the phone.")
        raise ValidationError({"stopped_at": ValidationError(message, "in_future")})
    stopped_at = min(stopped_at, patrol.started_at + LONGEST)
    if patrol.stopped_at is None or stopped_at > patrol.stopped_at:
        _stop(patrol, at=stopped_at)
    return patrol


def _stop(patrol: Patrol, *, at: datetime) -> None:
    patrol.stopped_at = at
    patrol.save(update_fields=["stopped_at"])
    # Between start and stop and at no other time: what came in ahead of an earlier stop goes.
    PatrolPoint.objects.filter(patrol=patrol, at__gt=at).delete()
    record_visits(patrol_id=patrol.pk)
    logger.info("patrol_stopped patrol=%s", patrol.pk)


# A point on a shared border was in the cell with the lower code, as everywhere. The latest moment stands.
_CELLS = """
INSERT INTO staff_patrolvisit (patrol_id, cell_id, at, by_hand)
SELECT %(patrol)s, cell_id, max(at), false FROM (
    SELECT DISTINCT ON (p.id) b.area_id AS cell_id, p.at
    FROM staff_patrolpoint p
    JOIN grid_areaboundary b ON ST_Covers(b.geometry, p.point)
        AND b.valid_from <= p.at AND (b.valid_to IS NULL OR b.valid_to > p.at)
    JOIN grid_area a ON a.id = b.area_id AND a.level = 'cell'
    WHERE p.patrol_id = %(patrol)s
    ORDER BY p.id, a.code
) AS were
GROUP BY cell_id
ON CONFLICT (patrol_id, cell_id) WHERE cell_id IS NOT NULL
DO UPDATE SET at = greatest(staff_patrolvisit.at, excluded.at)
"""
# The box in degrees lets the spatial index work (1 degree of latitude is 110.5 km or more, and 1 of longitude that
# times the cosine); the distance on the ellipsoid decides. Having been near outweighs a tick by hand.
_CHECK_POINTS = """
INSERT INTO staff_patrolvisit (patrol_id, check_point_id, at, by_hand)
SELECT %(patrol)s, c.id, max(p.at), false
FROM staff_patrolpoint p
JOIN grid_checkpoint c ON c.active
JOIN grid_patrolarea a ON a.id = c.patrol_area_id AND a.active
    AND c.point && ST_Expand(
        p.point, a.reach_metres / (110500 * greatest(cos(radians(ST_Y(p.point))), 0.01)), a.reach_metres / 110500.0
    )
WHERE p.patrol_id = %(patrol)s AND ST_DWithin(c.point::geography, p.point::geography, a.reach_metres)
GROUP BY c.id
ON CONFLICT (patrol_id, check_point_id) WHERE check_point_id IS NOT NULL
DO UPDATE SET at = greatest(staff_patrolvisit.at, excluded.at), by_hand = false
"""


def record_visits(*, patrol_id: int) -> None:
    """Which cells (by the boundaries of each moment) and check-points the kept points were in or near.

    Only adds: what was visited stays so when the points are gone.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CELLS, {"patrol": patrol_id})
        cursor.execute(_CHECK_POINTS, {"patrol": patrol_id})


def stop_forgotten(*, now: datetime) -> int:
    """End each patrol left running for longer than LONGEST at its last point; how many. May run twice."""
    stopped = 0
    left = Patrol.objects.filter(stopped_at__isnull=True, started_at__lt=now - LONGEST).order_by("pk")
    for pk in list(left.values_list("pk", flat=True)):
        with transaction.atomic():
            patrol = Patrol.objects.select_for_update(skip_locked=True).filter(pk=pk, stopped_at__isnull=True).first()
            if patrol is None:
                continue
            last = PatrolPoint.objects.filter(patrol=patrol).order_by("-at").values_list("at", flat=True).first()
            _stop(patrol, at=last or patrol.started_at)
            stopped += 1
    return stopped


def purge_points(*, now: datetime) -> int:
    """Delete points older than settings.PATROL_POINTS_DAYS, in batches; how many. Visits stay. May run twice."""
    before = now - timedelta(days=settings.PATROL_POINTS_DAYS)
    gone = 0
    while ids := list(PatrolPoint.objects.filter(at__lt=before).order_by("at").values_list("pk", flat=True)[:BATCH]):
        gone += PatrolPoint.objects.filter(pk__in=ids).delete()[0]
    if gone:
        logger.info("patrol_points_purged count=%s", gone)
    return gone

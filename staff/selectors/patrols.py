"""Read patrol areas, patrols and what they visited. Never how far or how fast somebody went."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from django.contrib.gis.db.models.functions import AsGeoJSON
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from grid.models import Area, CheckPoint, PatrolArea
from grid.selectors.areas import valid_areas, within
from staff.models import Patrol, PatrolPoint, PatrolVisit
from staff.scope import Scope
from staff.sight import CENTER_ROLES, REGISTER_READERS, register_codes

MOST: Final = 500
"""Patrol areas listed at most."""
PATROLS: Final = 100
"""Patrols listed at most, newest first."""


def days_between(moment: datetime | None, now: datetime) -> int | None:
    """Whole days in Asia/Shanghai from the moment's day to today's."""
    return (timezone.localdate(now) - timezone.localdate(moment)).days if moment else None


def patrol_areas_of(*, scope: Scope) -> QuerySet[PatrolArea]:
    """In use, in the areas of the person's posts; for a grid worker also those of the village and of their cells."""
    wanted = Q(pk__in=())
    for code in register_codes(scope, whole_village=True):
        wanted |= Q(area__code__startswith=code)
    own = within(scope.codes(*REGISTER_READERS))
    return PatrolArea.objects.filter(wanted | _has_cells(own), active=True)


def _has_cells(wanted: Q) -> Exists:
    cells = Area.objects.filter(wanted, level=Area.Level.CELL)
    return Exists(PatrolArea.cells.through.objects.filter(patrolarea=OuterRef("pk"), area__in=cells))


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a patrol area is made of, by its id, with the last visit of each part."""

    cells: Mapping[int, list[tuple[str, datetime | None]]]
    points: Mapping[int, list[dict[str, Any]]]
    walked: Mapping[int, datetime | None]


def _cells(ids: list[int], *, day: date) -> dict[int, list[tuple[str, datetime | None]]]:
    rows = (
        valid_areas(on=day)
        .filter(in_patrol_areas__in=ids)
        .annotate(last=Max("patrol_visits__at"))
        .order_by("code")
        .values_list("in_patrol_areas", "code", "last")
    )
    found: dict[int, list[tuple[str, datetime | None]]] = defaultdict(list)
    for patrol_area, code, last in rows:
        found[patrol_area].append((code, last))
    return found


def _points(ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    rows = (
        CheckPoint.objects.filter(patrol_area__in=ids, active=True)
        .annotate(last=Max("visits__at"))
        .order_by("patrol_area", "order", "pk")
    )
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row.patrol_area_id].append(
            {"id": row.pk, "name": row.name, "lon": row.point.x, "lat": row.point.y, "last_visited_at": row.last}
        )
    return found


def _walked(ids: list[int]) -> dict[int, datetime | None]:
    """When a patrol of the area was last somewhere: what is known of a line once the points are gone."""
    visits = PatrolVisit.objects.filter(patrol__patrol_area__in=ids).order_by()
    return dict(visits.values_list("patrol__patrol_area").annotate(last=Max("at")))


def _oldest(moments: Iterable[datetime | None]) -> datetime | None:
    """A round is as old as its most forgotten part; None if a part was never visited, or there is none."""
    found = list(moments)
    known = [moment for moment in found if moment is not None]
    return min(known) if known and len(known) == len(found) else None


def _last_visited(area: PatrolArea, parts: _Parts) -> datetime | None:
    if area.kind == PatrolArea.Kind.CELLS:
        return _oldest(last for _code, last in parts.cells.get(area.pk, []))
    if area.kind == PatrolArea.Kind.POINTS:
        return _oldest(point["last_visited_at"] for point in parts.points.get(area.pk, []))
    return parts.walked.get(area.pk)


def patrol_area_rows(*, scope: Scope, inside: str, now: datetime) -> list[dict[str, Any]]:
    """As the API shows them; four statements for any number of rows, one when there is none."""
    areas = list(
        patrol_areas_of(scope=scope)
        .filter(Q(area__code__startswith=inside) | _has_cells(Q(code__startswith=inside)))
        .select_related("area")
        .annotate(shape=AsGeoJSON("line", precision=6))
        .order_by("name", "pk")[:MOST]
    )
    if not areas:
        return []
    ids = [area.pk for area in areas]
    parts = _Parts(_cells(ids, day=timezone.localdate(now)), _points(ids), _walked(ids))
    return [_patrol_area_row(area, parts, now=now) for area in areas]


def _patrol_area_row(area: Any, parts: _Parts, *, now: datetime) -> dict[str, Any]:
    last = _last_visited(area, parts)
    days = days_between(last, now)
    return {
        "id": area.pk,
        "name": area.name,
        "kind": area.kind,
        "kind_name": area.get_kind_display(),
        "area": {"code": area.area.code, "name": area.area.name},
        "every_days": area.every_days,
        "basis": area.basis,
        "reach_metres": area.reach_metres,
        "cells": [code for code, _last in parts.cells.get(area.pk, [])],
        "line": json.loads(area.shape) if area.shape else None,
        "check_points": parts.points.get(area.pk, []),
        "last_visited_at": last,
        "days_since": days,
        "late": days is None or days > area.every_days,
    }


def patrols_seen(*, scope: Scope) -> QuerySet[Patrol]:
    """The only door to patrols: one's own, and for the center those of its area. No post, no patrols."""
    if not scope.posts:
        return Patrol.objects.none()
    wanted = Q(user=scope.user_id)
    for code in scope.codes(*CENTER_ROLES):
        wanted |= Q(town_code__startswith=code)
    return Patrol.objects.filter(wanted)


def patrol_by_id(*, client_id: UUID, scope: Scope) -> Patrol | None:
    """The patrol if this person may see it."""
    return patrols_seen(scope=scope).select_related("user", "patrol_area").filter(client_id=client_id).first()


def own_patrol(*, client_id: UUID, scope: Scope) -> Patrol | None:
    """The patrol if this person walked it: nobody else adds to it."""
    return patrols_seen(scope=scope).filter(client_id=client_id, user=scope.user_id).first()


def patrol_list(*, scope: Scope, mine: bool, inside: str) -> list[Patrol]:
    """The newest one may see; one statement. `inside` a village or cell: those that were in it."""
    patrols = patrols_seen(scope=scope).select_related("user", "patrol_area")
    if mine:
        patrols = patrols.filter(user=scope.user_id)
    if len(inside) > 9:
        patrols = patrols.filter(
            Exists(PatrolVisit.objects.filter(patrol=OuterRef("pk"), cell__code__startswith=inside))
        )
    elif inside:
        patrols = patrols.filter(town_code__startswith=inside)
    return list(patrols.order_by("-started_at", "-pk")[:PATROLS])


def patrol_row(patrol: Patrol) -> dict[str, Any]:
    area = patrol.patrol_area
    return {
        "client_id": str(patrol.client_id),
        "person": {"id": patrol.user_id, "name": patrol.user.display_name},
        "patrol_area": {"id": area.pk, "name": area.name} if area else None,
        # In UTC even when they just came from a phone.
        "started_at": patrol.started_at.astimezone(UTC),
        "stopped_at": patrol.stopped_at.astimezone(UTC) if patrol.stopped_at else None,
    }


def patrol_detail(patrol: Patrol) -> dict[str, Any]:
    """With what it visited and where it was; two statements."""
    points = list(PatrolPoint.objects.filter(patrol=patrol).order_by("at"))
    visits = patrol.visits.select_related("cell", "check_point").order_by("at", "pk")
    cells, check_points = [], []
    for visit in visits:
        if visit.cell is not None:
            cells.append({"code": visit.cell.code, "name": visit.cell.name, "at": visit.at})
        elif visit.check_point is not None:
            spot = visit.check_point
            check_points.append({"id": spot.pk, "name": spot.name, "at": visit.at, "by_hand": visit.by_hand})
    return {
        **patrol_row(patrol),
        "cells": cells,
        "check_points": check_points,
        "points": _line([[round(point.point.x, 6), round(point.point.y, 6)] for point in points]),
        "times": [point.at for point in points],
    }


def _line(track: list[list[float]]) -> dict[str, Any] | None:
    if not track:
        return None
    # GeoJSON wants two positions at least: one point is a line from it to itself.
    return {"type": "LineString", "coordinates": track if len(track) > 1 else [*track, *track]}


def coverage_rows(*, prefixes: Sequence[str], inside: str, now: datetime) -> list[dict[str, Any]]:
    """Cells with the day somebody on patrol was last there, most forgotten first; one statement. Names nobody."""
    cells = valid_areas(on=timezone.localdate(now)).filter(
        within(prefixes), level=Area.Level.CELL, code__startswith=inside
    )
    rows = cells.annotate(last=Max("patrol_visits__at")).values_list(
        "code", "name", "parent__code", "parent__name", "last"
    )
    # Never visited comes before long ago.
    ordered = sorted(rows, key=lambda row: (row[4] is not None, row[4] or now, row[0]))
    return [
        {
            "code": code,
            "name": name,
            "village": {"code": village_code, "name": village_name},
            "last_visited_at": last,
            "days_since": days_between(last, now),
        }
        for code, name, village_code, village_name, last in ordered
    ]

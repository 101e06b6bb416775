"""Read the registers: places with who answers for them, reaches with their chiefs, cameras with their state."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from django.conf import settings
from django.contrib.gis.db.models.functions import AsGeoJSON
from django.contrib.gis.geos import Polygon
from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from grid.models import Area, Camera, Place, PlaceKind, Reach, ReachChief
from grid.selectors.areas import valid_areas, within
from staff.scope import Scope
from staff.sight import CENTER_ROLES, lies_in, phone_seen, register_codes

MOST: Final = 500
"""Rows of one answer at most; `more` says that there are others."""


@dataclass(frozen=True, slots=True)
class Page:
    """The first MOST rows."""

    rows: list[dict[str, Any]]
    more: bool


@dataclass(frozen=True, slots=True)
class PlaceFilters:
    """None or empty leaves a filter out. `bbox` is west, south, east, north in WGS-84."""

    inside: str = ""
    group: str | None = None
    kind: str | None = None
    q: str = ""
    bbox: tuple[float, float, float, float] | None = None


Row = TypeVar("Row")


def _cut(rows: list[Row]) -> tuple[list[Row], bool]:
    return rows[:MOST], len(rows) > MOST


def _cell_names(codes: Iterable[str], *, now: datetime) -> dict[str, dict[str, str]]:
    """Today's cells by code, as the API refers to them; one statement, none without codes."""
    wanted = set(codes) - {""}
    if not wanted:
        return {}
    cells = valid_areas(on=timezone.localdate(now)).filter(code__in=wanted)
    return {code: {"code": code, "name": name} for code, name in cells.values_list("code", "name")}


def places_seen(*, scope: Scope, now: datetime) -> QuerySet[Place]:
    """Places that are there today, in the areas of the person's posts."""
    day = timezone.localdate(now)
    there = Q(valid_to__isnull=True) | Q(valid_to__gt=day)
    return Place.objects.filter(there, lies_in(register_codes(scope)), valid_from__lte=day)


def _place_row(place: Place, cells: dict[str, dict[str, str]]) -> dict[str, Any]:
    return {
        "id": place.pk,
        "name": place.name,
        "kind": {
            "code": place.kind.code,
            "name": place.kind.name,
            "group": place.kind.group,
            "group_name": place.kind.get_group_display(),
        },
        "lon": place.point.x,
        "lat": place.point.y,
        "address": place.address,
        "village": {"code": place.village.code, "name": place.village.name},
        "cell": cells.get(place.cell_code),
    }


def place_page(*, scope: Scope, filters: PlaceFilters, now: datetime) -> Page:
    """Places one may see, by name; two statements for any number of rows."""
    places = places_seen(scope=scope, now=now)
    if filters.inside:
        places = places.filter(lies_in([filters.inside]))
    if filters.group:
        places = places.filter(kind__group=filters.group)
    if filters.kind:
        places = places.filter(kind__code=filters.kind)
    if filters.q:
        places = places.filter(Q(name__icontains=filters.q) | Q(address__icontains=filters.q))
    if filters.bbox:
        places = places.filter(point__coveredby=Polygon.from_bbox(filters.bbox))
    # Sealed phones stay sealed: a list shows none.
    found = places.select_related("kind", "village").defer("responsible_phone", "safety_phone", "note")
    rows, more = _cut(list(found.order_by("name", "pk")[: MOST + 1]))
    cells = _cell_names((place.cell_code for place in rows), now=now)
    return Page([_place_row(place, cells) for place in rows], more)


def place_detail(*, pk: int, scope: Scope, now: datetime) -> dict[str, Any] | None:
    """One place with the people who answer for it, or None; phones as this scope sees them; two statements."""
    place = places_seen(scope=scope, now=now).select_related("kind", "village").filter(pk=pk).first()
    if place is None:
        return None
    code = place.cell_code or place.village_code
    return {
        **_place_row(place, _cell_names([place.cell_code], now=now)),
        "responsible": {
            "name": place.responsible_name,
            "phone": phone_seen(scope=scope, code=code, phone=place.responsible_phone),
        },
        "safety": {
            "name": place.safety_name,
            "phone": phone_seen(scope=scope, code=code, phone=place.safety_phone),
        },
        "note": place.note,
        "valid_from": place.valid_from,
    }


def place_kinds() -> list[dict[str, Any]]:
    """Kinds in use; one statement."""
    return [
        {
            "code": kind.code,
            "group": kind.group,
            "group_name": kind.get_group_display(),
            "name": kind.name,
            "basis": kind.basis,
        }
        for kind in PlaceKind.objects.filter(active=True).order_by("group", "code")
    ]


def reach_page(*, scope: Scope, inside: str, now: datetime) -> Page:
    """Reaches in one's areas (a grid worker: of the village) with their chief of today; two statements."""
    day = timezone.localdate(now)
    wanted = Q(pk__in=())
    for code in register_codes(scope, whole_village=True):
        wanted |= Q(area__code__startswith=code)
    in_office = ReachChief.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)
    found = (
        Reach.objects.filter(wanted, area__code__startswith=inside)
        .select_related("water", "area")
        .prefetch_related(Prefetch("chiefs", queryset=in_office.order_by("-valid_from"), to_attr="in_office"))
        .annotate(shape=AsGeoJSON("geometry", precision=6))
        .defer("geometry", "water__geometry")
    )
    rows, more = _cut(list(found.order_by("water__name", "name", "pk")[: MOST + 1]))
    return Page([_reach_row(reach, scope=scope) for reach in rows], more)


def _reach_row(reach: Any, *, scope: Scope) -> dict[str, Any]:
    chief = reach.in_office[0] if reach.in_office else None
    return {
        "id": reach.pk,
        "water": {"id": reach.water.pk, "name": reach.water.name, "kind": reach.water.kind},
        "name": reach.name,
        "level": reach.level,
        "level_name": reach.get_level_display(),
        "area": {"code": reach.area.code, "name": reach.area.name},
        "geometry": json.loads(reach.shape),
        "chief": chief
        and {
            "name": chief.name,
            "title": chief.title,
            "phone": phone_seen(scope=scope, code=reach.area.code, phone=chief.phone),
        },
    }


def _fresh_since(now: datetime) -> datetime:
    """A camera that said nothing since then counts as offline, whatever it said last."""
    return now - timedelta(minutes=settings.CAMERA_STALE_MINUTES)


def cameras_seen(*, scope: Scope, inside: str) -> QuerySet[Camera]:
    cameras = Camera.objects.filter(lies_in(register_codes(scope)), active=True)
    return cameras.filter(lies_in([inside])) if inside else cameras


def camera_page(*, scope: Scope, inside: str, now: datetime) -> Page:
    """Cameras one may see; two statements. Only the center gets the reference to the stream."""
    found = cameras_seen(scope=scope, inside=inside).select_related("village")
    rows, more = _cut(list(found.order_by("village_code", "name", "pk")[: MOST + 1]))
    cells = _cell_names((camera.cell_code for camera in rows), now=now)
    since = _fresh_since(now)
    return Page(
        [
            {
                "id": camera.pk,
                "name": camera.name,
                "gb28181_id": camera.gb28181_id,
                "type": camera.type,
                "type_name": camera.get_type_display(),
                "village": {"code": camera.village.code, "name": camera.village.name},
                "cell": cells.get(camera.cell_code),
                "lon": camera.point.x,
                "lat": camera.point.y,
                "owner": camera.owner,
                "online": camera.online and camera.reported_at is not None and camera.reported_at >= since,
                "reported_at": camera.reported_at,
                "stream_reference": camera.stream_reference if _is_center(scope, camera) else "",
            }
            for camera in rows
        ],
        more,
    )


def _is_center(scope: Scope, camera: Camera) -> bool:
    return scope.covers(camera.village_code, *CENTER_ROLES)


def camera_summary(*, scope: Scope, inside: str, now: datetime) -> dict[str, Any]:
    """How many cameras are registered and online, and in how many of today's villages one is; two statements."""
    day = timezone.localdate(now)
    there = valid_areas(on=day).filter(within(register_codes(scope)), level=Area.Level.VILLAGE)
    villages = there.filter(code__startswith=inside)
    count = villages.count()
    works = Q(online=True, reported_at__gte=_fresh_since(now))
    counts = cameras_seen(scope=scope, inside=inside).aggregate(
        registered=Count("pk"),
        working=Count("pk", filter=works),
        # Of the villages counted and no others: whoever has only a cell of a village must not see more than all.
        connected=Count("village", filter=works & Q(village__in=villages), distinct=True),
    )
    return {
        "registered": counts["registered"],
        "online": counts["working"],
        "villages": count,
        "connected_villages": counts["connected"],
        "share": round(counts["connected"] / count, 4) if count else None,
        "as_of": now,
        "stale_after_minutes": settings.CAMERA_STALE_MINUTES,
    }

"""Read areas: which there are, what lies in what, and which cell a point falls into at a moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.contrib.gis.geos import Point
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from grid.metres import Scale
from grid.models import Area, AreaBoundary
from grid.names import Names


@dataclass(frozen=True, slots=True)
class AreaRef:
    """An area as other records copy it."""

    id: int
    code: str
    name: str
    level: str


@dataclass(frozen=True, slots=True)
class Located:
    """Where a point fell: `area` is the grid cell, or the village where no cell is drawn."""

    area: AreaRef
    village: AreaRef | None
    town: AreaRef | None
    district: AreaRef | None
    boundary_id: int | None
    approximate: bool = False
    """Outside every outline; the nearest cell within NEAR metres."""
    distance_m: float = 0.0
    """Metres to that cell."""


@dataclass(frozen=True, slots=True)
class AreaPath:
    """An area and what it lies in; at its own level it is itself, levels below are None."""

    area: AreaRef
    village: AreaRef | None
    town: AreaRef | None
    district: AreaRef | None


def _path(chain: Iterable[AreaRef]) -> AreaPath:
    """From an area upwards."""
    upwards = list(chain)
    by_level = {ref.level: ref for ref in upwards}
    return AreaPath(
        area=upwards[0],
        village=by_level.get(Area.Level.VILLAGE),
        town=by_level.get(Area.Level.TOWN),
        district=by_level.get(Area.Level.DISTRICT),
    )


_ABOVE = ("", "parent__", "parent__parent__", "parent__parent__parent__")
_REF = ("id", "code", "name", "level")


def _load_paths(ids: set[int]) -> dict[int, AreaPath]:
    columns = [f"{above}{name}" for above in _ABOVE for name in _REF]
    rows = Area.objects.filter(pk__in=ids).values_list(*columns)
    return {row[0]: _path(AreaRef(*row[i : i + 4]) for i in range(0, 16, 4) if row[i] is not None) for row in rows}


area_paths = Names(_load_paths)


def valid_areas(*, on: date) -> QuerySet[Area]:
    return Area.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on), valid_from__lte=on)


def within(prefixes: Iterable[str]) -> Q:
    """Areas whose code begins with one of `prefixes`: what lies in those areas, themselves included."""
    wanted = Q(pk__in=())
    for prefix in prefixes:
        wanted |= Q(code__startswith=prefix)
    return wanted


# Points on a shared border fall into the cell with the lower code, so that one point has one cell, always the same.
# A village is the answer only where no cell is. What the area lies in is looked up apart: five joined tables took
# PostgreSQL longer to plan than to run.
_LOCATE = """
SELECT b.id, a.id
FROM grid_areaboundary b
JOIN grid_area a ON a.id = b.area_id
WHERE a.level IN ('cell', 'village')
  AND ST_Covers(b.geometry, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326))
  AND b.valid_from <= %(at)s AND (b.valid_to IS NULL OR b.valid_to > %(at)s)
ORDER BY length(a.code) DESC, a.code
LIMIT 1
"""


NEAR: Final = 200.0
"""Metres outside every outline within which the nearest cell is still the answer, marked as approximate."""

# The box in degrees lets the spatial index work; the distance on the ellipsoid decides.
_NEAREST = """
SELECT b.id, a.id, ST_Distance(b.geometry::geography, p.point::geography) AS metres
FROM (SELECT ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326) AS point) p
JOIN grid_areaboundary b ON b.geometry && ST_Expand(p.point, %(east)s, %(north)s)
JOIN grid_area a ON a.id = b.area_id
WHERE a.level = 'cell'
  AND b.valid_from <= %(at)s AND (b.valid_to IS NULL OR b.valid_to > %(at)s)
  AND ST_DWithin(b.geometry::geography, p.point::geography, %(near)s)
ORDER BY metres, a.code
LIMIT 1
"""


def locate_point(*, point: Point, at: datetime) -> Located | None:
    """The cell (else the village) that covers `point` (WGS-84) by the boundaries of moment `at`.

    Outside every outline: the nearest cell within NEAR metres, approximate; farther out None. One statement, a second
    outside; one more for an area not named in the last seconds.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCATE, {"lon": point.x, "lat": point.y, "at": at})
        row = cursor.fetchone()
        if row is not None:
            return located(area_id=row[1], boundary_id=row[0])
        scale = Scale.at(point.y)
        # At a pole no box in degrees means anything; nobody is there.
        east, north = NEAR * 1.01 / max(scale.east, 1.0), NEAR * 1.01 / scale.north
        values: dict[str, float | datetime] = {
            "lon": point.x,
            "lat": point.y,
            "at": at,
            "near": NEAR,
            "east": east,
            "north": north,
        }
        cursor.execute(_NEAREST, values)
        row = cursor.fetchone()
    return located(area_id=row[1], boundary_id=row[0], distance_m=row[2]) if row is not None else None


def located(*, area_id: int, boundary_id: int | None, distance_m: float | None = None) -> Located:
    """With the names of all that the area lies in; `distance_m` is given where the point lies outside it."""
    path = area_paths.of([area_id])[area_id]
    return Located(
        path.area,
        path.village,
        path.town,
        path.district,
        boundary_id,
        approximate=distance_m is not None,
        distance_m=distance_m or 0.0,
    )


def locate_area(*, code: str, at: datetime) -> Located | None:
    """The area with this code, for a report without a point, and its boundary at `at`."""
    area_id = valid_areas(on=timezone.localdate(at)).filter(code=code).values_list("pk", flat=True).first()
    if area_id is None:
        return None
    boundary = (
        AreaBoundary.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=at), area=area_id, valid_from__lte=at)
        .values_list("pk", flat=True)
        .first()
    )
    return located(area_id=area_id, boundary_id=boundary)


def area_names(*, codes: Iterable[str], on: date) -> dict[str, str]:
    """Names by code: of the areas valid on that day, else of the last that had the code. One statement."""
    rows = Area.objects.filter(code__in=list(codes)).order_by("valid_from").values_list("code", "name", "valid_to")
    found: dict[str, str] = {}
    for code, name, _valid_to in sorted(rows, key=lambda row: row[2] is None or row[2] > on):
        found[code] = name
    return found

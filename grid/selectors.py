"""Read areas: which there are, what lies in what, and which cell a point falls into at a moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.gis.geos import Point
from django.db import connection
from django.db.models import Q, QuerySet

from grid.models import CODE_LENGTH, Area, AreaBoundary
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


@dataclass(frozen=True, slots=True)
class AreaName:
    """An area with the names of the village and the town it lies in (its own at that level, "" above)."""

    code: str
    name: str
    village_name: str
    town_name: str


def _load_areas(ids: set[int]) -> dict[int, AreaName]:
    rows = Area.objects.filter(pk__in=ids).values_list(
        "pk", "code", "level", "name", "parent__name", "parent__parent__name"
    )
    return {
        pk: AreaName(code, name, *_above(level, (name, up or "", top or ""))) for pk, code, level, name, up, top in rows
    }


def _above(level: str, names: tuple[str, str, str]) -> tuple[str, str]:
    """The names of village and town among an area's own name and those of the two it lies in."""
    own, parent, grandparent = names
    if level == Area.Level.CELL:
        return parent, grandparent
    if level == Area.Level.VILLAGE:
        return own, parent
    return "", own if level == Area.Level.TOWN else ""


area_names = Names(_load_areas)


def valid_areas(*, on: date) -> QuerySet[Area]:
    return Area.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on), valid_from__lte=on)


def within(prefixes: Iterable[str]) -> Q:
    """Areas whose code begins with one of `prefixes`: what lies in those areas, themselves included."""
    wanted = Q(pk__in=())
    for prefix in prefixes:
        wanted |= Q(code__startswith=prefix)
    return wanted


def level_of(code: str) -> str:
    """The level a code of this length has. Raises KeyError for any other length."""
    return {length: level for level, length in CODE_LENGTH.items()}[len(code)]


# One statement: the covering boundary and its chain of parents. Points on a shared border fall into the cell with
# the lower code, so that one point has one cell, always the same. A village is the answer only where no cell is.
_LOCATE = """
SELECT b.id, a.id, a.code, a.name, a.level, p.id, p.code, p.name, p.level,
       g.id, g.code, g.name, g.level, d.id, d.code, d.name, d.level
FROM grid_areaboundary b
JOIN grid_area a ON a.id = b.area_id
LEFT JOIN grid_area p ON p.id = a.parent_id
LEFT JOIN grid_area g ON g.id = p.parent_id
LEFT JOIN grid_area d ON d.id = g.parent_id
WHERE a.level IN ('cell', 'village')
  AND b.geometry && ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326)
  AND ST_Covers(b.geometry, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326))
  AND b.valid_from <= %(at)s AND (b.valid_to IS NULL OR b.valid_to > %(at)s)
ORDER BY length(a.code) DESC, a.code
LIMIT 1
"""


def locate_point(*, point: Point, at: datetime) -> Located | None:
    """The cell (else the village) that covers `point` (WGS-84) by the boundaries of moment `at`; one statement.

    None outside every boundary.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCATE, {"lon": point.x, "lat": point.y, "at": at})
        row = cursor.fetchone()
    if row is None:
        return None
    chain = [AreaRef(*row[i : i + 4]) for i in range(1, 17, 4) if row[i] is not None]
    return _located(chain, boundary_id=row[0])


def _located(chain: list[AreaRef], *, boundary_id: int | None) -> Located:
    by_level = {ref.level: ref for ref in chain}
    return Located(
        area=chain[0],
        village=by_level.get(Area.Level.VILLAGE),
        town=by_level.get(Area.Level.TOWN),
        district=by_level.get(Area.Level.DISTRICT),
        boundary_id=boundary_id,
    )


def locate_area(*, code: str, at: datetime) -> Located | None:
    """The chain of parents of the area with this code, for a report without a point; its boundary at `at`."""
    area = valid_areas(on=at.date()).filter(code=code).select_related("parent__parent__parent").first()
    if area is None:
        return None
    chain: list[AreaRef] = []
    here: Area | None = area
    while here is not None:
        chain.append(AreaRef(here.pk, here.code, here.name, here.level))
        here = here.parent
    boundary = (
        AreaBoundary.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=at), area=area, valid_from__lte=at)
        .values_list("pk", flat=True)
        .first()
    )
    return _located(chain, boundary_id=boundary)

"""Outlines as shapes to compute with: of cells and villages, at a moment, versions of one area, gaps and serials."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db.models import Q, QuerySet
from shapely.geometry.base import BaseGeometry

from grid.models import Area, AreaBoundary
from grid.selectors.areas import within


@dataclass(frozen=True, slots=True)
class Outline:
    """An area as it is drawn at a moment; degrees, WGS-84."""

    area_id: int
    boundary_id: int
    code: str
    name: str
    kind: str
    shape: BaseGeometry


def to_shape(geometry: GEOSGeometry) -> BaseGeometry:
    return shapely.from_wkb(bytes(geometry.wkb))


def to_geos(shape: BaseGeometry) -> MultiPolygon:
    """A MultiPolygon of the polygons of `shape`."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    found = GEOSGeometry(memoryview(shapely.to_wkb(shapely.MultiPolygon(parts))), srid=4326)
    assert isinstance(found, MultiPolygon)
    return found


def outlines(
    *,
    level: str,
    at: datetime,
    prefixes: Iterable[str] | None = None,
    touching: BaseGeometry | None = None,
    ids: Iterable[int] | None = None,
) -> list[Outline]:
    """Areas of a level with their outline at `at`, by code; one statement.

    Narrowed to codes with one of `prefixes`, to those whose box meets that of `touching`, or to `ids`.
    """
    rows = AreaBoundary.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=at), valid_from__lte=at, area__level=level
    )
    if prefixes is not None:
        rows = rows.filter(area__in=Area.objects.filter(within(prefixes)))
    if touching is not None:
        rows = rows.filter(geometry__bboverlaps=to_geos_box(touching))
    if ids is not None:
        rows = rows.filter(area__in=list(ids))
    return _rows(rows.order_by("area__code"))


def village_shape(*, code: str, at: datetime) -> BaseGeometry | None:
    """The outline of the village with this code at `at`; None where it is not drawn. One statement."""
    drawn = outlines(level=Area.Level.VILLAGE, at=at, prefixes=[code])
    return drawn[0].shape if drawn else None


def to_geos_box(shape: BaseGeometry) -> GEOSGeometry:
    """The box of `shape`."""
    return GEOSGeometry(memoryview(shapely.to_wkb(shapely.box(*shape.bounds))), srid=4326)


def later_outlines(*, after: datetime, touching: BaseGeometry) -> list[Outline]:
    """Cells' outlines that are planned to hold from a moment later than `after`, near `touching`; one statement."""
    rows = AreaBoundary.objects.filter(
        valid_from__gt=after, area__level=Area.Level.CELL, geometry__bboverlaps=to_geos_box(touching)
    )
    return _rows(rows.order_by("area__code", "pk"))


def _rows(versions: QuerySet[AreaBoundary]) -> list[Outline]:
    columns = ("area_id", "pk", "area__code", "area__name", "area__kind", "geometry")
    return [
        Outline(area_id=area, boundary_id=pk, code=code, name=name, kind=kind, shape=to_shape(geometry))
        for area, pk, code, name, kind, geometry in versions.values_list(*columns)
    ]


def first_covering(*, places: Sequence[tuple[float, float] | None], shapes: Sequence[BaseGeometry]) -> dict[int, int]:
    """For each of `places` (lon, lat; None is nowhere) that a shape covers, by position the first shape that does."""
    known = [(number, place) for number, place in enumerate(places) if place is not None]
    if not known or not shapes:
        return {}
    points = shapely.points(np.array([place for _number, place in known], dtype=float))
    which, found = shapely.STRtree(list(shapes)).query(points, predicate="intersects")
    first: dict[int, int] = {}
    for row, shape in zip(which.tolist(), found.tolist(), strict=True):
        number = known[row][0]
        first[number] = min(shape, first.get(number, shape))
    return first

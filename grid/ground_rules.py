"""What outlines must keep to, whoever draws or imports them: no overlap on one level, no cell outside its village.

Pure geometry in WGS-84 degrees. A metre is forgiven: neighbours digitised apart never meet to the millimetre. Gaps are
listed, never refused: a village may have land that no cell has yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from grid.metres import area_m2, scale_of

TOLERANCE: Final = 1.0
"""Metres: the widest overlap, or reach beyond the village, that is taken as two surveys of one line."""
SMALLEST_GAP: Final = 100.0
"""Square metres below which a gap is not worth a line in a list."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: `keys` are those of the outlines concerned, `geometry` (degrees) shows where."""

    code: str
    keys: tuple[str, ...]
    area_m2: float
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class Gap:
    geometry: BaseGeometry
    area_m2: float


def polygons_only(shape: BaseGeometry) -> BaseGeometry:
    """The areal part of `shape`: cuts and unions leave points and lines behind."""
    parts = [part for part in shapely.get_parts(shapely.make_valid(shape), return_index=False) if part.area > 0]
    nested = [inner for part in parts for inner in shapely.get_parts(part) if inner.geom_type == "Polygon"]
    return shapely.MultiPolygon(nested)


def wider_than_tolerance(shape: BaseGeometry) -> bool:
    """Whether `shape` (degrees) is anywhere wider than TOLERANCE metres."""
    if shape.is_empty or shape.area == 0:
        return False
    metres = scale_of(shape).to_metres(shape)
    return not bool(metres.buffer(-TOLERANCE / 2).is_empty)


def overlap_problems(
    *, cells: Mapping[str, BaseGeometry], others: Mapping[str, BaseGeometry] | None = None
) -> Iterator[Problem]:
    """Overlaps among `cells`, and between them and `others` (which are not compared with each other)."""
    keys = [*cells, *(others or {})]
    shapes = [*cells.values(), *(others or {}).values()]
    if not shapes:
        return
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes[: len(cells)], predicate="intersects")
    for one, other in sorted(zip(left.tolist(), right.tolist(), strict=True)):
        if other <= one:
            continue
        both = shapely.intersection(shapes[one], shapes[other])
        if wider_than_tolerance(both):
            shared = polygons_only(both)
            yield Problem("overlap", (keys[one], keys[other]), area_m2(shared), shared)


def leaves_problems(
    *, cells: Mapping[str, BaseGeometry], villages: Mapping[str, BaseGeometry], code_of: Mapping[str, str]
) -> Iterator[Problem]:
    """Cells that reach out of their village; `code_of` names each cell's village. Villages not drawn are not asked."""
    for key, shape in cells.items():
        village = villages.get(code_of[key])
        if village is None:
            continue
        outside = shapely.difference(shape, village)
        if wider_than_tolerance(outside):
            beyond = polygons_only(outside)
            yield Problem("leaves_village", (key,), area_m2(beyond), beyond)


def problems_of(*, cells: Mapping[str, BaseGeometry], villages: Mapping[str, BaseGeometry]) -> list[Problem]:
    """Both rules for cells keyed by their 15-digit code and villages by their 12-digit code."""
    code_of = {code: code[:12] for code in cells}
    return [*overlap_problems(cells=cells), *leaves_problems(cells=cells, villages=villages, code_of=code_of)]


def gaps_of(*, village: BaseGeometry, cells: list[BaseGeometry]) -> list[Gap]:
    """What no cell of the village covers, largest first; slivers narrower than the tolerance are left out."""
    rest = shapely.difference(village, shapely.union_all(cells)) if cells else village
    found = [
        Gap(part, area_m2(part))
        for part in shapely.get_parts(polygons_only(rest))
        if wider_than_tolerance(part) and area_m2(part) >= SMALLEST_GAP
    ]
    return sorted(found, key=lambda gap: -gap.area_m2)


def trimmed(shape: BaseGeometry, *, others: list[BaseGeometry], village: BaseGeometry | None) -> BaseGeometry:
    """`shape` without the slivers (within tolerance) that it shares with others or has beyond its village.

    So that a point never lies in two cells. Neighbours keep what they had.
    """
    near = [other for other in others if shapely.intersects(shape, other)]
    if near:
        shape = shapely.difference(shape, shapely.union_all(near))
    if village is not None:
        shape = shapely.intersection(shape, village)
    return polygons_only(shape)

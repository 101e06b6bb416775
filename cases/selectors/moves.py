"""Which open cases another cell has to answer for once the ground has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import shapely
from django.db.models import Q
from shapely.geometry.base import BaseGeometry

from cases.models import Case, CaseQuerySet, ordinate
from grid.selectors.outlines import first_covering, to_geos_box


@dataclass(frozen=True, slots=True)
class CaseMove:
    """`from_code` and `to_code` are cells; "" stands for the village without a cell."""

    id: int
    number: str
    from_code: str
    to_code: str


def touched_cases(*, village_code: str, codes: Iterable[str], shapes: Iterable[BaseGeometry]) -> CaseQuerySet:
    """Open cases of the village that one of the cells answers for now, or that lie in the box of the new outlines."""
    wanted = Q(duty_cell_code__in=sorted(set(codes)))
    drawn = [shape for shape in shapes if not shape.is_empty]
    if drawn:
        wanted |= Q(point__bboverlaps=to_geos_box(shapely.union_all(drawn)))
    return Case.objects.filter(wanted, village_code=village_code, is_open=True)


def case_moves(
    *, cases: CaseQuerySet, after: Mapping[str, BaseGeometry], gone: Mapping[str, str | None]
) -> list[CaseMove]:
    """Those of `cases` that change hands, by number; one statement.

    `after` are the outlines the change made. A case goes to the one its place lies in; from a cell in `gone` whose
    ground nobody took, or without a place, to the cell that took it over, else to the village. Everything else stays.
    """
    rows = list(
        cases.order_by("number").values_list("pk", "number", "duty_cell_code", ordinate("ST_X"), ordinate("ST_Y"))
    )
    codes = sorted(after)
    places = [(lon, lat) if lon is not None and lat is not None else None for *_rest, lon, lat in rows]
    inside = first_covering(places=places, shapes=[after[code] for code in codes])
    moves = []
    for place, (pk, number, now, _lon, _lat) in enumerate(rows):
        then = codes[inside[place]] if place in inside else (gone[now] or "" if now in gone else now)
        if then != now:
            moves.append(CaseMove(pk, number, now, then))
    return moves

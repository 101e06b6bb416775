"""Move the line between cells: when one is redrawn, its neighbours give way to it and take what it leaves."""

from __future__ import annotations

import shapely
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from grid.ground_rules import polygons_only, wider_than_tolerance
from grid.selectors.outlines import Outline


def adapted(
    *, old: BaseGeometry, new: BaseGeometry, neighbours: list[Outline], village: BaseGeometry | None
) -> dict[str, BaseGeometry]:
    """The outlines, by code, of those `neighbours` that change when `old` becomes `new` (degrees).

    What `new` covers is cut from them. What `old` had and `new` leaves goes, piece by piece, to the neighbour with the
    longest common border; a piece that touches none stays a gap. An outline may come out empty.
    """
    shapes = {one.code: one.shape for one in neighbours}
    changed: dict[str, BaseGeometry] = {}
    for code, shape in shapes.items():
        if wider_than_tolerance(shapely.intersection(shape, new)):
            changed[code] = polygons_only(shapely.difference(shape, new))
    left = shapely.difference(old, new)
    for piece in shapely.get_parts(polygons_only(left if village is None else shapely.intersection(left, village))):
        if not wider_than_tolerance(piece):
            continue
        heir = _heir(piece, shapes)
        if heir is not None:
            changed[heir] = polygons_only(shapely.union(changed.get(heir, shapes[heir]), piece))
    return changed


def _heir(piece: BaseGeometry, shapes: dict[str, BaseGeometry]) -> str | None:
    """Whose border runs along the piece for longest; the lower code of two alike."""
    borders = {code: shapely.intersection(piece, shape).length for code, shape in shapes.items()}
    longest = max(borders.values(), default=0.0)
    return min((code for code, length in borders.items() if length == longest), default=None) if longest > 0 else None


def nothing_left(code: str) -> str:
    return _("Nothing would be left of %(code)s. Merge the cells instead.") % {"code": code}

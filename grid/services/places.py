"""Where a place or camera lies: whoever enters one, by hand or by list, gets the same answer and the same refusal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.gis.geos import Point
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from grid.selectors.areas import locate_point


@dataclass(frozen=True, slots=True)
class PlacedIn:
    """The village and cell of a point, as places and cameras copy them. Without a cell `cell_code` is empty."""

    village_id: int
    village_code: str
    cell_code: str


def place_in_ground(*, point: Point, at: datetime, village_code: str | None = None) -> PlacedIn:
    """Where `point` (WGS-84) lies at `at`. With `village_code` it must lie in that village.

    Beside every outline but near one it belongs to that village, and to no cell, as after any change of the ground.
    Raises ValidationError on the field `point`.
    """
    found = locate_point(point=point, at=at)
    village = found.village if found else None
    if found is None or village is None:
        message = _("This point lies in no village. Move it onto the ground that is drawn.")
        raise ValidationError({"point": ValidationError(message, "outside_area")})
    if village_code is not None and village_code != village.code:
        message = _("This point lies in %(village)s. Move it, or choose that village.") % {"village": village.name}
        raise ValidationError({"point": ValidationError(message, "other_village")})
    in_cell = found.area.level == "cell" and not found.approximate
    return PlacedIn(village.id, village.code, found.area.code if in_cell else "")

"""What can be told about a file of a case from what its camera wrote."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt
from typing import Final

from cases.models import CaseFile

EARTH: Final = 6_371_000.0


def metres_away(file: CaseFile) -> int | None:
    """How far from the case's place a photo was taken, in tens of metres; the position itself is given to nobody."""
    there, here = file.taken_point, file.case.point
    if there is None or here is None:
        return None
    north = sin(radians(there.y - here.y) / 2) ** 2
    east = cos(radians(there.y)) * cos(radians(here.y)) * sin(radians(there.x - here.x) / 2) ** 2
    return round(2 * EARTH * asin(min(1.0, sqrt(north + east))) / 10) * 10

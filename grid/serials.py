"""The order in which cells are numbered: west to east, in rows from north to south.

After CJ/T 349 (left to right, top to bottom) and DB6101/T 3185-2024 (within the village); both by secondary sources, so
a serial is proposed and never forced.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from statistics import median
from typing import Final

from shapely.geometry.base import BaseGeometry

FIRST: Final = {"general": 1, "dedicated": 901}
LAST: Final = {"general": 900, "dedicated": 999}


def reading_order(shapes: Sequence[BaseGeometry]) -> list[int]:
    """Places of `shapes` (degrees) in reading order.

    A row takes every cell whose middle lies less than half a usual cell's height below the middle of the row's
    northernmost cell: rows of cells are never straight.
    """
    if not shapes:
        return []
    middles = [shape.centroid for shape in shapes]
    half = median(shape.bounds[3] - shape.bounds[1] for shape in shapes) / 2
    waiting = sorted(range(len(shapes)), key=lambda i: (-middles[i].y, middles[i].x))
    order: list[int] = []
    while waiting:
        top = middles[waiting[0]].y
        row = [i for i in waiting if middles[i].y > top - half] or [waiting[0]]
        order += sorted(row, key=lambda i: (middles[i].x, -middles[i].y))
        waiting = [i for i in waiting if i not in row]
    return order


def propose(shapes: Sequence[BaseGeometry], taken: Collection[str] = (), *, kind: str = "general") -> list[str]:
    """A free three-digit serial for each of `shapes`, lower ones first in reading order.

    `taken` holds serials that are or were in use. Raises ValueError when the kind's numbers are used up.
    """
    used = {int(serial) for serial in taken}
    free = iter(number for number in range(FIRST[kind], LAST[kind] + 1) if number not in used)
    serials = [""] * len(shapes)
    for place in reading_order(shapes):
        number = next(free, None)
        if number is None:
            raise ValueError(f"no {kind} serial is left")
        serials[place] = f"{number:03d}"
    return serials

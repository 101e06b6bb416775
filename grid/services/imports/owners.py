"""Which area each outline of a file is of: a known one, or a new cell with a serial of its own or a proposed one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from grid.import_problems import Finding, Findings
from grid.models import CODE_LENGTH, Area
from grid.serials import FIRST, propose
from grid.services.imports.features import Feature

LEVEL_OF: Final = {digits: level for level, digits in CODE_LENGTH.items()}
ANY: Final = "any"
"""As a level: each outline is of the level of its code."""
CELL, VILLAGE = Area.Level.CELL.value, Area.Level.VILLAGE.value


@dataclass(frozen=True, slots=True)
class Known:
    """An area of the system, whenever it holds."""

    id: int
    code: str
    name: str
    level: str
    valid_from: date
    valid_to: date | None
    synthetic: bool

    def holds(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or self.valid_to > day)


@dataclass(slots=True)
class Owned:
    """An outline (degrees, WGS-84; None where the file has none) and whose it is. `area` is None for a new cell."""

    number: int
    code: str
    name: str
    shape: BaseGeometry | None
    area: Known | None = None
    village: Known | None = None
    proposed: bool = False

    @property
    def level(self) -> str:
        return LEVEL_OF[len(self.code)]

    @property
    def kind(self) -> str:
        dedicated = self.level == CELL and int(self.code[12:]) >= FIRST["dedicated"]
        return Area.Kind.DEDICATED if dedicated else Area.Kind.GENERAL


def known_areas(codes: Iterable[str]) -> dict[str, list[Known]]:
    """Every area that has or had one of these codes; one statement."""
    columns = ("pk", "code", "name", "level", "valid_from", "valid_to", "synthetic")
    found: defaultdict[str, list[Known]] = defaultdict(list)
    for row in Area.objects.filter(code__in=set(codes)).order_by("valid_from").values_list(*columns):
        found[row[1]].append(Known(*row))
    return found


def code_finding(feature: Feature, level: str) -> Finding | None:
    """What is wrong with how a code is written."""
    code, number = feature.code, feature.number
    if not code:
        return None if level in (CELL, ANY) else Finding(number, "unknown_code", {"code": "", "day": ""}, "code")
    if not (code.isascii() and code.isdigit() and len(code) in LEVEL_OF):
        return Finding(number, "code_not_digits", {"code": code[:50]}, "code")
    if level not in (ANY, LEVEL_OF[len(code)]):
        return Finding(number, "wrong_level", {"code": code, "level": level, "digits": CODE_LENGTH[level]}, "code")
    return None


def set_owner(one: Owned, *, known: Mapping[str, list[Known]], day: date) -> Finding | None:
    """Finds the area of the code on the day, or the village of a new cell; else says why not."""
    there = known.get(one.code, [])
    one.area = next((area for area in there if area.holds(day)), None)
    if one.level != CELL:
        values = {"code": one.code, "day": day.isoformat()}
        return None if one.area else Finding(one.number, "unknown_code", values, "code")
    one.village = next((area for area in known.get(one.code[:12], []) if area.holds(day)), None)
    if one.village is None:
        return Finding(one.number, "unknown_village", {"village": one.code[:12], "day": day.isoformat()}, "code")
    if one.area is not None:
        return None
    if there:
        return Finding(one.number, "code_used", {"code": one.code}, "code")
    return name_finding(one)


def name_finding(one: Owned) -> Finding | None:
    if not one.name:
        return Finding(one.number, "name_missing", field="name")
    return Finding(one.number, "name_too_long", field="name") if len(one.name) > 100 else None


class Numbering:
    """Serials for new cells that come without a code: in the village they lie in, in reading order."""

    def __init__(self, *, villages: Mapping[str, BaseGeometry]) -> None:
        """`villages`: the outlines of that day, by code."""
        self._codes = list(villages)
        self._tree = shapely.STRtree(list(villages.values()))

    def village_of(self, shape: BaseGeometry) -> str | None:
        found = self._tree.query(shapely.point_on_surface(shape), predicate="intersects")
        return min((self._codes[place] for place in found.tolist()), default=None)

    def propose(self, waiting: list[Owned], *, taken: Iterable[str], problems: Findings) -> None:
        """Gives each of `waiting` a code; `taken` are codes in use now or ever. Those left without have a problem."""
        by_village: defaultdict[str, list[Owned]] = defaultdict(list)
        for one in waiting:
            village = self.village_of(one.shape) if one.shape is not None else None
            if village is None:
                problems.add(Finding(one.number, "code_missing", field="code"))
            else:
                by_village[village].append(one)
        used: defaultdict[str, set[str]] = defaultdict(set)
        for code in taken:
            used[code[:12]].add(code[12:])
        for village, cells in by_village.items():
            _number(village, cells, taken=used[village], problems=problems)


def _number(village: str, cells: list[Owned], *, taken: set[str], problems: Findings) -> None:
    try:
        serials = propose([one.shape for one in cells if one.shape is not None], taken)
    except ValueError:
        for one in cells:
            problems.add(Finding(one.number, "no_serial", {"village": village}, "code"))
        return
    for one, serial in zip(cells, serials, strict=True):
        one.code, one.proposed = village + serial, True

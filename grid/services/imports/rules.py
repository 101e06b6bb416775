"""What outlines of a file must keep to: the past, changes that are planned, neighbours, and their village."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

import numpy as np
import shapely
from django.db.models import Q
from django.utils import timezone
from shapely.geometry.base import BaseGeometry

from grid.ground_rules import Problem, leaves_problems, overlap_problems
from grid.import_problems import Finding
from grid.models import AreaBoundary
from grid.selectors.outlines import outlines, to_geos_box, to_shape
from grid.services.imports.owners import CELL, VILLAGE, Owned
from grid.services.imports.plan import SAME, OutlinePlan, Version, box_of


def compare(plan: OutlinePlan, owned: list[Owned]) -> None:
    """Sorts into changed and unchanged, by the versions that hold at the moment or later; two statements."""
    ids = [one.area.id for one in owned if one.area]
    drawn = set(AreaBoundary.objects.filter(area__in=ids).values_list("area_id", flat=True))
    versions: defaultdict[int, list[Version]] = defaultdict(list)
    rows = AreaBoundary.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=plan.at), area__in=ids)
    columns = ("area_id", "pk", "valid_from", "valid_to", "geometry")
    for area_id, pk, begins, ends, geometry in rows.order_by("valid_from").values_list(*columns):
        versions[area_id].append(Version(pk, begins, ends, to_shape(geometry)))
    for one in owned:
        pk = one.area.id if one.area else 0
        finding = _compare_one(plan, one, versions.get(pk, []), drawn=pk in drawn)
        if finding is not None:
            plan.problems.add(finding)


def _compare_one(plan: OutlinePlan, one: Owned, versions: list[Version], *, drawn: bool) -> Finding | None:
    if one.shape is None:
        if one.area is None or drawn:
            return Finding(one.number, "empty_geometry", field="geometry")
        # An export lists areas that are not drawn, too: nothing to do.
        plan.unchanged.append(one)
        return None
    if versions and _same(versions[0].shape, one.shape):
        plan.unchanged.append(one)
        return None
    if drawn and plan.day < timezone.localdate(plan.now):
        return Finding(one.number, "in_the_past", {"code": one.code}, "valid_from")
    planned = _planned(plan, versions)
    if planned is not None:
        day = timezone.localdate(planned).isoformat()
        return Finding(one.number, "change_planned", {"code": one.code, "day": day}, "valid_from")
    if versions and one.area:
        plan.replaced[one.area.id] = versions[0]
    plan.changed.append(one)
    return None


def _planned(plan: OutlinePlan, versions: list[Version]) -> datetime | None:
    """When a change that is already decided takes effect."""
    for version in versions:
        if version.valid_from >= plan.at:
            return version.valid_from
        if version.valid_to is not None:
            return version.valid_to
    return None


def _same(one: BaseGeometry, other: BaseGeometry) -> bool:
    """Wherever the rings begin and whichever way they turn."""
    if not np.allclose(one.bounds, other.bounds, rtol=0, atol=SAME):
        return False
    if shapely.equals_exact(shapely.normalize(one), shapely.normalize(other), tolerance=SAME):
        return True
    # A ring may begin elsewhere after rounding: compare the lines themselves.
    return bool(shapely.hausdorff_distance(one, other) <= SAME) and shapely.get_num_geometries(
        one
    ) == shapely.get_num_geometries(other)


def check_neighbours(plan: OutlinePlan) -> None:
    """Overlaps on each level, and cells beyond their village. What is unchanged is not accused."""
    by_level: defaultdict[str, list[Owned]] = defaultdict(list)
    for one in plan.changed:
        by_level[one.level].append(one)
    numbers = {one.code: one.number for one in plan.changed}
    for level, changed in by_level.items():
        cells = _shapes(changed)
        found = overlap_problems(cells=cells, others=_standing(plan, level, changed))
        _report(plan, found, numbers)
    _check_cells(plan, by_level[CELL], numbers)
    _check_villages(plan, by_level[VILLAGE], numbers)


def _shapes(owned: Iterable[Owned]) -> dict[str, BaseGeometry]:
    return {one.code: one.shape for one in owned if one.shape is not None}


def _standing(plan: OutlinePlan, level: str, changed: list[Owned]) -> dict[str, BaseGeometry]:
    """Outlines near, at that moment or later, of areas that do not change; one statement."""
    box = box_of(list(_shapes(changed).values()))
    if box is None:
        return {}
    rows = AreaBoundary.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=plan.at), area__level=level, geometry__bboverlaps=to_geos_box(box)
    ).exclude(area__in=[one.area.id for one in changed if one.area])
    found = rows.order_by("area__code", "pk").values_list("area__code", "pk", "geometry")
    return {f"{code}/{pk}": to_shape(geometry) for code, pk, geometry in found}


def _check_cells(plan: OutlinePlan, cells: list[Owned], numbers: Mapping[str, int]) -> None:
    """Against villages of the file first: both may move together."""
    if not cells:
        return
    code_of = {one.code: one.code[:12] for one in cells}
    there = outlines(level=VILLAGE, at=plan.at, prefixes=sorted(set(code_of.values())))
    villages = {one.code: one.shape for one in there if one.code in code_of.values()}
    villages |= _shapes(one for one in plan.changed if one.level == VILLAGE)
    _report(plan, leaves_problems(cells=_shapes(cells), villages=villages, code_of=code_of), numbers)


def _check_villages(plan: OutlinePlan, changed: list[Owned], numbers: Mapping[str, int]) -> None:
    """No cell that stays as it is may be left outside a village that moves."""
    if not changed:
        return
    villages = _shapes(changed)
    moved = {one.code for one in plan.changed}
    there = outlines(level=CELL, at=plan.at, prefixes=sorted(villages))
    cells = {one.code: one.shape for one in there if one.code not in moved}
    code_of = {code: code[:12] for code in cells}
    _report(plan, leaves_problems(cells=cells, villages=villages, code_of=code_of), numbers)


def _report(plan: OutlinePlan, found: Iterable[Problem], numbers: Mapping[str, int]) -> None:
    for problem in found:
        codes = [key.partition("/")[0] for key in problem.keys]
        line = max(numbers.get(code) or numbers.get(code[:12], 0) for code in codes)
        where = shapely.point_on_surface(problem.geometry)
        values = {
            "one": codes[0],
            "other": codes[-1],
            "area": f"{problem.area_m2:,.0f}",
            "x": f"{where.x:.6f}",
            "y": f"{where.y:.6f}",
        }
        plan.problems.add(Finding(line, problem.code, values, "geometry"))

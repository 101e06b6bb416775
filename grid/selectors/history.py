"""One area through time: its outlines, the acts that made them, its codes; what no cell covers; serials."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from grid.ground_rules import gaps_of
from grid.metres import area_m2
from grid.models import Area, AreaBoundary, BoundaryChange
from grid.selectors.areas import valid_areas
from grid.selectors.outlines import outlines, to_shape, village_shape
from grid.serials import propose
from grid.shapes import geojson


def moment_of_day(*, on: date | None, now: datetime) -> datetime:
    """The moment that stands for a day: now for today, else its end, when all that was decided for it holds."""
    if on is None or on == timezone.localdate(now):
        return now
    return timezone.make_aware(datetime.combine(on, time(23, 59, 59)))


def _ref(area: Area | None) -> dict[str, str] | None:
    return {"code": area.code, "name": area.name} if area else None


def find_area(*, code: str, on: date | None, now: datetime) -> dict[str, Any] | None:
    """The area with this code on that day; without a day the last one that had it. Five statements."""
    areas = Area.objects.filter(code=code) if on is None else valid_areas(on=on).filter(code=code)
    area = areas.select_related("parent", "predecessor").order_by("-valid_from").first()
    if area is None:
        return None
    at = moment_of_day(on=on, now=now)
    versions = list(AreaBoundary.objects.filter(area=area).defer("geometry").order_by("-valid_from"))
    current = next((v for v in versions if v.valid_from <= at and (v.valid_to is None or v.valid_to > at)), None)
    shape = (
        to_shape(AreaBoundary.objects.values_list("geometry", flat=True).filter(pk=current.pk)[0]) if current else None
    )
    return {
        "id": area.pk,
        "code": area.code,
        "name": area.name,
        "level": area.level,
        "kind": area.kind,
        "parent": _ref(area.parent),
        "valid_from": area.valid_from,
        "valid_to": area.valid_to,
        "predecessor": _ref(area.predecessor),
        "successors": [_ref(one) for one in area.successors.order_by("code")],
        "synthetic": area.synthetic,
        "geometry": geojson(shape) if shape is not None else None,
        "centroid": [round(shape.centroid.x, 6), round(shape.centroid.y, 6)] if shape is not None else None,
        "area_m2": area_m2(shape) if shape is not None else None,
        "boundaries": [
            {
                "id": version.pk,
                "valid_from": version.valid_from,
                "valid_to": version.valid_to,
                "reason": version.reason,
                "current": version is current,
            }
            for version in versions
        ],
        "changes": change_rows(_changes_of(area)[:100]),
    }


def _changes_of(area: Area) -> QuerySet[BoundaryChange]:
    mine = [{"id": area.pk}]
    of_cell = Q(before__contains=mine) | Q(after__contains=mine)
    return BoundaryChange.objects.filter(of_cell | Q(area=area)).select_related("area").order_by("-effective_at", "-pk")


def changes_within(*, code: str) -> QuerySet[BoundaryChange]:
    """Changes in the area with this code (all without one), newest first."""
    changes = BoundaryChange.objects.select_related("area").order_by("-effective_at", "-pk")
    if len(code) == 15:
        mine = [{"code": code}]
        return changes.filter(Q(before__contains=mine) | Q(after__contains=mine))
    return changes.filter(area__code__startswith=code) if code else changes


def change_rows(changes: Iterable[BoundaryChange]) -> list[dict[str, Any]]:
    return [
        {
            "id": change.pk,
            "kind": change.kind,
            "kind_name": change.get_kind_display(),
            "area": _ref(change.area),
            "effective_at": change.effective_at,
            "reason": change.reason,
            "before": change.before,
            "after": change.after,
            "made_at": change.made_at,
            "made_by": change.made_by_name,
            "settled": change.settled_at is not None,
        }
        for change in changes
    ]


def version_row(*, code: str, pk: int) -> dict[str, Any] | None:
    version = AreaBoundary.objects.filter(pk=pk, area__code=code).first()
    if version is None:
        return None
    return {
        "id": version.pk,
        "valid_from": version.valid_from,
        "valid_to": version.valid_to,
        "reason": version.reason,
        "geometry": geojson(to_shape(version.geometry)),
    }


def gap_rows(*, code: str, at: datetime) -> list[dict[str, Any]]:
    """Gaps of the village with this code; none where it, or what it is not, has no outline."""
    if len(code) != 12:
        return []
    village = village_shape(code=code, at=at)
    if village is None:
        return []
    cells = [one.shape for one in outlines(level=Area.Level.CELL, at=at, prefixes=[code])]
    return [
        {"geometry": geojson(gap.geometry), "area_m2": gap.area_m2} for gap in gaps_of(village=village, cells=cells)
    ]


def serial_rows(*, code: str, at: datetime) -> dict[str, Any]:
    """Cells of a village with the serials that reading order gives them, and the next one that was never used."""
    cells = outlines(level=Area.Level.CELL, at=at, prefixes=[code]) if len(code) == 12 else []
    general = [one for one in cells if one.kind == Area.Kind.GENERAL]
    proposed = dict(zip((one.code for one in general), propose([one.shape for one in general]), strict=True))
    ever = {one[12:] for one in Area.objects.filter(code__startswith=code, level="cell").values_list("code", flat=True)}
    free = (f"{number:03d}" for number in range(1, 901))
    return {
        "next": next((serial for serial in free if serial not in ever), None) if len(code) == 12 else None,
        "results": [
            {
                "code": one.code,
                "name": one.name,
                "serial": one.code[12:],
                "proposed": proposed.get(one.code, one.code[12:]),
            }
            for one in cells
        ],
    }

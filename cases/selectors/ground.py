"""What hangs on the ground: cases, places and patrols of an area, and cases counted by the cells of then or of now."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Max, Q
from django.utils import timezone

from cases.deadlines import ZONE
from cases.models import CaseQuerySet, in_area, ordinate
from cases.workflow import UNCOUNTED
from grid.models import Area, Place
from grid.selectors.areas import area_names
from grid.selectors.outlines import first_covering, outlines
from grid.services.changes import Plan
from staff.models import PatrolVisit
from staff.scope import Scope


def what_hangs_on(*, code: str, cases: CaseQuerySet, scope: Scope) -> dict[str, Any]:
    """Open and overdue cases this person sees there, places, and the last patrol where a post covers the area."""
    now = timezone.now()
    counted = cases.filter(in_area(code), is_open=True).aggregate(
        open=Count("pk"), overdue=Count("pk", filter=Q(due_at__lt=now))
    )
    covered = scope.covers(code)
    today = timezone.localdate(now)
    lasting = Q(valid_to__isnull=True) | Q(valid_to__gt=today)
    inside = Q(cell_code=code) if len(code) == 15 else Q(village_code__startswith=code)
    last = (
        PatrolVisit.objects.filter(cell__code__startswith=code).aggregate(last=Max("at"))["last"] if covered else None
    )
    return {
        "open_cases": counted["open"],
        "overdue_cases": counted["overdue"],
        "places": Place.objects.filter(lasting, inside).count() if covered else 0,
        "last_patrol_at": last,
    }


def place_moves(*, plan: Plan) -> list[dict[str, Any]]:
    """Places that will lie in another cell, with both codes ("" for the village without a cell)."""
    after = sorted(plan.after, key=lambda part: part.code)
    before = {old.code for old in plan.before}
    today = timezone.localdate(plan.now)
    lasting = Q(valid_to__isnull=True) | Q(valid_to__gt=today)
    rows = Place.objects.filter(lasting, village_code=plan.village.code).order_by("name", "pk")
    found = list(rows.values_list("pk", "name", "cell_code", "point"))
    inside = first_covering(
        places=[(point.x, point.y) for *_rest, point in found], shapes=[part.shape for part in after]
    )
    moves = []
    for place, (pk, name, now, _point) in enumerate(found):
        then = after[inside[place]].code if place in inside else ("" if now in before else now)
        if then != now:
            moves.append({"id": pk, "name": name, "from": now, "to": then})
    return moves


def counted(*, cases: CaseQuerySet, first: date, last: date, cut: str, now: datetime) -> list[dict[str, Any]]:
    """Cases reported from `first` to `last` (days in Asia/Shanghai) per cell, and how many of them are closed.

    `reported` counts by the cell of the day on which each was reported, which no redrawing moves; `current` by the
    outlines of `now`. Rejected, merged and cancelled ones are not counted. The sums of both cuts are the same: what
    lies in no cell stands under its village's code.
    """
    begin = datetime.combine(first, time(0), tzinfo=ZONE)
    end = datetime.combine(last + timedelta(days=1), time(0), tzinfo=ZONE)
    rows = cases.filter(reported_at__gte=begin, reported_at__lt=end).exclude(state__in=sorted(UNCOUNTED))
    totals = _by_reported(rows) if cut == "reported" else _by_current(rows, now=now)
    names = area_names(codes=totals, on=timezone.localdate(now))
    return [
        {"code": code, "name": names.get(code, ""), "reported": total, "closed": closed}
        for code, (total, closed) in sorted(totals.items())
    ]


def _by_reported(rows: CaseQuerySet) -> dict[str, tuple[int, int]]:
    found = rows.values_list("cell_code", "village_code", "town_code").annotate(
        total=Count("pk"), done=Count("pk", filter=Q(is_open=False))
    )
    totals: dict[str, tuple[int, int]] = {}
    for cell, village, town, total, done in found.order_by("cell_code", "village_code", "town_code"):
        before = totals.get(cell or village or town, (0, 0))
        totals[cell or village or town] = (before[0] + total, before[1] + done)
    return totals


def _by_current(rows: CaseQuerySet, *, now: datetime) -> dict[str, tuple[int, int]]:
    found = list(
        rows.values_list(ordinate("ST_X"), ordinate("ST_Y"), "cell_code", "village_code", "town_code", "is_open")
    )
    towns = sorted({row[4] for row in found})
    cells = outlines(level=Area.Level.CELL, at=now, prefixes=towns) if towns else []
    places = [(row[0], row[1]) if row[0] is not None and row[1] is not None else None for row in found]
    lowest = first_covering(places=places, shapes=[cell.shape for cell in cells])
    totals: dict[str, tuple[int, int]] = {}
    for i, (lon, _lat, cell_code, village, town, is_open) in enumerate(found):
        code = cells[lowest[i]].code if i in lowest else _unplaced(lon is None, cell_code, village, town)
        before = totals.get(code, (0, 0))
        totals[code] = (before[0] + 1, before[1] + (0 if is_open else 1))
    return totals


def _unplaced(without_point: bool, cell: str, village: str, town: str) -> str:
    """A case without a place stays with the cell it was reported for; one in a gap of today with its village."""
    return (cell if without_point else "") or village or town

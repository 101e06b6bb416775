"""Carry out a change of the ground, and look after what follows it in this package: places and cameras.

Under a lock on the town the plan is made again and written in one transaction, so nothing is half-done and what
somebody else changed meanwhile is seen. No version is ever edited: old ones get an end, new ones a beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from grid.ground_rules import Problem
from grid.models import Area, AreaBoundary, BoundaryChange
from grid.selectors.outlines import to_geos
from grid.services.changes import Part, Plan, Wish, invalid, plan_change

FIELD = {"split": "line", "merge": "cells", "retire": "cells"}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who decides: an id and the name of that day, because people lie above this package."""

    id: int | None
    name: str


def problem_text(problem: Problem) -> str:
    """What is wrong, where, and what to do, in the language of the request."""
    codes = [key.partition("/")[0] for key in problem.keys]
    values = {"one": codes[0], "other": codes[-1], "area": f"{problem.area_m2:,.0f}"}
    if problem.code == "overlap":
        text = _("%(one)s and %(other)s overlap by %(area)s m². Move the line between them, or redraw both.")
    else:
        text = _("%(one)s reaches %(area)s m² beyond its village. Keep it inside, or redraw the village first.")
    return text % values


@transaction.atomic
def carry_out(*, wish: Wish, by: Actor, now: datetime) -> tuple[BoundaryChange, Plan]:
    """Do what `wish` asks from its day on. Raises ValidationError as `plan_change`, and for every problem of the plan.

    Two changes in one town wait for each other; the second is planned on what the first has made.
    """
    _lock_town(wish)
    plan = plan_change(wish=wish, now=now)
    if plan.problems:
        name = FIELD.get(wish.act, "geometry")
        found = [ValidationError(problem_text(one), one.code) for one in plan.problems]
        raise ValidationError({name: found})
    change = BoundaryChange.objects.create(
        kind=wish.act,
        area=plan.village,
        effective_at=plan.effective_at,
        reason=wish.reason.strip(),
        made_at=now,
        made_by=by.id,
        made_by_name=by.name,
    )
    synthetic = plan.village.synthetic
    _end_versions(plan)
    areas = [_area_of(part=part, plan=plan, synthetic=synthetic) for part in plan.after]
    AreaBoundary.objects.bulk_create(
        AreaBoundary(
            area=area,
            geometry=to_geos(part.shape),
            valid_from=plan.effective_at,
            reason=change.reason,
            synthetic=synthetic,
            change=change,
        )
        for area, part in zip(areas, plan.after, strict=True)
    )
    change.before = [{"id": old.area_id, "code": old.code, "name": old.name} for old in plan.before]
    change.after = [{"id": area.pk, "code": area.code, "name": area.name} for area in areas]
    change.save(update_fields=["before", "after"])
    return change, plan


def _lock_town(wish: Wish) -> None:
    code = (wish.cells[0] if wish.cells else wish.village)[:9]
    list(Area.objects.select_for_update().filter(code=code, level=Area.Level.TOWN).values_list("pk"))


def _end_versions(plan: Plan) -> None:
    """The outlines of before end where the new ones begin; cells that are no more end that day."""
    versions = AreaBoundary.objects.filter(pk__in=[old.boundary_id for old in plan.before])
    begun_now = versions.filter(valid_from__gte=plan.effective_at).exists()
    if begun_now:
        raise invalid("on", _("Another change of this cell begins just then. Choose a later day."), "changed_just_now")
    versions.update(valid_to=plan.effective_at)
    ended = Area.objects.filter(pk__in=[old.area_id for old in plan.ended])
    young = ended.filter(valid_from__gte=plan.day).values_list("code", flat=True).first()
    if young is not None:
        message = _("%(code)s begins only that day. Choose a later day.")
        raise invalid("on", message % {"code": young}, "too_young")
    ended.update(valid_to=plan.day)


def _area_of(*, part: Part, plan: Plan, synthetic: bool) -> Area:
    if part.area_id is not None:
        area = Area.objects.filter(pk=part.area_id).first()
        assert area is not None, "the plan was made from it under this lock"
        if area.name != part.name:
            Area.objects.filter(pk=area.pk).update(name=part.name)
            area.name = part.name
        return area
    origin = next((old.area_id for old in plan.before if old.code == part.from_code), None)
    return Area.objects.create(
        code=part.code,
        name=part.name,
        level=Area.Level.CELL,
        kind=part.kind,
        parent=plan.village,
        predecessor_id=origin,
        valid_from=plan.day,
        synthetic=synthetic,
    )


# Which cell something lies in now; lower codes first, as in `locate_point`.
_FOLLOW = """
UPDATE {table} t SET cell_code = coalesce((
    SELECT a.code FROM grid_areaboundary b JOIN grid_area a ON a.id = b.area_id
    WHERE a.level = 'cell' AND ST_Covers(b.geometry, t.point)
      AND b.valid_from <= %(at)s AND (b.valid_to IS NULL OR b.valid_to > %(at)s)
    ORDER BY a.code LIMIT 1), '')
WHERE t.village_code = ANY(%(villages)s)
"""


def follow_ground(*, villages: Sequence[str], at: datetime) -> None:
    """Places and cameras of these villages learn which cell they lie in at `at`."""
    with connection.cursor() as cursor:
        for table in ("grid_place", "grid_camera"):
            cursor.execute(_FOLLOW.format(table=table), {"at": at, "villages": list(villages)})


def unsettled(*, now: datetime) -> list[BoundaryChange]:
    """Changes that have taken effect and whose cases and places were not handed on yet, oldest first; locked."""
    waiting = BoundaryChange.objects.select_for_update(skip_locked=True, of=("self",)).select_related("area")
    return list(waiting.filter(settled_at__isnull=True, effective_at__lte=now).order_by("effective_at", "pk"))


def mark_settled(*, change: BoundaryChange, at: datetime) -> None:
    change.settled_at = at
    change.save(update_fields=["settled_at"])

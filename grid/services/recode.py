"""The same ground under another code: 官塘 was 445121113 until it moved to another district.

Every area below ends today and begins anew under the new code, with its outline, named as successor of the old one. Old
rows and all that was recorded under them stay as they were.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.models import CODE_LENGTH, Area, AreaBoundary, BoundaryChange, PatrolArea, Reach, WaterBody
from grid.selectors.areas import valid_areas
from grid.services.changes import invalid
from grid.services.ground import Actor

LEVELS = list(CODE_LENGTH)


@dataclass(frozen=True, slots=True)
class Recoded:
    """What was done: the new area for each old one, by id."""

    change: BoundaryChange
    heirs: dict[int, Area]
    old_code: str
    new_code: str


def _check_code(*, area: Area, code: str, day: date) -> Area | None:
    """The area that will lie above. Raises ValidationError on `code`."""
    digits = CODE_LENGTH[area.level]
    if not re.fullmatch(rf"\d{{{digits}}}", code):
        message = _("Code “%(code)s” must have %(digits)d digits at level %(level)s.")
        raise invalid("code", message % {"code": code, "digits": digits, "level": area.get_level_display()}, "shape")
    if valid_areas(on=day).filter(code__startswith=code).exists():
        raise invalid("code", _("%(code)s is in use. Choose another code.") % {"code": code}, "in_use")
    if area.level == LEVELS[0]:
        return None
    above = LEVELS[LEVELS.index(area.level) - 1]
    parent = valid_areas(on=day).filter(code=code[: CODE_LENGTH[above]], level=above).first()
    if parent is None:
        message = _("There is no %(level)s %(code)s. Import it first.")
        values = {"level": Area.Level(above).label, "code": code[: CODE_LENGTH[above]]}
        raise invalid("code", message % values, "unknown_parent")
    return parent


def _subtree(area: Area, *, day: date) -> list[Area]:
    """The area and what lies in it today, upper levels first, locked."""
    rows = valid_areas(on=day).filter(code__startswith=area.code).select_for_update(of=("self",))
    found = sorted(rows, key=lambda one: (len(one.code), one.code))
    young = next((one.code for one in found if one.valid_from >= day), None)
    if young is not None:
        raise invalid("on", _("%(code)s begins only today. Do this tomorrow.") % {"code": young}, "too_young")
    planned = AreaBoundary.objects.filter(area__in=found, valid_from__gt=timezone.now()).values_list("area__code")
    ending = next((one.code for one in found if one.valid_to is not None), None) or planned.first()
    if ending is not None:
        message = _("A change of %(code)s is planned. Wait until it has taken effect.")
        code = ending if isinstance(ending, str) else ending[0]
        raise invalid("area", message % {"code": code}, "change_planned")
    return found


@transaction.atomic
def recode(*, area: Area, code: str, reason: str, by: Actor, now: datetime) -> Recoded:
    """Give `area` and all that lies in it the new code from today on. Raises ValidationError naming the field."""
    if not reason.strip():
        raise invalid("reason", _("Say why: it stays with the boundary's history."), "required")
    day = timezone.localdate(now)
    parent = _check_code(area=area, code=code, day=day)
    old = _subtree(area, day=day)
    Area.objects.filter(pk__in=[one.pk for one in old]).update(valid_to=day)
    heirs = _heirs(old, parent=parent, prefix=area.code, code=code, day=day)
    new = heirs[area.pk]
    change = BoundaryChange.objects.create(
        kind=BoundaryChange.Kind.RECODE,
        area=new,
        effective_at=now,
        reason=reason.strip(),
        before=[{"id": area.pk, "code": area.code, "name": area.name}],
        after=[{"id": new.pk, "code": new.code, "name": new.name}],
        made_at=now,
        made_by=by.id,
        made_by_name=by.name,
        settled_at=now,
    )
    _carry_outlines(heirs, change=change, now=now)
    _carry_registers(heirs)
    return Recoded(change, heirs, area.code, code)


def _heirs(old: list[Area], *, parent: Area | None, prefix: str, code: str, day: date) -> dict[int, Area]:
    heirs: dict[int, Area] = {}
    for one in old:
        heirs[one.pk] = Area.objects.create(
            code=code + one.code[len(prefix) :],
            name=one.name,
            level=one.level,
            kind=one.kind,
            parent=heirs.get(one.parent_id or 0, parent),
            predecessor=one,
            valid_from=day,
            synthetic=one.synthetic,
        )
    return heirs


_OUTLINES = """
WITH ended AS (
    UPDATE grid_areaboundary b SET valid_to = %(now)s
    FROM unnest(%(old)s::bigint[], %(new)s::bigint[]) AS heir(old, new)
    WHERE b.area_id = heir.old AND b.valid_from <= %(now)s AND (b.valid_to IS NULL OR b.valid_to > %(now)s)
    RETURNING heir.new, b.geometry, b.synthetic)
INSERT INTO grid_areaboundary (area_id, geometry, valid_from, valid_to, reason, synthetic, change_id)
SELECT new, geometry, %(now)s, NULL, %(reason)s, synthetic, %(change)s FROM ended
"""


def _pairs(heirs: dict[int, Area]) -> tuple[list[int], list[int]]:
    return list(heirs), [area.pk for area in heirs.values()]


def _carry_outlines(heirs: dict[int, Area], *, change: BoundaryChange, now: datetime) -> None:
    old, new = _pairs(heirs)
    with connection.cursor() as cursor:
        cursor.execute(_OUTLINES, {"old": old, "new": new, "now": now, "reason": change.reason, "change": change.pk})


_PLACED = """
UPDATE {table} t SET village_id = heir.new, village_code = heir.code,
    cell_code = CASE WHEN t.cell_code = '' THEN '' ELSE heir.code || substr(t.cell_code, 13) END
FROM unnest(%(old)s::bigint[], %(new)s::bigint[], %(codes)s::text[]) AS heir(old, new, code)
WHERE t.village_id = heir.old
"""


def _carry_registers(heirs: dict[int, Area]) -> None:
    """Places, cameras, waters, reaches and patrol areas belong to the ground, so they go with it."""
    old, new = _pairs(heirs)
    codes = [area.code for area in heirs.values()]
    with connection.cursor() as cursor:
        for table in ("grid_place", "grid_camera"):
            cursor.execute(_PLACED.format(table=table), {"old": old, "new": new, "codes": codes})
    for model in (WaterBody, Reach, PatrolArea):
        for row in model._default_manager.filter(area__in=old):
            row.area = heirs[row.area_id]
            row.save(update_fields=["area"])
    through = PatrolArea.cells.through
    for link in through._default_manager.filter(area_id__in=old):
        link.area_id = heirs[link.area_id].pk
        link.save(update_fields=["area_id"])

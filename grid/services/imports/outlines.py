"""Outlines out of a file: every rule first, for all of them, then all of them in one transaction or none.

Outlines are taken as they were surveyed: nothing is closed, trimmed or turned. Where two neighbours share less than a
metre both keep it, and the cell with the lower code answers there.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from grid.crs import SYSTEMS, named_in
from grid.import_problems import Finding, Findings, Outcome, UnreadableError
from grid.models import Area, AreaBoundary, BoundaryChange
from grid.selectors.ground import ground_keeper
from grid.selectors.outlines import outlines, to_geos
from grid.services.ground import Actor
from grid.services.imports.features import Layer
from grid.services.imports.owners import CELL, VILLAGE, Known, Numbering, Owned, code_finding, known_areas, set_owner
from grid.services.imports.plan import OutlineFile, OutlinePlan, Progress, box_of, silent
from grid.services.imports.reading import read_outlines
from grid.services.imports.rules import check_neighbours, compare
from grid.services.imports.shapes import outline_of

logger = logging.getLogger(__name__)

_TELL_EVERY: Final = 20
_LISTED: Final = 500


def import_outlines(
    *, wanted: OutlineFile, by: Actor, now: datetime, write: bool, progress: Progress = silent
) -> Outcome:
    """Take the file in, whole, or with problems not at all; with `write` off only look at it."""
    outcome = Outcome(Findings(limit=wanted.limit))
    try:
        layer = read_outlines(path=wanted.path, fields=wanted.fields)
    except UnreadableError as error:
        outcome.problems.add(error.finding)
        return outcome
    outcome.total = len(layer.features)
    read = _shaped(layer, wanted, outcome.problems, progress)
    plan = OutlinePlan(wanted, now, outcome)
    with transaction.atomic():
        if write:
            _lock_towns(plan, read)
        _make_plan(plan, read)
        outcome.summary = _summary(plan, layer)
        if write and not outcome.problems.count:
            _write(plan, by)
    progress(outcome.total, outcome.total)
    return outcome


def _shaped(layer: Layer, wanted: OutlineFile, problems: Findings, progress: Progress) -> list[Owned]:
    """Every feature whose outline and code are well written, in degrees. Asks the database nothing."""
    crs = SYSTEMS[wanted.crs]
    found: list[Owned] = []
    for done, feature in enumerate(layer.features, 1):
        shape, coded = outline_of(feature, crs), code_finding(feature, wanted.level)
        wrong = [one for one in (shape, coded) if isinstance(one, Finding)]
        problems.more(wrong, count=len(wrong))
        if not wrong and not isinstance(shape, Finding):
            found.append(Owned(feature.number, feature.code, feature.name, shape))
        if done % _TELL_EVERY == 0:
            progress(done, len(layer.features))
    return found


def _lock_towns(plan: OutlinePlan, read: list[Owned]) -> None:
    """As whoever changes the ground does: two changes in one town wait for each other."""
    codes = {one.code[:9] for one in read if len(one.code) >= 9}
    codes |= {code[:9] for code in _villages_near(plan, [one for one in read if not one.code])}
    towns = Area.objects.select_for_update().filter(code__in=codes, level=Area.Level.TOWN).order_by("pk")
    list(towns.values_list("pk"))


def _villages_near(plan: OutlinePlan, waiting: list[Owned]) -> dict[str, Any]:
    """Outlines of villages around these, by code."""
    box = box_of([one.shape for one in waiting if one.shape is not None])
    return {one.code: one.shape for one in outlines(level=VILLAGE, at=plan.at, touching=box)} if box else {}


def _make_plan(plan: OutlinePlan, read: list[Owned]) -> None:
    _number_new(plan, read)
    coded = [one for one in read if one.code]
    known = known_areas({code for one in coded for code in (one.code, one.code[:12])})
    compare(plan, [one for one in coded if _is_taken(plan, one, known)])
    _refuse_twice(plan, coded)
    check_neighbours(plan)


def _number_new(plan: OutlinePlan, read: list[Owned]) -> None:
    """A serial for each outline without a code, in the village that it lies in; the file's villages come first."""
    waiting = [one for one in read if not one.code]
    if not waiting:
        return
    villages = _villages_near(plan, waiting)
    villages |= {one.code: one.shape for one in read if len(one.code) == 12 and one.shape is not None}
    taken = Area.objects.filter(level=CELL, parent__code__in=villages).values_list("code", flat=True)
    own = [one.code for one in read if len(one.code) == 15]
    Numbering(villages=villages).propose(waiting, taken=[*taken, *own], problems=plan.problems)


def _is_taken(plan: OutlinePlan, one: Owned, known: dict[str, list[Known]]) -> bool:
    finding = set_owner(one, known=known, day=plan.day)
    scope = plan.wanted.scope
    if finding is None and scope is not None and not one.code.startswith(scope):
        finding = Finding(one.number, "not_yours", {"code": one.code}, "code")
    if finding is not None:
        plan.problems.add(finding)
    return finding is None


def _refuse_twice(plan: OutlinePlan, coded: list[Owned]) -> None:
    first: dict[str, int] = {}
    for one in coded:
        if one.code in first:
            finding = Finding(one.number, "duplicate_code", {"code": one.code, "first": first[one.code]}, "code")
            plan.problems.add(finding)
        first.setdefault(one.code, one.number)


def _summary(plan: OutlinePlan, layer: Layer) -> dict[str, Any]:
    proposed = [one for one in plan.changed if one.proposed]
    return {
        "created": sum(one.area is None for one in plan.changed),
        "drawn": len(plan.changed) - len(plan.replaced),
        "redrawn": len(plan.replaced),
        "unchanged": len(plan.unchanged),
        "proposed": [{"line": one.number, "code": one.code, "name": one.name} for one in proposed[:_LISTED]],
        "warnings": _says_otherwise(layer, plan.wanted),
    }


def _says_otherwise(layer: Layer, wanted: OutlineFile) -> list[dict[str, Any]]:
    """A warning where the file names another system than the person; theirs is taken."""
    said = named_in(layer.says)
    alike = {"WGS-84", "CGCS2000"}
    if said is None or said == wanted.crs or {said, wanted.crs} <= alike:
        return []
    return [{"code": "crs_differs", "values": {"file": said, "chosen": wanted.crs}}]


def _write(plan: OutlinePlan, by: Actor) -> None:
    """Old versions get an end, new ones a beginning; one change on record for each village, or area above."""
    if not plan.changed:
        return
    AreaBoundary.objects.filter(pk__in=[old.id for old in plan.replaced.values()]).update(valid_to=plan.at)
    areas = _areas(plan)
    changes = _changes(plan, areas, by)
    boundaries = [
        AreaBoundary(
            area_id=pk,
            geometry=to_geos(one.shape),
            valid_from=plan.at,
            reason=plan.wanted.reason,
            synthetic=synthetic,
            change=changes[_owner_of(one, areas)],
        )
        for one, (pk, synthetic) in ((one, areas[one.code]) for one in plan.changed)
        if one.shape is not None
    ]
    AreaBoundary.objects.bulk_create(boundaries, batch_size=500)
    transaction.on_commit(ground_keeper.forget)
    logger.info("outlines_imported changed=%s replaced=%s", len(plan.changed), len(plan.replaced))


def _areas(plan: OutlinePlan) -> dict[str, tuple[int, bool]]:
    """Id and `synthetic` of each area by code; cells that are new are made."""
    new = [
        Area(
            code=one.code,
            name=one.name,
            level=CELL,
            kind=one.kind,
            parent_id=one.village.id,
            valid_from=plan.day,
            synthetic=one.village.synthetic,
        )
        for one in plan.changed
        if one.area is None and one.village is not None
    ]
    made = Area.objects.bulk_create(new, batch_size=500)
    found = {area.code: (area.pk, area.synthetic) for area in made}
    return found | {one.code: (one.area.id, one.area.synthetic) for one in plan.changed if one.area}


def _owner_of(one: Owned, areas: dict[str, tuple[int, bool]]) -> int:
    """Whose history tells of it: the village of a cell, else the area itself."""
    return one.village.id if one.village is not None else areas[one.code][0]


def _changes(plan: OutlinePlan, areas: dict[str, tuple[int, bool]], by: Actor) -> dict[int, BoundaryChange]:
    found: dict[int, BoundaryChange] = {}
    for one in plan.changed:
        owner, pk = _owner_of(one, areas), areas[one.code][0]
        if owner not in found:
            found[owner] = BoundaryChange(
                kind=BoundaryChange.Kind.IMPORT,
                area_id=owner,
                effective_at=plan.at,
                reason=plan.wanted.reason,
                before=[],
                after=[],
                made_at=plan.now,
                made_by=by.id,
                made_by_name=by.name,
            )
        listed = {"id": pk, "code": one.code, "name": one.area.name if one.area else one.name}
        found[owner].after.append(listed)
        if one.area and one.area.id in plan.replaced:
            found[owner].before.append(listed)
    BoundaryChange.objects.bulk_create(found.values(), batch_size=500)
    return found

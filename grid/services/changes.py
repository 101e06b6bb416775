"""Acts on the ground: draw, redraw, split, merge, retire. First a plan that shows everything, then the act itself.

A plan is made from what is drawn at the moment the change takes effect; `grid.services.ground` carries it out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Final

import shapely
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from shapely.geometry.base import BaseGeometry

from grid.ground_rules import Gap, Problem, gaps_of, leaves_problems, overlap_problems, trimmed
from grid.models import Area, AreaBoundary, BoundaryChange
from grid.selectors.areas import valid_areas
from grid.selectors.outlines import Outline, later_outlines, outlines, village_shape
from grid.serials import propose
from grid.services.adapting import adapted, nothing_left

Kind = BoundaryChange.Kind


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to change. Shapes are in degrees, WGS-84; `on` is a date in Asia/Shanghai, None today."""

    act: str
    reason: str
    cells: tuple[str, ...] = ()
    on: date | None = None
    village: str = ""
    geometry: BaseGeometry | None = None
    line: BaseGeometry | None = None
    keep: str | None = None
    name: str = ""
    kind: str = Area.Kind.GENERAL
    names: tuple[str, ...] = ()
    neighbours_adapt: bool = False
    """redraw: cells of the village give way to the new outline, and take what it leaves."""


@dataclass(slots=True)
class Part:
    """A cell as it will be. `area_id` is None for one that is new; then `from_code` names the cell it was part of."""

    code: str
    name: str
    kind: str
    shape: BaseGeometry
    area_id: int | None = None
    from_code: str | None = None


@dataclass(slots=True)
class Plan:
    """What a wish comes to. It may be carried out when `problems` is empty."""

    wish: Wish
    now: datetime
    effective_at: datetime
    village: Area
    before: list[Outline]
    after: list[Part]
    ground: BaseGeometry | None
    """The village's outline at that moment, where it is drawn."""
    problems: list[Problem] = field(default_factory=list)

    @property
    def day(self) -> date:
        """The first day of the change, Asia/Shanghai."""
        return timezone.localdate(self.effective_at)

    @property
    def ended(self) -> list[Outline]:
        """Cells that are no more afterwards."""
        kept = {part.area_id for part in self.after}
        return [old for old in self.before if old.area_id not in kept]


def invalid(name: str, message: str, code: str = "invalid") -> ValidationError:
    return ValidationError({name: ValidationError(message, code=code)})


def moment_of(*, on: date | None, now: datetime) -> datetime:
    """When a change of that day takes effect: at once today, else at midnight. Raises ValidationError for the past."""
    today = timezone.localdate(now)
    if on is None or on == today:
        return now
    if on < today:
        message = _("Choose today or a later day: what was true yesterday stays as it was.")
        raise invalid("on", message, "in_the_past")
    return timezone.make_aware(datetime.combine(on, time(0)))


def code_refused(code: str) -> ValidationError:
    message = _("There is no cell “%(code)s” on that day. Choose one from the list.")
    return invalid("cells", message % {"code": code}, "unknown")


def plan_change(*, wish: Wish, now: datetime) -> Plan:
    """Everything the change would do, and all that stands against it. Writes nothing.

    Raises ValidationError naming the field for what makes no sense at all: an unknown cell, a line that does not cut,
    a day in the past, a cell with another change planned later.
    """
    if not wish.reason.strip():
        raise invalid("reason", _("Say why: it stays with the boundary's history."), "required")
    at = moment_of(on=wish.on, now=now)
    before = _chosen(wish=wish, at=at)
    village = _village(wish=wish, before=before, at=at)
    ground = village_shape(code=village.code, at=at)
    plan = Plan(wish=wish, now=now, effective_at=at, village=village, before=before, after=[], ground=ground)
    plan.after = _PARTS[wish.act](plan)
    if wish.neighbours_adapt and wish.act == Kind.REDRAW:
        adapt_neighbours(plan)
    _check_no_later_version(plan.before)
    _check_against_neighbours(plan)
    return plan


_COUNT: Final = {Kind.DRAW: (0, 0), Kind.REDRAW: (1, 1), Kind.SPLIT: (1, 1), Kind.MERGE: (2, 50), Kind.RETIRE: (1, 1)}


def _chosen(*, wish: Wish, at: datetime) -> list[Outline]:
    """The cells the act is about, as they are at that moment."""
    if wish.act not in _COUNT:
        raise invalid("act", _("Unknown act. Choose draw, redraw, split, merge or retire."), "unknown")
    least, most = _COUNT[Kind(wish.act)]
    codes = tuple(dict.fromkeys(wish.cells))
    if not least <= len(codes) <= most:
        message = ngettext("Choose %(n)d cell.", "Choose at least %(n)d cells.", least) if least else _("Choose none.")
        raise invalid("cells", message % {"n": least} if least else message, "wrong_number")
    found = {one.code: one for one in outlines(level=Area.Level.CELL, at=at, prefixes=codes)} if codes else {}
    for code in codes:
        if code not in found:
            raise code_refused(code)
    return [found[code] for code in codes]


def _village(*, wish: Wish, before: Sequence[Outline], at: datetime) -> Area:
    codes = {one.code[:12] for one in before} or {wish.village}
    if len(codes) > 1:
        raise invalid("cells", _("Choose cells of one village: a cell belongs to exactly one."), "several_villages")
    (code,) = codes
    day = timezone.localdate(at)
    village = valid_areas(on=day).filter(code=code, level=Area.Level.VILLAGE).first()
    if village is None:
        message = _("There is no village “%(code)s” on that day. Choose one from the list.")
        raise invalid("village", message % {"code": code}, "unknown")
    return village


def _check_no_later_version(before: Sequence[Outline]) -> None:
    """A cell that already has an end or a next version can only be changed after that."""
    ends = AreaBoundary.objects.filter(pk__in=[one.boundary_id for one in before], valid_to__isnull=False)
    later = ends.order_by("valid_to").values_list("area__code", "valid_to").first()
    if later is not None:
        message = _("Another change of %(code)s is planned for %(day)s. Choose that day or a later one.")
        day = timezone.localdate(later[1]).isoformat()
        raise invalid("on", message % {"code": later[0], "day": day}, "change_planned")


def _polygon(shape: BaseGeometry | None) -> BaseGeometry:
    if shape is None or shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
        raise invalid("geometry", _("Draw an area: a closed line with at least three corners."), "not_an_area")
    if not shape.is_valid:
        message = _("The outline crosses itself near %(where)s. Draw it again or move that corner.")
        where = shapely.is_valid_reason(shape).partition("[")[2].rstrip("]") or "?"
        raise invalid("geometry", message % {"where": where}, "crosses_itself")
    return shape


def _drawn(plan: Plan) -> list[Part]:
    (code, serial_name), *_rest = _new_codes(plan, [_polygon(plan.wish.geometry)], kind=plan.wish.kind)
    return [Part(code, plan.wish.name or serial_name, plan.wish.kind, _polygon(plan.wish.geometry))]


def _redrawn(plan: Plan) -> list[Part]:
    (old,) = plan.before
    return [Part(old.code, old.name, old.kind, _polygon(plan.wish.geometry), old.area_id)]


def adapt_neighbours(plan: Plan) -> None:
    """Adds the cells of the village that change with the redrawn one to the plan."""
    (part,), (old,) = plan.after, plan.before
    around = shapely.union(old.shape, part.shape)
    near = outlines(level=Area.Level.CELL, at=plan.effective_at, prefixes=[plan.village.code], touching=around)
    others = {one.code: one for one in near if one.area_id != old.area_id}
    changed = adapted(old=old.shape, new=part.shape, neighbours=list(others.values()), village=plan.ground)
    for code, shape in sorted(changed.items()):
        if shape.is_empty:
            raise invalid("geometry", nothing_left(code), "nothing_left")
        one = others[code]
        plan.before.append(one)
        plan.after.append(Part(one.code, one.name, one.kind, shape, one.area_id))


def _split(plan: Plan) -> list[Part]:
    """The largest piece keeps the code, so that the fewest posts, cases and papers change; the others get new ones."""
    (old,) = plan.before
    kept, *new = _cut(old.shape, plan.wish.line)
    codes = _new_codes(plan, new, kind=old.kind)
    names = [*plan.wish.names, *[""] * len(new)]
    parts = [Part(old.code, old.name, old.kind, kept, old.area_id)]
    for piece, (code, name), said in zip(new, codes, names, strict=False):
        parts.append(Part(code, said.strip() or name, old.kind, piece, from_code=old.code))
    return parts


def _cut(shape: BaseGeometry, line: BaseGeometry | None) -> list[BaseGeometry]:
    """The pieces, the one that keeps the code first."""
    if line is None or line.is_empty or line.geom_type not in ("LineString", "MultiLineString"):
        raise invalid("line", _("Draw the line along which the cell is to be split."), "required")
    cut: list[BaseGeometry] = []
    whole: list[BaseGeometry] = []
    for part in shapely.get_parts(shape):
        pieces = _pieces(part, line)
        if len(pieces) > 1:
            cut += pieces
        else:
            whole.append(part)
    if not cut:
        message = _("The line does not cut the cell in two. Begin and end it outside the cell.")
        raise invalid("line", message, "does_not_cut")
    # Parts that lie apart and are not cut stay with the piece that keeps the code.
    cut.sort(key=lambda piece: -piece.area)
    return [shapely.union_all([cut[0], *whole]) if whole else cut[0], *cut[1:]]


def _pieces(part: BaseGeometry, line: BaseGeometry) -> list[BaseGeometry]:
    edges = shapely.union_all([shapely.boundary(part), line])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(edges)))
    return [face for face in faces if shapely.contains(part, shapely.point_on_surface(face))]


def _merged(plan: Plan) -> list[Part]:
    keep = plan.wish.keep or min(one.code for one in plan.before)
    kept = next((one for one in plan.before if one.code == keep), None)
    if kept is None:
        message = _("The code that stays must be one of the merged cells: %(codes)s.")
        codes = ", ".join(one.code for one in plan.before)
        raise invalid("keep", message % {"codes": codes}, "unknown")
    whole = shapely.union_all([one.shape for one in plan.before])
    if not _hangs_together(whole, plan.before):
        message = _("These cells do not touch. Merge cells that lie side by side.")
        raise invalid("cells", message, "apart")
    return [Part(kept.code, plan.wish.name.strip() or kept.name, kept.kind, whole, kept.area_id)]


def _hangs_together(whole: BaseGeometry, before: Sequence[Outline]) -> bool:
    """No more separate parts than the most scattered of the cells had already."""
    return len(shapely.get_parts(whole)) <= max(len(shapely.get_parts(one.shape)) for one in before)


def _retired(plan: Plan) -> list[Part]:
    return []


_PARTS: Final = {
    Kind.DRAW.value: _drawn,
    Kind.REDRAW.value: _redrawn,
    Kind.SPLIT.value: _split,
    Kind.MERGE.value: _merged,
    Kind.RETIRE.value: _retired,
}


def _new_codes(plan: Plan, shapes: Sequence[BaseGeometry], *, kind: str) -> list[tuple[str, str]]:
    """A code that was never used in the village, and a name, for each of `shapes`."""
    codes = Area.objects.filter(code__startswith=plan.village.code, level=Area.Level.CELL).values_list(
        "code", flat=True
    )
    try:
        serials = propose(shapes, {code[12:] for code in codes}, kind=kind)
    except (KeyError, ValueError):
        message = _("No serial is left for this kind of cell in %(village)s.")
        raise invalid("kind", message % {"village": plan.village.name}, "no_serial") from None
    named = f"{plan.village.name}{{}}网格"
    return [(plan.village.code + serial, named.format(serial[-2:])) for serial in serials]


def _check_against_neighbours(plan: Plan) -> None:
    """Fills in problems; takes slivers within the tolerance off outlines that people drew."""
    at, own = plan.effective_at, {one.area_id for one in plan.before}
    drawn = {part.code: part.shape for part in plan.after}
    others: dict[str, BaseGeometry] = {}
    if drawn:
        whole = shapely.union_all(list(drawn.values()))
        near = [*outlines(level=Area.Level.CELL, at=at, touching=whole), *later_outlines(after=at, touching=whole)]
        others = {f"{one.code}/{one.boundary_id}": one.shape for one in near if one.area_id not in own}
    plan.problems = list(overlap_problems(cells=drawn, others=others))
    if plan.ground is not None:
        inside = dict.fromkeys(drawn, plan.village.code)
        plan.problems += leaves_problems(cells=drawn, villages={plan.village.code: plan.ground}, code_of=inside)
    if not plan.problems and plan.wish.act in (Kind.DRAW, Kind.REDRAW):
        for part in plan.after:
            part.shape = trimmed(part.shape, others=list(others.values()), village=plan.ground)
            if part.shape.is_empty:
                raise invalid("geometry", _("Nothing is left of this outline beside its neighbours."), "nothing_left")


def gaps_after(plan: Plan) -> list[Gap]:
    """What no cell of the village covers once the plan is carried out; one statement. Only a preview asks."""
    if plan.ground is None:
        return []
    own = {one.area_id for one in plan.before}
    there = outlines(level=Area.Level.CELL, at=plan.effective_at, prefixes=[plan.village.code])
    others = [one.shape for one in there if one.area_id not in own]
    return gaps_of(village=plan.ground, cells=[*others, *(part.shape for part in plan.after)])

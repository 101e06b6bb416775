"""What stands on the printed sheet of a cell or village: who answers, what lies there, who goes by and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import shapely
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from shapely.geometry import shape as geometry_of
from shapely.geometry.base import BaseGeometry

from cases.sheet_map import Drawing, Paper, Spot, draw
from grid.models import Area, AreaBoundary, Place, PlaceKind, WaterBody
from grid.selectors.areas import valid_areas
from grid.selectors.outlines import outlines, to_geos_box, to_shape
from staff.models import Post
from staff.scope import Scope
from staff.selectors.patrols import coverage_rows, patrol_area_rows
from staff.selectors.responsible import PostRow, Responsible, as_name, responsible_rows_in, roster
from staff.sight import lies_in, phone_seen

MOST: Final = 400
"""Places listed at most; how many more there are is said."""
LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Contact:
    """One line among the people: who, as what, the number, and until when or why."""

    name: str
    phone: str
    role: str
    acts: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class PlaceLine:
    number: int
    name: str
    kind: str
    responsible: str
    responsible_phone: str
    safety: str
    safety_phone: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that the template prints."""

    area: Area
    above: list[Area]
    boundary_since: datetime | None
    drawing: Drawing | None
    people: list[Contact]
    cells: list[dict[str, Any]]
    places: list[PlaceLine]
    more_places: int
    facilities: list[tuple[str, int]]
    patrols: list[dict[str, Any]]
    last_patrol_at: datetime | None


def sheet_of(*, code: str, scope: Scope, now: datetime) -> Sheet | None:
    """The sheet of a cell or village, or None: unknown, neither of both, or no post of this person covers it.

    Phones as this scope sees them. The number of statements does not grow with what lies there.
    """
    # Digits only: what else begins with the code of a post is no code, and not everything can be asked a database.
    if not (code.isascii() and code.isdigit() and scope.covers(code)):
        return None
    day = timezone.localdate(now)
    levels = (Area.Level.CELL, Area.Level.VILLAGE)
    area = valid_areas(on=day).filter(code=code, level__in=levels).select_related("parent__parent").first()
    if area is None:
        return None
    boundary = AreaBoundary.objects.filter(Q(valid_to=None) | Q(valid_to__gt=now), area=area, valid_from__lte=now)
    drawn = boundary.first()
    shape = to_shape(drawn.geometry) if drawn is not None else None
    places, facilities = _places(code=code, day=day)
    patrols = _patrols(code=code, shape=shape, scope=scope, now=now)
    cells, last = _cells(area=area, scope=scope, now=now)
    return Sheet(
        area=area,
        above=[one for one in (area.parent, area.parent.parent if area.parent else None) if one is not None],
        boundary_since=drawn.valid_from if drawn is not None else None,
        drawing=_drawing(area, shape, [*places[:MOST]], facilities, patrols, now=now) if shape is not None else None,
        people=_people(code=code, scope=scope, now=now),
        cells=cells,
        places=[_place_line(number, place, scope) for number, place in enumerate(places[:MOST], 1)],
        more_places=max(len(places) - MOST, 0),
        facilities=_counted(facilities),
        patrols=patrols,
        last_patrol_at=last,
    )


def _people(*, code: str, scope: Scope, now: datetime) -> list[Contact]:
    """Who answers now, the first to call first; then everybody else with a post there and the village officer."""
    found = roster(code=code, at=now, history=False)
    acting = [_acting(one, code=code, scope=scope) for one in found.responsible]
    shown = {one.user_id for one in found.responsible}
    others = [post for post in found.posts if post.user_id not in shown]
    return [*acting, *(_other(post, code=code, scope=scope) for post in others)]


def _acting(one: Responsible, *, code: str, scope: Scope) -> Contact:
    role = f"{Post.Role(one.role).label} · {as_name(one.as_)}"
    return Contact(one.name, phone_seen(scope=scope, code=code, phone=one.phone), role, acts=True, note=one.because)


def _other(post: PostRow, *, code: str, scope: Scope) -> Contact:
    return Contact(
        name=post.name,
        phone=phone_seen(scope=scope, code=code, phone=post.phone),
        role=str(Post.Role(post.role).label),
        acts=False,
        note=_standing(post),
    )


def _standing(post: PostRow) -> str:
    """How somebody who does not answer first stands to the area."""
    if post.leave_until is not None:
        return _("on leave until %(day)s") % {"day": post.leave_until.isoformat()}
    return _("backup") if post.backup else ""


def _cells(*, area: Area, scope: Scope, now: datetime) -> tuple[list[dict[str, Any]], datetime | None]:
    """Of a village its cells by code, with who answers in each; and when a patrol was last there."""
    rows = sorted(coverage_rows(prefixes=[area.code], inside="", now=now), key=lambda row: str(row["code"]))
    moments = [row["last_visited_at"] for row in rows if row["last_visited_at"] is not None]
    last = max(moments, default=None)
    if area.level == Area.Level.CELL:
        return [], last
    people = responsible_rows_in(codes=[row["code"] for row in rows], at=now, scope=scope)
    return [{**row, "serial": row["code"][12:], "people": people[row["code"]]} for row in rows], last


def _places(*, code: str, day: date) -> tuple[list[Place], list[Place]]:
    """Places that somebody answers for, by kind and name; and public facilities, which are only counted and dotted."""
    there = Q(valid_to__isnull=True) | Q(valid_to__gt=day)
    found = Place.objects.filter(there, lies_in([code]), valid_from__lte=day).select_related("kind")
    rows = list(found.order_by("kind__group", "kind__code", "name", "pk"))
    facility = PlaceKind.Group.FACILITY
    return [row for row in rows if row.kind.group != facility], [row for row in rows if row.kind.group == facility]


def _place_line(number: int, place: Place, scope: Scope) -> PlaceLine:
    code = place.cell_code or place.village_code
    return PlaceLine(
        number=number,
        name=place.name,
        kind=place.kind.name,
        responsible=place.responsible_name,
        responsible_phone=phone_seen(scope=scope, code=code, phone=place.responsible_phone),
        safety=place.safety_name,
        safety_phone=phone_seen(scope=scope, code=code, phone=place.safety_phone),
    )


def _counted(facilities: Iterable[Place]) -> list[tuple[str, int]]:
    return sorted(Counter(place.kind.name for place in facilities).items())


def _patrols(*, code: str, shape: BaseGeometry | None, scope: Scope, now: datetime) -> list[dict[str, Any]]:
    """Patrol areas that touch the area, each with those of its check-points that lie in it, lettered for the map."""
    rows = []
    letters = iter(LETTERS)
    for row in patrol_area_rows(scope=scope, inside=code[:9], now=now):
        points = [p for p in row["check_points"] if shape is not None and _covers(shape, p["lon"], p["lat"])]
        walked = shape is not None and row["line"] is not None and _meets(shape, row["line"])
        if points or walked or any(cell.startswith(code) for cell in row["cells"]):
            lettered = [{**point, "letter": next(letters, "")} for point in points]
            rows.append({**row, "check_points": lettered})
    return rows


def _covers(shape: BaseGeometry, lon: float, lat: float) -> bool:
    return bool(shapely.intersects_xy(shape, lon, lat))


def _meets(shape: BaseGeometry, line: dict[str, Any]) -> bool:
    return bool(shape.intersects(geometry_of(line)))


def _drawing(
    area: Area,
    shape: BaseGeometry,
    places: Sequence[Place],
    facilities: Sequence[Place],
    patrols: Sequence[dict[str, Any]],
    *,
    now: datetime,
) -> Drawing:
    frame = Paper.around(shape).frame
    level = Area.Level.CELL if area.level == Area.Level.CELL else Area.Level.VILLAGE
    beside = [one for one in outlines(level=level, at=now, touching=frame) if one.area_id != area.pk]
    inside = outlines(level=Area.Level.CELL, at=now, prefixes=[area.code]) if level != Area.Level.CELL else []
    waters = WaterBody.objects.filter(geometry__bboverlaps=to_geos_box(frame)).values_list("geometry", flat=True)
    spots = [Spot(str(number), place.point.x, place.point.y) for number, place in enumerate(places, 1)]
    dots = [Spot("", place.point.x, place.point.y) for place in facilities]
    points = [Spot(p["letter"], p["lon"], p["lat"]) for row in patrols for p in row["check_points"]]
    return draw(
        own=shape,
        neighbours=[(one.name, one.shape) for one in beside],
        inner=[(one.code[12:], one.shape) for one in inside],
        waters=[to_shape(geometry) for geometry in waters],
        places=[*spots, *dots],
        points=points,
    )

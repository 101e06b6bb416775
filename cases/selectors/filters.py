"""What a list of cases may be narrowed by. What is typed into the search field is read in `search.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any, Final

from django.contrib.gis.geos import Polygon
from django.db.models import BooleanField, DateTimeField, ExpressionWrapper, F, FloatField, Func, Q, Value
from django.utils.timezone import make_aware

from cases.deadlines import Light
from cases.models import Case, CaseQuerySet, in_area, ordinate
from cases.selectors.search import commonest, listed, searched
from cases.workflow import ENDED, OPEN, State
from grid.metres import Scale
from staff.models import User
from staff.scope import scope_of

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list may be narrowed by; None leaves a filter out. Days are of Asia/Shanghai and count as a whole.

    `bbox` is west, south, east, north, `near` longitude and latitude in WGS-84; `within` is metres.
    """

    state: tuple[str, ...] | None = None
    open: bool | None = None
    category: tuple[str, ...] | None = None
    area: str | None = None
    level: tuple[str, ...] | None = None
    overdue: bool | None = None
    light: tuple[str, ...] | None = None
    due_from: date | None = None
    due_to: date | None = None
    reported_from: date | None = None
    reported_to: date | None = None
    closed_from: date | None = None
    closed_to: date | None = None
    outcome: str | None = None
    lead_org: int | None = None
    assistant: int | None = None
    assignee: int | None = None
    reporter: int | None = None
    mine: bool | None = None
    handled: bool | None = None
    supervision: str | None = None
    asked: str | None = None
    take_late: bool | None = None
    to_archive: bool | None = None
    archive_late: bool | None = None
    self_handled: bool | None = None
    emergency: bool | None = None
    has_parts: bool | None = None
    part_of: int | None = None
    merged_into: int | None = None
    reopened: bool | None = None
    conflict: bool | None = None
    hops: int | None = None
    rework: int | None = None
    near: tuple[float, float] | None = None
    within: int = 200
    bbox: Box | None = None
    q: str | None = None

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> Filters:
        """From whatever else was asked for beside the filters."""
        names = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in asked.items() if name in names})

    def packed(self) -> dict[str, Any]:
        """As JSON can keep it; only what narrows."""
        given = {one.name: getattr(self, one.name) for one in fields(self)}
        return {
            name: value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value
            for name, value in given.items()
            if value is not None and (name != "within" or self.near is not None)
        }

    @classmethod
    def unpacked(cls, kept: Mapping[str, Any]) -> Filters:
        """The filters that `packed` kept."""
        return cls.of(
            {
                name: date.fromisoformat(value)
                if name.endswith(("_from", "_to"))
                else tuple(value)
                if isinstance(value, list)
                else value
                for name, value in kept.items()
            }
        )

    @property
    def usual_ordering(self) -> str:
        """The order in which a list is read that is narrowed by time: along the index of that time."""
        if self.closed_from or self.closed_to:
            return "-closed_at"
        return "-reported_at" if self.reported_from or self.reported_to else "due_at"

    @property
    def wanted_open(self) -> bool | None:
        """Whether only open cases, or only ended ones, can be meant; None if both."""
        if self.open is not None:
            return self.open
        states = frozenset(State(state) for state in self.state or State)
        if self.overdue or self.light or self.take_late or states <= OPEN:
            return True
        return False if self.to_archive or self.archive_late or states <= ENDED else None


class _Within(Func):
    template = "%(expressions)s"
    arg_joiner = " <= "
    output_field = BooleanField()


class Metres(Func):
    """Metres from a longitude and latitude to a case's place, in a plane with the scale of that latitude: exact to
    millionths over some kilometres, and twenty times quicker than on the round earth.
    """

    template = "sqrt(pow(%(expressions)s, 2))"
    arg_joiner = ", 2) + pow("
    output_field = FloatField()

    def __init__(self, *, lon: float, lat: float) -> None:
        scale = _scale(lat)
        east = (ordinate("ST_X") - Value(lon)) * Value(scale.east)
        north = (ordinate("ST_Y") - Value(lat)) * Value(scale.north)
        super().__init__(east, north)


def _scale(lat: float) -> Scale:
    """Away from the poles, where a degree of longitude has no length."""
    return Scale.at(max(-89.0, min(89.0, lat)))


def _midnight(day: date) -> datetime:
    """The moment the day begins in Asia/Shanghai, the time zone of the settings."""
    return make_aware(datetime.combine(day, time.min))


def _days(column: str, first: date | None, last: date | None) -> Q:
    wanted = Q()
    if first is not None:
        wanted &= Q(**{f"{column}__gte": _midnight(first)})
    if last is not None:
        wanted &= Q(**{f"{column}__lt": _midnight(last + timedelta(days=1))})
    return wanted


_TWICE: Final = ExpressionWrapper(F("due_at") + (F("due_at") - F("stage_started_at")), output_field=DateTimeField())
"""When as much time again has passed: see `cases.deadlines.light`."""


def _lit(light: str, now: datetime) -> Q:
    """Open cases that show this light at the moment."""
    late = Q(is_open=True, soon_at__isnull=False, due_at__lte=now)
    return {
        Light.GREEN: Q(is_open=True, due_at__gt=now, soon_at__gt=now),
        Light.YELLOW: Q(is_open=True, due_at__gt=now, soon_at__lte=now),
        Light.RED: late & Q(_after_twice(now)),
        Light.DARK_RED: late & ~Q(_after_twice(now)),
    }[Light(light)]


def _after_twice(now: datetime) -> Func:
    return Func(_TWICE, Value(now), template="%(expressions)s", arg_joiner=" > ", output_field=BooleanField())


def near(*, lon: float, lat: float, metres: float) -> Q:
    """Cases whose place lies within metres of a point; the box is what the index understands."""
    scale = _scale(lat)
    east, north = metres / scale.east, metres / scale.north
    box = Polygon.from_bbox((lon - east, lat - north, lon + east, lat + north))
    return Q(point__bboverlaps=box) & Q(_Within(Metres(lon=lon, lat=lat), Value(metres)))


def _any(name: str, values: Sequence[str]) -> Q:
    return Q(**{name: values[0]}) if len(values) == 1 else Q(**{f"{name}__in": values})


def _categories(codes: Sequence[str]) -> Q:
    """Whole codes are compared, not their beginnings: PostgreSQL knows how many cases each has."""
    exact = [code for code in codes if len(code) > 1]
    wanted = _any("category_code", exact) if exact else Q(pk__in=())
    for code in codes:
        if len(code) == 1:
            wanted |= Q(category_code__startswith=code)
    return wanted


def _said(column: str, value: str) -> Q:
    """`any`, or the one value, of a column that is empty where nothing is said."""
    return ~Q(**{column: ""}) if value == "any" else Q(**{column: value})


def _flag(name: str) -> Callable[[Any, datetime], Q]:
    return lambda value, now: Q(**{name: value})


def _yes_or_no(wanted: Callable[[datetime], Q]) -> Callable[[Any, datetime], Q]:
    return lambda value, now: wanted(now) if value else ~wanted(now)


def _overdue(filters: Filters, now: datetime) -> Q:
    """Open and late, or the rest. What is known of open and ended is not said again: an index begins where it does."""
    if filters.overdue:
        return Q(is_open=True, due_at__lt=now)
    in_time = Q(due_at__gte=now) | Q(due_at__isnull=True)
    return {True: in_time, False: Q(), None: Q(is_open=False) | in_time}[filters.wanted_open]


def _late(state: str, column: str) -> Callable[[Any, datetime], Q]:
    """Of those in the state, the late ones, or those that are in time."""

    def wanted(value: Any, now: datetime) -> Q:
        return Q(state=state, **{f"{column}__{'lt' if value else 'gte'}": now})

    return wanted


_PLAIN: Final[dict[str, Callable[[Any, datetime], Q]]] = {
    "state": lambda value, now: _any("state", value),
    "category": lambda value, now: _categories(value),
    "area": lambda value, now: in_area(value),
    "level": lambda value, now: _any("level", value),
    "light": lambda value, now: reduce(or_, (_lit(light, now) for light in value)),
    "outcome": _flag("outcome"),
    "lead_org": _flag("lead_org_id"),
    "assistant": lambda value, now: Q(assistants__overlap=[value]) & ~Q(assistants=[]),
    "assignee": _flag("assignee_id"),
    "reporter": _flag("reporter_id"),
    "supervision": lambda value, now: _said("supervision", value),
    "asked": lambda value, now: _said("asked_for", value),
    "take_late": _late("assigned", "take_due_at"),
    "to_archive": _yes_or_no(lambda now: Q(state="closed")),
    "archive_late": _late("closed", "archive_due_at"),
    "self_handled": _flag("self_handled"),
    "emergency": _flag("emergency"),
    "has_parts": lambda value, now: Q(part_count__gt=0) if value else Q(part_count=0),
    "part_of": _flag("parent_id"),
    "merged_into": _flag("merged_into_id"),
    "reopened": lambda value, now: Q(reopen_count__gt=0) if value else Q(reopen_count=0),
    "conflict": lambda value, now: Q(open_conflicts__gt=0) if value else Q(open_conflicts=0),
    "hops": _flag("hop_count__gte"),
    "rework": _flag("rework_count__gte"),
    "bbox": lambda value, now: Q(point__bboverlaps=Polygon.from_bbox(value)),
}
"""Filters that need nothing but their value and the moment."""


def _mine(user: User, orgs: Sequence[int]) -> Q:
    wanted = Q(reporter_id=user.pk) | Q(assignee_id=user.pk)
    return wanted | Q(lead_org_id__in=orgs, assignee__isnull=True) if orgs else wanted


def _handled(value: bool, user: User) -> Q:
    by_me = Q(handled_by__overlap=[user.pk]) & ~Q(handled_by=[])
    if value and str(user.pk) not in commonest("handled_by"):
        return listed(by_me)
    return by_me if value else ~Q(handled_by__overlap=[user.pk])


def wanted(*, filters: Filters, user: User, orgs: Sequence[int], now: datetime) -> Q:
    """What `filters` keep; `orgs` are the units the person works for. One statement if something is searched for."""
    kept = _spans(filters) & _own(filters, user=user, orgs=orgs)
    for name, make in _PLAIN.items():
        if (value := getattr(filters, name)) is not None:
            kept &= make(value, now)
    if filters.overdue is not None:
        kept &= _overdue(filters, now)
    if filters.near is not None:
        kept &= near(lon=filters.near[0], lat=filters.near[1], metres=filters.within)
    if (is_open := filters.wanted_open) is not None:
        kept &= Q(is_open=is_open)
    return kept & _typed(filters, user)


def _typed(filters: Filters, user: User) -> Q:
    """What was typed into the search field; it may take statements of its own."""
    q = (filters.q or "").strip()
    return searched(q, scope=scope_of(user)) if q else Q()


def _spans(filters: Filters) -> Q:
    kept = Q()
    for column in ("due", "reported", "closed"):
        kept &= _days(f"{column}_at", getattr(filters, f"{column}_from"), getattr(filters, f"{column}_to"))
    # Says nothing new, but bounds a walk from the newest report: what was closed by then had been reported.
    return kept & _days("reported_at", None, filters.closed_to)


def _own(filters: Filters, *, user: User, orgs: Sequence[int]) -> Q:
    """What has to do with the person who asks."""
    kept = _mine(user, orgs) if filters.mine else Q()
    return kept if filters.handled is None else kept & _handled(filters.handled, user)


def narrowed(*, cases: CaseQuerySet, filters: Filters, user: User, orgs: Sequence[int], now: datetime) -> CaseQuerySet:
    """`cases` narrowed by `filters`."""
    return cases.filter(wanted(filters=filters, user=user, orgs=orgs, now=now))


def parts(*, filters: Filters, user: User, orgs: Sequence[int], now: datetime, ordering: str) -> list[CaseQuerySet]:
    """What the person may see of what `filters` keep, in parts for `lists.page`.

    By due time open and ended cases are apart, because each has its own index: nobody asks for both in one breath, but
    a filter alone does.
    """
    kinds = (True, False) if filters.wanted_open is None and ordering.endswith("due_at") else (filters.open,)
    typed = _typed(filters, user)
    asked = [replace(filters, open=kind, q=None) for kind in kinds]
    kept = [
        wanted(filters=one, user=user, orgs=orgs, now=now) & typed & way for one in asked for way in _ways(one, now)
    ]
    return [part.filter(one) for part in Case.objects.visible_parts(user) for one in kept]


def _ways(filters: Filters, now: datetime) -> tuple[Q, ...]:
    """What is in time is due later or not at all: apart, each is found where it begins in an index."""
    if filters.overdue is False and filters.wanted_open:
        return (Q(due_at__gte=now), Q(due_at__isnull=True))
    return (Q(),)

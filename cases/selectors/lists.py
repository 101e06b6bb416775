"""Lists of cases: filters, order, keyset pages, one row as the API shows it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.contrib.gis.geos import Polygon
from django.contrib.postgres.search import SearchQueryField
from django.db.models import BooleanField, F, FloatField, Func, Q, Value
from django.utils.dateparse import parse_datetime

from cases.deadlines import Light, light
from cases.labels import state_name
from cases.models import CaseQuerySet, Category, category_name, in_area, ordinate
from cases.text import bigrams
from cases.workflow import STAGE_OF, State
from grid.names import Names
from grid.selectors.areas import AreaPath, area_paths
from staff.models import User
from staff.selectors.people import StaffNames, staff_names

PAGE: Final = 50
EXCERPT: Final = 80
ORDERINGS: Final = ("due_at", "-due_at", "reported_at", "-reported_at")

ROW_COLUMNS: Final = (
    "id",
    "number",
    "state",
    "is_open",
    "category_code",
    "category_id",
    "area_id",
    "village_code",
    "description",
    "lead_org_id",
    "assignee_id",
    "version",
    "rework_count",
    "hop_count",
    "emergency",
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list may be narrowed by; None leaves a filter out. `bbox` is west, south, east, north in WGS-84."""

    state: str | None = None
    category: str | None = None
    area: str | None = None
    overdue: bool | None = None
    open: bool | None = None
    mine: bool | None = None
    bbox: tuple[float, float, float, float] | None = None
    q: str | None = None


def _mine(user: User, scope_orgs: tuple[int, ...]) -> Q:
    wanted = Q(reporter_id=user.pk) | Q(assignee_id=user.pk)
    return wanted | Q(lead_org_id__in=scope_orgs, assignee__isnull=True) if scope_orgs else wanted


class _TsQuery(Func):
    """The terms as they are stored; `to_tsquery` would run them through a parser that knows no Chinese."""

    template = "(%(expressions)s)::tsquery"
    output_field = SearchQueryField()


class _Matches(Func):
    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = BooleanField()


def _searched(cases: CaseQuerySet, q: str) -> CaseQuerySet:
    """Cases whose number begins with `q` or whose words contain all of it. The bigram index finds the candidates; the
    text itself decides, because two pairs may both occur without standing together.
    """
    q = q.strip()
    numbered = Q(number__startswith=q)
    terms = bigrams(q)
    if not terms:
        return cases.filter(numbered | Q(description__icontains=q))
    query = " & ".join(f"'{term}'" + (":*" if _open_ended(term) else "") for term in terms)
    return cases.filter(numbered | (Q(_Matches(F("search"), _TsQuery(Value(query)))) & Q(description__icontains=q)))


def _open_ended(term: str) -> bool:
    """A single character, or letters and digits still being typed, match as a beginning."""
    return len(term) == 1 or term.isascii()


def narrowed(
    *, cases: CaseQuerySet, filters: Filters, user: User, orgs: tuple[int, ...], now: datetime
) -> CaseQuerySet:
    """`cases` narrowed by `filters`; `orgs` are the units the person works for."""
    simple: dict[str, Any] = {}
    if filters.state:
        simple["state__in"] = filters.state.split(",")
    if filters.open is not None:
        simple["is_open"] = filters.open
    if filters.category:
        simple["category_code__startswith"] = filters.category
    if filters.bbox:
        simple["point__bboverlaps"] = Polygon.from_bbox(filters.bbox)
    cases = cases.filter(**simple)
    if filters.area:
        cases = cases.filter(in_area(filters.area))
    if filters.overdue is not None:
        late = Q(is_open=True, due_at__lt=now)
        cases = cases.filter(late) if filters.overdue else cases.exclude(late)
    if filters.mine:
        cases = cases.filter(_mine(user, orgs))
    return _searched(cases, filters.q) if filters.q and filters.q.strip() else cases


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: after the row with this ordering value and id, or before it when `back`."""

    value: str | None
    pk: int
    back: bool = False

    def encode(self) -> str:
        text = json.dumps([self.value, self.pk, self.back], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Cursor:
        """Raises ValueError for anything this program did not make."""
        try:
            value, pk, back = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            if not (isinstance(pk, int) and 0 <= pk < 2**63 and isinstance(back, bool)):
                raise ValueError("not a cursor")
            moment = parse_datetime(value) if isinstance(value, str) else None
            if value is not None and (moment is None or moment.tzinfo is None):
                raise ValueError("not a cursor")
        except (binascii.Error, UnicodeDecodeError, json.JSONDecodeError, TypeError) as error:
            raise ValueError("not a cursor") from error
        return cls(value, pk, back)


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[dict[str, Any]]
    next: str | None
    previous: str | None


def _beyond(*, column: str, descending: bool, cursor: Cursor) -> Q:
    """Rows strictly after `cursor` in (column, id), both running the same way; nulls last."""
    forward = "lt" if descending else "gt"
    if cursor.value is None:
        nulls = Q(**{f"{column}__isnull": True, f"pk__{forward}": cursor.pk})
        return nulls | Q(**{f"{column}__isnull": False}) if descending else nulls
    same = Q(**{column: cursor.value, f"pk__{forward}": cursor.pk})
    after = Q(**{f"{column}__{forward}": cursor.value}) | same
    return after | Q(**{f"{column}__isnull": True}) if column == "due_at" and not descending else after


def page(*, cases: CaseQuerySet, ordering: str, cursor: Cursor | None, now: datetime, size: int = PAGE) -> Page:
    """One keyset page of `cases`; one statement, whatever the number of rows and however deep the page."""
    column, descending = ordering.lstrip("-"), ordering.startswith("-")
    if column == "due_at" and descending:
        cases = cases.filter(due_at__isnull=False)
    back = cursor is not None and cursor.back
    if cursor is not None:
        cases = cases.filter(_beyond(column=column, descending=descending != back, cursor=cursor))
    down = descending != back
    order = (F(column).desc(), F("pk").desc()) if down else (F(column).asc(), F("pk").asc())
    rows = cases.order_by(*order).values(
        *ROW_COLUMNS,
        lon=ordinate("ST_X"),
        lat=ordinate("ST_Y"),
        **{f"{name}_epoch": _Epoch(F(name)) for name in ROW_MOMENTS},
    )
    found = [_with_moments(values) for values in rows[: size + 1]]
    more = len(found) > size
    found = found[:size]
    if back:
        found.reverse()
    names = row_names(found)
    return Page(
        rows=[case_row(values, names=names, now=now) for values in found],
        next=_cursor(found[-1], column, back=False) if found and (more or back) else None,
        previous=_cursor(found[0], column, back=True) if found and (more if back else cursor is not None) else None,
    )


def _load_categories(ids: set[int]) -> dict[int, tuple[str, str]]:
    return {c.pk: (c.name_zh, c.name_en) for c in Category.objects.filter(pk__in=ids)}


_categories = Names(_load_categories)


def know_category(category: Category) -> None:
    """Spares the look-up of a category that was just read."""
    _categories.know(category.pk, (category.name_zh, category.name_en))


def _category_names(ids: set[int]) -> dict[int, str]:
    known = _categories.of(ids)
    return {pk: category_name(name_zh=known[pk][0], name_en=known[pk][1]) for pk in ids}


@dataclass(frozen=True, slots=True)
class RowNames:
    """Every name that the rows of a page refer to."""

    areas: Mapping[int, AreaPath]
    staff: StaffNames
    categories: Mapping[int, str]
    states: Mapping[str, str]


def row_names(rows: Sequence[Mapping[str, Any]]) -> RowNames:
    """At most three statements for any number of rows; none for names seen in the last seconds."""
    return RowNames(
        areas=area_paths.of(row["area_id"] for row in rows),
        staff=staff_names(
            people=[
                pk for row in rows for pk in (row["assignee_id"], row.get("reporter_id"), row.get("supervised_by_id"))
            ],
            units=[pk for row in rows for pk in (row["lead_org_id"], *row.get("assistants", ()))],
        ),
        categories=_category_names({row["category_id"] for row in rows}),
        states={state: state_name(state) for state in {row["state"] for row in rows}},
    )


ROW_MOMENTS: Final = ("reported_at", "stage_started_at", "soon_at", "due_at")


class _Epoch(Func):
    """A moment as seconds since 1970. Django parses timestamps in Python, 10 µs each: with four in fifty rows that is
    a quarter of the list's time. A float holds today's seconds to a quarter of a microsecond, so nothing is lost.
    """

    template = "EXTRACT(EPOCH FROM %(expressions)s)::float8"
    output_field = FloatField()


def _with_moments(values: dict[str, Any]) -> dict[str, Any]:
    for name in ROW_MOMENTS:
        seconds = values.pop(f"{name}_epoch")
        values[name] = None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    return values


def _cursor(values: Mapping[str, Any], column: str, *, back: bool) -> str:
    moment = values[column]
    return Cursor(moment.isoformat() if moment else None, values["id"], back).encode()


def case_row(values: Mapping[str, Any], *, names: RowNames, now: datetime) -> dict[str, Any]:
    """One row as the API shows it, from `values()`: no model instance, no further statement."""
    state, due_at = values["state"], values["due_at"]
    running = values["is_open"] and due_at is not None
    shown = (
        light(start=values["stage_started_at"], soon_at=values["soon_at"], due_at=due_at, now=now)
        if running
        else Light.NONE
    )
    path = names.areas[values["area_id"]]
    description = values["description"]
    return {
        "id": values["id"],
        "number": values["number"],
        "state": state,
        "state_name": names.states[state],
        "category": {"code": values["category_code"], "name": names.categories[values["category_id"]]},
        "area": {"code": path.area.code, "name": path.area.name},
        "village": {"code": values["village_code"], "name": path.village.name if path.village else ""},
        "description": description if len(description) <= EXCERPT else description[: EXCERPT - 1] + "…",
        "lon": values["lon"],
        "lat": values["lat"],
        "reported_at": values["reported_at"],
        "due_at": due_at,
        "due_stage": STAGE_OF[State(state)].value if values["is_open"] else None,
        "overdue": running and due_at < now,
        "light": shown.value,
        "lead_org": _named(values["lead_org_id"], names.staff.unit),
        "assignee": _named(values["assignee_id"], names.staff.person),
        "version": values["version"],
        "rework_count": values["rework_count"],
        "hop_count": values["hop_count"],
        "emergency": values["emergency"],
    }


def _named(pk: int | None, name_of: Callable[[int], str]) -> dict[str, Any] | None:
    return {"id": pk, "name": name_of(pk)} if pk is not None else None

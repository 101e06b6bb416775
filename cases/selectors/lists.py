"""Lists of cases: order, keyset pages, one row as the API shows it. What narrows them is in `search.py`."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import Expression, F, FloatField, Func, Q
from django.utils.dateparse import parse_datetime

from cases.deadlines import Light, light
from cases.labels import state_name
from cases.models import Case, CaseQuerySet, Category, category_name, ordinate
from cases.workflow import STAGE_OF, State
from grid.names import Names
from grid.selectors.areas import AreaPath, area_paths
from staff.selectors.people import StaffNames, staff_names

PAGE: Final = 50
EXCERPT: Final = 80
ORDERINGS: Final = ("due_at", "-due_at", "reported_at", "-reported_at", "closed_at", "-closed_at")

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
    "level",
    "self_handled",
    "supervision",
    "asked_for",
    "open_conflicts",
)


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


def page(
    *, parts: Sequence[CaseQuerySet], ordering: str, cursor: Cursor | None, now: datetime, size: int = PAGE
) -> Page:
    """One keyset page of all `parts` together; one statement, whatever the number of rows and however deep the page.

    Parts may overlap. The first rows of each are found along its own index, and the page is taken from those.
    """
    column, descending = ordering.lstrip("-"), ordering.startswith("-")
    back = cursor is not None and cursor.back
    down = descending != back
    order = (F(column).desc(), F("pk").desc()) if down else (F(column).asc(), F("pk").asc())
    ordered = [
        _after(cases=part, column=column, descending=descending, cursor=cursor).order_by(*order) for part in parts
    ]
    found = read_rows(_first(ordered, size + 1).order_by(*order)[: size + 1])
    more = len(found) > size
    found = found[:size]
    if back:
        found.reverse()
    return Page(
        rows=show_rows(found, now=now),
        next=_cursor(found[-1], column, back=False) if found and (more or back) else None,
        previous=_cursor(found[0], column, back=True) if found and (more if back else cursor is not None) else None,
    )


def read_rows(cases: CaseQuerySet, *columns: str, **more: Expression) -> list[dict[str, Any]]:
    """What rows show, and other columns, in one statement: the input of `show_rows`."""
    moments = {f"{name}_epoch": _Epoch(F(name)) for name in ROW_MOMENTS}
    rows = cases.values(*ROW_COLUMNS, *columns, lon=ordinate("ST_X"), lat=ordinate("ST_Y"), **moments, **more)
    return [_with_moments(values) for values in rows]


def show_rows(found: Sequence[Mapping[str, Any]], *, now: datetime) -> list[dict[str, Any]]:
    """The rows as the API shows them; at most three statements for their names."""
    names = row_names(found)
    return [case_row(values, names=names, now=now) for values in found]


def _after(*, cases: CaseQuerySet, column: str, descending: bool, cursor: Cursor | None) -> CaseQuerySet:
    """The part beyond the cursor. `-due_at` leaves out cases without a due time, `closed_at` those not closed."""
    if column == "closed_at" or (column == "due_at" and descending):
        cases = cases.filter(**{f"{column}__isnull": False})
    if cursor is None:
        return cases
    return cases.filter(_beyond(column=column, descending=descending != cursor.back, cursor=cursor))


def _first(ordered: Sequence[CaseQuerySet], size: int) -> CaseQuerySet:
    """Rows of which the first `size` are those of all parts together."""
    if not ordered:
        return Case.objects.none()
    if len(ordered) == 1:
        return ordered[0]
    first, *others = (part.values("pk")[:size] for part in ordered)
    return Case.objects.filter(pk__in=first.union(*others))


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


ROW_MOMENTS: Final = ("reported_at", "stage_started_at", "soon_at", "due_at", "closed_at")


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
        "closed_at": values["closed_at"],
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
        "level": values["level"],
        "self_handled": values["self_handled"],
        "supervision_level": values["supervision"] or None,
        "asked_for": values["asked_for"] or None,
        "conflicts": values["open_conflicts"],
    }


def _named(pk: int | None, name_of: Callable[[int], str]) -> dict[str, Any] | None:
    return {"id": pk, "name": name_of(pk)} if pk is not None else None

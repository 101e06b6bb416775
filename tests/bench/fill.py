"""A district of square cells (twelve towns with 768 unless said otherwise), and N cases over two years, by COPY."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import connection

from cases.deadlines import ZONE
from cases.models import Case, CaseEvent, Category
from cases.services.defaults import load_categories, load_limits, load_workdays
from cases.services.evidence import event_hash
from cases.text import bigrams
from grid.models import Area, AreaBoundary
from staff.models import Organisation, Post, User

DISTRICT = "990001"
TOWNS, VILLAGES, CELLS = 12, 16, 4
STEP = 0.01
WEST, SOUTH = 117.0, 22.0
PASSWORD = "bench-only-2026"
OPEN_SHARE = 0.10
WORDS = (
    "河道堆沙",
    "路灯不亮",
    "垃圾未清",
    "邻里争执",
    "电线裸露",
    "水管破裂",
    "占道搭棚",
    "井盖松动",
    "渠道淤塞",
    "油烟扰民",
)
MORE = ("请尽快处理", "多日未解决", "居民反映强烈", "存在安全风险", "已拍照留存", "雨天更严重", "影响通行", "夜间明显")


@dataclass(frozen=True, slots=True)
class Layout:
    """Towns side by side in `columns`; each is `villages` high and `cells` wide, a village being one row of cells."""

    towns: int = TOWNS
    villages: int = VILLAGES
    cells: int = CELLS
    columns: int = TOWNS
    step: float = STEP
    town_outlines: bool = False

    @property
    def cells_per_town(self) -> int:
        return self.villages * self.cells

    def corner(self, place: int) -> tuple[float, float]:
        """West and south of a cell by its place in the list of all."""
        town, inside = divmod(place, self.cells_per_town)
        row, column = divmod(inside, self.cells)
        x = town % self.columns * self.cells + column
        y = town // self.columns * self.villages + row
        return WEST + x * self.step, SOUTH + y * self.step

    def block(self, place: int, *, wide: int, high: int) -> MultiPolygon:
        west, south = self.corner(place)
        box = (west, south, west + wide * self.step, south + high * self.step)
        return MultiPolygon(Polygon.from_bbox(box), srid=4326)


def fill(count: int, layout: Layout = Layout()) -> dict[str, Any]:
    """Everything the measurements need; which rows were written."""
    rng = Random(count)
    load_categories()
    load_limits()
    load_workdays(until=datetime.now(ZONE).year + 1)
    cells = _areas(layout)
    people = _people(cells, layout)
    _cases(count, rng=rng, cells=cells, people=people, layout=layout)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {"cases": Case.objects.count(), "events": CaseEvent.objects.count(), "cells": len(cells)}


def _areas(layout: Layout) -> list[tuple[Area, int]]:
    """Cells with their boundary's id, town by town and row by row."""
    since = datetime(2020, 1, 1, tzinfo=ZONE)

    def made(rows: list[tuple[str, str, Area | None, MultiPolygon | None]], level: str) -> list[tuple[Area, int]]:
        areas = Area.objects.bulk_create(
            Area(code=code, name=name, level=level, parent=parent, valid_from=since.date())
            for code, name, parent, _shape in rows
        )
        outlined = [(area, shape) for area, (*_, shape) in zip(areas, rows, strict=True) if shape is not None]
        boundaries = AreaBoundary.objects.bulk_create(
            AreaBoundary(area=area, geometry=shape, valid_from=since, reason="bench") for area, shape in outlined
        )
        ids = {boundary.area_id: boundary.pk for boundary in boundaries}
        return [(area, ids.get(area.pk, 0)) for area in areas]

    def outline(t: int) -> MultiPolygon | None:
        first = t * layout.cells_per_town
        return layout.block(first, wide=layout.cells, high=layout.villages) if layout.town_outlines else None

    ((district, _),) = made([(DISTRICT, "测试区", None, None)], "district")
    towns = made(
        [(f"{DISTRICT}{t + 1:03d}", f"测试{t + 1}镇", district, outline(t)) for t in range(layout.towns)], "town"
    )
    villages = made(
        [
            (
                f"{town.code}{200 + v}",
                f"{v + 1}村",
                town,
                layout.block(t * layout.cells_per_town + v * layout.cells, wide=layout.cells, high=1),
            )
            for t, (town, _) in enumerate(towns)
            for v in range(layout.villages)
        ],
        "village",
    )
    return made(
        [
            (
                f"{village.code}{c + 1:03d}",
                f"{village.name}{c + 1}网格",
                village,
                layout.block(n * layout.cells + c, wide=1, high=1),
            )
            for n, (village, _) in enumerate(villages)
            for c in range(layout.cells)
        ],
        "cell",
    )


def _people(cells: list[tuple[Area, int]], layout: Layout) -> dict[str, Any]:
    """A worker per town, a center operator and a handler in the first one."""
    since = date(2020, 1, 1)
    towns = list(Area.objects.filter(level="town").order_by("code"))
    units = [Organisation.objects.create(name="执法办", kind="office", area=town) for town in towns]

    def person(name: str, role: str, area: Area, unit: Organisation | None = None) -> User:
        user = User(username=name, display_name=name, email=f"{name}@bench.invalid")
        user.set_password(PASSWORD)
        user.save()
        Post.objects.create(user=user, role=role, area=area, organisation=unit, valid_from=since)
        return user

    workers = [person(f"worker{i}", "grid_worker", cells[i * layout.cells_per_town][0]) for i in range(layout.towns)]
    handlers = [person(f"handler{i}", "handler", towns[i], units[i]) for i in range(layout.towns)]
    person("operator", "center_operator", towns[0])
    return {"workers": workers, "handlers": handlers, "units": units}


_COLUMNS = [
    "id",
    "client_id",
    "content_hash",
    "number",
    "category_id",
    "category_code",
    "description",
    "search",
    "emergency",
    "level",
    "answers",
    "self_handled",
    "point",
    "accuracy_m",
    "datum_in",
    "area_id",
    "boundary_id",
    "town_code",
    "village_code",
    "cell_code",
    "duty_cell_code",
    "reporter_id",
    "reported_at",
    "received_at",
    "state",
    "is_open",
    "outcome",
    "lead_org_id",
    "assignee_id",
    "handled_by",
    "assistants",
    "first_responsible",
    "authority",
    "parent_id",
    "merged_into_id",
    "asked_for",
    "extension_count",
    "reopen_count",
    "supervision",
    "supervised_from",
    "supervision_due_at",
    "satisfaction",
    "take_due_at",
    "archive_due_at",
    "accept_due_at",
    "handle_due_at",
    "verify_due_at",
    "stage_started_at",
    "soon_at",
    "due_at",
    "accepted_at",
    "assigned_at",
    "acknowledged_at",
    "feedback_at",
    "verified_at",
    "closed_at",
    "rework_count",
    "hop_count",
    "part_count",
    "open_conflicts",
    "version",
    "event_count",
    "event_hash",
    "created_at",
    "updated_at",
]
_EVENT_COLUMNS = [
    "case_id",
    "seq",
    "act",
    "from_state",
    "to_state",
    "actor_id",
    "at",
    "text",
    "data",
    "prev_hash",
    "hash",
]


def _cases(count: int, *, rng: Random, cells: list[tuple[Area, int]], people: dict[str, Any], layout: Layout) -> None:
    kinds = [(c.pk, c.code) for c in Category.objects.exclude(parent=None).order_by("code")]
    now = datetime.now(UTC)
    with connection.cursor() as cursor:
        # The announcement would queue a note per row for nobody; production writes one row at a time.
        cursor.execute("ALTER TABLE cases_caseevent DISABLE TRIGGER case_event_announce")
        with cursor.copy(f"COPY cases_case ({','.join(_COLUMNS)}) FROM STDIN") as copy:
            for row in _case_rows(count, rng, cells, people, kinds, now, layout):
                copy.write_row(row)
        cursor.execute(
            "UPDATE cases_case SET part_count = 1 WHERE id IN (SELECT parent_id FROM cases_case WHERE parent_id > 0)"
        )
        cursor.execute("SELECT setval('cases_case_id_seq', %s), setval('case_number', %s)", [count, count])
        with cursor.copy(f"COPY cases_caseevent ({','.join(_EVENT_COLUMNS)}) FROM STDIN") as copy:
            for row in _event_rows(count, now):
                copy.write_row(row)
        cursor.execute("ALTER TABLE cases_caseevent ENABLE TRIGGER case_event_announce")


def _moment(number: int, count: int, now: datetime) -> datetime:
    """Report times run evenly over two years up to an hour ago."""
    return now - timedelta(hours=1) - timedelta(days=730) * ((count - number) / count)


def _first_event(number: int, at: datetime) -> CaseEvent:
    event = CaseEvent(seq=1, act="report", from_state="", to_state="reported", actor_id=None, at=at, data={"n": number})
    event.hash = event_hash(case_client_id=UUID(int=number, version=4), event=event)
    return event


def _one_in(many: int, rng: Random) -> bool:
    return rng.random() * many < 1


def _text(number: int, count: int, rng: Random) -> str:
    """Ten rows say 铜铃, one in twenty says 公示."""
    said = f"{rng.choice(WORDS)}，{rng.choice(MORE)}，{rng.choice(MORE)}。"
    return said + ("铜铃响" if number % max(count // 10, 1) == 0 else "") + ("见公示栏" if number % 20 == 7 else "")


def _case_rows(
    count: int,
    rng: Random,
    cells: list[tuple[Area, int]],
    people: dict[str, Any],
    kinds: list[Any],
    now: datetime,
    layout: Layout,
) -> Iterator[tuple[Any, ...]]:
    for n in range(1, count + 1):
        place = rng.randrange(len(cells))
        area, boundary = cells[place]
        town = place // layout.cells_per_town
        kind, code = rng.choice(kinds)
        text = _text(n, count, rng)
        at = _moment(n, count, now)
        is_open = rng.random() < OPEN_SHARE
        west, south = layout.corner(place)
        lon, lat = west + rng.random() * layout.step, south + rng.random() * layout.step
        due = at + timedelta(days=rng.randint(3, 12)) if not is_open else now + timedelta(hours=rng.randint(-400, 900))
        old = now - at > timedelta(days=60)
        state = rng.choice(("accepted", "assigned", "processing")) if is_open else "archived" if old else "closed"
        closed = None if is_open else at + timedelta(days=rng.randint(1, 10))
        event = _first_event(n, at)
        terms = " ".join(f"'{term}'" for term in bigrams(text))
        yield (
            n, UUID(int=n, version=4), "0" * 64, f"B{n:09d}", kind, code, text, terms, _one_in(100, rng),
            "major" if _one_in(40, rng) else "general", "[]", _one_in(20, rng),
            f"SRID=4326;POINT({lon} {lat})", 10.0, "WGS-84",
            area.pk, boundary, area.code[:9], area.code[:12], area.code, area.code, people["workers"][town].pk, at, at,
            state, is_open, "" if is_open else "solved", people["units"][town].pk, people["handlers"][town].pk,
            [] if is_open else [people["handlers"][town].pk],
            [people["units"][town - 1].pk] if _one_in(50, rng) else [], False, "",
            n - 1 if n > 1 and _one_in(100, rng) else None, n - 1 if n > 1 and _one_in(200, rng) else None,
            "extension" if state == "processing" and _one_in(30, rng) else "", 0, int(_one_in(100, rng)),
            *(("yellow", area.code[:9], due) if is_open and _one_in(50, rng) else ("", "", None)), "",
            now + timedelta(hours=rng.randint(-40, 200)) if state == "assigned" else None,
            closed + timedelta(days=15) if closed and not old else None,
            at + timedelta(days=1), due, None if is_open else due, at, due - timedelta(days=1), due,
            at, at, at, closed, closed, closed,
            int(_one_in(50, rng)), rng.choice((1, 2, 3)) if _one_in(30, rng) else 0, 0, 0, 4, 1, event.hash, at, at,
        )  # fmt: skip


def _event_rows(count: int, now: datetime) -> Iterator[tuple[Any, ...]]:
    for n in range(1, count + 1):
        event = _first_event(n, _moment(n, count, now))
        yield (n, 1, "report", "", "reported", None, event.at, "", json.dumps(event.data), "", event.hash)

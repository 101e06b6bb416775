"""python -m tests.bench.finding [--cases N] [--keep] — needs the environment of deploy/embedded.py.

Lists of 50 by each filter, searches for a rare and a common word, and reports, one client, in this process.
`--keep` measures the database that the last run filled.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median, quantiles
from typing import Any
from uuid import UUID

RUNS = 30
TARGET_MS = 50.0
RARE, COMMON = "铜铃", "公示"
"""In ten rows, and in one row of twenty."""

Query = dict[str, Any]


def _filters(rng: Random, now: datetime) -> dict[str, Callable[[], Query]]:
    """Each filter with a value of its own for every request."""
    from cases.models import Category
    from staff.models import Organisation, User
    from tests.bench.fill import CELLS, DISTRICT, SOUTH, STEP, VILLAGES, WEST

    kinds = list(Category.objects.exclude(parent=None).values_list("code", flat=True))
    units = list(Organisation.objects.order_by("pk").values_list("pk", flat=True))
    handler = User.objects.get(username="handler0").pk
    worker = User.objects.get(username="worker0").pk

    def day(back: int) -> str:
        return f"{now - timedelta(days=rng.randint(0, back)):%Y-%m-%d}"

    def point() -> tuple[float, float]:
        return WEST + rng.random() * CELLS * STEP, SOUTH + rng.random() * VILLAGES * STEP

    def box() -> Query:
        west, south = point()
        return {"bbox": f"{west:.5f},{south:.5f},{west + STEP:.5f},{south + STEP:.5f}"}

    def near() -> Query:
        lon, lat = point()
        return {"near": f"{lon:.5f},{lat:.5f}", "within": 300}

    village = lambda: f"{DISTRICT}001{200 + rng.randrange(VILLAGES)}"  # noqa: E731
    return {
        "no filter": dict,
        "state": lambda: {"state": rng.choice(("accepted", "processing", "closed", "archived"))},
        "states": lambda: {"state": "assigned,processing"},
        "open": lambda: {"open": "true"},
        "ended": lambda: {"open": "false"},
        "category": lambda: {"category": rng.choice(kinds)},
        "categories": lambda: {"category": ",".join(rng.sample(kinds, 2))},
        "category, level 1": lambda: {"category": rng.choice(kinds)[0]},
        "area: village": lambda: {"area": village()},
        "area: cell": lambda: {"area": f"{village()}{1 + rng.randrange(CELLS):03d}"},
        "level": lambda: {"level": "major"},
        "overdue": lambda: {"overdue": "true"},
        "not overdue": lambda: {"overdue": "false"},
        **{f"light: {light}": lambda light=light: {"light": light} for light in ("green", "yellow", "red", "dark_red")},
        "due to": lambda: {"due_to": day(300)},
        "due from": lambda: {"due_from": day(300)},
        "reported from": lambda: {"reported_from": day(300)},
        "reported to": lambda: {"reported_to": day(300)},
        "reported in a month": lambda: {
            "reported_from": (first := day(300)),
            "reported_to": f"{datetime.fromisoformat(first) + timedelta(days=30):%Y-%m-%d}",
        },
        "closed from": lambda: {"closed_from": day(300)},
        "closed to": lambda: {"closed_to": day(300)},
        "closed in a month": lambda: {
            "closed_from": (first := day(300)),
            "closed_to": f"{datetime.fromisoformat(first) + timedelta(days=30):%Y-%m-%d}",
        },
        "lead unit": lambda: {"lead_org": units[0]},
        "lead unit of another town": lambda: {"lead_org": units[1]},
        "assisting unit": lambda: {"assistant": rng.choice(units)},
        "assignee": lambda: {"assignee": handler},
        "reporter": lambda: {"reporter": worker},
        "mine": lambda: {"mine": "true"},
        "handled by me": lambda: {"handled": "true"},
        "supervised": lambda: {"supervision": "any"},
        "asked": lambda: {"asked": "extension"},
        "to acknowledge late": lambda: {"take_late": "true"},
        "to archive": lambda: {"to_archive": "true"},
        "self-handled": lambda: {"self_handled": "true"},
        "emergency": lambda: {"emergency": "true"},
        "has parts": lambda: {"has_parts": "true"},
        "parts of a case": lambda: {"part_of": rng.randrange(1, 1_000_000)},
        "merged into": lambda: {"merged_into": rng.randrange(1, 1_000_000)},
        "reopened": lambda: {"reopened": "true"},
        "hops": lambda: {"hops": rng.choice((1, 2, 3))},
        "rework": lambda: {"rework": 1},
        "near": near,
        "box": box,
        "number": lambda: {"q": f"B{rng.randrange(1_000_000):09d}"},
        "name of a person": lambda: {"q": "handler0"},
        "rare word": lambda: {"q": RARE},
        "common word": lambda: {"q": COMMON},
        "common word, open": lambda: {"q": COMMON, "open": "true"},
        "long phrase": lambda: {"q": "河道堆沙，请尽快处理"},
        "no such word": lambda: {"q": "没有这词"},
    }


def _milliseconds(spans: list[float]) -> dict[str, float]:
    return {"p50_ms": round(median(spans), 1), "p95_ms": round(quantiles(spans, n=20)[-1], 1)}


def _timed(send: Callable[[], Any], runs: int) -> Iterator[tuple[float, Any]]:
    for _ in range(runs):
        start = time.perf_counter()
        answer = send()
        yield (time.perf_counter() - start) * 1000, answer


def _client(username: str) -> Any:
    from django.test import Client

    from staff.models import User

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(User.objects.get(username=username))
    client.get("/api/v1/session/")
    return client


def _database(sql: str) -> dict[str, float]:
    """Milliseconds of planning and execution and pages touched: what does not hang on how busy the machine is."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + sql)
        plan = cursor.fetchone()[0][0]
    top = plan["Plan"]
    return {
        "database_ms": round(plan["Planning Time"] + plan["Execution Time"], 1),
        "pages": top["Shared Hit Blocks"] + top["Shared Read Blocks"],
    }


def _asked(client: Any, query: Query) -> str:
    """The statement of the page."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        client.get("/api/v1/cases/", query)
    return next(q["sql"] for q in captured.captured_queries if "stage_started_at_epoch" in q["sql"])


def _lists(username: str, ordering: str, runs: int, only: str) -> dict[str, Any]:
    """Every filter for one person, slowest first."""
    client, found = _client(username), {}
    order = {"ordering": ordering} if ordering else {}
    for name, make in _filters(Random(username), datetime.now(UTC)).items():
        if only not in name:
            continue
        spans, rows = [], []
        for span, answer in _timed(lambda make=make: client.get("/api/v1/cases/", {**make(), **order}), runs):
            assert answer.status_code == 200, (name, answer.content)
            spans.append(span)
            rows.append(len(answer.json()["results"]))
        inside = _database(_asked(client, {**make(), **order}))
        found[name] = {**_milliseconds(spans), "min_ms": round(min(spans), 1), **inside, "rows": round(median(rows))}
    return dict(sorted(found.items(), key=lambda item: -item[1]["p95_ms"]))


def _reports(runs: int) -> dict[str, Any]:
    """`POST cases/` at this number of rows: milliseconds and statements, in this process."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.bench.fill import SOUTH, STEP, WEST

    # Other ids in every run: the same ones in a kept database would be the same cases.
    client, rng = _client("worker0"), Random()

    def send() -> Any:
        place = {"lon": WEST + rng.random() * 4 * STEP, "lat": SOUTH + rng.random() * 16 * STEP}
        body = {"client_id": str(UUID(int=rng.getrandbits(128))), "category": "C01", "description": "河道堆沙", **place}
        return client.post("/api/v1/cases/", body, content_type="application/json")

    spans = [span for span, answer in _timed(send, runs) if answer.status_code == 201]
    with CaptureQueriesContext(connection) as captured:
        send()
    asked = [q for q in captured.captured_queries if not q["sql"].startswith(("BEGIN", "COMMIT"))]
    slowest = sorted(asked, key=lambda q: -float(q["time"]))[:5]
    return {
        **_milliseconds(spans),
        "per_second": round(1000 * len(spans) / sum(spans), 1),
        "statements": len(asked),
        "slowest": [{"ms": float(q["time"]) * 1000, "sql": q["sql"][:80]} for q in slowest],
    }


def _nothing(runs: int) -> dict[str, float]:
    """A request that reads next to nothing: what all others pay before they begin."""
    client = _client("operator")
    return _milliseconds([span for span, _ in _timed(lambda: client.get("/api/v1/session/"), runs)])


def _settled() -> None:
    """As the web process leaves its memory before the first request."""
    from config.wsgi import settle

    settle()


def _district_leader() -> None:
    from grid.models import Area
    from staff.models import Post, User

    leader, _ = User.objects.get_or_create(username="district-leader", defaults={"display_name": "district"})
    Post.objects.get_or_create(
        user=leader,
        role="leader",
        area=Area.objects.get(level="district"),
        defaults={"valid_from": datetime(2020, 1, 1, tzinfo=UTC).date()},
    )


def _python_speed() -> float:
    """Seconds for 20 million additions: how fast this machine is just now."""
    start, total = time.perf_counter(), 0
    for number in range(20_000_000):
        total += number
    return round(time.perf_counter() - start, 2)


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.bench.finding")
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--only", default="", help="part of the names of filters")
    parser.add_argument("--people", default="operator,district-leader,handler0,worker0")
    options = parser.parse_args()
    os.environ.update(DJANGO_SETTINGS_MODULE="config.settings", DEMO="0", TLS="0", DEBUG="0")
    os.environ["ALLOWED_HOSTS"] = "127.0.0.1,testserver"
    from tests.bench.__main__ import BENCH_DB, _fresh_database, _machine, _say

    os.environ["DB_NAME"] = BENCH_DB
    if not options.keep:
        _fresh_database()
    import django

    django.setup()
    from django.core.management import call_command

    from tests.bench.fill import fill

    call_command("migrate", verbosity=0)
    if not options.keep:
        _say(f"filling {options.cases} cases")
        fill(options.cases)
    _district_leader()
    _settled()
    out: dict[str, Any] = {"machine": {**_machine(), "20M additions (s)": _python_speed()}, "cases": options.cases}
    out["a request for the session"] = _nothing(options.runs)
    for username in options.people.split(","):
        for ordering in ("", "-reported_at"):
            _say(f"measuring lists of {username} by {ordering or 'the usual order'}")
            found = _lists(username, ordering, options.runs, options.only)
            slow = [name for name, row in found.items() if row["p95_ms"] > TARGET_MS]
            out[f"{username} by {ordering or 'the usual order'}"] = {"over 50 ms": slow, **found}
    if not options.only:
        out["report"] = _reports(200)
    sys.stdout.write(json.dumps(out, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()

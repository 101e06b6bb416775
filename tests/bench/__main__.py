"""python -m tests.bench [--cases N] [--server gunicorn|granian] — needs the environment of deploy/embedded.py."""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from statistics import median
from typing import Any

BENCH_DB = "wangge_bench"
SERVERS = {
    "gunicorn": "gunicorn config.wsgi -k gthread -w 2 --threads 4 --keep-alive 30 -b 127.0.0.1:{port}",
    "granian": (
        "granian config.wsgi:application --interface wsgi --workers 2 --blocking-threads 4"
        " --host 127.0.0.1 --port {port} --no-ws --log-level warning"
    ),
}


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _fresh_database() -> None:
    """An empty database of our own beside the product's."""
    import psycopg

    own = {"host": os.environ["DB_HOST"], "user": os.environ["DB_USER"], "password": os.environ.get("DB_PASSWORD", "")}
    with psycopg.connect(dbname="postgres", autocommit=True, **own) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {BENCH_DB} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {BENCH_DB}")
    os.environ["DB_NAME"] = BENCH_DB


@contextmanager
def _server(kind: str) -> Iterator[int]:
    port = _free_port()
    process = subprocess.Popen(
        SERVERS[kind].format(port=port).split(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1)
                break
            except OSError:
                time.sleep(0.2)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=20)


def _query_counts() -> dict[str, int]:
    """Statements per request, counted in this process."""
    from random import Random

    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from staff.models import User
    from tests.bench.load import CALLS

    found = {}
    for name, (username, make) in CALLS.items():
        client = Client()
        client.force_login(User.objects.get(username=username))
        call = make(Random(name))
        client.get("/api/v1/me/")
        with CaptureQueriesContext(connection) as queries:
            body = json.dumps(call.body) if call.body else None
            client.generic(call.method, call.path, body or "", content_type="application/json")
        # BEGIN and COMMIT frame a transaction; they are not questions.
        found[name] = sum(not query["sql"].startswith(("BEGIN", "COMMIT")) for query in queries.captured_queries)
    return found


def _timed(work: Any, times: int) -> list[float]:
    spans = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        spans.append(time.perf_counter() - start)
    return spans


def _background(rows: int) -> dict[str, Any]:
    """The overdue scan over everything that is late, and the weekly figures of one town."""
    from cases.models import Case, CaseEvent
    from cases.services.scan import mark_due
    from grid.models import Area
    from reports.periods import Week
    from reports.selectors import figures_of

    now = datetime.now(UTC)
    start = time.perf_counter()
    marked = sum(mark_due(now=now).values())
    scan = time.perf_counter() - start
    again = _timed(lambda: mark_due(now=now), 3)
    town, week = Area.objects.filter(level="town").order_by("code")[0], Week.of(now).previous
    weekly = _timed(lambda: figures_of(cases=Case.objects.all(), area=town, week=week, now=now), 5)
    district = Area.objects.get(level="district")
    whole = _timed(lambda: figures_of(cases=Case.objects.all(), area=district, week=week, now=now), 3)
    return {
        "overdue scan, everything new": {
            "rows": marked,
            "seconds": round(scan, 2),
            "rows_per_second": round(marked / scan),
        },
        "overdue scan, nothing new": {"p50_ms": round(median(again) * 1000, 2)},
        "weekly figures of a town": {"p50_ms": round(median(weekly) * 1000, 2), "max_ms": round(max(weekly) * 1000, 2)},
        "weekly figures of the district": {"p50_ms": round(median(whole) * 1000, 2)},
        "events": CaseEvent.objects.count(),
        "rows": rows,
    }


def _machine() -> dict[str, Any]:
    with open("/proc/cpuinfo", encoding="utf-8") as stream:
        model = next((line.split(":")[1].strip() for line in stream if line.startswith("model name")), "unknown")
    return {
        "cores": os.cpu_count(),
        "processor": model,
        "python": platform.python_version(),
        "system": platform.system(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.bench")
    parser.add_argument("--cases", type=int, default=int(os.environ.get("N", "100000")))
    parser.add_argument("--server", choices=SERVERS, default="gunicorn")
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--clients", type=int, default=6)
    options = parser.parse_args()
    os.environ.update(DJANGO_SETTINGS_MODULE="config.settings", DEMO="0", TLS="0", DEBUG="0")
    os.environ["ALLOWED_HOSTS"] = "127.0.0.1,testserver"
    _fresh_database()
    import django

    django.setup()
    from django.core.management import call_command

    from tests.bench.fill import fill
    from tests.bench.ground import measure as look_up
    from tests.bench.load import CALLS, PAGES, measure

    call_command("migrate", verbosity=0)
    _say(f"filling {options.cases} cases")
    start = time.perf_counter()
    rows = fill(options.cases)
    _say(f"filled in {time.perf_counter() - start:.0f} s")
    own = _own_pages()
    PAGES[:] = own
    counts = _query_counts()
    results: dict[str, Any] = {}
    with _server(options.server) as port:
        for name in CALLS:
            _say(f"measuring {name}")
            results[name] = measure(name=name, port=port, clients=options.clients, seconds=options.seconds, pages=own)
            results[name]["statements"] = counts[name]
            _say(f"{name}: {json.dumps(results[name])}")
    results |= _background(rows["cases"])
    results["tiles of 20,000 cells"] = _tiles(options.cases)
    # In the database of the tiles: as many outlines as a city has.
    results["point to cell"] = look_up()
    out = {"server": SERVERS[options.server], "filled": rows, "machine": _machine(), "results": results}
    sys.stdout.write(json.dumps(out, indent=2, ensure_ascii=False) + "\n")


def _tiles(cases: int) -> dict[str, Any]:
    """The map of a district of its own, with as many cases; in a new database."""
    from django.db import connection

    from tests.bench.tiles import fill_and_measure

    _say("measuring tiles")
    connection.close()
    connection.close_pool()
    _fresh_database()
    return fill_and_measure(cases=cases, cells=20_000)


def _own_pages() -> list[int]:
    """A thousand cases that the operator may open."""
    from cases.models import Case
    from staff.models import User

    operator = User.objects.get(username="operator")
    return list(Case.objects.visible_to(operator).order_by("?").values_list("pk", flat=True)[:1000])


if __name__ == "__main__":
    main()

"""Is the process alive (/healthz), and can it work (/readyz)?"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import orjson
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse

from workers.tasks.health import HEARTBEAT

BEAT_AGE: Final = 90
"""Seconds after which a heartbeat counts as missing; beat sends one every 5."""


def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers; asks nobody else."""
    return _answer(200, {"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    """200 when database, Redis, migrations and the background workers are all there; else 503 naming what is not."""
    found = {name: _try(check) for name, check in CHECKS.items()}
    ready = all(value == "ok" for value in found.values())
    return _answer(200 if ready else 503, {"status": "ok" if ready else "not ready", **found})


def _answer(status: int, body: dict[str, str]) -> HttpResponse:
    response = HttpResponse(orjson.dumps(body), content_type="application/json", status=status)
    response["Cache-Control"] = "no-store"
    return response


def _try(check: Callable[[], str]) -> str:
    # Whatever goes wrong is the answer; the kind of error only, no address and no password.
    try:
        return check()
    except Exception as error:
        return type(error).__name__


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT postgis_version()")
    return "ok"


def _redis() -> str:
    cache.get(HEARTBEAT)
    return "ok"


def _beat() -> str:
    last = cache.get(HEARTBEAT)
    if last is None:
        return "no heartbeat yet"
    age = time.time() - float(last)
    return "ok" if age < BEAT_AGE else f"last heartbeat {age:.0f} s ago"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return "ok" if not waiting else f"{len(waiting)} not applied"


CHECKS: Final[dict[str, Callable[[], str]]] = {
    "database": _database,
    "redis": _redis,
    "migrations": _migrations,
    "beat": _beat,
}

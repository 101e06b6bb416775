"""python -m tests.bench.tiles [--cases N] [--cells M] — needs the environment of deploy/embedded.py.

The map of a whole district: for each zoom the tiles with most cases, made anew each time, as its leader sees them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from datetime import UTC, datetime
from statistics import median
from typing import Any
from unittest.mock import patch

ZOOMS = range(8, 17)
RUNS = 7
BUSIEST = 3
"""Tiles measured per zoom."""


def _fullest(z: int) -> list[tuple[int, int]]:
    """The tiles with most open cases."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT floor((ST_X(point) + 180) / 360 * %(n)s)::int AS x,"
            " floor((1 - asinh(tan(radians(ST_Y(point)))) / pi()) / 2 * %(n)s)::int AS y"
            " FROM cases_case WHERE is_open GROUP BY 1, 2 ORDER BY count(*) DESC, 1, 2 LIMIT %(limit)s",
            {"n": 1 << z, "limit": BUSIEST},
        )
        return list(cursor.fetchall())


def _measure(client: Any, layer: str, z: int) -> dict[str, float]:
    """Milliseconds (median of runs) and KB of the slowest and of the largest of the fullest tiles."""
    slowest = largest = 0.0
    for x, y in _fullest(z):
        spans = []
        for _ in range(RUNS):
            start = time.perf_counter()
            answer = client.get(f"/api/v1/tiles/{layer}/{z}/{x}/{y}.mvt")
            spans.append((time.perf_counter() - start) * 1000)
        assert answer.status_code == 200, answer.status_code
        slowest, largest = max(slowest, median(spans)), max(largest, len(answer.content) / 1000)
    return {"ms": round(slowest, 1), "kb": round(largest, 1)}


def measure_tiles() -> dict[str, Any]:
    """The tiles of the database there is, as a leader of the whole district sees them."""
    from django.test import Client

    from cases.services.open_counts import renew_open_counts
    from grid.models import Area
    from staff.models import Post, User

    district = Area.objects.get(level="district")
    leader, _ = User.objects.get_or_create(username="district-leader", defaults={"display_name": "district"})
    Post.objects.get_or_create(
        user=leader, role="leader", area=district, defaults={"valid_from": datetime(2020, 1, 1, tzinfo=UTC).date()}
    )
    start = time.perf_counter()
    changed = renew_open_counts(now=datetime.now(UTC))
    first = time.perf_counter() - start
    start = time.perf_counter()
    renew_open_counts(now=datetime.now(UTC))
    again = time.perf_counter() - start
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(leader)
    found: dict[str, Any] = {"counting": {"cells": changed, "first_s": round(first, 2), "again_s": round(again, 2)}}
    # Nothing from the cache: each request makes its tile.
    with patch("cases.api.tiles.KEPT", False):
        for layer in ("cases", "areas"):
            found[layer] = {f"z{z}": _measure(client, layer, z) for z in ZOOMS}
            found[layer]["max"] = {unit: max(row[unit] for row in found[layer].values()) for unit in ("ms", "kb")}
    return found


def fill_and_measure(*, cases: int, cells: int) -> dict[str, Any]:
    """In the empty database there is."""
    from django.core.management import call_command

    from tests.bench.fill import Layout, fill

    call_command("migrate", verbosity=0)
    # Cells of half a kilometre, 200 to a town, towns in a block: the whole district lies in one tile of zoom 8.
    layout = Layout(towns=-(-cells // 200), villages=20, cells=10, columns=14, step=0.005, town_outlines=True)
    rows = fill(cases, layout)
    return {"filled": rows, **measure_tiles()}


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.bench.tiles")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--cells", type=int, default=20_000)
    options = parser.parse_args()
    os.environ.update(DJANGO_SETTINGS_MODULE="config.settings", DEMO="0", TLS="0", DEBUG="0")
    os.environ["ALLOWED_HOSTS"] = "127.0.0.1,testserver"
    from tests.bench.__main__ import _fresh_database, _machine, _say

    _fresh_database()
    import django

    django.setup()
    _say(f"filling {options.cases} cases in {options.cells} cells")
    out = {"machine": _machine(), "tiles": fill_and_measure(cases=options.cases, cells=options.cells)}
    sys.stdout.write(json.dumps(out, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()

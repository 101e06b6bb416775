"""python -m tests.bench.imports [--villages N] — needs the environment of deploy/embedded.py.

Invents a list as large as the nation's (3,000 districts, 41,000 towns, 620,000 villages, under codes that nobody has),
takes it in twice, and prints JSON: rows, seconds and the most memory that this process and PostgreSQL's took.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from tests.bench.__main__ import _fresh_database

DISTRICTS, TOWNS, VILLAGES = 3_000, 41_000, 620_000


def lines(villages: int) -> Iterator[str]:
    """The list, each area below what it lies in, in proportion to `villages`."""
    share = villages / VILLAGES
    districts, towns = max(1, round(DISTRICTS * share)), max(1, round(TOWNS * share))
    yield "code,name,level,parent_code\n"
    town = village = 0
    for place in range(districts):
        district = f"99{place + 1:04d}"
        yield f"{district},示意{place + 1}区,district,\n"
        for number in range(1, towns * (place + 1) // districts - town + 1):
            code = f"{district}{number:03d}"
            yield f"{code},示意{number}镇,town,{district}\n"
            town += 1
            last = villages * town // towns
            for serial in range(1, last - village + 1):
                yield f"{code}{serial + 199:03d},示意第{serial}村民委员会,village,{code}\n"
            village = last


def _peak(status: Path) -> float:
    """The most memory a process had, in MB; 0 for one that has gone."""
    try:
        found = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
    except OSError:
        return 0.0
    return int(found[0].split()[1]) / 1024 if found else 0.0


def _measured(path: Path) -> dict[str, Any]:
    from django.db import connection

    from grid.services.divisions import DivisionList, import_divisions

    start = time.perf_counter()
    outcome = import_divisions(wanted=DivisionList(path, date(2000, 1, 1)), write=True)
    seconds = time.perf_counter() - start
    assert not outcome.problems.count, outcome.problems.first()[:5]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = _peak(Path(f"/proc/{cursor.fetchone()[0]}/status"))
    return {
        "rows": outcome.total,
        **outcome.summary,
        "seconds": round(seconds, 1),
        "max_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "database_max_rss_mb": round(backend),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--villages", type=int, default=VILLAGES)
    villages = parser.parse_args().villages
    _fresh_database()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(lines(villages))
        found = {"first": _measured(path), "again": _measured(path)}
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()

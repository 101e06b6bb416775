"""Point → cell: in memory, singly and by the thousand, beside the same question to PostGIS in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random
from typing import Any

from django.contrib.gis.geos import Point
from django.utils import timezone


def _rate(work: Callable[[], Any], *, times: int, each: int = 1) -> int:
    """Look-ups per second: the best of three rounds, since the machine may be doing something else."""
    best = 0.0
    for _ in range(3):
        start = time.perf_counter()
        for _ in range(times):
            work()
        best = max(best, times * each / (time.perf_counter() - start))
    return round(best)


def measure() -> dict[str, Any]:
    """Over the cells of the database at hand; points spread evenly over their box, so nearly all are inside."""
    from grid.selectors import ground
    from grid.selectors.areas import locate_point

    ground.ground_keeper.forget()
    start = time.perf_counter()
    held = ground.ground_keeper.current()
    reading = time.perf_counter() - start
    now = timezone.now()
    west, south, east, north = _box(held)
    rng = Random(5)
    points = [(rng.uniform(west, east), rng.uniform(south, north)) for _ in range(1000)]
    single, recorded = iter(points * 100), iter(points * 10)

    def one() -> None:
        lon, lat = next(single)
        ground.locate(lon=lon, lat=lat, at=now)

    def of_postgis() -> None:
        lon, lat = next(recorded)
        locate_point(point=Point(lon, lat, srid=4326), at=now)

    ground.locate_many(points=points, at=now)
    memory = _rate(one, times=20_000)
    many = _rate(lambda: ground.locate_many(points=points, at=now), times=20, each=1000)
    postgis = _rate(of_postgis, times=500)
    return {
        "outlines": len(held.area_ids),
        "read anew, seconds": round(reading, 2),
        "singly, per second": memory,
        "a thousand at once, per second": many,
        "PostGIS, per second": postgis,
        "memory to PostGIS": round(memory / postgis, 1),
    }


def _box(held: Any) -> tuple[float, float, float, float]:
    import shapely

    found: tuple[float, float, float, float] = tuple(shapely.total_bounds(held.shapes).tolist())
    return found

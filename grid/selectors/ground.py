"""The ground in memory: which cell a point falls into now, without asking the database.

Every process keeps the outlines that hold now and later, and looks at the ground's token (renewed by triggers with any
change of an area or boundary) at most every CHECKED_EVERY seconds. PostGIS is the record: moments before the outlines
were read are its to answer, and tests hold both to the same answers.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import numpy as np
import shapely
from django.contrib.gis.geos import Point
from django.db import connection
from django.utils import timezone
from numpy.typing import NDArray

from grid.metres import Scale
from grid.models import GroundToken
from grid.selectors.areas import NEAR, Located, area_paths, locate_point, located

CHECKED_EVERY: Final = 2.0
"""Seconds between two looks at the token; with the time to read 20,000 cells anew a change is seen within 5 s."""

# Most particular first, lower codes first: the first that covers a point is the answer, as in PostGIS.
_OUTLINES: Final = """
SELECT b.id, a.id, a.level = 'cell', extract(epoch FROM b.valid_from)::float8,
       coalesce(extract(epoch FROM b.valid_to)::float8, 'infinity'), ST_AsBinary(b.geometry)
FROM grid_areaboundary b
JOIN grid_area a ON a.id = b.area_id
WHERE a.level IN ('cell', 'village') AND (b.valid_to IS NULL OR b.valid_to > %(now)s)
ORDER BY length(a.code) DESC, a.code
"""

Hit = tuple[int, int, float | None]
"""Area id, boundary id, and metres to it where the point lies outside."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Outlines that hold from `since` on, in the order in which they answer."""

    token: UUID | None
    since: float
    boundary_ids: tuple[int, ...]
    area_ids: tuple[int, ...]
    is_cell: tuple[bool, ...]
    begins: tuple[float, ...]
    ends: tuple[float, ...]
    shapes: NDArray[np.object_]
    tree: shapely.STRtree
    answers: dict[tuple[int, int], Located]
    """Answers given before: a renamed area renews the token too, so they stay true as long as the outlines do."""

    def find(self, *, lon: float, lat: float, at: float) -> Hit | None:
        """What covers the point (degrees, WGS-84) at `at` (seconds since 1970); else the nearest cell within NEAR."""
        best = -1
        # An array of one: a single geometry would be made into one at several times the cost.
        for i in self.tree.query(shapely.points([(lon, lat)]), predicate="intersects")[1].tolist():
            if (best < 0 or i < best) and self.begins[i] <= at < self.ends[i]:
                best = i
        if best >= 0:
            return self.area_ids[best], self.boundary_ids[best], None
        return self._nearest(lon=lon, lat=lat, at=at)

    def _nearest(self, *, lon: float, lat: float, at: float) -> Hit | None:
        scale = Scale.at(lat)
        east, north = NEAR * 1.01 / max(scale.east, 1.0), NEAR * 1.01 / scale.north
        near = self.tree.query(shapely.box(lon - east, lat - north, lon + east, lat + north))
        here = scale.to_metres(shapely.points(lon, lat))
        best: tuple[float, int] | None = None
        for i in sorted(near.tolist()):
            if not self.is_cell[i] or not self.begins[i] <= at < self.ends[i]:
                continue
            metres = float(shapely.distance(scale.to_metres(self.shapes[i]), here))
            if metres <= NEAR and (best is None or metres < best[0]):
                best = metres, i
        return (self.area_ids[best[1]], self.boundary_ids[best[1]], best[0]) if best else None

    def find_many(self, *, points: Sequence[tuple[float, float]], at: float) -> list[Hit | None]:
        """As `find`, for many points at once."""
        hits: list[Hit | None] = [None] * len(points)
        which, found = self.tree.query(shapely.points(np.asarray(points, dtype=float)), predicate="intersects")
        best: dict[int, int] = {}
        for point, i in zip(which.tolist(), found.tolist(), strict=True):
            if self.begins[i] <= at < self.ends[i] and i < best.get(point, len(self.area_ids)):
                best[point] = i
        for point, (lon, lat) in enumerate(points):
            i = best.get(point, -1)
            covered = (self.area_ids[i], self.boundary_ids[i], None) if i >= 0 else None
            hits[point] = covered or self._nearest(lon=lon, lat=lat, at=at)
        return hits


class GroundKeeper:
    """Keeps one Ground per process and replaces it when the token has changed."""

    def __init__(self) -> None:
        self._ground: Ground | None = None
        self._checked = 0.0
        self._reading = threading.Lock()

    def current(self) -> Ground:
        """At most one statement, at most every CHECKED_EVERY seconds; a second when the ground has changed."""
        ground = self._ground
        if ground is not None and time.monotonic() - self._checked < CHECKED_EVERY:
            return ground
        # While one thread reads, the others go on with what they have.
        if not self._reading.acquire(blocking=ground is None):
            assert ground is not None, "only a process without a ground waits for it"
            return ground
        try:
            return self._checked_ground()
        finally:
            self._reading.release()

    def _checked_ground(self) -> Ground:
        ground = self._ground
        token = GroundToken.objects.values_list("token", flat=True).first()
        if ground is None or token is None or token != ground.token:
            ground = self._ground = _read(token)
        self._checked = time.monotonic()
        return ground

    def forget(self) -> None:
        """For tests, and for whoever has just changed the ground: the next look asks the database."""
        self._checked = 0.0 if self._ground is None else time.monotonic() - 2 * CHECKED_EVERY


def _read(token: UUID | None) -> Ground:
    """The token was read before the outlines: a change in between is seen at the next look, never missed."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_OUTLINES, {"now": now})
        rows = cursor.fetchall()
    shapes = shapely.from_wkb([bytes(row[5]) for row in rows])
    columns = list(zip(*(row[:5] for row in rows), strict=True)) or [()] * 5
    return Ground(
        token=token,
        since=now.timestamp(),
        boundary_ids=columns[0],
        area_ids=columns[1],
        is_cell=columns[2],
        begins=columns[3],
        ends=columns[4],
        shapes=np.asarray(shapes, dtype=object),
        tree=shapely.STRtree(shapes),
        answers={},
    )


ground_keeper = GroundKeeper()


def _answer(ground: Ground, hit: Hit | None) -> Located | None:
    if hit is None:
        return None
    area_id, boundary_id, distance = hit
    if distance is not None:
        return located(area_id=area_id, boundary_id=boundary_id, distance_m=distance)
    known = ground.answers.get((area_id, boundary_id))
    if known is None:
        known = ground.answers[area_id, boundary_id] = located(area_id=area_id, boundary_id=boundary_id)
    return known


def locate(*, lon: float, lat: float, at: datetime) -> Located | None:
    """`locate_point` from memory; from PostGIS for a moment before the outlines in memory were read."""
    ground = ground_keeper.current()
    moment = at.timestamp()
    if moment < ground.since:
        return locate_point(point=Point(lon, lat, srid=4326), at=at)
    return _answer(ground, ground.find(lon=lon, lat=lat, at=moment))


def locate_many(*, points: Sequence[tuple[float, float]], at: datetime) -> list[Located | None]:
    """Where each (lon, lat), degrees WGS-84, lies at `at` (now or later), in their order. At most three statements."""
    ground = ground_keeper.current()
    hits = ground.find_many(points=points, at=at.timestamp())
    area_paths.of(hit[0] for hit in hits if hit)
    return [_answer(ground, hit) for hit in hits]

"""Renews the counts of open cases per cell, in the background."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone

from cases.selectors.open_counts import COUNTED_AT, COUNTED_UNDER
from grid.tiles import ground_token

_PLACED_FOR: Final = "cases:open_counts:placed_for"
"""Key in the cache: the state of the ground for which the middles of cells were computed."""
_LOCK: Final = 0x57474F  # "WGO": keeps this advisory lock apart from any other

# Where a cell has no outline, the village's or town's is taken; without any, the middle of its cases. What has neither
# cannot be shown on a map.
_WANTED: Final = f"""
WITH counted AS (
    SELECT code, left(code, 9) AS town_code, count(*) AS open, count(*) FILTER (WHERE due_at < %(now)s) AS overdue,
        ST_SetSRID(ST_MakePoint(avg(ST_X(point)), avg(ST_Y(point))), 4326) AS among
    FROM (SELECT {COUNTED_UNDER} AS code, due_at, point FROM cases_case WHERE is_open) cases
    GROUP BY code
), wanted AS (
    SELECT counted.*, coalesce(kept.point, middle.point, among) AS point
    FROM counted
    LEFT JOIN cases_opencount kept ON kept.cell_code = counted.code AND NOT %(replace)s
    LEFT JOIN LATERAL (
        SELECT ST_PointOnSurface(b.geometry) AS point
        FROM grid_area a JOIN grid_areaboundary b ON b.area_id = a.id
        WHERE kept.point IS NULL AND a.code IN (counted.code, left(counted.code, 12), left(counted.code, 9))
          AND a.valid_from <= %(day)s AND (a.valid_to IS NULL OR a.valid_to > %(day)s)
          AND b.valid_from <= %(now)s AND (b.valid_to IS NULL OR b.valid_to > %(now)s)
        ORDER BY length(a.code) DESC LIMIT 1
    ) middle ON true
), placed AS (
    SELECT code, town_code, open, overdue, point,
        least(greatest(floor((ST_X(point) + 180) / 360 * 65536), 0), 65535)::int AS tile_x,
        least(greatest(floor((1 - asinh(tan(radians(ST_Y(point)))) / pi()) / 2 * 65536), 0), 65535)::int AS tile_y
    FROM wanted WHERE point IS NOT NULL
), gone AS (
    DELETE FROM cases_opencount kept WHERE NOT EXISTS (SELECT FROM placed WHERE placed.code = kept.cell_code)
    RETURNING 1
), written AS (
    INSERT INTO cases_opencount AS kept (cell_code, town_code, open, overdue, point, tile_x, tile_y)
    SELECT code, town_code, open, overdue, point, tile_x, tile_y FROM placed
    ON CONFLICT (cell_code) DO UPDATE SET open = excluded.open, overdue = excluded.overdue, point = excluded.point,
        tile_x = excluded.tile_x, tile_y = excluded.tile_y
    WHERE (kept.open, kept.overdue, kept.tile_x, kept.tile_y) IS DISTINCT FROM
        (excluded.open, excluded.overdue, excluded.tile_x, excluded.tile_y) OR NOT ST_Equals(kept.point, excluded.point)
    RETURNING 1
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM written)
"""


def renew_open_counts(*, now: datetime) -> int:
    """Count anew; how many cells changed. One statement, which writes only what is different.

    May run twice and at once: whoever comes second leaves it to the first. A killed run leaves nothing behind.
    """
    ground = ground_token()
    # The middle of a cell costs more than its count and changes only with the ground.
    replace = cache.get(_PLACED_FOR) != ground
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_WANTED, {"now": now, "day": timezone.localdate(now), "replace": replace})
        changed: int = cursor.fetchone()[0]
    cache.set(_PLACED_FOR, ground, timeout=600)
    cache.set(COUNTED_AT, now.isoformat(), timeout=None)
    return changed

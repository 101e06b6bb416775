"""Vector tiles of open cases: points near the ground, clusters farther out, always of what the person may see."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.contrib.gis.geos import Polygon
from django.db.models import Q

from cases.models import Case, OpenCount
from cases.selectors.open_counts import COUNTED_UNDER, beyond, counts_within, fresh_counts, wide_codes
from grid.tiles import (
    FRAME,
    HERE,
    MOST_POINTS,
    POINTS_FROM,
    Ordinate,
    Tile,
    clusters_layer,
    frame_values,
    make_tile,
    points_layer,
    sql_of,
)
from staff.models import Post, User
from staff.scope import Scope, scope_of

_COLUMNS: Final = (
    "id",
    "number",
    "category_code",
    "stage_started_at",
    "soon_at",
    "due_at",
    "town_code",
    "village_code",
    "duty_cell_code",
)

# The same steps as cases.deadlines.light; a test holds them equal.
_LIGHT: Final = """
CASE WHEN due_at IS NULL OR soon_at IS NULL THEN 'none'
     WHEN moment >= due_at + (due_at - stage_started_at) THEN 'dark_red'
     WHEN moment >= due_at THEN 'red'
     WHEN moment >= soon_at THEN 'yellow'
     ELSE 'green' END"""

# A case without a point stands in the middle of its cell.
_PLACED: Final = f"""
placed AS (
    SELECT seen.id, number, left(category_code, 1) AS category, {_LIGHT} AS light,
        coalesce(due_at < moment, false) AS overdue, seen.lon IS NULL AS approximate,
        coalesce(seen.lon, ST_X(middle.point)) AS lon, coalesce(seen.lat, ST_Y(middle.point)) AS lat
    FROM (SELECT *, {COUNTED_UNDER} AS counted_under, %s::timestamptz AS moment FROM seen) seen
    LEFT JOIN cases_opencount middle ON seen.lon IS NULL AND middle.cell_code = seen.counted_under
)"""


def sees_cases(scope: Scope) -> bool:
    return bool(scope.roles - {Post.Role.ADMIN})


def cases_tile(*, user: User, tile: Tile, now: datetime) -> bytes:
    """Open cases that `user` may see. Up to z11 where somebody sees whole areas: counts of the last half minute."""
    if not sees_cases(scope_of(user)):
        return b""
    return _near(user=user, tile=tile, now=now) if tile.z >= POINTS_FROM else _wide(user=user, tile=tile, now=now)


def _seen(*, user: User, tile: Tile, narrowed: Q) -> tuple[str, tuple[Any, ...]]:
    """SQL of the visible open cases in the tile, and of those without a point."""
    rows = (
        Case.objects.visible_to(user)
        .filter(narrowed, Q(point__bboverlaps=Polygon.from_bbox(tile.box)) | Q(point__isnull=True), is_open=True)
        .order_by()
        .values(*_COLUMNS, lon=Ordinate("ST_X"), lat=Ordinate("ST_Y"))
    )
    return sql_of(rows)


def _near(*, user: User, tile: Tile, now: datetime) -> bytes:
    seen, seen_values = _seen(user=user, tile=tile, narrowed=Q())
    points = points_layer(name="cases", columns=["number", "light", "category", "overdue", "approximate"])
    clusters = clusters_layer(sums=["overdue"])
    sql = f"""
WITH {FRAME},
seen AS ({seen}),
{_PLACED},
here AS MATERIALIZED (SELECT placed.*, 1 AS count FROM placed, tile WHERE {HERE})
SELECT CASE WHEN (SELECT count(*) FROM here) <= %s THEN {points} ELSE {clusters} END
"""
    return make_tile(sql=sql, values=[*frame_values(tile), *seen_values, now, MOST_POINTS])


def _wide(*, user: User, tile: Tile, now: datetime) -> bytes:
    scope = scope_of(user)
    codes = wide_codes(scope) if fresh_counts(now=now) else ()
    seen, seen_values = _seen(user=user, tile=tile, narrowed=beyond(scope=scope, codes=codes))
    parts = [f"SELECT lon, lat, 1 AS count, overdue::int AS overdue FROM placed, tile WHERE {HERE}"]
    values = [*frame_values(tile), *seen_values, now]
    if codes:
        counted, counted_values = _counted(tile=tile, codes=codes)
        parts.append(counted)
        values += counted_values
    sql = f"""
WITH {FRAME},
seen AS ({seen}),
{_PLACED},
here AS ({" UNION ALL ".join(parts)})
SELECT {clusters_layer(sums=["overdue"])}
"""
    return make_tile(sql=sql, values=values)


def _counted(*, tile: Tile, codes: tuple[str, ...]) -> tuple[str, tuple[Any, ...]]:
    """SQL of the counts in the tile. A tile of an outer zoom is a square of tiles at zoom 16."""
    step = 16 - tile.z
    rows = (
        OpenCount.objects.filter(
            counts_within(codes),
            tile_x__gte=tile.x << step,
            tile_x__lt=(tile.x + 1) << step,
            tile_y__gte=tile.y << step,
            tile_y__lt=(tile.y + 1) << step,
        )
        .order_by()
        .values_list(Ordinate("ST_X"), Ordinate("ST_Y"), "open", "overdue")
    )
    return sql_of(rows)

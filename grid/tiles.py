"""Vector tiles (Web Mercator, XYZ): the frame of a tile, and what the ground puts into it: areas and places.

A tile is a protobuf message per layer, so layers are joined by writing one after the other; no bytes mean an empty
tile.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.contrib.gis.geos import Polygon
from django.db import connection
from django.db.models import F, FloatField, Func, Q, QuerySet

from grid.models import Area, GroundToken, Place

MAX_ZOOM: Final = 22
EXTENT: Final = 4096
"""Steps across a tile."""
GRID: Final = 64
"""Clusters across a tile at most."""
POINTS_FROM: Final = 12
"""First zoom that shows single points; farther out they are counted."""
MOST_POINTS: Final = 2_000
"""A tile with more is counted too: with 2,000 cases it has some 110 KB."""
LEVELS_FROM: Final = {
    Area.Level.DISTRICT: 0,
    Area.Level.TOWN: 6,
    Area.Level.VILLAGE: 10,
    Area.Level.CELL: 11,
}
"""First zoom of each level's outlines: a town's cells would be a smear farther out, and a district's too much."""
_FEW_CORNERS: Final = 16
"""Outlines with so few are left as they are: there is nothing to gain."""
_EARTH: Final = 40_075_016.685578488
"""Length of Web Mercator's equator, in its metres."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One square of the map: column `x` from the west, row `y` from the north, at zoom `z`."""

    z: int
    x: int
    y: int

    @property
    def exists(self) -> bool:
        return 0 <= self.z <= MAX_ZOOM and 0 <= self.x < 1 << self.z and 0 <= self.y < 1 << self.z

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees. Neighbours have exactly the same number at the edge they share."""
        return _lon(self.x, self.z), _lat(self.y + 1, self.z), _lon(self.x + 1, self.z), _lat(self.y, self.z)

    @property
    def half_pixel(self) -> float:
        """In Web Mercator's metres, for 512 pixels a tile."""
        return _EARTH / (1 << self.z) / 1024


def _lon(x: int, z: int) -> float:
    return x / (1 << z) * 360 - 180


def _lat(y: int, z: int) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / (1 << z)))))


FRAME: Final = """
tile AS (
    SELECT ST_TileEnvelope(%s, %s, %s) AS envelope,
        %s::float8 AS west, %s::float8 AS south, %s::float8 AS east, %s::float8 AS north
)"""
"""The first part of every tile's WITH; its parameters are `frame_values`."""

HERE: Final = "lon >= tile.west AND lon < tile.east AND lat > tile.south AND lat <= tile.north"
"""A point on an edge belongs to one tile only, so that counts of all tiles add up."""

_GEOMETRY: Final = (
    "ST_AsMVTGeom(ST_Transform(ST_SetSRID(ST_MakePoint(lon, lat), 4326), 3857), tile.envelope,"
    f" {EXTENT}, 0, false) AS geometry"
)


def frame_values(tile: Tile) -> list[Any]:
    return [tile.z, tile.x, tile.y, *tile.box]


def points_layer(*, name: str, columns: Sequence[str]) -> str:
    """SQL of a layer of the points in `here` (id, lon, lat and `columns`), oldest first."""
    listed = ", ".join(["id", *columns])
    return (
        f"(SELECT ST_AsMVT(layer, '{name}', {EXTENT}, 'geometry')"
        f" FROM (SELECT {listed}, {_GEOMETRY} FROM here, tile ORDER BY id) layer)"
    )


def clusters_layer(*, sums: Sequence[str]) -> str:
    """SQL of a layer that counts `here` (lon, lat, count and `sums`) on a grid.

    A cluster stands in the middle of what it counts, not of its square: thus it moves little between zooms.
    """
    summed = "".join(f", sum({name}::int)::int AS {name}" for name in sums)
    listed = "".join(f", {name}" for name in sums)
    return (
        f"(SELECT ST_AsMVT(layer, 'clusters', {EXTENT}, 'geometry') FROM (SELECT count{listed}, {_GEOMETRY} FROM ("
        f"SELECT sum(count)::int AS count{summed}, sum(lon * count) / sum(count) AS lon,"
        " sum(lat * count) / sum(count) AS lat"
        " FROM here, tile GROUP BY"
        f" floor((lon - west) / (east - west) * {GRID}), floor((lat - south) / (north - south) * {GRID})"
        ") squares, tile ORDER BY lon, lat) layer)"
    )


def sql_of(rows: QuerySet[Any, Any]) -> tuple[str, tuple[Any, ...]]:
    """The statement of a queryset and its parameters, to build on."""
    sql, values = rows.query.sql_with_params()
    return sql, tuple(values)


def make_tile(*, sql: str, values: Sequence[Any]) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row = cursor.fetchone()
    return bytes(row[0] or b"") if row else b""


def ground_token() -> str:
    """Changes whenever an area or a boundary does."""
    return str(GroundToken.objects.values_list("token", flat=True).first())


# The box in degrees works the spatial index; outlines are turned into Mercator only afterwards. Neighbours are
# simplified one by one, by less than a pixel, so no gap between them can be seen.
_AREAS = f"""
WITH {FRAME}
SELECT ST_AsMVT(layer, 'areas', {EXTENT}, 'geometry') FROM (
    SELECT code, name, level, kind, synthetic, geometry FROM (
        SELECT a.code, a.name, a.level, a.kind, a.synthetic, ST_AsMVTGeom(
            CASE WHEN ST_NPoints(b.geometry) <= {_FEW_CORNERS} THEN ST_Transform(b.geometry, 3857)
                 ELSE ST_SimplifyPreserveTopology(ST_Transform(b.geometry, 3857), %s) END,
            tile.envelope, {EXTENT}, 64, true
        ) AS geometry
        FROM tile
        JOIN grid_areaboundary b ON b.geometry && ST_MakeEnvelope(%s, %s, %s, %s, 4326)
        JOIN grid_area a ON a.id = b.area_id
        WHERE a.level = ANY(%s)
          AND a.valid_from <= %s AND (a.valid_to IS NULL OR a.valid_to > %s)
          AND b.valid_from <= %s AND (b.valid_to IS NULL OR b.valid_to > %s)
        OFFSET 0  -- else PostgreSQL draws each outline twice: for the condition outside, and for the tile
    ) drawn WHERE geometry IS NOT NULL ORDER BY code
) layer
"""


def areas_tile(*, tile: Tile, day: date, now: datetime) -> bytes:
    """Outlines of the moment: larger areas farther out, cells near the ground, at the detail that can be seen."""
    levels = [str(level) for level, zoom in LEVELS_FROM.items() if tile.z >= zoom]
    west, south, east, north = tile.box
    # What lies just outside is drawn too, as far as the buffer of ST_AsMVTGeom: else edges would show as lines.
    aside, up = (east - west) / 64, (north - south) / 64
    box = (west - aside, max(south - up, -90.0), east + aside, min(north + up, 90.0))
    values = [*frame_values(tile), tile.half_pixel, *box, levels, day, day, now, now]
    return make_tile(sql=_AREAS, values=values)


def places_on(*, day: date) -> Q:
    return Q(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)


class Ordinate(Func):
    """ST_X or ST_Y of the row's point."""

    output_field = FloatField()

    def __init__(self, function: str, **extra: Any) -> None:
        super().__init__(F("point"), function=function, **extra)


def places_tile(*, tile: Tile, inside: Q, day: date) -> bytes:
    """The places that `inside` lets through; counted where there are too many, and farther out."""
    shown = (
        Place.objects.filter(inside, places_on(day=day), point__bboverlaps=Polygon.from_bbox(tile.box))
        .order_by()
        .values("id", "name", "kind__code", "kind__group", lon=Ordinate("ST_X"), lat=Ordinate("ST_Y"))
    )
    rows, row_values = sql_of(shown)
    points = points_layer(name="places", columns=["name", "kind", '"group"'])
    clusters = clusters_layer(sums=[])
    most = MOST_POINTS if tile.z >= POINTS_FROM else -1
    sql = f"""
WITH {FRAME},
found AS ({rows}),
here AS MATERIALIZED (
    SELECT id, name, kind__code AS kind, kind__group AS "group", lon, lat, 1 AS count
    FROM found, tile WHERE {HERE}
)
SELECT CASE WHEN (SELECT count(*) FROM here) <= %s THEN {points} ELSE {clusters} END
"""
    return make_tile(sql=sql, values=[*frame_values(tile), *row_values, most])

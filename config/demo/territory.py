"""Draw the town: one Voronoi diagram of all cells, villages as unions of their cells, a river through the middle."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import Final

import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiLineString, MultiPolygon
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

CENTER: Final = (117.62, 22.58)
"""Degrees, WGS-84: open sea."""
RADIUS: Final = 0.052
"""Degrees: about 5.5 km."""
GRID: Final = 1e-7
"""Coordinates are multiples of this, so that neighbours share their edges to the last digit."""
VILLAGES: Final = tuple("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳")


@dataclass(frozen=True, slots=True)
class CellShape:
    name: str
    shape: BaseGeometry


@dataclass(frozen=True, slots=True)
class VillageShape:
    name: str
    shape: BaseGeometry
    cells: tuple[CellShape, ...]


@dataclass(frozen=True, slots=True)
class TownShape:
    shape: BaseGeometry
    villages: tuple[VillageShape, ...]
    river: BaseGeometry
    canal: BaseGeometry


def _outline(rng: Random) -> Polygon:
    """A blob: a circle with a few slow waves."""
    waves = [(n, rng.uniform(0.02, 0.07), rng.uniform(0, math.tau)) for n in (2, 3, 5, 7)]
    points = []
    for step in range(180):
        angle = math.tau * step / 180
        reach = RADIUS * (1 + sum(size * math.sin(n * angle + turn) for n, size, turn in waves))
        points.append((CENTER[0] + reach * 1.25 * math.cos(angle), CENTER[1] + reach * 0.9 * math.sin(angle)))
    return Polygon(points)


def _spread(shape: BaseGeometry, count: int, rng: Random, rounds: int) -> list[Point]:
    """`count` points in `shape`, evened out: each moves to the middle of its Voronoi cell, `rounds` times."""
    west, south, east, north = shape.bounds
    points: list[Point] = []
    while len(points) < count:
        point = Point(rng.uniform(west, east), rng.uniform(south, north))
        if shape.contains(point):
            points.append(point)
    for _ in range(rounds):
        points = [part.centroid for part in _voronoi(points, shape)]
    return points


def _voronoi(points: list[Point], shape: BaseGeometry) -> list[BaseGeometry]:
    """The part of `shape` nearest to each point, in the order of the points."""
    diagram = shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=shape)
    parts = shapely.get_parts(diagram)
    ordered = [next(part for part in parts if part.contains(point)) for point in points]
    return [part.intersection(shape) for part in ordered]


def _reading_order(shape: BaseGeometry) -> tuple[float, float]:
    """West to east in bands from north to south, as CJ/T 349 numbers them."""
    middle = shape.centroid
    return (-round(middle.y / 0.02), middle.x)


def _line(rng: Random, start: tuple[float, float], end: tuple[float, float], bend: float) -> LineString:
    """A winding line from start to end; `bend` in degrees."""
    turn = rng.uniform(0, math.tau)
    steps = 60
    points = []
    for step in range(steps + 1):
        share = step / steps
        aside = bend * math.sin(share * 9 + turn) * math.sin(share * math.pi) ** 0.5
        x = start[0] + (end[0] - start[0]) * share
        y = start[1] + (end[1] - start[1]) * share
        points.append((x + aside * 0.5, y + aside))
    return LineString(points)


def draw_town(rng: Random) -> TownShape:
    """Sixteen villages of three to five cells without gaps or overlaps."""
    outline = shapely.set_precision(_outline(rng), GRID)
    seeds = _spread(outline, len(VILLAGES), rng, rounds=12)
    parts = sorted(_voronoi(seeds, outline), key=_reading_order)
    owners: list[int] = []
    centers: list[Point] = []
    for number, part in enumerate(parts):
        inner = part.buffer(-0.001)
        for point in _spread(inner, rng.choice((3, 4, 4, 4)), rng, rounds=6):
            owners.append(number)
            centers.append(point)
    cells = list(shapely.set_precision(_voronoi(centers, outline), GRID))
    villages = []
    for number, name in enumerate(VILLAGES):
        own = sorted((cell for cell, owner in zip(cells, owners, strict=True) if owner == number), key=_reading_order)
        named = tuple(CellShape(f"{name}村{i:02d}网格", cell) for i, cell in enumerate(own, 1))
        villages.append(VillageShape(f"{name}村", shapely.union_all(own, grid_size=GRID), named))
    west, south, east, north = outline.bounds
    river = _line(rng, (west, north - 0.015), (east, south + 0.02), 0.008)
    canal = _line(rng, (west + 0.03, south), (CENTER[0] + 0.01, CENTER[1]), 0.003)
    return TownShape(
        shape=shapely.union_all(cells, grid_size=GRID),
        villages=tuple(villages),
        river=river.intersection(outline),
        canal=canal.intersection(outline),
    )


def to_geos_polygons(shape: BaseGeometry) -> MultiPolygon:
    found = GEOSGeometry(shape.wkb.hex(), srid=4326)
    return found if isinstance(found, MultiPolygon) else MultiPolygon(found, srid=4326)


def to_geos_lines(shape: BaseGeometry) -> MultiLineString:
    found = GEOSGeometry(shape.wkb.hex(), srid=4326)
    return found if isinstance(found, MultiLineString) else MultiLineString(found, srid=4326)

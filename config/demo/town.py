"""Write the drawn town into the database."""

from __future__ import annotations

from datetime import date, datetime, time
from random import Random

from django.contrib.gis.geos import Point
from shapely.geometry import Point as ShapelyPoint
from shapely.geometry.base import BaseGeometry

from cases.deadlines import ZONE
from config.demo.stories import Place
from config.demo.territory import TownShape, draw_town, to_geos_lines, to_geos_polygons
from grid.models import Area, AreaBoundary, WaterBody

SINCE = date(2024, 1, 1)
DISTRICT, TOWN, FIRST_VILLAGE = "990000", "990000001", 200
REASON = "示意，非行政界线"


def _area(*, code: str, name: str, level: str, parent: Area | None, shape: BaseGeometry | None) -> Area:
    area = Area.objects.create(code=code, name=name, level=level, parent=parent, valid_from=SINCE, synthetic=True)
    if shape is not None:
        AreaBoundary.objects.create(
            area=area,
            geometry=to_geos_polygons(shape),
            valid_from=datetime.combine(SINCE, time(0), tzinfo=ZONE),
            reason=REASON,
            synthetic=True,
        )
    return area


def make_town(rng: Random) -> tuple[Area, list[Area], list[Place]]:
    """The town, its villages, and its cells with points to report from."""
    shape: TownShape = draw_town(rng)
    district = _area(code=DISTRICT, name="示范区", level="district", parent=None, shape=None)
    town = _area(code=TOWN, name="示范镇", level="town", parent=district, shape=shape.shape)
    villages, places = [], []
    for number, drawn in enumerate(shape.villages):
        code = f"{TOWN}{FIRST_VILLAGE + number}"
        village = _area(code=code, name=drawn.name, level="village", parent=town, shape=drawn.shape)
        villages.append(village)
        for serial, cell in enumerate(drawn.cells, 1):
            area = _area(code=f"{code}{serial:03d}", name=cell.name, level="cell", parent=village, shape=cell.shape)
            places.append(Place(area, _points(cell.shape, rng)))
    WaterBody.objects.create(
        name="示范河", kind="river", area=town, geometry=to_geos_lines(shape.river), synthetic=True
    )
    WaterBody.objects.create(
        name="示范干渠", kind="canal", area=town, geometry=to_geos_lines(shape.canal), synthetic=True
    )
    return town, villages, places


def _points(shape: BaseGeometry, rng: Random) -> tuple[Point, ...]:
    """Six points well inside the cell."""
    shrunk = shape.buffer(-0.0008)
    inner: BaseGeometry = shape if shrunk.is_empty else shrunk
    west, south, east, north = inner.bounds
    found: list[Point] = []
    while len(found) < 6:
        x, y = rng.uniform(west, east), rng.uniform(south, north)
        if inner.contains(ShapelyPoint(x, y)):
            found.append(Point(x, y, srid=4326))
    return tuple(found)

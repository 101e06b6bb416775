"""What lies in the demo town: places with invented people, reaches with their chiefs, cameras that watch nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

import shapely
from django.contrib.gis.geos import Point
from shapely.geometry import Point as ShapelyPoint
from shapely.geometry.base import BaseGeometry

from config.demo.people import invented_name, invented_phone
from config.demo.territory import to_geos_lines
from config.demo.town import SINCE, TOWN
from grid.models import Area, Camera, Place, PlaceKind, Reach, ReachChief, WaterBody
from grid.selectors.outlines import Outline, outlines, to_shape

PLACES: Final = 60
CAMERAS: Final = 24
WATCHED: Final = 11
"""Villages with a camera."""
ONE_OF_A_KIND: Final = ("hospital", "petrol_station", "care_home", "bus_station", "hazchem", "shopping_centre")
"""Kinds of which the town has one; the other places share the kinds below."""
KINDS: Final = (
    *("school", "market", "crowded", "small_school", "small_clinic", "small_shop", "small_shop", "small_shop"),
    *("small_restaurant", "small_restaurant", "small_hotel", "small_beauty_bath", "small_workshop", "small_workshop"),
    *("street_light", "public_toilet", "hydrant", "manhole", "shelter", "sports_ground"),
)


@dataclass(frozen=True, slots=True)
class Land:
    """The demo town as it is drawn now."""

    town: Area
    villages: dict[str, Area]
    village_shapes: dict[str, BaseGeometry]
    cells: list[Outline]

    @classmethod
    def load(cls, *, at: datetime) -> Land:
        areas = Area.objects.filter(code__startswith=TOWN, valid_to__isnull=True)
        return cls(
            town=areas.get(code=TOWN),
            villages={area.code: area for area in areas.filter(level="village").order_by("code")},
            village_shapes={one.code: one.shape for one in outlines(level="village", at=at, prefixes=[TOWN])},
            cells=outlines(level="cell", at=at, prefixes=[TOWN]),
        )


def point_in(shape: BaseGeometry, rng: Random) -> Point:
    """A point well inside the shape, so that no later change of a border moves it."""
    shrunk = shape.buffer(-0.0006)
    inner: BaseGeometry = shape if shrunk.is_empty else shrunk
    west, south, east, north = inner.bounds
    while True:
        x, y = round(rng.uniform(west, east), 6), round(rng.uniform(south, north), 6)
        if inner.contains(ShapelyPoint(x, y)):
            return Point(x, y, srid=4326)


def make_registers(*, rng: Random, land: Land, now: datetime) -> None:
    _make_places(rng, land)
    _make_reaches(rng, land)
    _make_cameras(rng, land, now)


def _make_places(rng: Random, land: Land) -> None:
    kinds = {kind.code: kind for kind in PlaceKind.objects.all()}
    codes = [*ONE_OF_A_KIND, *(rng.choice(KINDS) for _ in range(PLACES - len(ONE_OF_A_KIND)))]
    # The first cell has a few of its own: the worker one can sign in as shall find some.
    cells = [*[land.cells[0]] * 4, *(rng.choice(land.cells) for _ in range(PLACES - 4))]
    rng.shuffle(codes)
    count: Counter[tuple[str, str]] = Counter()
    places = []
    for code, cell in zip(codes, cells, strict=True):
        kind, village = kinds[code], land.villages[cell.code[:12]]
        count[village.code, code] += 1
        number = count[village.code, code]
        facility = kind.group == PlaceKind.Group.FACILITY
        places.append(
            Place(
                name=f"{village.name}{kind.name_zh}" + (f"{number:02d}" if facility or number > 1 else ""),
                kind=kind,
                point=point_in(cell.shape, rng),
                address=f"{village.name}示意路{rng.randint(1, 120)}号",
                village=village,
                village_code=village.code,
                cell_code=cell.code,
                responsible_name=invented_name(rng),
                responsible_phone=invented_phone(rng),
                safety_name="" if facility else invented_name(rng),
                safety_phone="" if facility else invented_phone(rng),
                note="演示数据 · 虚构",
                valid_from=SINCE,
                synthetic=True,
            )
        )
    Place.objects.bulk_create(places)


def _make_reaches(rng: Random, land: Land) -> None:
    """One reach of each water for the town, and one for each village it runs through for more than 300 metres."""
    for water in WaterBody.objects.filter(area=land.town).order_by("pk"):
        course = to_shape(water.geometry)
        _reach(rng, water, "全段", land.town, course)
        for code, village in land.villages.items():
            part = course.intersection(land.village_shapes[code])
            if part.length > 0.003:
                _reach(rng, water, f"{village.name}段", village, part)


def _reach(rng: Random, water: WaterBody, name: str, area: Area, course: BaseGeometry) -> None:
    level = Reach.Level.TOWN if area.level == Area.Level.TOWN else Reach.Level.VILLAGE
    title = "镇级河长" if level == Reach.Level.TOWN else "村级河段长"
    lines = shapely.MultiLineString([one for one in shapely.get_parts(course) if one.geom_type == "LineString"])
    reach = Reach.objects.create(
        water=water, name=name, level=level, area=area, geometry=to_geos_lines(lines), synthetic=True
    )
    ReachChief.objects.create(
        reach=reach, name=invented_name(rng), title=title, phone=invented_phone(rng), valid_from=SINCE
    )


def _make_cameras(rng: Random, land: Land, now: datetime) -> None:
    """In 11 of 16 villages. Every fifth is offline, and so is all of the last village."""
    watched = rng.sample(sorted(land.villages), WATCHED)
    owners = ("示范镇派出所", "示范镇综治中心", "村委会")
    spots = ("村口", "桥头", "学校门口", "集市", "路口", "广场")
    cameras = []
    for number in range(1, CAMERAS + 1):
        code = watched[(number - 1) % WATCHED]
        cell = rng.choice([cell for cell in land.cells if cell.code.startswith(code)])
        village = land.villages[code]
        offline = number % 5 == 0 or code == watched[-1]
        cameras.append(
            Camera(
                name=f"{village.name}{rng.choice(spots)}{number:02d}",
                gb28181_id=f"99000001001310{number:06d}",
                type=rng.choice([Camera.Type.BULLET, Camera.Type.DOME]),
                village=village,
                village_code=code,
                cell_code=cell.code,
                point=point_in(cell.shape, rng),
                owner=rng.choice(owners),
                stream_reference=f"demo/{number:02d}",
                online=not offline,
                reported_at=now - (timedelta(days=rng.randint(1, 9)) if offline else timedelta(minutes=2)),
                synthetic=True,
            )
        )
    Camera.objects.bulk_create(cameras)

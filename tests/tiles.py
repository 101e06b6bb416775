"""What tests of vector tiles share: which tile a point is in, and what a tile says."""

from __future__ import annotations

import math
from typing import Any

import mapbox_vector_tile

from grid.models import Area, Place, PlaceKind
from tests.town import CELL_A, EAST, IN_A, IN_C, IN_OTHER_TOWN, SINCE

MVT = "application/vnd.mapbox-vector-tile"
SPANS = ((118.0, 22.0, 118.04, 22.01), (118.10, 22.0, 118.11, 22.01))
"""Both towns."""


def column(lon: float, z: int) -> int:
    return int((lon + 180) / 360 * (1 << z))


def row(lat: float, z: int) -> int:
    return int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * (1 << z))


def path(layer: str, z: int, at: tuple[float, float] = IN_A) -> str:
    return f"tiles/{layer}/{z}/{column(at[0], z)}/{row(at[1], z)}.mvt"


def decoded(answer: Any) -> dict[str, list[dict[str, Any]]]:
    """The features' properties by layer."""
    if answer.status_code == 204:
        return {}
    assert (answer.status_code, answer["Content-Type"]) == (200, MVT)
    found = mapbox_vector_tile.decode(answer.content)
    return {name: [f["properties"] for f in layer["features"]] for name, layer in found.items()}


def whole_map(phone: Any, layer: str, z: int) -> list[dict[str, list[dict[str, Any]]]]:
    """Every tile of the two towns at a zoom."""
    wanted = {
        (x, y)
        for west, south, east, north in SPANS
        for x in range(column(west, z), column(east, z) + 1)
        for y in range(row(north, z), row(south, z) + 1)
    }
    return [decoded(phone.get(f"tiles/{layer}/{z}/{x}/{y}.mvt")) for x, y in sorted(wanted)]


def total(tiles: list[dict[str, list[dict[str, Any]]]], *, overdue: bool = False) -> int:
    points = [p for tile in tiles for p in tile.get("cases", [])]
    clusters = [c for tile in tiles for c in tile.get("clusters", [])]
    if overdue:
        return sum(p["overdue"] for p in points) + sum(c["overdue"] for c in clusters)
    return len(points) + sum(c["count"] for c in clusters)


def register_schools() -> dict[str, Place]:
    """One in cell A, one in cell C, one in the other town."""
    kind = PlaceKind.objects.create(code="school", group="key", name_zh="学校", name_en="School")
    spots = {"A": (IN_A, EAST, CELL_A), "C": (IN_C, "990000009202", "990000009202001")}
    spots["other"] = (IN_OTHER_TOWN, "990000008201", "990000008201001")
    return {
        name: Place.objects.create(
            name=f"演示学校{name}",
            kind=kind,
            point=f"SRID=4326;POINT({point[0]} {point[1]})",
            village=Area.objects.get(code=village),
            village_code=village,
            cell_code=cell,
            responsible_name="演示甲",
            responsible_phone="13800000000",
            valid_from=SINCE,
        )
        for name, (point, village, cell) in spots.items()
    }

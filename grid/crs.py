"""The coordinate systems that outlines may come in: a fixed list, of which the person who imports names one.

CGCS2000 differs from WGS-84 by centimetres and is taken as it is, so a Gauss-Krüger position is only unprojected. What
a file says about itself never chooses a system; `named_in` reads it, so that a contradiction can be pointed out.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyproj
import shapely
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from grid.coordinates import Datum, gcj02_to_bd09, to_wgs84, wgs84_to_gcj02

Coordinates = NDArray[np.float64]

CHINA: Final = (73.0, 3.0, 136.0, 54.0)
"""West, south, east, north in degrees; the sea in the south included."""
ZONE_REACH: Final = 3.0
"""Degrees from its central meridian beyond which a zone of 3 degrees was surely not meant."""


@dataclass(frozen=True, slots=True)
class Crs:
    """`code` is what people and programs name it by; `epsg` is 0 where there is none."""

    code: str
    name: Promise | str
    epsg: int
    meridian: float | None = None
    """Central meridian of a Gauss-Krüger zone, degrees east."""

    @property
    def projected(self) -> bool:
        return self.meridian is not None or self.epsg == 3857


def _zones() -> list[Crs]:
    """EPSG 4513-4533 carry the zone before the easting (39 500 000 m), 4534-4554 do not (500 000 m)."""
    prefixed, plain = _("CGCS2000, 3-degree zone {zone}, zone before the easting"), _("CGCS2000, 3-degree, {east}°E")
    return [
        *(
            Crs(f"EPSG:{4488 + zone}", format_lazy(prefixed, zone=zone), 4488 + zone, zone * 3.0)
            for zone in range(25, 46)
        ),
        *(
            Crs(f"EPSG:{4509 + zone}", format_lazy(plain, east=zone * 3), 4509 + zone, zone * 3.0)
            for zone in range(25, 46)
        ),
    ]


SYSTEMS: Final = {
    crs.code: crs
    for crs in (
        Crs(Datum.WGS84.value, _("WGS-84, degrees"), 4326),
        Crs(Datum.CGCS2000.value, _("CGCS2000, degrees (EPSG:4490)"), 4490),
        *_zones(),
        Crs("EPSG:3857", _("Web Mercator (EPSG:3857)"), 3857),
        Crs(Datum.GCJ02.value, _("GCJ-02, degrees (maps of 高德 and 腾讯)"), 0),
        Crs(Datum.BD09.value, _("BD-09, degrees (maps of 百度)"), 0),
    )
}


@functools.cache
def _transformer(epsg: int, *, back: bool) -> pyproj.Transformer:
    """Between a projection and the degrees it was made from: no change of datum, no grid files, x before y."""
    base = 4326 if epsg == 3857 else 4490
    ends = (base, epsg) if back else (epsg, base)
    return pyproj.Transformer.from_crs(*ends, always_xy=True)


def _projected(points: Coordinates, *, epsg: int, back: bool = False) -> Coordinates:
    east, north = _transformer(epsg, back=back).transform(points[:, 0], points[:, 1])
    return np.column_stack((east, north))


def _one_by_one(points: Coordinates, move: Callable[[float, float], tuple[float, float]]) -> Coordinates:
    """The formulas of `grid.coordinates`, each different point once: outlines share most of theirs."""
    different, places = np.unique(points, axis=0, return_inverse=True)
    moved = np.array([move(lon, lat) for lon, lat in different.tolist()], dtype=np.float64).reshape(-1, 2)
    result: Coordinates = moved[places.reshape(-1)]
    return result


def points_to_wgs84(points: Coordinates, crs: Crs) -> Coordinates:
    """(n, 2) positions, x before y, to longitude and latitude; infinite where the system has no such place."""
    if crs.projected:
        return _projected(points, epsg=crs.epsg)
    if crs.epsg:
        return points
    # The formulas hold in China only, and far away they fail altogether.
    west, south, east, north = CHINA
    inside = (points[:, 0] > west - 1) & (points[:, 0] < east + 1)
    inside &= (points[:, 1] > south - 1) & (points[:, 1] < north + 1)
    result = np.full(points.shape, np.inf)
    datum = Datum(crs.code)
    result[inside] = _one_by_one(points[inside], lambda lon, lat: to_wgs84(lon=lon, lat=lat, datum=datum))
    return result


def points_from_wgs84(points: Coordinates, crs: Crs) -> Coordinates:
    """The inverse of `points_to_wgs84` for positions in China."""
    if crs.projected:
        return _projected(points, epsg=crs.epsg, back=True)
    if crs.code == Datum.GCJ02:
        return _one_by_one(points, wgs84_to_gcj02)
    if crs.code == Datum.BD09:
        return _one_by_one(points, lambda lon, lat: gcj02_to_bd09(*wgs84_to_gcj02(lon, lat)))
    return points


def to_degrees(shape: BaseGeometry, crs: Crs) -> BaseGeometry:
    """`shape` in WGS-84."""
    return shapely.transform(shape, lambda points: points_to_wgs84(points, crs))


def in_china(points: Coordinates) -> bool:
    """Whether all (lon, lat) lie there; an infinite one does not."""
    west, south, east, north = CHINA
    lon, lat = points[:, 0], points[:, 1]
    return bool(np.all((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)))


_NAMES: Final = (
    (re.compile(r"(?:GCJ|火星)[-_ ]?0?2?", re.IGNORECASE), Datum.GCJ02.value),
    (re.compile(r"(?:BD[-_ ]?0?9|百度)", re.IGNORECASE), Datum.BD09.value),
)


def named_in(text: str) -> str | None:
    """Which system of the list a file says it is in (WKT, a URN, or a code); None where it says nothing we know."""
    if not text.strip():
        return None
    for pattern, code in _NAMES:
        if pattern.search(text):
            return code
    if re.search(r"CRS:?84$", text.strip()):
        return Datum.WGS84.value
    number = re.search(r"EPSG:{1,2}(?:[\d.]*:)?(\d{4,6})$", text.strip())
    epsg = int(number[1]) if number else _epsg_of_wkt(text)
    return next((crs.code for crs in SYSTEMS.values() if crs.epsg == epsg), f"EPSG:{epsg}" if epsg else None)


def _epsg_of_wkt(text: str) -> int | None:
    """Parsed by pyproj, whose answer is only ever shown."""
    if not re.match(r"\s*(?:GEOG|PROJ|GEOD|BASE|BOUND)\w*\s*\[", text) or len(text) > 20_000:
        return None
    try:
        return pyproj.CRS.from_wkt(text).to_epsg(min_confidence=70)
    except pyproj.exceptions.CRSError:
        return None

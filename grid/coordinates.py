"""Turn the coordinates people's devices give into WGS-84, at the edge and nowhere else.

Phone browsers give WGS-84; 高德 and 腾讯 maps give GCJ-02; 百度 maps give BD-09. CGCS2000 differs from WGS-84 by
centimetres and is taken as it is. Mixing GCJ-02 with WGS-84 moves a point by about 545 m at 116.70 E 23.68 N:
more than a village, so a wrong datum puts a case into the wrong cell.

The GCJ-02 formula is the widely published one on the Krasovsky ellipsoid; it holds inside China only.
"""

from enum import StrEnum
from math import atan2, cos, pi, sin, sqrt


class Datum(StrEnum):
    WGS84 = "WGS-84"
    GCJ02 = "GCJ-02"
    BD09 = "BD-09"
    CGCS2000 = "CGCS2000"


_AXIS = 6378245.0  # metres, semi-major axis of the Krasovsky ellipsoid
_ECCENTRICITY = 0.00669342162296594323
_BD_TURN = pi * 3000.0 / 180.0


def _wave(value: float, *terms: tuple[float, float]) -> float:
    return sum(weight * sin(value * pi / period) for weight, period in terms) * 2.0 / 3.0


def _offset(lon: float, lat: float) -> tuple[float, float]:
    """Degrees that GCJ-02 adds to a WGS-84 position (lon, lat)."""
    x, y = lon - 105.0, lat - 35.0
    ripple = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    north += ripple + _wave(y, (20.0, 1), (40.0, 3)) + _wave(y, (160.0, 12), (320.0, 30))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    east += ripple + _wave(x, (20.0, 1), (40.0, 3)) + _wave(x, (150.0, 12), (300.0, 30))
    angle = lat / 180.0 * pi
    flattening = 1 - _ECCENTRICITY * sin(angle) ** 2
    meridian = _AXIS * (1 - _ECCENTRICITY) / (flattening * sqrt(flattening))
    return (
        east * 180.0 / (_AXIS / sqrt(flattening) * cos(angle) * pi),
        north * 180.0 / (meridian * pi),
    )


def wgs84_to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """(lon, lat) degrees in WGS-84 → (lon, lat) degrees in GCJ-02."""
    east, north = _offset(lon, lat)
    return lon + east, lat + north


def gcj02_to_wgs84(lon: float, lat: float) -> tuple[float, float]:
    """The inverse of `wgs84_to_gcj02` by fixed-point iteration; round trips stay within a millimetre."""
    guess_lon, guess_lat = lon, lat
    for _ in range(8):
        forward_lon, forward_lat = wgs84_to_gcj02(guess_lon, guess_lat)
        guess_lon += lon - forward_lon
        guess_lat += lat - forward_lat
    return guess_lon, guess_lat


def gcj02_to_bd09(lon: float, lat: float) -> tuple[float, float]:
    radius = sqrt(lon * lon + lat * lat) + 0.00002 * sin(lat * _BD_TURN)
    angle = atan2(lat, lon) + 0.000003 * cos(lon * _BD_TURN)
    return radius * cos(angle) + 0.0065, radius * sin(angle) + 0.006


def bd09_to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """The inverse of `gcj02_to_bd09` by fixed-point iteration."""
    guess_lon, guess_lat = lon - 0.0065, lat - 0.006
    for _ in range(8):
        forward_lon, forward_lat = gcj02_to_bd09(guess_lon, guess_lat)
        guess_lon += lon - forward_lon
        guess_lat += lat - forward_lat
    return guess_lon, guess_lat


def to_wgs84(*, lon: float, lat: float, datum: Datum) -> tuple[float, float]:
    """(lon, lat) degrees in `datum` → (lon, lat) degrees in WGS-84."""
    if datum is Datum.BD09:
        return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))
    if datum is Datum.GCJ02:
        return gcj02_to_wgs84(lon, lat)
    return lon, lat

"""Metres on the ground near a place: degrees stretched by the lengths of a degree of WGS-84 there.

Exact to a few millionths over the size of a village, which is what tolerances of a metre ask for; nothing larger is
measured with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin, sqrt
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

_AXIS: Final = 6378137.0  # metres, WGS-84
_FLATTENING: Final = 1 / 298.257223563
_E2: Final = _FLATTENING * (2 - _FLATTENING)


@dataclass(frozen=True, slots=True)
class Scale:
    """Metres per degree of longitude and of latitude at one latitude (degrees)."""

    east: float
    north: float

    @classmethod
    def at(cls, latitude: float) -> Scale:
        angle = radians(latitude)
        root = sqrt(1 - _E2 * sin(angle) ** 2)
        return cls(
            east=radians(1) * _AXIS / root * cos(angle),
            north=radians(1) * _AXIS * (1 - _E2) / root**3,
        )

    def to_metres(self, shape: BaseGeometry) -> BaseGeometry:
        return shapely.transform(shape, self._stretch)

    def to_degrees(self, shape: BaseGeometry) -> BaseGeometry:
        return shapely.transform(shape, self._shrink)

    def _stretch(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        stretched: NDArray[np.float64] = points * np.array([self.east, self.north])
        return stretched

    def _shrink(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        shrunk: NDArray[np.float64] = points / np.array([self.east, self.north])
        return shrunk


def scale_of(shape: BaseGeometry) -> Scale:
    """The scale in the middle of `shape` (degrees); that of the equator for an empty one."""
    bounds = shape.bounds
    return Scale.at((bounds[1] + bounds[3]) / 2 if len(bounds) == 4 and bounds[1] == bounds[1] else 0.0)


def area_m2(shape: BaseGeometry) -> float:
    """Square metres of a shape in degrees."""
    scale = scale_of(shape)
    return float(shape.area) * scale.east * scale.north

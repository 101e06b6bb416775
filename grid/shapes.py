"""Shapes as GeoJSON: WGS-84, [lon, lat]."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

DIGITS: Final = 7
"""Decimals of a degree that go out: a centimetre."""


def _rounded(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.round(points, DIGITS)


def geojson(shape: BaseGeometry) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(shapely.to_geojson(shapely.transform(shape, _rounded)))
    return found

"""One outline on its way from the file's coordinates to WGS-84, and whatever is wrong with it."""

from __future__ import annotations

import re

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from grid.crs import ZONE_REACH, Coordinates, Crs, in_china, points_to_wgs84
from grid.import_problems import Finding
from grid.services.imports.features import Feature

_NUMBERS = re.compile(r"\[(-?[\d.eE+]+) (-?[\d.eE+]+)")


def outline_of(feature: Feature, crs: Crs) -> BaseGeometry | Finding | None:
    """The MultiPolygon in degrees, WGS-84; or what is wrong with it; or None where the feature has no outline."""
    if feature.finding is not None:
        return feature.finding
    if feature.shape is None or feature.shape.is_empty:
        return None
    points = shapely.get_coordinates(feature.shape)
    finding = _misplaced(feature.number, points, crs) or _crossing(feature.number, feature.shape)
    if finding is not None:
        return finding
    moved = shapely.set_coordinates(shapely.from_wkb(shapely.to_wkb(feature.shape)), points_to_wgs84(points, crs))
    whole = shapely.MultiPolygon([part for part in shapely.get_parts(moved) if not part.is_empty])
    return _crossing(feature.number, whole) or whole


def _short(value: float) -> str:
    return f"{value:.10g}"


def _place(number: int, code: str, x: float, y: float, **more: str) -> Finding:
    return Finding(number, code, {"x": _short(x), "y": _short(y), **more}, "geometry")


def _crossing(number: int, shape: BaseGeometry) -> Finding | None:
    """Said with its place, never mended: which of two loops was meant, only its maker knows."""
    if shapely.is_valid(shape):
        return None
    reason = str(shapely.is_valid_reason(shape))
    found = _NUMBERS.search(reason)
    x, y = (float(found[1]), float(found[2])) if found else shapely.get_coordinates(shape)[0].tolist()
    return _place(number, "broken_ring" if reason.startswith("Too few points") else "crosses_itself", x, y)


def _misplaced(number: int, points: Coordinates, crs: Crs) -> Finding | None:
    if not np.all(np.isfinite(points)):
        return Finding(number, "bad_coordinates", {}, "geometry")
    moved = points_to_wgs84(points, crs)
    if _fits(moved, crs):
        return None
    x, y = _first_outside(points, moved)
    if _fits(points_to_wgs84(points[:, ::-1], crs), crs):
        return _place(number, "axes_swapped", x, y)
    if in_china(moved) and crs.meridian is not None:
        far = float(moved[np.argmax(np.abs(moved[:, 0] - crs.meridian)), 0])
        return Finding(number, "wrong_zone", {"lon": f"{far:.2f}", "east": f"{crs.meridian:g}"}, "geometry")
    return _place(number, "outside_china", x, y, crs=crs.code)


def _fits(moved: Coordinates, crs: Crs) -> bool:
    """In China and near the zone's meridian: an easting read in a zone it was not made for lands degrees away."""
    if not in_china(moved):
        return False
    return crs.meridian is None or bool(np.all(np.abs(moved[:, 0] - crs.meridian) <= ZONE_REACH))


def _first_outside(points: Coordinates, moved: Coordinates) -> tuple[float, float]:
    for point, there in zip(points, moved, strict=True):
        if not in_china(there.reshape(1, 2)):
            return float(point[0]), float(point[1])
    return float(points[0][0]), float(points[0][1])

"""GeoJSON by orjson and shapely alone: nothing in it is ever opened, fetched or followed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson
import shapely
from shapely.geometry.base import BaseGeometry

from grid.import_problems import Finding, UnreadableError
from grid.services.imports.features import Feature, Fields, Layer, text_of

Ring = list[tuple[float, float]]


class _RingError(Exception):
    """A ring that is none; the place is where to look."""

    def __init__(self, code: str, where: tuple[float, float] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.where = where


def read_geojson(*, path: Path, fields: Fields) -> Layer:
    """Raises UnreadableError."""
    try:
        data = orjson.loads(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise UnreadableError("not_geojson") from error
    found = _features_of(data)
    if not found:
        raise UnreadableError("no_features")
    _check_field(found, fields.code)
    return Layer([_feature(number, one, fields) for number, one in enumerate(found, 1)], says=_says(data))


def _features_of(data: Any) -> list[Any]:
    kind = data.get("type") if isinstance(data, dict) else None
    if kind == "Feature":
        return [data]
    features = data.get("features") if kind == "FeatureCollection" else None
    if not isinstance(features, list):
        raise UnreadableError("not_geojson")
    return features


def _properties(feature: Any) -> dict[str, Any]:
    found = feature.get("properties") if isinstance(feature, dict) else None
    return found if isinstance(found, dict) else {}


def _check_field(features: list[Any], name: str) -> None:
    """A field that no feature has was misspelt, unless the file has no fields at all."""
    known: dict[str, None] = {}
    for feature in features:
        known.update(dict.fromkeys(_properties(feature)))
    if name and known and name not in known:
        raise UnreadableError("no_field", name=name[:50], fields=", ".join(known)[:500])


def _says(data: dict[str, Any]) -> str:
    """The `crs` member of the old GeoJSON, which RFC 7946 took out."""
    crs = data.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return name[:500] if isinstance(name, str) else ""


def _feature(number: int, feature: Any, fields: Fields) -> Feature:
    properties = _properties(feature)
    code, name = text_of(properties.get(fields.code)), text_of(properties.get(fields.name))
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(geometry, dict):
        return Feature(number, code, name, None)
    kind = geometry.get("type")
    if kind not in ("Polygon", "MultiPolygon"):
        finding = Finding(number, "not_a_polygon", {"type": str(kind)[:30]}, "geometry")
        return Feature(number, code, name, None, finding)
    try:
        return Feature(number, code, name, _shape(kind, geometry.get("coordinates")))
    except _RingError as error:
        x, y = error.where or (0, 0)
        values = {"x": _short(x), "y": _short(y)} if error.where else {}
        return Feature(number, code, name, None, Finding(number, error.code, values, "geometry"))


def _short(value: float) -> str:
    return f"{value:.10g}"


def _shape(kind: str, coordinates: Any) -> BaseGeometry:
    parts = [coordinates] if kind == "Polygon" else coordinates
    if not isinstance(parts, list):
        raise _RingError("bad_coordinates")
    return shapely.MultiPolygon([polygon for part in parts for polygon in _polygon(part)])


def _polygon(rings: Any) -> Iterator[shapely.Polygon]:
    """None for an empty one, as GeoJSON allows."""
    if not isinstance(rings, list):
        raise _RingError("bad_coordinates")
    if rings and rings != [[]]:
        read = [_ring(ring) for ring in rings]
        yield shapely.Polygon(read[0], read[1:])


_CORNERS: Final = 4
"""Of a ring that is closed: three, and the first again."""


def _ring(ring: Any) -> Ring:
    if not isinstance(ring, list):
        raise _RingError("bad_coordinates")
    points = [_point(point) for point in ring]
    if len(points) < _CORNERS or points[0] != points[-1]:
        # shapely would close it without a word.
        where = points[-1] if points else None
        raise _RingError("broken_ring" if where else "bad_coordinates", where)
    return points


def _point(point: Any) -> tuple[float, float]:
    if not isinstance(point, list) or len(point) < 2:
        raise _RingError("bad_coordinates")
    x, y = point[0], point[1]
    for value in (x, y):
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise _RingError("bad_coordinates")
    return float(x), float(y)

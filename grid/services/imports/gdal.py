"""GDAL, as it comes with pyogrio: asked only for files whose format is known, by names that leave it no choice."""

from __future__ import annotations

import warnings
from typing import Any, Final

import pyogrio  # type: ignore[import-untyped]
import shapely
from pyogrio import raw

from grid.import_problems import Finding, UnreadableError
from grid.services.imports.features import Feature, Fields, place_of, text_of

_BROKEN: Final = (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError)


def layers_of(name: str) -> list[str]:
    """Layers with outlines. Raises UnreadableError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            return [str(row[0]) for row in pyogrio.list_layers(name) if row[1] is not None]
    except _BROKEN as error:
        raise UnreadableError("broken_file") from error


def read_layer(*, name: str, layer: str | None, fields: Fields) -> list[Feature]:
    """Every feature, in the file's coordinates; heights are dropped. Raises UnreadableError."""
    try:
        with warnings.catch_warnings():
            # GDAL remarks on much that does not matter here; what does is looked at feature by feature.
            warnings.simplefilter("ignore", RuntimeWarning)
            known = pyogrio.read_info(name, layer=layer)["fields"].tolist()
            places = [place_of(fields.code, known, needed=bool(known)), place_of(fields.name, known, needed=False)]
            wanted = [known[place] for place in places if place is not None]
            meta, _ids, shapes, columns = raw.read(name, layer=layer, columns=wanted, force_2d=True)
    except (*_BROKEN, UnicodeDecodeError, ValueError) as error:
        raise UnreadableError("broken_file") from error
    if shapes is None or not len(shapes):
        raise UnreadableError("no_features")
    by_name = dict(zip(meta["fields"].tolist(), columns, strict=True))
    empty: Any = [None] * len(shapes)
    codes, names = (by_name[known[place]] if place is not None else empty for place in places)
    return [
        _feature(number, text_of(code), text_of(name), shape)
        for number, (code, name, shape) in enumerate(zip(codes, names, shapes, strict=True), 1)
    ]


def _feature(number: int, code: str, name: str, wkb: Any) -> Feature:
    if wkb is None:
        return Feature(number, code, name, None)
    try:
        shape = shapely.from_wkb(bytes(wkb))
    except shapely.errors.GEOSException:
        # What GEOS cannot even hold: a ring of fewer than three corners, or one that is not closed.
        return Feature(number, code, name, None, Finding(number, "open_ring", {}, "geometry"))
    if shape is not None and shape.geom_type not in ("Polygon", "MultiPolygon"):
        finding = Finding(number, "not_a_polygon", {"type": shape.geom_type}, "geometry")
        return Feature(number, code, name, None, finding)
    return Feature(number, code, name, shape)

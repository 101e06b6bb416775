"""Files of outlines as people send them: good ones in each format, and ones that nobody should open."""

from __future__ import annotations

import json
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyogrio import raw
from shapely.geometry.base import BaseGeometry

from grid.crs import SYSTEMS, points_from_wgs84

Row = tuple[Mapping[str, Any], BaseGeometry | None]


def square(west: float, east: float, south: float = 22.00, north: float = 22.01) -> BaseGeometry:
    return shapely.box(west, south, east, north)


def cell(code: str, name: str, shape: BaseGeometry | None) -> Row:
    return {"code": code, "name": name}, shape


def moved(shape: BaseGeometry, crs: str) -> BaseGeometry:
    """`shape` in the coordinates of `crs`."""
    return shapely.transform(shape, lambda points: points_from_wgs84(points, SYSTEMS[crs]))


def geojson(path: Path, rows: Sequence[Row], **more: Any) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": dict(properties),
            "geometry": json.loads(shapely.to_geojson(shape)) if shape is not None else None,
        }
        for properties, shape in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **more}), encoding="utf-8")
    return path


def _write(path: Path, rows: Sequence[Row], **more: Any) -> None:
    names = list(rows[0][0])
    shapes = np.array([None if shape is None else shapely.to_wkb(shape) for _, shape in rows], dtype=object)
    columns = [np.array([properties[name] for properties, _ in rows], dtype=object) for name in names]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        raw.write(path, shapes, columns, names, **more)


def geopackage(path: Path, rows: Sequence[Row], *, crs: str = "EPSG:4326", layer: str = "cells", **more: Any) -> Path:
    _write(path, rows, driver="GPKG", layer=layer, geometry_type="Unknown", crs=crs, **more)
    return path


def shapefile(
    path: Path,
    rows: Sequence[Row],
    *,
    crs: str = "EPSG:4490",
    encoding: str = "GBK",
    without: Sequence[str] = (),
    kind: str = "Polygon",
) -> Path:
    """A ZIP of one, in a folder with a Chinese name, as most come."""
    folder = path.with_suffix("")
    folder.mkdir()
    _write(folder / "网格.shp", rows, driver="ESRI Shapefile", geometry_type=kind, crs=crs, encoding=encoding)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in sorted(folder.iterdir()):
            if member.suffix not in without:
                archive.write(member, f"示意数据/{member.name}")
    return path


def archive(path: Path, members: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path

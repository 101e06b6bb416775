"""A file of outlines, in whichever of the three formats it is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from grid.services.imports.features import GEOJSON, GEOPACKAGE, ZIP, Fields, Layer, format_of
from grid.services.imports.geojson import read_geojson
from grid.services.imports.geopackage import read_geopackage
from grid.services.imports.shapefile import read_shapefile

_READ: Final = {GEOJSON: read_geojson, ZIP: read_shapefile, GEOPACKAGE: read_geopackage}


def read_outlines(*, path: Path, fields: Fields) -> Layer:
    """Raises UnreadableError for what cannot be read at all; what is wrong with one feature stands in the feature."""
    return _READ[format_of(path)](path=path, fields=fields)

"""A GeoPackage: an SQLite file, opened through a copy under a name of our own and by the one driver."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from grid.import_problems import UnreadableError
from grid.services.imports.features import Fields, Layer
from grid.services.imports.gdal import layers_of, read_layer


def read_geopackage(*, path: Path, fields: Fields) -> Layer:
    """Its one layer of outlines. Raises UnreadableError."""
    with TemporaryDirectory(prefix="import-") as folder:
        # SQLite may want to write beside the file, and GDAL grumbles about another suffix.
        copy = Path(folder) / "layer.gpkg"
        shutil.copyfile(path, copy)
        says = _looked_through(copy)
        name = f"GPKG:{copy}"
        layers = layers_of(name)
        if not layers:
            raise UnreadableError("no_features")
        if len(layers) > 1:
            raise UnreadableError("several_layers", layers=", ".join(layers)[:500])
        return Layer(read_layer(name=name, layer=layers[0], fields=fields), says=says)


# As GDAL writes its spatial index. Any other virtual table may read files of its own choice.
_INDEX: Final = re.compile(r'CREATE VIRTUAL TABLE\s+("[^"]+"|\w+)\s+USING\s+rtree\s*\(', re.IGNORECASE)


def _looked_through(copy: Path) -> str:
    """What it says of its coordinate system. Refuses one with views: a view computes, for as long as it likes."""
    try:
        with closing(sqlite3.connect(f"{copy.as_uri()}?mode=ro&immutable=1", uri=True)) as file:
            file.execute("PRAGMA trusted_schema = OFF")
            computed = file.execute(
                "SELECT type, sql FROM sqlite_schema WHERE type = 'view' OR (type = 'table' AND rootpage = 0)"
            ).fetchall()
            said = file.execute(
                "SELECT s.organization, s.organization_coordsys_id, s.definition FROM gpkg_geometry_columns g"
                " JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id LIMIT 1"
            ).fetchone()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise UnreadableError("broken_file") from error
    if not all(kind == "table" and _INDEX.match(str(sql)) for kind, sql in computed):
        raise UnreadableError("has_views")
    organisation, number, definition = said or ("", 0, "")
    if str(organisation).upper() == "EPSG":
        return f"EPSG:{number}"
    return str(definition or "")[:20_000]

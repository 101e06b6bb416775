"""What every format comes down to, and which format a file is: told by its first bytes, never by its name.

GDAL is never left to guess: a text that it would take for a virtual dataset, a database or a list of addresses to fetch
is refused here, before it sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shapely.geometry.base import BaseGeometry

from grid.import_problems import Finding, UnreadableError

ZIP, GEOPACKAGE, GEOJSON = "zip", "geopackage", "geojson"
_GEOPACKAGE_IDS: Final = (b"GPKG", b"GP10", b"GP11")


@dataclass(frozen=True, slots=True)
class Fields:
    """What the person says about the file. Without a field for codes every outline is that of a new cell."""

    code: str = "code"
    name: str = "name"
    encoding: str = "auto"


@dataclass(frozen=True, slots=True)
class Feature:
    """One outline as the file has it, in the file's coordinates. `number` counts from 1."""

    number: int
    code: str
    name: str
    shape: BaseGeometry | None
    finding: Finding | None = None
    """What is wrong with the outline already as written."""


@dataclass(frozen=True, slots=True)
class Layer:
    features: Sequence[Feature]
    says: str = ""
    """What the file says of its coordinate system, as it says it."""


def format_of(path: Path) -> str:
    """Raises UnreadableError for what is none of the three."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(b"PK\x03\x04"):
        return ZIP
    if head.startswith(b"SQLite format 3\x00") and head[68:72] in _GEOPACKAGE_IDS:
        return GEOPACKAGE
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return GEOJSON
    raise UnreadableError("unknown_format")


def text_of(value: object) -> str:
    """A field as text: codes come as numbers too, and empty ones as NaN."""
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace("\x00", "").strip()


def place_of(name: str, fields: Sequence[str], *, needed: bool) -> int | None:
    """Where a field stands; capitals do not matter, and a Shapefile cuts names after ten bytes.

    Raises UnreadableError for one that is needed and missing.
    """
    if not name:
        return None
    lowered = [field.casefold() for field in fields]
    cut = name.encode()[:10].decode(errors="ignore").casefold()
    for wanted in (name.casefold(), cut):
        if wanted in lowered:
            return lowered.index(wanted)
    if needed:
        raise UnreadableError("no_field", name=name[:50], fields=", ".join(fields)[:500])
    return None

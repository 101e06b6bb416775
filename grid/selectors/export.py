"""Areas on their way out, for any GIS: GeoJSON (RFC 7946) as a stream, GeoPackage as a file.

A day's export shows the ground as it was at the end of that day. Areas that are not drawn are listed without outline.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import shapely
from django.contrib.gis.db.models import MultiPolygonField
from django.contrib.gis.db.models.functions import AsGeoJSON
from django.db.models import Func, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from pyogrio import raw  # type: ignore[import-untyped]

from grid.models import Area, AreaBoundary
from grid.selectors.areas import valid_areas, within

DIGITS: Final = 9
"""Decimals of a degree: a tenth of a millimetre, so that an export taken in again changes nothing."""
FORMATS: Final = {"geojson": "application/geo+json", "gpkg": "application/geopackage+sqlite3"}
_COLUMNS: Final = ("code", "name", "level", "kind", "parent__code", "valid_from", "synthetic")
_CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class Extract:
    """What to export: all that lies in `inside` ("" is everything), of one level or all, on a day."""

    on: date
    inside: str = ""
    level: str = ""

    @property
    def file_name(self) -> str:
        return "-".join(filter(None, ("areas", self.inside, self.level, self.on.isoformat())))


class _CounterClockwise(Func):
    """Outer rings against the clock, as RFC 7946 wants them."""

    function = "ST_ForcePolygonCCW"
    output_field = MultiPolygonField()


def _areas(wanted: Extract) -> QuerySet[Area]:
    areas = valid_areas(on=wanted.on)
    if wanted.inside:
        areas = areas.filter(within([wanted.inside]))
    if wanted.level:
        areas = areas.filter(level=wanted.level)
    return areas.order_by("code")


def _outline(wanted: Extract) -> QuerySet[AreaBoundary]:
    """The outline of an area that held when the day ended."""
    midnight = timezone.make_aware(datetime.combine(wanted.on, time(0))) + timedelta(days=1)
    held = Q(valid_to__isnull=True) | Q(valid_to__gte=midnight)
    return AreaBoundary.objects.filter(held, area=OuterRef("pk"), valid_from__lt=midnight).order_by("valid_from")


def _note(synthetic: bool) -> str:
    return _("Invented for the demo (示意); not an administrative boundary.") if synthetic else ""


def geojson_of(wanted: Extract) -> Iterator[bytes]:
    """A FeatureCollection piece by piece; one statement, read in chunks."""
    shape = _outline(wanted).annotate(g=AsGeoJSON(_CounterClockwise("geometry"), precision=DIGITS)).values("g")
    rows = _areas(wanted).annotate(shape=Subquery(shape[:1])).values_list(*_COLUMNS, "shape")
    yield b'{"type":"FeatureCollection","name":"areas","valid_on":"%s","features":[' % wanted.on.isoformat().encode()
    between = b"\n"
    for code, name, level, kind, parent, begins, synthetic, outline in rows.iterator(chunk_size=_CHUNK):
        properties = {
            "code": code,
            "name": name,
            "level": level,
            "kind": kind,
            "parent": parent,
            "valid_from": begins,
            "synthetic": synthetic,
            "note": _note(synthetic),
        }
        yield b"".join(
            (
                between,
                b'{"type":"Feature","properties":',
                orjson.dumps(properties),
                b',"geometry":',
                (outline or "null").encode(),
                b"}",
            )
        )
        between = b",\n"
    yield b"\n]}\n"


def write_geopackage(*, wanted: Extract, path: Path) -> int:
    """Writes the layer `areas`, EPSG:4326, to a new file; how many areas. One statement; all of them in memory."""
    shape = _outline(wanted).values("geometry")
    rows = list(_areas(wanted).annotate(shape=Subquery(shape[:1])).values_list(*_COLUMNS, "shape"))
    columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)] or [[] for _name in range(8)]
    code, name, level, kind, parent, begins, synthetic, outlines = columns
    texts = [np.array(column, dtype=object) for column in (code, name, level, kind, parent)]
    outline_bytes = [None if one is None else shapely.to_wkb(shapely.from_wkb(bytes(one.wkb))) for one in outlines]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        raw.write(
            path,
            np.array(outline_bytes, dtype=object),
            [
                *texts,
                np.array(begins, dtype="datetime64[D]"),
                np.array(synthetic, dtype=bool),
                np.array([_note(one) for one in synthetic], dtype=object),
            ],
            ["code", "name", "level", "kind", "parent", "valid_from", "synthetic", "note"],
            layer="areas",
            driver="GPKG",
            geometry_type="MultiPolygon",
            crs="EPSG:4326",
            layer_metadata={"IDENTIFIER": wanted.file_name},
        )
    return len(rows)

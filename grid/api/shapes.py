"""GeoJSON on the way in: WGS-84, [lon, lat], as shapes to compute with."""

from __future__ import annotations

from typing import Any, ClassVar, Final

import numpy as np
import orjson
import shapely
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from shapely.geometry.base import BaseGeometry

CORNERS: Final = 50_000
"""Most points of one shape that is sent in."""


class GeoJSONField(serializers.DictField):
    """A GeoJSON geometry of one of `kinds`; becomes a shapely shape in degrees."""

    default_error_messages: ClassVar = {
        "not_geojson": _("This is not a GeoJSON geometry. Send type and coordinates as [longitude, latitude]."),
        "wrong_kind": _("Send a geometry of type {kinds}."),
        "too_many": _("This shape has more than {most} corners. Simplify it and try again."),
        "out_of_range": _("Longitude must lie within ±180 and latitude within ±90 degrees. Is their order swapped?"),
    }

    def __init__(self, *, kinds: tuple[str, ...], **kwargs: Any) -> None:
        self.kinds = kinds
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict) or data.get("type") not in self.kinds:
            self.fail("wrong_kind", kinds=", ".join(self.kinds))
        try:
            shape = shapely.from_geojson(orjson.dumps({"type": data["type"], "coordinates": data.get("coordinates")}))
        except (shapely.errors.GEOSException, ValueError, TypeError):
            shape = None
        if shape is None or shape.is_empty:
            self.fail("not_geojson")
        self._check(shape)
        return shapely.force_2d(shape)

    def _check(self, shape: BaseGeometry) -> None:
        if shapely.get_num_coordinates(shape) > CORNERS:
            self.fail("too_many", most=CORNERS)
        points = shapely.get_coordinates(shape)
        if not np.isfinite(points).all() or (np.abs(points) > np.array([180.0, 90.0])).any():
            self.fail("out_of_range")

"""The admin's map: django-leaflet on a plain ground, with the outlines that are drawn there to find one's way by."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import shapely
from django import forms
from django.utils import timezone
from leaflet.admin import LeafletAdminWidget

from grid.models import Area
from grid.selectors.areas import valid_areas
from grid.selectors.outlines import Outline, outlines
from grid.shapes import geojson

ZOOM: Final = 13
MOST: Final = 1_000
"""Outlines on one map at most: a browser draws no whole district."""
_SIMPLER: Final = 0.00002
"""Degrees, about two metres: nobody draws more exactly than that on such a map."""
_WHOLE: Final[dict[str, Any]] = {"type": "FeatureCollection", "features": []}


def ground_around(*, code: str, at: datetime) -> list[tuple[str, Outline]]:
    """Level and outline of what is drawn in the town of `code`; without a code in the only town, or all towns."""
    town = code[:9]
    if len(town) < 9:
        towns = list(
            valid_areas(on=timezone.localdate(at)).filter(level=Area.Level.TOWN).values_list("code", flat=True)[:2]
        )
        town = towns[0] if len(towns) == 1 else ""
    if not town:
        return [(Area.Level.TOWN, one) for one in outlines(level=Area.Level.TOWN, at=at)[:MOST]]
    levels = (str(Area.Level.VILLAGE), str(Area.Level.CELL))
    return [(level, one) for level in levels for one in outlines(level=level, at=at, prefixes=[town])][:MOST]


def view_of(*, ground: list[tuple[str, Outline]], code: str) -> dict[str, Any]:
    """Where the map opens: on the area with this code if it is drawn, else on all of it. Empty for an empty ground."""
    shapes = [one.shape for _level, one in ground if one.code == code] or [one.shape for _level, one in ground]
    if not shapes:
        return {}
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    return {"DEFAULT_CENTER": (round((south + north) / 2, 6), round((west + east) / 2, 6)), "DEFAULT_ZOOM": ZOOM}


def _collection(ground: list[tuple[str, Outline]]) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"level": level},
                "geometry": geojson(one.shape.simplify(_SIMPLER)),
            }
            for level, one in ground
        ],
    }


def map_media() -> forms.Media:
    """Scripts and styles for a page whose only map is a read-only field."""
    found: forms.Media = LeafletAdminWidget().media
    return found


class GroundWidget(LeafletAdminWidget):  # type: ignore[misc]
    """A map that opens where the area lies and shows what is drawn there. `show` fills it for one page."""

    template_name = "grid/map_widget.html"
    ground: dict[str, Any] = _WHOLE

    def show(self, *, code: str, at: datetime) -> None:
        ground = ground_around(code=code, at=at)
        self.ground = _collection(ground)
        self.settings_overrides = view_of(ground=ground, code=code)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        return {**context, "ground": self.ground, "ground_id": f"{context['id_css']}-ground"}

"""The demo's cells as a test needs them: outlines, where they lie on the screen, and what can be drawn over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import shapely
from playwright.sync_api import Page, expect
from shapely.geometry import shape
from shapely.ops import split


def cells(client: httpx.Client) -> dict[str, dict[str, Any]]:
    """By code, as they are today."""
    rows = client.get("areas/", params={"level": "cell", "geometry": 1}).json()["results"]
    return {row["code"]: row for row in rows}


def village(client: httpx.Client, code: str) -> dict[str, Any]:
    """The one this code lies in."""
    rows = client.get("areas/", params={"level": "village", "geometry": 1}).json()["results"]
    found: dict[str, Any] = next(row for row in rows if code.startswith(row["code"]))
    return found


def level_line(row: dict[str, Any]) -> shapely.LineString:
    """Across the middle of a cell, from outside to outside."""
    west, south, east, north = shape(row["geometry"]).bounds
    wide = (east - west) * 0.15
    return shapely.LineString([(west - wide, (south + north) / 2), (east + wide, (south + north) / 2)])


def plain_cell(client: httpx.Client, taken: str, *, number: int = 0) -> dict[str, Any]:
    """A cell that such a line cuts into exactly two, away from the village that other tests work in."""
    found: dict[str, dict[str, Any]] = {}  # the first of each village: tests that change the ground keep apart
    for row in cells(client).values():
        shape_ = shape(row["geometry"])
        pieces = [piece for part in shapely.get_parts(shape_) for piece in split(part, level_line(row)).geoms]
        if not row["code"].startswith(taken[:12]) and row["kind"] == "general" and len(pieces) == 2:
            found.setdefault(row["code"][:12], row)
    assert len(found) > number, "no such cell in the demo"
    return list(found.values())[number]


@dataclass(frozen=True, slots=True)
class OnScreen:
    """An outline as it lies on the page: degrees become pixels."""

    box: dict[str, float]
    bounds: tuple[float, float, float, float]

    def pixel(self, lon: float, lat: float) -> tuple[float, float]:
        """Linear: within a village the projection bends by far less than a pixel."""
        west, south, east, north = self.bounds
        x = self.box["x"] + self.box["width"] * (lon - west) / (east - west)
        return x, self.box["y"] + self.box["height"] * (north - lat) / (north - south)


def on_screen(page: Page, geometry: dict[str, Any]) -> OnScreen:
    """The chosen area, whose outline is drawn last and above all others."""
    outline = page.locator(".leaflet-wg-outline-pane path")
    expect(outline).to_have_count(1)
    # The map comes to rest first.
    page.wait_for_timeout(600)
    box = outline.bounding_box()
    assert box is not None
    return OnScreen(
        box={name: float(box[name]) for name in ("x", "y", "width", "height")}, bounds=shape(geometry).bounds
    )

"""The drawn map of a printed sheet: north up, in millimetres of paper, with nothing on it that we do not know.

Pure geometry: what comes in is in degrees (WGS-84), what goes out are paths, marks and a scale bar for a template.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from grid.metres import Scale

WIDTH: Final = 186.0
HEIGHT: Final = 92.0
MARGIN: Final = 9.0
"""Millimetres around the outline within which neighbours and labels have room."""
MARK: Final = 2.1
"""Radius of a numbered mark, in millimetres."""
_DETAIL: Final = 0.08
"""Millimetres below which a corner is not drawn."""
_EDGE: Final = 10.0
"""Millimetres from the side within which a name would be cut off."""
_LABELLED: Final = 160.0
"""Square millimetres from which on a neighbour gets its name."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Something at a point. Without a label it is a small dot."""

    label: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark on paper: where its label stands, and where the thing is when the label had to make room."""

    label: str
    x: float
    y: float
    at_x: float
    at_y: float

    @property
    def moved(self) -> bool:
        return math.hypot(self.x - self.at_x, self.y - self.at_y) > MARK


@dataclass(frozen=True, slots=True)
class Label:
    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything the template draws; `bar` is the scale bar in millimetres and `bar_metres` what it stands for."""

    own: str
    bar: float
    bar_metres: int
    neighbours: list[str] = field(default_factory=list)
    inner: list[str] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    waters: list[str] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    points: list[Mark] = field(default_factory=list)
    dots: list[tuple[float, float]] = field(default_factory=list)
    width: float = WIDTH
    height: float = HEIGHT


@dataclass(frozen=True, slots=True)
class Paper:
    """From degrees to millimetres of paper: metres by the local scale, then one factor for both directions."""

    scale: Scale
    west: float
    north: float
    mm_per_metre: float

    @classmethod
    def around(cls, shape: BaseGeometry) -> Paper:
        west, south, east, north = shape.bounds
        scale = Scale.at((south + north) / 2)
        wide, high = max((east - west) * scale.east, 1.0), max((north - south) * scale.north, 1.0)
        factor = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)
        left = (west + east) / 2 - WIDTH / factor / 2 / scale.east
        top = (south + north) / 2 + HEIGHT / factor / 2 / scale.north
        return cls(scale, left, top, factor)

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        x = (lon - self.west) * self.scale.east * self.mm_per_metre
        y = (self.north - lat) * self.scale.north * self.mm_per_metre
        return round(x, 2), round(y, 2)

    @property
    def frame(self) -> BaseGeometry:
        """The edges of the map, in degrees."""
        east = self.west + WIDTH / self.mm_per_metre / self.scale.east
        south = self.north - HEIGHT / self.mm_per_metre / self.scale.north
        return shapely.box(self.west, south, east, self.north)

    def path(self, shape: BaseGeometry) -> str:
        """The part of the shape within the frame as an SVG path; empty outside."""
        seen = shape.intersection(self.frame).simplify(_DETAIL / self.mm_per_metre / self.scale.north)
        return " ".join(self._strokes(seen)) if not seen.is_empty else ""

    def _strokes(self, shape: BaseGeometry) -> Iterable[str]:
        for part in shapely.get_parts(shape):
            if part.geom_type == "Polygon":
                yield from (self._stroke(ring) + " Z" for ring in (part.exterior, *part.interiors))
            elif part.geom_type == "LineString":
                yield self._stroke(part)

    def _stroke(self, line: BaseGeometry) -> str:
        steps = (self.at(lon, lat) for lon, lat in shapely.get_coordinates(line).tolist())
        return "M" + " L".join(f"{x:g},{y:g}" for x, y in steps)


def scale_bar(mm_per_metre: float) -> tuple[float, int]:
    """The longest of 1, 2, 5, 10 … metres that takes a fifth of the map at most: millimetres and metres."""
    most = WIDTH / 5 / mm_per_metre
    power = 10 ** math.floor(math.log10(max(most, 1.0)))
    metres = max(step * power for step in (1, 2, 5) if step * power <= max(most, 1.0))
    return round(metres * mm_per_metre, 2), int(metres)


def spread(spots: Sequence[Spot], paper: Paper, *, taken: Iterable[tuple[float, float]] = ()) -> list[Mark]:
    """Marks that do not lie on each other: whoever comes later steps aside, and a line leads to where it is.

    `taken` are places on paper where something is written already.
    """
    used = list(taken)
    placed: list[Mark] = []
    for spot in spots:
        x, y = paper.at(spot.lon, spot.lat)
        free = (there for there in _around(x, y) if all(math.dist(there, other) >= 2 * MARK for other in used))
        here = next(free, (x, y))
        used.append(here)
        placed.append(Mark(spot.label, round(here[0], 2), round(here[1], 2), x, y))
    return placed


def _around(x: float, y: float) -> Iterable[tuple[float, float]]:
    """The point itself, then places in wider and wider rings around it, all of them on the map."""
    yield x, y
    for ring in range(1, 9):
        for step in range(12):
            angle = math.tau * step / 12
            there = x + ring * 2.2 * math.cos(angle), y + ring * 2.2 * math.sin(angle)
            if MARK < there[0] < WIDTH - MARK and MARK < there[1] < HEIGHT - MARK:
                yield there


def draw(
    *,
    own: BaseGeometry,
    neighbours: Iterable[tuple[str, BaseGeometry]] = (),
    inner: Iterable[tuple[str, BaseGeometry]] = (),
    waters: Iterable[BaseGeometry] = (),
    places: Sequence[Spot] = (),
    points: Sequence[Spot] = (),
) -> Drawing:
    """The map of one area. `places` with a label become numbered marks, the others dots; `points` are check-points."""
    paper = Paper.around(own)
    around = list(neighbours)
    within = list(inner)
    bar, metres = scale_bar(paper.mm_per_metre)
    seen = [spot for spot in (*places, *points) if paper.frame.contains(shapely.Point(spot.lon, spot.lat))]
    labels = [*_labels(around, paper), *_labels(within, paper)]
    marks = spread([spot for spot in seen if spot.label], paper, taken=[(label.x, label.y) for label in labels])
    numbered = {spot.label for spot in places}
    dots = [paper.at(spot.lon, spot.lat) for spot in seen if not spot.label]
    return Drawing(
        own=paper.path(own),
        bar=bar,
        bar_metres=metres,
        neighbours=[path for _name, shape in around if (path := paper.path(shape))],
        inner=[path for _name, shape in within if (path := paper.path(shape))],
        labels=labels,
        waters=[path for shape in waters if (path := paper.path(shape))],
        marks=[mark for mark in marks if mark.label in numbered],
        points=[mark for mark in marks if mark.label not in numbered],
        dots=dots,
    )


def _labels(areas: Iterable[tuple[str, BaseGeometry]], paper: Paper) -> Iterable[Label]:
    for name, shape in areas:
        seen = shape.intersection(paper.frame)
        size = seen.area * paper.scale.east * paper.scale.north * paper.mm_per_metre**2
        if size >= _LABELLED:
            middle = seen.representative_point()
            x, y = paper.at(middle.x, middle.y)
            if _EDGE < x < WIDTH - _EDGE and MARK < y < HEIGHT - MARK:
                yield Label(name, x, y)

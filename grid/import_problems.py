"""What can be wrong with a file that somebody wants taken in: codes with values, and a sentence for each.

Codes are kept and sentences are made when somebody reads them, so that each reader gets their own language.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

Value = str | int | float


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `line` counts from 1, the heading included; for outlines it is the feature's number.

    0 is the file as a whole.
    """

    line: int
    code: str
    values: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    field: str | None = None

    def row(self) -> dict[str, Any]:
        return {"line": self.line, "code": self.code, "values": dict(self.values), "field": self.field}


@dataclass(slots=True)
class Findings:
    """Keeps the first `limit` by line and counts all: a file of 600,000 lines may be wrong in each."""

    limit: int = 500
    count: int = 0
    kept: list[Finding] = dataclasses.field(default_factory=list)

    def add(self, finding: Finding) -> None:
        self.more([finding], count=1)

    def more(self, findings: Iterable[Finding], *, count: int) -> None:
        """Takes some; `count` is how many there are in truth."""
        self.count += count
        self.kept += findings
        if len(self.kept) > 2 * self.limit:
            self._cut()

    def _cut(self) -> None:
        # Stable: what was found first about a line stays first.
        self.kept.sort(key=lambda one: one.line)
        del self.kept[self.limit :]

    def first(self) -> list[Finding]:
        self._cut()
        return self.kept


class UnreadableError(Exception):
    """The file cannot be read at all."""

    def __init__(self, code: str, *, line: int = 0, **values: Value) -> None:
        super().__init__(code)
        self.finding = Finding(line, code, values)


@dataclass(slots=True)
class Outcome:
    """What an import found or did. It was taken, or may be, if `problems` is empty."""

    problems: Findings
    total: int = 0
    summary: dict[str, Any] = dataclasses.field(default_factory=dict)


_FILE: Final[dict[str, Promise]] = {
    "too_large": _("This file is larger than %(megabytes)d MB. Split it and send the parts."),
    "encoding": _("This text is neither UTF-8 nor GB18030. Save it as “CSV UTF-8” and try again."),
    "not_utf8": _("This text is not UTF-8. Save it as “CSV UTF-8”, or choose the encoding it is in."),
    "not_gbk": _("This text is not GB18030 (GBK). Choose the encoding it is in."),
    "not_csv": _("This is no CSV text. Save the list as CSV and try again."),
    "heading": _("The heading lacks: %(columns)s. It must name code, name, level and parent_code."),
    "unknown_format": _("This is neither GeoJSON, a zipped Shapefile nor a GeoPackage. Export it as one of these."),
    "not_geojson": _("This file begins like GeoJSON but is not. Send a FeatureCollection or a Feature."),
    "no_features": _("There is nothing in this file."),
    "bad_archive": _("This ZIP archive cannot be read. Make it anew, without a password."),
    "unsafe_archive": _("This ZIP archive holds paths that lead out of it. Pack the files of the Shapefile alone."),
    "archive_too_large": _("Unpacked, this archive is larger than %(megabytes)d MB. Split it and send the parts."),
    "no_shapefile": _("This ZIP archive holds no Shapefile. Pack its .shp, .shx and .dbf together."),
    "several_shapefiles": _("This ZIP archive holds %(count)d Shapefiles. Send one at a time."),
    "shapefile_incomplete": _("The Shapefile lacks its %(suffix)s. Pack .shp, .shx and .dbf together."),
    "not_a_shapefile": _("The .shp in this archive is not one. Export the Shapefile anew."),
    "has_views": _("This GeoPackage holds views, which are not read. Export its layer into a new GeoPackage."),
    "several_layers": _("This GeoPackage has several layers: %(layers)s. Send a file with one."),
    "broken_file": _("This file is damaged and cannot be read. Export it anew."),
    "no_field": _("There is no field “%(name)s”. The file has: %(fields)s. Name one of them."),
    "gave_up": _("This import broke off three times. Tell whoever runs the system."),
    "failed": _("Something went wrong on the server; nothing was taken. Try again, or tell whoever runs the system."),
}

_DIVISIONS: Final[dict[str, Promise]] = {
    "unknown_level": _("Level “%(level)s” is none of %(levels)s."),
    "bad_code": _("Code “%(code)s” must have %(digits)d digits at level %(level)s."),
    "bad_character": _("This line holds a character that no text has. Save the list anew."),
    "bad_date": _("“%(date)s” is no date. Write it like 2013-06-28."),
    "ends_before_it_begins": _("valid_to %(ends)s must be later than valid_from %(begins)s."),
    "name_missing": _("The name is missing."),
    "name_too_long": _("The name is longer than 100 characters."),
    "duplicate": _("Code %(code)s stands here twice."),
    "unknown_parent": _("Parent “%(code)s” is neither in this list nor in the system."),
    "wrong_parent": _("A %(level)s cannot lie in a %(parent)s."),
    "not_in_parent": _("Code %(code)s does not begin with its parent's code %(parent)s."),
    "unknown_predecessor": _("Predecessor “%(code)s” is neither in this list nor in the system at this level."),
    "predecessor_valid": _("Predecessor %(code)s still holds on %(day)s. Give it a valid_to of that day or before."),
    "other_end": _("%(code)s ended on %(day)s in the system. Give valid_from for a new area, or the same valid_to."),
    "ends_with_children": _("%(code)s cannot end on %(day)s: %(child)s still lies in it. End that one too."),
    "ends_drawn": _("%(code)s is drawn on the map and cannot end by a list. Retire or merge it on the map."),
    "ends_in_the_past": _("%(code)s has an outline and can only end from today on, after its last planned change."),
    "not_yours": _("%(code)s is outside the area of your post."),
}

_BOUNDARIES: Final[dict[str, Promise]] = {
    "empty_geometry": _("There is no outline."),
    "not_a_polygon": _("This is a %(type)s. An outline is a polygon."),
    "broken_ring": _("A ring is broken near %(x)s, %(y)s: it must be closed and have at least three corners."),
    "open_ring": _("A ring of this outline is not closed or has fewer than three corners."),
    "crosses_itself": _("The outline crosses or touches itself near %(x)s, %(y)s. Mend it there."),
    "bad_coordinates": _("The outline holds positions that are no numbers."),
    "axes_swapped": _("Latitude and longitude (north and east) are swapped: %(x)s, %(y)s. Put east first."),
    "outside_china": _("%(x)s, %(y)s is outside China in %(crs)s. Check the coordinate system you chose."),
    "wrong_zone": _("%(lon)s°E is too far from the central meridian %(east)s°E. Choose the zone of your data."),
    "code_missing": _("The code is missing, and there is no village drawn here to number a new cell in."),
    "duplicate_code": _("Code %(code)s stands here twice; first as number %(first)d."),
    "wrong_level": _("Code “%(code)s” is not of level %(level)s, which has %(digits)d digits."),
    "code_not_digits": _("Code “%(code)s” must have 6, 9, 12 or 15 digits."),
    "unknown_code": _("%(code)s is not in the system on %(day)s. Import the list of divisions first."),
    "unknown_village": _("Village %(village)s is not in the system on %(day)s. Import the list of divisions first."),
    "code_used": _("%(code)s was a cell before, or will be one; its code is not used again. Choose another serial."),
    "no_serial": _("No serial is left in village %(village)s."),
    "in_the_past": _("%(code)s has an outline already, and the past stays as it was. Choose today or a later day."),
    "change_planned": _("Another change of %(code)s is planned for %(day)s. Choose that day or a later one."),
    "overlap": _("%(one)s and %(other)s overlap by %(area)s m² near %(x)s, %(y)s. Move the line between them."),
    "leaves_village": _(
        "%(one)s reaches %(area)s m² beyond its village near %(x)s, %(y)s. Keep it inside, or redraw the village first."
    ),
    "crs_differs": _("The file says it is in %(file)s; you chose %(chosen)s. Yours was taken."),
}

TEXTS: Final = {**_FILE, **_DIVISIONS, **_BOUNDARIES}


def sentence(code: str, values: Mapping[str, Any]) -> str:
    """What is wrong and what to do, in the language of the request."""
    text = TEXTS.get(code)
    return str(text) % values if text is not None else gettext("Unknown problem: %(code)s.") % {"code": code}

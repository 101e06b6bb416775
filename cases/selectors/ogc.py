"""The collections of the OGC API: which features somebody may read, as GeoJSON, by keyset pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from django.contrib.gis.db.models.functions import AsGeoJSON
from django.contrib.gis.geos import Polygon
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.deadlines import light
from cases.models import Case
from cases.selectors.tiles import sees_cases
from grid.models import Area, AreaBoundary, Place
from grid.selectors.areas import valid_areas
from grid.tiles import places_on
from staff.models import User
from staff.scope import Scope, scope_of
from staff.sight import lies_in, register_codes

DIGITS: Final = 7
"""Decimals of degrees: a centimetre."""

Box = tuple[float, float, float, float]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request narrows a collection to. A box whose west lies east of its east crosses the 180th meridian."""

    box: Box | None = None
    since: datetime | None = None
    until: datetime | None = None

    def boxes(self) -> list[Polygon]:
        if self.box is None:
            return []
        west, south, east, north = self.box
        spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
        return [Polygon.from_bbox((start, south, end, north)) for start, end in spans]


@dataclass(frozen=True, slots=True)
class Collection:
    """Where its rows come from, for a person, and what is told of each."""

    title: Any
    description: Any
    rows: Callable[[User, datetime, Wanted], QuerySet[Any, Any]]
    properties: Callable[[Row, datetime], dict[str, Any]]
    open_to: Callable[[Scope], bool]


def _in_boxes(wanted: Wanted, *, geometry: str) -> Q:
    boxes = wanted.boxes()
    inside = Q(pk__in=()) if boxes else Q()
    for box in boxes:
        inside |= Q(**{f"{geometry}__intersects": box})
    return inside


def _area_rows(level: str | None) -> Callable[[User, datetime, Wanted], QuerySet[Any, Any]]:
    def rows(user: User, now: datetime, wanted: Wanted) -> QuerySet[Any, Any]:
        areas = valid_areas(on=timezone.localdate(now))
        boundaries = AreaBoundary.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=now), valid_from__lte=now)
        if level:
            areas = areas.filter(level=level)
        if wanted.box:
            areas = areas.filter(pk__in=boundaries.filter(_in_boxes(wanted, geometry="geometry")).values("area"))
        shape = boundaries.filter(area=OuterRef("pk")).annotate(shape=AsGeoJSON("geometry", precision=DIGITS))
        return areas.annotate(shape=Subquery(shape.values("shape")[:1])).values(
            "id", "code", "name", "level", "kind", "parent__code", "valid_from", "synthetic", "shape"
        )

    return rows


def _area_properties(row: Row, now: datetime) -> dict[str, Any]:
    return {
        "code": row["code"],
        "name": row["name"],
        "level": row["level"],
        "kind": row["kind"],
        "parent": row["parent__code"],
        "valid_from": row["valid_from"],
        "synthetic": row["synthetic"],
    }


def _place_rows(user: User, now: datetime, wanted: Wanted) -> QuerySet[Any, Any]:
    places = Place.objects.filter(
        lies_in(register_codes(scope_of(user))),
        places_on(day=timezone.localdate(now)),
        _in_boxes(wanted, geometry="point"),
    )
    return places.annotate(shape=AsGeoJSON("point", precision=DIGITS)).values(
        "id", "name", "kind__code", "kind__group", "address", "village_code", "cell_code", "synthetic", "shape"
    )


def _place_properties(row: Row, now: datetime) -> dict[str, Any]:
    return {
        "name": row["name"],
        "kind": row["kind__code"],
        "group": row["kind__group"],
        "address": row["address"],
        "village": row["village_code"],
        "cell": row["cell_code"] or None,
        "synthetic": row["synthetic"],
    }


def _case_rows(user: User, now: datetime, wanted: Wanted) -> QuerySet[Any, Any]:
    cases = Case.objects.visible_to(user).filter(_in_boxes(wanted, geometry="point"))
    if wanted.since:
        cases = cases.filter(reported_at__gte=wanted.since)
    if wanted.until:
        cases = cases.filter(reported_at__lte=wanted.until)
    return cases.annotate(shape=AsGeoJSON("point", precision=DIGITS)).values(
        "id",
        "number",
        "state",
        "is_open",
        "category_code",
        "stage_started_at",
        "soon_at",
        "due_at",
        "reported_at",
        "town_code",
        "village_code",
        "cell_code",
        "shape",
    )


def _case_properties(row: Row, now: datetime) -> dict[str, Any]:
    """Neither the description nor anybody's name: what a map needs to show where work waits."""
    due_at = row["due_at"] if row["is_open"] else None
    shown = light(start=row["stage_started_at"], soon_at=row["soon_at"], due_at=due_at, now=now)
    return {
        "number": row["number"],
        "state": row["state"],
        "category": row["category_code"],
        "light": shown.value,
        "reported_at": row["reported_at"],
        "due_at": row["due_at"],
        "area": row["cell_code"] or row["village_code"] or row["town_code"],
    }


def _everybody(scope: Scope) -> bool:
    return True


COLLECTIONS: Final = {
    "areas": Collection(
        _("Areas"), _("Districts, towns, villages and cells of today."), _area_rows(None), _area_properties, _everybody
    ),
    "villages": Collection(
        _("Villages"), _("Villages and communities of today."), _area_rows("village"), _area_properties, _everybody
    ),
    "cells": Collection(
        _("Grid cells"), _("Grid cells of today."), _area_rows(Area.Level.CELL.value), _area_properties, _everybody
    ),
    "places": Collection(
        _("Places"),
        _("Key places, small premises and public facilities in one's areas."),
        _place_rows,
        _place_properties,
        lambda scope: bool(register_codes(scope)),
    ),
    "cases": Collection(_("Cases"), _("Cases one may see, open and closed."), _case_rows, _case_properties, sees_cases),
}
"""In the order in which they are listed."""


def collections_for(user: User) -> dict[str, Collection]:
    """Those that have rows for this person at all; the others are not confirmed to exist."""
    scope = scope_of(user)
    return {name: collection for name, collection in COLLECTIONS.items() if collection.open_to(scope)}


@dataclass(frozen=True, slots=True)
class FeaturePage:
    features: list[dict[str, Any]]
    after: int | None
    """Id of the last feature, if there are more."""


def _feature(row: Row, *, collection: Collection, now: datetime) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": row["id"],
        # PostGIS wrote it as JSON already.
        "geometry": orjson.Fragment(row["shape"]) if row["shape"] else None,
        "properties": collection.properties(row, now),
    }


def feature_page(
    *, collection: Collection, user: User, wanted: Wanted, after: int, limit: int, now: datetime
) -> FeaturePage:
    """`limit` features with an id beyond `after`; one statement, however deep the page."""
    rows = collection.rows(user, now, wanted).filter(pk__gt=after).order_by("pk")[: limit + 1]
    found = [_feature(row, collection=collection, now=now) for row in rows]
    more = len(found) > limit
    return FeaturePage(found[:limit], found[limit - 1]["id"] if more else None)


def feature(*, collection: Collection, user: User, pk: int, now: datetime) -> dict[str, Any] | None:
    row = collection.rows(user, now, Wanted()).filter(pk=pk).first()
    return _feature(row, collection=collection, now=now) if row else None

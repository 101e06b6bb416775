"""OGC API – Features, Part 1 (Core, GeoJSON, OpenAPI 3.0), read-only, so that QGIS and GDAL open our ground.

Documented by its own description at /ogc/api, as the standard asks, and not in the product's.
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any, Final

import orjson
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from cases.api.ogc_description import describe
from cases.api.tiles import MapView
from cases.api.views import user_of
from cases.selectors.ogc import Collection, Wanted, collections_for, feature, feature_page

GEOJSON: Final = "application/geo+json"
JSON: Final = "application/json"
OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.0"
CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CONFORMANCE: Final = [
    f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}" for name in ("core", "geojson", "oas30")
]
LIMIT: Final = 100
MOST: Final = 1000
_LARGEST_ID: Final = 2**63 - 1


def _refused(name: str, message: str) -> serializers.ValidationError:
    return serializers.ValidationError({name: [serializers.ErrorDetail(message, "invalid")]})


def _check_names(request: Request, *names: str) -> None:
    """The standard: a parameter that is not known is an error, not something to pass over."""
    for name in request.query_params:
        if name not in (*names, "f"):
            known = ", ".join((*names, "f"))
            raise serializers.ValidationError(
                {name: [serializers.ErrorDetail(_("Unknown parameter. Known are: %s.") % known, "unknown_parameter")]}
            )
    if request.query_params.get("f", "json") != "json":
        raise _refused("f", _("Only json is available."))


def _answer(body: dict[str, Any], *, kind: str = JSON) -> HttpResponse:
    content = orjson.dumps(body, default=str, option=orjson.OPT_UTC_Z)
    return HttpResponse(content, content_type=kind, headers={"Cache-Control": "private, max-age=10"})


def _link(request: Request, path: str, rel: str, kind: str = JSON, **more: str) -> dict[str, str]:
    return {"href": request.build_absolute_uri(f"/ogc/{path}"), "rel": rel, "type": kind, **more}


def _collection(request: Request, name: str) -> Collection:
    found = collections_for(user_of(request)).get(name)
    if found is None:
        raise Http404
    return found


def _about(request: Request, name: str, collection: Collection) -> dict[str, Any]:
    return {
        "id": name,
        "title": str(collection.title),
        "description": str(collection.description),
        "itemType": "feature",
        "crs": [CRS84],
        "links": [
            _link(request, f"collections/{name}", "self"),
            _link(request, f"collections/{name}/items", "items", GEOJSON, title=str(collection.title)),
        ],
    }


def _numbers(text: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        return []
    return numbers if all(math.isfinite(number) for number in numbers) else []


def _box(text: str | None) -> tuple[float, float, float, float] | None:
    """Four numbers, or six of which the heights do not matter."""
    if text is None:
        return None
    numbers = _numbers(text)
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4:
        raise _refused("bbox", _("Four numbers are needed: west, south, east, north in degrees."))
    west, south, east, north = numbers
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise _refused("bbox", _("West, south, east and north must be degrees, south not above north."))
    return west, south, east, north


def _moment(text: str) -> datetime | None:
    """None for an open end."""
    if text in ("", ".."):
        return None
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    # Beside the first and last year there is no room to turn a moment into another zone.
    if found is None or timezone.is_naive(found) or not 1 < found.year < 9999:
        raise _refused("datetime", _("A moment like 2026-11-25T08:00:00Z is needed, or two with / between them."))
    return found


def _span(text: str | None) -> tuple[datetime | None, datetime | None]:
    if text is None:
        return None, None
    start, slash, end = text.partition("/")
    if not slash:
        if (moment := _moment(start)) is None:
            raise _refused("datetime", _("A moment like 2026-11-25T08:00:00Z is needed, or two with / between them."))
        return moment, moment
    since, until = _moment(start), _moment(end)
    if since and until and since > until:
        raise _refused("datetime", _("The end must not be before the start."))
    return since, until


def _whole(request: Request, name: str, default: int, *, least: int) -> int:
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdigit()) or len(text) > 19 or not least <= int(text) <= _LARGEST_ID:
        raise _refused(name, _("A whole number of at least %d is needed.") % least)
    return int(text)


class OgcView(MapView):
    """Kept out of the product's own description."""


@extend_schema(exclude=True)
class LandingView(OgcView):
    def get(self, request: Request) -> HttpResponse:
        """Where everything is."""
        _check_names(request)
        return _answer(
            {
                "title": _("Wangge"),
                "description": _("Areas, places and cases of the grid, as far as you may see them."),
                "links": [
                    _link(request, "", "self"),
                    _link(request, "api", "service-desc", OPENAPI),
                    _link(request, "conformance", "conformance"),
                    _link(request, "collections", "data"),
                    {"href": request.build_absolute_uri("/api/docs/"), "rel": "service-doc", "type": "text/html"},
                ],
            }
        )


@extend_schema(exclude=True)
class ConformanceView(OgcView):
    def get(self, request: Request) -> HttpResponse:
        """Which parts of the standard are kept."""
        _check_names(request)
        return _answer({"conformsTo": CONFORMANCE})


@extend_schema(exclude=True)
class DescriptionView(OgcView):
    def get(self, request: Request) -> HttpResponse:
        """These addresses as OpenAPI 3.0, with the collections this person may read."""
        _check_names(request)
        names = list(collections_for(user_of(request)))
        return _answer(describe(names=names, server=request.build_absolute_uri("/ogc"), most=MOST), kind=OPENAPI)


@extend_schema(exclude=True)
class CollectionListView(OgcView):
    def get(self, request: Request) -> HttpResponse:
        """The collections this person may read."""
        _check_names(request)
        found = collections_for(user_of(request))
        return _answer(
            {
                "links": [_link(request, "collections", "self")],
                "collections": [_about(request, name, collection) for name, collection in found.items()],
            }
        )


@extend_schema(exclude=True)
class CollectionView(OgcView):
    def get(self, request: Request, name: str) -> HttpResponse:
        """One of them."""
        _check_names(request)
        return _answer(_about(request, name, _collection(request, name)))


@extend_schema(exclude=True)
class ItemListView(OgcView):
    def get(self, request: Request, name: str) -> HttpResponse:
        """A page of features. `after` (in the `next` link) is the id of the last one seen."""
        collection = _collection(request, name)
        _check_names(request, "bbox", "datetime", "limit", "after")
        asked, now = request.query_params, timezone.now()
        since, until = _span(asked.get("datetime"))
        # Asked for more than the most, the standard wants the most, not an error.
        limit = min(_whole(request, "limit", LIMIT, least=1), MOST)
        page = feature_page(
            collection=collection,
            user=user_of(request),
            wanted=Wanted(_box(asked.get("bbox")), since, until),
            after=_whole(request, "after", 0, least=0),
            limit=limit,
            now=now,
        )
        path = f"collections/{name}/items"
        given = {key: asked[key] for key in asked if key != "after"}
        links = [
            _link(request, f"{path}?{asked.urlencode()}" if asked else path, "self", GEOJSON),
            _link(request, f"collections/{name}", "collection"),
        ]
        if page.after is not None:
            following = urlencode({**given, "limit": str(limit), "after": str(page.after)})
            links.append(_link(request, f"{path}?{following}", "next", GEOJSON))
        return _answer(
            {
                "type": "FeatureCollection",
                "features": page.features,
                "numberReturned": len(page.features),
                "timeStamp": now,
                "links": links,
            },
            kind=GEOJSON,
        )


@extend_schema(exclude=True)
class ItemView(OgcView):
    def get(self, request: Request, name: str, feature_id: int) -> HttpResponse:
        """One feature."""
        collection = _collection(request, name)
        _check_names(request)
        found = feature(collection=collection, user=user_of(request), pk=feature_id, now=timezone.now())
        if found is None:
            raise Http404
        path = f"collections/{name}/items/{feature_id}"
        links = [_link(request, path, "self", GEOJSON), _link(request, f"collections/{name}", "collection")]
        return _answer({**found, "links": links}, kind=GEOJSON)

"""Vector tiles of areas, open cases and places, for MapLibre, QGIS and GDAL.

Whoever is signed in or sends a map token gets what they may see; no tile has a description, a name of a person or a
phone number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.core.cache import cache
from django.http import Http404, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api.views import user_of
from cases.selectors.open_counts import counted_at
from cases.selectors.tiles import cases_tile
from grid.tiles import LEVELS_FROM, POINTS_FROM, Tile, areas_tile, ground_token, places_tile
from staff.api.tokens import MapTokenAuthentication
from staff.models import User
from staff.scope import Scope, scope_of, today
from staff.sight import lies_in, register_codes

KEPT = True
"""The bench measures how long it takes to make a tile, not to find one."""
MVT: Final = "application/vnd.mapbox-vector-tile"
DRAWN_TO: Final = 16
"""Beyond it a map enlarges the tiles of this zoom; they lose nothing, and nobody asks for single ones."""


class AnyAccept(BaseContentNegotiation):
    """Map programs ask for what they are given: images, tiles, GeoJSON. The address decides, not the header."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class MapView(APIView):
    """Also for machines with a map token."""

    authentication_classes = (*APIView.authentication_classes, MapTokenAuthentication)
    content_negotiation_class = AnyAccept


@dataclass(frozen=True, slots=True)
class Layer:
    """A tile set: who makes a tile, for how long one is kept, and whether it is the same for everybody."""

    make: Callable[[User, Tile], bytes]
    seconds: int
    key: Callable[[Scope], str]
    vectors: tuple[tuple[str, dict[str, str]], ...]
    """The layers in a tile with their fields, for TileJSON."""


def _areas(user: User, tile: Tile) -> bytes:
    now = timezone.now()
    return areas_tile(tile=tile, day=timezone.localdate(now), now=now)


def _cases(user: User, tile: Tile) -> bytes:
    return cases_tile(user=user, tile=tile, now=timezone.now())


def _places(user: User, tile: Tile) -> bytes:
    codes = register_codes(scope_of(user))
    return places_tile(tile=tile, inside=lies_in(codes), day=today()) if codes else b""


def _own(scope: Scope) -> str:
    """People see their own cases beside those of their posts, so no two share a tile of cases."""
    return f"{scope.user_id} {sorted((p.role, p.area_code, p.organisation_id or 0) for p in scope.posts)}"


LAYERS: Final = {
    "areas": Layer(
        make=_areas,
        seconds=60,
        key=lambda scope: ground_token(),
        vectors=(
            (
                "areas",
                {"code": "String", "name": "String", "level": "String", "kind": "String", "synthetic": "Boolean"},
            ),
        ),
    ),
    "cases": Layer(
        make=_cases,
        seconds=10,
        key=_own,
        vectors=(
            (
                "cases",
                {
                    "id": "Number",
                    "number": "String",
                    "light": "String",
                    "category": "String",
                    "overdue": "Boolean",
                    "approximate": "Boolean",
                },
            ),
            ("clusters", {"count": "Number", "overdue": "Number"}),
        ),
    ),
    "places": Layer(
        make=_places,
        seconds=60,
        key=lambda scope: " ".join(sorted(register_codes(scope))),
        vectors=(
            ("places", {"id": "Number", "name": "String", "kind": "String", "group": "String"}),
            ("clusters", {"count": "Number"}),
        ),
    ),
}
_LAYER: Final = OpenApiParameter("layer", str, OpenApiParameter.PATH, enum=list(LAYERS))
BINARY: Final = OpenApiResponse(OpenApiTypes.BINARY)


def _layer(name: str) -> Layer:
    if name not in LAYERS:
        raise Http404
    return LAYERS[name]


def _kept_or_made(*, user: User, name: str, tile: Tile) -> bytes:
    """The tile from the cache, or made and kept."""
    layer = _layer(name)
    sight = hashlib.sha256(layer.key(scope_of(user)).encode()).hexdigest()[:32]
    key = f"tile:{name}:{tile.z}:{tile.x}:{tile.y}:{sight}"
    body: bytes | None = cache.get(key) if KEPT else None
    if body is None:
        body = layer.make(user, tile)
        cache.set(key, body, timeout=layer.seconds)
    return body


def conditional(request: Request, response: HttpResponse, *, seconds: int) -> HttpResponseBase:
    """The answer with an ETag over its content, or 304 when the client has it already."""
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response["ETag"] = etag
    response["Cache-Control"] = f"private, max-age={seconds}"
    response["X-Content-Type-Options"] = "nosniff"
    return get_conditional_response(request, etag=etag, response=response) or response


class TileView(MapView):
    @extend_schema(
        operation_id="tiles_tile",
        parameters=[_LAYER],
        responses={
            (200, MVT): BINARY,
            204: None,
            304: OpenApiResponse(description="Not changed since `If-None-Match`."),
        },
    )
    def get(self, request: Request, layer: str, z: int, x: int, y: int) -> HttpResponseBase:
        """A vector tile of what one may see; 204 where there is nothing. Wide zooms count, near ones show points."""
        tile = Tile(z, x, y)
        kind = _layer(layer)
        if not tile.exists:
            raise Http404
        body = _kept_or_made(user=user_of(request), name=layer, tile=tile)
        response = HttpResponse(body, content_type=MVT, status=200 if body else 204)
        return conditional(request, response, seconds=kind.seconds)


class VectorLayerSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    fields_ = serializers.DictField(child=serializers.CharField())
    minzoom = serializers.IntegerField()
    maxzoom = serializers.IntegerField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # TileJSON calls it `fields`, which a serializer already is.
        return {"fields" if name == "fields_" else name: field for name, field in super().get_fields().items()}


class TileJsonSerializer(serializers.Serializer[Any]):
    tilejson = serializers.CharField()
    name = serializers.CharField()
    scheme = serializers.CharField()
    tiles = serializers.ListField(child=serializers.CharField())
    minzoom = serializers.IntegerField()
    maxzoom = serializers.IntegerField()
    vector_layers = VectorLayerSerializer(many=True)
    as_of = serializers.DateTimeField(
        allow_null=True, help_text="when wide zooms were last counted; null: each tile counts the cases themselves"
    )


def _zooms(vector: str) -> dict[str, int]:
    """Clusters may appear at any zoom: also near ones where a tile would have too many points."""
    first = {"cases": POINTS_FROM, "places": POINTS_FROM, "areas": min(LEVELS_FROM.values())}.get(vector, 0)
    return {"minzoom": first, "maxzoom": DRAWN_TO}


class TileJsonView(MapView):
    @extend_schema(operation_id="tiles_description", parameters=[_LAYER], responses=TileJsonSerializer)
    def get(self, request: Request, layer: str) -> Response:
        """TileJSON 3.0: where the tiles of a layer are and what is in them."""
        kind = _layer(layer)
        base = request.build_absolute_uri("/api/v1/tiles/")
        return Response(
            {
                "tilejson": "3.0.0",
                "name": layer,
                "scheme": "xyz",
                "tiles": [f"{base}{layer}/{{z}}/{{x}}/{{y}}.mvt"],
                "minzoom": 0,
                "maxzoom": DRAWN_TO,
                "vector_layers": [{"id": name, "fields": fields, **_zooms(name)} for name, fields in kind.vectors],
                "as_of": counted_at() if layer == "cases" else None,
            },
            headers={"Cache-Control": "private, max-age=10"},
        )

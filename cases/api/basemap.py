"""The base map over HTTP, for the signed-in only: which one the site has, and its tiles through our own address."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api.tiles import BINARY, MapView, conditional
from grid.basemap import MEDIA_TYPES, NONE, RASTER, VECTOR, BaseTile, base_map, file_tile
from grid.tianditu import BusyError, UpstreamError, UpstreamTimeoutError, media_type, tianditu_tile
from grid.tiles import Tile

KEPT = 86_400
"""Seconds for which a browser keeps a tile of the base map."""


class UpstreamFailedError(APIException):
    status_code = 502
    default_code = "base_map_failed"


class UpstreamSlowError(APIException):
    status_code = 504
    default_code = "base_map_timeout"


class UpstreamBusyError(APIException):
    status_code = 503
    default_code = "base_map_busy"


class BaseMapSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=[NONE, RASTER, VECTOR])
    url = serializers.CharField(allow_null=True, help_text="with {z}, {x} and {y}")
    labels_url = serializers.CharField(allow_null=True, help_text="names, to lay above; null if there are none apart")
    attribution = serializers.CharField(allow_blank=True)
    min_zoom = serializers.IntegerField()
    max_zoom = serializers.IntegerField()


class BaseMapView(MapView):
    @extend_schema(operation_id="basemap", responses=BaseMapSerializer)
    def get(self, request: Request) -> Response:
        """Which base map the site has set, and where its tiles are."""
        found = base_map()
        base = request.build_absolute_uri("/api/v1/basemap/")
        return Response(
            {
                "kind": found.kind,
                "url": f"{base}tiles/{{z}}/{{x}}/{{y}}" if found.kind != NONE else None,
                "labels_url": f"{base}labels/{{z}}/{{x}}/{{y}}" if found.labels else None,
                "attribution": found.attribution,
                "min_zoom": found.min_zoom,
                "max_zoom": found.max_zoom,
            }
        )


_PICTURES = {(200, kind): BINARY for kind in MEDIA_TYPES.values()}
_NOT_NOW = {
    502: OpenApiResponse(description="The map service refused, or sent no picture."),
    503: OpenApiResponse(description="Too many tiles are being fetched."),
    504: OpenApiResponse(description="The map service did not answer in time."),
}
ANSWERS: dict[Any, Any] = {**_PICTURES, 204: None, **_NOT_NOW}


def _fetched(*, layer: str, tile: Tile) -> BaseTile:
    try:
        content = tianditu_tile(layer=layer, z=tile.z, x=tile.x, y=tile.y)
    except BusyError as error:
        raise UpstreamBusyError(_("The base map is being loaded by others. Move the map to try again.")) from error
    except UpstreamTimeoutError as error:
        raise UpstreamSlowError(_("The map service does not answer. The map works without it; try later.")) from error
    except UpstreamError as error:
        message = _("The map service refused. The administrator can check the key TIANDITU_KEY.")
        raise UpstreamFailedError(message) from error
    return BaseTile(content, media_type(content) or "application/octet-stream")


def _answer(request: Request, *, layer: str, tile: Tile) -> HttpResponseBase:
    found = base_map()
    if found.kind == NONE or not tile.exists or not found.min_zoom <= tile.z <= found.max_zoom:
        raise Http404
    if settings.BASE_MAP == "tianditu":
        content: BaseTile | None = _fetched(layer=layer, tile=tile)
    else:
        packed = "gzip" in request.headers.get("Accept-Encoding", "")
        content = file_tile(z=tile.z, x=tile.x, y=tile.y, gzipped=packed)
    if content is None or not content.content:
        return conditional(request, HttpResponse(status=204), seconds=KEPT)
    response = HttpResponse(content.content, content_type=content.media_type)
    if content.gzipped:
        response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ["Accept-Encoding"])
    return conditional(request, response, seconds=KEPT)


class BaseMapTileView(MapView):
    @extend_schema(operation_id="basemap_tile", responses=ANSWERS)
    def get(self, request: Request, z: int, x: int, y: int) -> HttpResponseBase:
        """A tile of the base map: a picture, or a vector tile; 204 where it has nothing."""
        return _answer(request, layer="tiles", tile=Tile(z, x, y))


class BaseMapLabelView(MapView):
    @extend_schema(operation_id="basemap_labels", responses=ANSWERS)
    def get(self, request: Request, z: int, x: int, y: int) -> HttpResponseBase:
        """A tile of the names that lie above the base map; 404 where the site's map has none apart."""
        if not base_map().labels:
            raise Http404
        return _answer(request, layer="labels", tile=Tile(z, x, y))

"""Areas for other programs. Open to whoever is signed in: areas are public knowledge."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from grid.models import Area
from grid.selectors.export import FORMATS, Extract, geojson_of, write_geopackage


class ExportQuerySerializer(serializers.Serializer[Any]):
    within = serializers.RegexField(r"^\d{6}(\d{3}){0,3}$", required=False, help_text="code of the area they lie in")
    level = serializers.ChoiceField(choices=Area.Level.choices, required=False)
    on = serializers.DateField(required=False, help_text="as they were at the end of that day; today without")
    format = serializers.ChoiceField(choices=list(FORMATS), default="geojson")

    def validate_on(self, value: date) -> date:
        # A day more is needed, and time zones reach around it.
        return min(max(value, date(1900, 1, 1)), date(2200, 1, 1))


class OneFormat(BaseContentNegotiation):
    """`format` is ours here: errors are JSON whatever file was asked for."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type


class AreaExportView(APIView):
    content_negotiation_class = OneFormat

    @extend_schema(
        operation_id="areas_export",
        parameters=[ExportQuerySerializer],
        responses={
            (200, FORMATS["geojson"]): OpenApiResponse({"type": "object"}, "A FeatureCollection (RFC 7946)."),
            (200, FORMATS["gpkg"]): OpenApiResponse(OpenApiTypes.BINARY),
        },
    )
    def get(self, request: Request) -> StreamingHttpResponse | FileResponse:
        """Areas with their outlines as a file, of any subtree at any date."""
        query = ExportQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        day = asked.get("on") or timezone.localdate()
        wanted = Extract(on=day, inside=asked.get("within", ""), level=asked.get("level", ""))
        media, name = FORMATS[asked["format"]], f"{wanted.file_name}.{asked['format']}"
        answer = (
            StreamingHttpResponse(geojson_of(wanted), content_type=media)
            if asked["format"] == "geojson"
            else _geopackage(wanted, media)
        )
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


def _geopackage(wanted: Extract, media: str) -> FileResponse:
    with TemporaryDirectory(prefix="export-") as folder:
        path = Path(folder) / "areas.gpkg"
        write_geopackage(wanted=wanted, path=path)
        # The open file outlives its name; whoever has read it to the end has closed it.
        return FileResponse(path.open("rb"), content_type=media)

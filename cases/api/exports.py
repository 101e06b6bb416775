"""Lists taken out as files, over HTTP."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.http import FileResponse, Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api.filters import QueryField, filters_of
from cases.api.views import user_of
from cases.models import CaseExport
from cases.selectors.exports import SHOWN, export_row, seen_exports
from cases.services.exports import create_export, take_export
from staff.api.session import NamedSerializer

TYPES: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}
FORMATS = list(TYPES)
LANGUAGES = [code for code, _ in settings.LANGUAGES]


class ExportInputSerializer(serializers.Serializer[Any]):
    purpose = serializers.CharField(max_length=200, help_text="kept, and printed on every page")
    format = serializers.ChoiceField(choices=FORMATS)
    language = serializers.ChoiceField(choices=LANGUAGES, required=False, help_text="of the words in the file")
    query = QueryField(required=False, default=dict)


class ExportSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    made_by = NamedSerializer()
    mine = serializers.BooleanField()
    made_at = serializers.DateTimeField()
    purpose = serializers.CharField()
    query = serializers.DictField(help_text="the filters as they were understood")
    format = serializers.ChoiceField(choices=FORMATS)
    language = serializers.ChoiceField(choices=LANGUAGES)
    state = serializers.ChoiceField(choices=CaseExport.State.values)
    total = serializers.IntegerField()
    done = serializers.IntegerField()
    ready_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    taken_count = serializers.IntegerField()
    sha256 = serializers.CharField(allow_blank=True)
    file_url = serializers.CharField(allow_null=True, help_text="while it can be fetched, for its maker")


class ExportsSerializer(serializers.Serializer[Any]):
    results = ExportSerializer(many=True)


def _row(export: CaseExport, request: Request) -> dict[str, Any]:
    return export_row(export, user=user_of(request), url=lambda pk: reverse("export-file", args=[pk]))


class ExportListView(APIView):
    @extend_schema(operation_id="exports_list", responses=ExportsSerializer)
    def get(self, request: Request) -> Response:
        """The newest 100: one's own; for an auditor also those of everybody in the area."""
        exports = seen_exports(user=user_of(request))[:SHOWN]
        return Response({"results": [_row(export, request) for export in exports]})

    @extend_schema(operation_id="exports_create", request=ExportInputSerializer, responses={201: ExportSerializer})
    def post(self, request: Request) -> Response:
        """Have a list written to a file in the background: what one may see of it when it is written."""
        data = ExportInputSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        said = data.validated_data
        language = said.get("language") or get_language()
        export = create_export(
            by=user_of(request),
            filters=filters_of(said["query"]),
            purpose=said["purpose"],
            format=said["format"],
            language=language if language in LANGUAGES else LANGUAGES[0],
        )
        return Response(_row(export, request), status=201)


class ExportView(APIView):
    @extend_schema(operation_id="exports_read", responses=ExportSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """How far it is."""
        export = seen_exports(user=user_of(request)).filter(pk=pk).first()
        if export is None:
            raise Http404
        return Response(_row(export, request))


class ExportFileView(APIView):
    @extend_schema(
        operation_id="exports_file",
        responses={(200, kind): OpenApiResponse(OpenApiTypes.BINARY) for kind in TYPES.values()},
    )
    def get(self, request: Request, pk: int) -> FileResponse:
        """The file, for whoever had it made. Each taking is counted and logged."""
        export = take_export(export_id=pk, by=user_of(request), now=timezone.now())
        if export is None:
            raise Http404
        name = f"cases-{timezone.localtime(export.made_at):%Y%m%d-%H%M}.{export.format}"
        answer = FileResponse(export.file.open(), as_attachment=True, filename=name, content_type=TYPES[export.format])
        answer["Cache-Control"] = "private, no-store"
        answer["X-Content-Type-Options"] = "nosniff"
        return answer

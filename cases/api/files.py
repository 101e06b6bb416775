"""Photos over HTTP: taken in and given out only past the case's own door."""

from __future__ import annotations

from django.http import FileResponse, Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api import serializers as shapes
from cases.api.views import user_of, visible
from cases.models import CaseFile
from cases.selectors.detail import file_row
from cases.services.files import add_file


class CaseFileListView(APIView):
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="cases_add_file",
        request={"multipart/form-data": shapes.UploadSerializer},
        responses={201: shapes.FileSerializer, 200: shapes.FileSerializer},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Add a photo. The same client id again answers 200 with the same file."""
        data = shapes.UploadSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        sent = data.validated_data
        file, new = add_file(
            case_id=pk,
            by=user_of(request),
            client_id=sent["client_id"],
            upload=sent["file"],
            caption=sent["caption"],
        )
        return Response(file_row(file), status=201 if new else 200)


def _file(request: Request, pk: int) -> CaseFile:
    file = CaseFile.objects.filter(pk=pk, case__in=visible(request)).first()
    if file is None:
        raise Http404
    return file


class FileView(APIView):
    @extend_schema(operation_id="files_read", responses={(200, "image/*"): OpenApiResponse(OpenApiTypes.BINARY)})
    def get(self, request: Request, pk: int) -> FileResponse:
        """The photo itself."""
        file = _file(request, pk)
        return _private(FileResponse(file.file.open(), content_type=file.content_type))


class ThumbnailView(APIView):
    @extend_schema(
        operation_id="files_thumbnail", responses={(200, "image/jpeg"): OpenApiResponse(OpenApiTypes.BINARY)}
    )
    def get(self, request: Request, pk: int) -> FileResponse:
        """The photo at 480 pixels at most."""
        return _private(FileResponse(_file(request, pk).thumbnail.open(), content_type="image/jpeg"))


def _private(response: FileResponse) -> FileResponse:
    """The browser may keep it for this person; nothing between may."""
    response["Cache-Control"] = "private, max-age=86400, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response

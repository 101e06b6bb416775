"""Files over HTTP: taken in, described and given out only past the case's own door."""

from __future__ import annotations

from typing import Any, Final

from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import APIException
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api import serializers as shapes
from cases.api.downloads import file_answer
from cases.api.tiles import AnyAccept
from cases.api.views import user_of, visible
from cases.models import CaseFile
from cases.selectors.detail import file_row
from cases.services.files import add_file, change_file
from cases.services.files.change import FileChange
from cases.services.files.store import Taken

ERROR: Final = {"$ref": "#/components/schemas/Error"}
BYTES: Final = OpenApiResponse(OpenApiTypes.BINARY)
ENDINGS: Final = {
    **{"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "application/pdf": "pdf"},
    **{"audio/mp4": "m4a", "audio/mpeg": "mp3", "audio/aac": "aac", "audio/ogg": "ogg", "audio/webm": "weba"},
    **{"audio/wav": "wav", "audio/amr": "amr", "audio/amr-wb": "awb"},
    **{"video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm"},
}


class InfectedError(APIException):
    status_code = 410
    default_code = "infected"
    default_detail = _("The scan for malware found something in this file: it is kept apart and not handed out.")


class BeingScannedError(APIException):
    status_code = 409
    default_code = "being_scanned"
    default_detail = _("This file is still waiting to be scanned for malware. Try again in a few minutes.")


class CaseFileListView(APIView):
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="cases_add_file",
        request={"multipart/form-data": shapes.UploadSerializer},
        responses={201: shapes.FileSerializer, 200: shapes.FileSerializer},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Add a photo, document, audio note or short video. The same client id again answers 200 with the same file."""
        data = shapes.UploadSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        sent = data.validated_data
        file, new = add_file(
            case_id=pk,
            by=user_of(request),
            client_id=sent["client_id"],
            upload=sent["file"],
            caption=sent["caption"],
            moment=sent["moment"],
            act=sent["act"],
            taken=Taken(sent["taken_at"], lon=sent.get("taken_lon"), lat=sent.get("taken_lat")),
        )
        return Response(file_row(file), status=201 if new else 200)


def _file(request: Request, pk: int) -> CaseFile:
    """The file, if its bytes may go out. A photo need not wait for the scan: its bytes were written here."""
    file = CaseFile.objects.filter(pk=pk, case__in=visible(request)).first()
    if file is None:
        raise Http404
    if file.check_state == CaseFile.Check.INFECTED:
        raise InfectedError
    if file.check_state == CaseFile.Check.WAITING and file.kind != CaseFile.Kind.PHOTO:
        raise BeingScannedError
    return file


class FileView(APIView):
    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="files_read",
        responses={
            (200, "image/*"): BYTES,
            (200, "audio/*"): BYTES,
            (200, "video/*"): BYTES,
            (200, "application/pdf"): BYTES,
            409: OpenApiResponse(ERROR, description="It waits for the scan."),
            410: OpenApiResponse(ERROR, description="The scan found something in it."),
        },
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """The file itself, or with `Range` a piece of it (206, 416). A document comes as an attachment."""
        file = _file(request, pk)
        return file_answer(
            request=request._request,
            file=file.file,
            content_type=file.content_type,
            name=file.name or f"{file.pk}.{ENDINGS.get(file.content_type, 'bin')}",
            etag=file.sha256,
            attachment=file.kind == CaseFile.Kind.DOCUMENT or file.content_type not in ENDINGS,
        )

    @extend_schema(operation_id="files_change", request=shapes.FileChangeSerializer, responses=shapes.FileSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Say what it shows: caption, before or after, its pair. By whoever sent it or the center, while it is open."""
        data = shapes.FileChangeSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        return Response(file_row(change_file(file_id=pk, by=user_of(request), change=_change(data.validated_data))))


def _change(said: dict[str, Any]) -> FileChange:
    return FileChange(
        caption=said.get("caption"),
        # null: neither before nor after.
        moment=(said["moment"] or "") if "moment" in said else None,
        pair=said.get("pair"),
        unpair="pair" in said and said["pair"] is None,
    )


class ThumbnailView(APIView):
    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="files_thumbnail",
        responses={
            (200, "image/jpeg"): BYTES,
            410: OpenApiResponse(ERROR, description="The scan found something in it."),
        },
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """The photo at 480 pixels at most; 404 until it is made, and for other files."""
        file = _file(request, pk)
        if not file.thumbnail:
            raise Http404
        return file_answer(
            request=request._request,
            file=file.thumbnail,
            content_type="image/jpeg",
            name=f"{file.pk}-s.jpg",
            etag=f"{file.sha256}-s",
        )

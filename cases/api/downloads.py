"""How the bytes of a file go out: by nginx where it is in front, else from here; never to be run by the browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Final
from urllib.parse import quote

from django.conf import settings
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

INSIDE: Final = "/protected/"
"""nginx's internal place (deploy/nginx/site.conf)."""
CHUNK: Final = 256 * 1024
# A picture, a sound or a video opened on its own may show itself and do nothing else.
SANDBOX: Final = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"


def file_answer(
    *, request: HttpRequest, file: FieldFile, content_type: str, name: str, etag: str, attachment: bool = False
) -> HttpResponseBase:
    """200, or 206 and 416 for a `Range` of one piece. The browser may keep it for this person; nothing between may."""
    if settings.FILES_BY_NGINX:
        # nginx adds length, ranges and validators, and the headers that it does not take over from here.
        response: HttpResponseBase = HttpResponse(content_type=content_type)
        response["X-Accel-Redirect"] = INSIDE + quote(file.name or "")
    else:
        response = _streamed(request, file, content_type, f'"{etag}"')
    response["Content-Disposition"] = content_disposition_header(attachment, name) or "attachment"
    response["Cache-Control"] = "private, max-age=86400, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = SANDBOX
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _streamed(request: HttpRequest, file: FieldFile, content_type: str, etag: str) -> HttpResponseBase:
    size, wanted = file.size, request.headers.get("Range", "")
    if request.headers.get("If-Range", etag) != etag:
        wanted = ""
    piece = _piece(wanted, size)
    if piece is None:
        response: HttpResponseBase = FileResponse(file.open("rb"), content_type=content_type)
    elif piece[0] > piece[1]:
        response = HttpResponse(status=416, content_type=content_type)
        response["Content-Range"] = f"bytes */{size}"
    else:
        first, last = piece
        response = StreamingHttpResponse(_read(file.open("rb"), first, last), status=206, content_type=content_type)
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
        response["Content-Length"] = str(last - first + 1)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    return response


def _piece(wanted: str, size: int) -> tuple[int, int] | None:
    """First and last byte asked for; None for everything (also when several pieces are asked for); first > last when
    there are no such bytes.
    """
    found = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", wanted.strip())
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        return max(0, size - int(found[2])), size - 1 if int(found[2]) else -1
    first, last = int(found[1]), min(int(found[2] or size - 1), size - 1)
    if found[2] and int(found[2]) < first:
        return None
    return first, last


def _read(stream: IO[bytes], first: int, last: int) -> Iterator[bytes]:
    with stream:
        stream.seek(first)
        left = last - first + 1
        while left and (part := stream.read(min(CHUNK, left))):
            left -= len(part)
            yield part

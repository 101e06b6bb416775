"""Files as people send them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pypdf import PdfWriter

RECORDINGS = Path(__file__).parent / "cases" / "recordings"
"""Short ones, made with ffmpeg; phone.heic with libheif, recorder.* with Chromium's MediaRecorder.

Most carry the word Secret, and phone.* a position too.
"""


def recording(name: str) -> bytes:
    return (RECORDINGS / name).read_bytes()


def jpeg(size: tuple[int, int] = (8, 8), **save: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (90, 90, 90)).save(out, "JPEG", **save)
    return out.getvalue()


def pdf(**more: Any) -> bytes:
    """One blank page."""
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    for name, value in more.items():
        getattr(writer, name)(*value)
    writer.write(out)
    return out.getvalue()


def send(browser: Any, case: Any, data: bytes, *, name: str = "IMG.jpg", **more: Any) -> Any:
    """The answer to this upload; the same bytes to the same case have the same client id."""
    client_id = uuid5(UUID(int=case.pk), str(data))
    body = {"file": SimpleUploadedFile(name, data), "client_id": str(client_id), **more}
    return browser.client.post(f"/api/v1/cases/{case.pk}/files/", body)


def body_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content

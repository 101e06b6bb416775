"""What a file is, told by its first bytes: never by its name, nor by what the browser calls it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib.gis.geos import Point

from cases.models import CaseFile

Kind = CaseFile.Kind

HEAD: Final = 4096
"""So many bytes tell what it is."""
HEIC_BRANDS: Final = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"}
FOREIGN_BRANDS: Final = {b"avif", b"avis", b"jp2 ", b"jpx ", b"crx "}


@dataclass(frozen=True, slots=True)
class Kept:
    """What is stored of an upload, and what was read out of it before it was taken away."""

    kind: CaseFile.Kind
    content_type: str
    extension: str
    data: bytes
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    """None: the file does not say."""
    taken_at: datetime | None = None
    taken_point: Point | None = None
    """WGS-84."""


def _iso(head: bytes) -> str:
    """Which of the families whose files begin with an `ftyp` box."""
    brand = head[8:12]
    if brand in HEIC_BRANDS:
        return "heif"
    return "" if brand in FOREIGN_BRANDS else "iso"


def _riff(head: bytes) -> str:
    return {b"WEBP": "image", b"WAVE": "wav"}.get(head[8:12], "")


_BY_HEAD: Final[tuple[tuple[bytes, int, str | Callable[[bytes], str]], ...]] = (
    (b"\xff\xd8\xff", 0, "image"),
    (b"\x89PNG\r\n\x1a\n", 0, "image"),
    (b"RIFF", 0, _riff),
    (b"%PDF-", 0, "pdf"),
    (b"ftyp", 4, _iso),
    # Older QuickTime files have no `ftyp`.
    (b"moov", 4, "iso"),
    (b"\x1a\x45\xdf\xa3", 0, "matroska"),
    (b"OggS", 0, "ogg"),
    (b"#!AMR", 0, "amr"),
    (b"ID3", 0, "mp3"),
)


def family_of(head: bytes) -> str:
    """The family of formats that a file with these first bytes claims to be; empty when it is none of ours."""
    for mark, at, family in _BY_HEAD:
        if head[at : at + len(mark)] == mark:
            return family if isinstance(family, str) else family(head)
    if head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE0 == 0xE0:
        # A frame of MPEG audio: layer 0 is AAC, anything else MP3.
        return "aac" if head[1] & 0x06 == 0 else "mp3"
    return ""

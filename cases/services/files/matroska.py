"""WebM, as browsers record it: checked, measured, and cleaned in place of tags, titles and attached files."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from cases.services.files.kinds import Kept, Kind
from cases.services.files.trouble import broken, unknown_kind

EBML, SEGMENT, INFO, TRACKS, TRACK, VIDEO = 0x1A45DFA3, 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0xE0
CLUSTER, GROUP = 0x1F43B675, 0xA0
HOLDERS: Final = {EBML, SEGMENT, INFO, TRACKS, TRACK, VIDEO, CLUSTER, GROUP}
DOC_TYPE, SCALE, LENGTH, TRACK_TYPE, WIDTH, HEIGHT, MOMENT = 0x4282, 0x2AD7B1, 0x4489, 0x83, 0xB0, 0xBA, 0xE7
BLOCKS: Final = {0xA3, 0xA1}
TAGS, ATTACHMENTS, CHAPTERS, TITLE, DATE, FILE_NAME, TRACK_NAME = (
    *(0x1254C367, 0x1941A469, 0x1043A770),
    *(0x7BA9, 0x4461, 0x7384, 0x536E),
)
SCRAPS: Final = {TAGS, ATTACHMENTS, CHAPTERS, TITLE, DATE, FILE_NAME, TRACK_NAME}
VOID: Final = 0xEC
MOST_ELEMENTS: Final = 200_000
SHOWN, HEARD = 1, 2


class BrokenElementError(ValueError):
    """The elements do not add up."""


@dataclass(slots=True)
class Film:
    """What was found in the elements. Times are in units of `scale` nanoseconds."""

    doc_type: bytes = b""
    scale: int = 1_000_000
    length: float = 0.0
    cluster: int = 0
    last: int = 0
    kinds: tuple[int, ...] = ()
    width: int = 0
    height: int = 0

    @property
    def seconds(self) -> float | None:
        """As the file says; a browser's recording does not, and then as far as its last block. None: no blocks."""
        return max(self.length, self.last) * self.scale / 1e9 or None


def take_webm(data: bytes) -> Kept:
    """The sound or video to keep. Raises ValidationError naming `file`."""
    buffer, film = bytearray(data), Film()
    try:
        _walk(buffer, film)
    except (BrokenElementError, struct.error, IndexError) as error:
        raise broken(Kind.VIDEO) from error
    if film.doc_type != b"webm" or not set(film.kinds) <= {SHOWN, HEARD}:
        raise unknown_kind()
    if not film.kinds:
        raise broken(Kind.VIDEO)
    if SHOWN not in film.kinds:
        return Kept(Kind.AUDIO, "audio/webm", "weba", bytes(buffer), seconds=film.seconds)
    return Kept(Kind.VIDEO, "video/webm", "webm", bytes(buffer), film.width or None, film.height or None, film.seconds)


def _walk(buffer: bytearray, film: Film) -> None:
    """Element by element. A holder is entered and needs no end: the elements that follow tell where they belong."""
    at = count = 0
    while at < len(buffer):
        start, count = at, count + 1
        if count > MOST_ELEMENTS:
            raise BrokenElementError("a minute of video has some thousands")
        name, at = _vint(buffer, at, keep_mark=True)
        size, body = _vint(buffer, at)
        at = body
        if name in HOLDERS:
            continue
        if size is None or name is None or body + size > len(buffer):
            raise BrokenElementError(name)
        at = body + size
        if name in SCRAPS:
            _void(buffer, start, at)
        else:
            _note(film, name, bytes(buffer[body : min(at, body + 16)]), size)


def _vint(buffer: bytearray, at: int, *, keep_mark: bool = False) -> tuple[int | None, int]:
    """The number at this place and where it ends; None is “not known”."""
    first = buffer[at]
    length = 9 - first.bit_length()
    if length > 8 or at + length > len(buffer):
        raise BrokenElementError(at)
    value = int.from_bytes(buffer[at : at + length], "big")
    if keep_mark:
        return value, at + length
    value &= (1 << 7 * length) - 1
    return (None if value == (1 << 7 * length) - 1 else value), at + length


def _note(film: Film, name: int, value: bytes, size: int) -> None:
    if name in BLOCKS:
        _, at = _vint(bytearray(value), 0)
        film.last = max(film.last, film.cluster + struct.unpack_from(">h", value, at)[0])
    elif name == DOC_TYPE:
        film.doc_type = value[:size].rstrip(b"\0")
    elif name == LENGTH:
        film.length = struct.unpack(">f" if size == 4 else ">d", value[:size])[0]
    elif name == TRACK_TYPE:
        film.kinds += (_whole(value, size),)
    elif name in NUMBERS:
        setattr(film, NUMBERS[name], _whole(value, size))


NUMBERS: Final = {SCALE: "scale", MOMENT: "cluster", WIDTH: "width", HEIGHT: "height"}


def _whole(value: bytes, size: int) -> int:
    if size > 8:
        raise BrokenElementError("a number of more than 8 bytes")
    return int.from_bytes(value[:size], "big")


def _void(buffer: bytearray, start: int, end: int) -> None:
    """The element of nothing over all of it, so that what follows stays where it was."""
    length = end - start
    head = bytes([VOID, 0x80 | length - 2]) if length < 9 else bytes([VOID]) + (1 << 56 | length - 9).to_bytes(8, "big")
    buffer[start:end] = head + bytes(length - len(head))

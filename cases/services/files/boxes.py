"""MP4, MOV and M4A: a tree of boxes. Checked, measured, and cleaned in place of all that is neither sound nor picture.

What is taken away is overwritten with zeros and its box renamed `free`: nothing moves, so the offsets inside stay true.
Only boxes that are known to be needed stay; phones write place, device and owner in many others (`udta/©xyz`, `loci`,
`meta`, `uuid`, tracks of their own).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from cases.services.files.kinds import Kept, Kind
from cases.services.files.trouble import broken

KEPT: Final[dict[bytes, frozenset[bytes]]] = {
    b"": frozenset({b"ftyp", b"moov", b"mdat", b"moof", b"mfra", b"sidx", b"styp"}),
    b"moov": frozenset({b"mvhd", b"trak", b"mvex", b"iods"}),
    b"trak": frozenset({b"tkhd", b"edts", b"tref", b"tapt", b"mdia"}),
    b"mdia": frozenset({b"mdhd", b"hdlr", b"minf", b"elng"}),
    b"minf": frozenset({b"vmhd", b"smhd", b"gmhd", b"nmhd", b"hdlr", b"dinf", b"stbl"}),
    b"stbl": frozenset(
        {b"stsd", b"stts", b"ctts", b"cslg", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"stss", b"stps"}
        | {b"sdtp", b"sgpd", b"sbgp", b"saiz", b"saio", b"subs"}
    ),
    b"mvex": frozenset({b"mehd", b"trex", b"trep"}),
    b"moof": frozenset({b"mfhd", b"traf"}),
    b"traf": frozenset({b"tfhd", b"tfdt", b"trun", b"sgpd", b"sbgp", b"saiz", b"saio", b"subs", b"sdtp"}),
}
"""Which boxes stay, by the box they are in; those that are keys are looked into."""
MOST_BOXES: Final = 20_000
MOST_SAMPLES: Final = 500_000
"""Of a table: more than any minute of video has, and what is looked through in about a second."""


class BrokenBoxError(ValueError):
    """The boxes do not add up."""


@dataclass(frozen=True, slots=True)
class Box:
    kind: bytes
    start: int
    body: int
    end: int


@dataclass(slots=True)
class Track:
    box: Box
    number: int = 0
    handler: bytes = b""
    width: int = 0
    height: int = 0
    scale: int = 1
    length: int = 0
    """In units of the track: as its head says, or the sum of its fragments."""
    step: int = 0
    """Length of a sample in fragments that do not say."""
    tables: dict[bytes, Box] = field(default_factory=dict)

    @property
    def is_shown_or_heard(self) -> bool:
        return self.handler in (b"vide", b"soun")


@dataclass(slots=True)
class Film:
    """What was found in the boxes."""

    buffer: bytearray
    tracks: dict[int, Track] = field(default_factory=dict)
    track: Track | None = None
    """The one that the box being read belongs to."""
    brand: bytes = b"qt  "
    seconds: float = 0.0
    scraps: list[Box] = field(default_factory=list)
    has_data: bool = False
    count: int = 0


def take_film(data: bytes) -> Kept:
    """The sound or video to keep. Raises ValidationError naming `file`."""
    film = Film(buffer=bytearray(data))
    try:
        _look_into(film, b"", 0, len(data))
        kept = [track for track in film.tracks.values() if track.is_shown_or_heard]
        if not film.has_data or not kept:
            raise BrokenBoxError("no sound and no picture")
        for track in film.tracks.values():
            if not track.is_shown_or_heard:
                _forget(film, track)
        for box in film.scraps:
            _blank(film, box)
    except (BrokenBoxError, struct.error, IndexError, RecursionError) as error:
        raise broken(Kind.VIDEO) from error
    lengths = [film.seconds, *(track.length / max(track.scale, 1) for track in kept)]
    # Zero: a recording whose head was written before its end was known, and which has no fragments either.
    seconds = max(lengths) or None
    shown = next((track for track in kept if track.handler == b"vide"), None)
    if shown is None:
        return Kept(Kind.AUDIO, "audio/mp4", "m4a", bytes(film.buffer), seconds=seconds)
    content_type, extension = ("video/quicktime", "mov") if film.brand == b"qt  " else ("video/mp4", "mp4")
    width, height = shown.width or None, shown.height or None
    return Kept(Kind.VIDEO, content_type, extension, bytes(film.buffer), width, height, seconds)


def _boxes(film: Film, start: int, end: int) -> Iterator[Box]:
    at = start
    while end - at >= 8:
        size, kind = struct.unpack_from(">I4s", film.buffer, at)
        body = at + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", film.buffer, body)
            body += 8
        elif size == 0:
            size = end - at
        film.count += 1
        if at + size > end or at + size < body or film.count > MOST_BOXES:
            raise BrokenBoxError(kind)
        yield Box(kind, at, body, at + size)
        at += size
    # Less than a box: QuickTime ends lists with zeros. Nothing else may hide there.
    film.buffer[at:end] = bytes(end - at)


def _look_into(film: Film, holder: bytes, start: int, end: int) -> None:
    for box in _boxes(film, start, end):
        if box.kind not in KEPT[holder]:
            film.scraps.append(box)
            continue
        if box.kind == b"trak":
            film.track = Track(box)
        if read := READERS.get(box.kind):
            read(film, box)
        if box.kind in KEPT:
            _look_into(film, box.kind, box.body, box.end)
        if box.kind == b"trak" and film.track is not None:
            film.tracks[film.track.number] = film.track


def _current(film: Film) -> Track:
    if film.track is None:
        raise BrokenBoxError("outside a track")
    return film.track


def _number(film: Film, box: Box, at: int, kind: str = "I") -> int:
    """The number at this place of the box's content."""
    if box.body + at + struct.calcsize(kind) > box.end:
        raise BrokenBoxError(box.kind)
    found: int = struct.unpack_from(f">{kind}", film.buffer, box.body + at)[0]
    return found


def _clock(film: Film, box: Box) -> tuple[int, int]:
    """Units per second, and the length in units (zero: not known)."""
    if _number(film, box, 0, "B") == 1:
        scale, length, unknown = _number(film, box, 20), _number(film, box, 24, "Q"), 2**64 - 1
    else:
        scale, length, unknown = _number(film, box, 12), _number(film, box, 16), 2**32 - 1
    if not scale:
        raise BrokenBoxError(box.kind)
    return scale, 0 if length == unknown else length


def _read_ftyp(film: Film, box: Box) -> None:
    film.brand = bytes(film.buffer[box.body : box.body + 4])


def _read_mdat(film: Film, box: Box) -> None:
    film.has_data = True


def _read_mvhd(film: Film, box: Box) -> None:
    scale, length = _clock(film, box)
    film.seconds = length / scale


def _read_tkhd(film: Film, box: Box) -> None:
    track = _current(film)
    track.number = _number(film, box, 20 if _number(film, box, 0, "B") == 1 else 12)
    track.width, track.height = (_number(film, box, box.end - box.body - back) >> 16 for back in (8, 4))


def _read_mdhd(film: Film, box: Box) -> None:
    track = _current(film)
    track.scale, track.length = _clock(film, box)


def _read_hdlr(film: Film, box: Box) -> None:
    # The second one of a QuickTime track names where its data lie.
    track = _current(film)
    track.handler = track.handler or bytes(film.buffer[box.body + 8 : box.body + 12])


def _read_table(film: Film, box: Box) -> None:
    _current(film).tables[box.kind] = box


def _read_trex(film: Film, box: Box) -> None:
    if track := film.tracks.get(_number(film, box, 4)):
        track.step = _number(film, box, 12)


def _read_tfhd(film: Film, box: Box) -> None:
    flags, number = _number(film, box, 0) & 0xFFFFFF, _number(film, box, 4)
    film.track = film.tracks.get(number)
    # Fragments of a track that is neither sound nor picture cannot be taken out here.
    if film.track is None or not film.track.is_shown_or_heard:
        raise BrokenBoxError(box.kind)
    if flags & 0x8:
        film.track.step = _number(film, box, 8 + (8 if flags & 0x1 else 0) + (4 if flags & 0x2 else 0))


def _read_trun(film: Film, box: Box) -> None:
    track, flags, samples = _current(film), _number(film, box, 0) & 0xFFFFFF, _number(film, box, 4)
    at = 8 + (4 if flags & 0x1 else 0) + (4 if flags & 0x4 else 0)
    each = 4 * sum(bool(flags & bit) for bit in (0x100, 0x200, 0x400, 0x800))
    _fits(box, at, samples, each)
    if flags & 0x100:
        track.length += sum(_number(film, box, at + each * sample) for sample in range(samples))
    else:
        track.length += samples * track.step


READERS: Final[dict[bytes, Callable[[Film, Box], None]]] = {
    b"ftyp": _read_ftyp,
    b"mdat": _read_mdat,
    b"mvhd": _read_mvhd,
    b"tkhd": _read_tkhd,
    b"mdhd": _read_mdhd,
    b"hdlr": _read_hdlr,
    b"trex": _read_trex,
    b"tfhd": _read_tfhd,
    b"trun": _read_trun,
    **dict.fromkeys((b"stsz", b"stz2", b"stsc", b"stco", b"co64"), _read_table),
}


def _forget(film: Film, track: Track) -> None:
    """Overwrite what the track says, then the track."""
    for start, length in _chunks(film, track):
        if start + length > len(film.buffer):
            raise BrokenBoxError("a sample outside the file")
        film.buffer[start : start + length] = bytes(length)
    _blank(film, track.box)


def _chunks(film: Film, track: Track) -> list[tuple[int, int]]:
    """Start and length of each run of samples of the track."""
    places = [*_column(film, track, b"stco", "I"), *_column(film, track, b"co64", "Q")]
    if not places:
        return []
    sizes, runs = track.tables.get(b"stsz"), track.tables.get(b"stsc")
    if sizes is None or runs is None:
        raise BrokenBoxError("a track without tables")
    same, count = _number(film, sizes, 4), _number(film, sizes, 8)
    each = [] if same else [_number(film, sizes, 12 + 4 * n) for n in range(_fits(sizes, 12, count, 4))]
    firsts = [
        (_number(film, runs, 8 + 12 * n), _number(film, runs, 12 + 12 * n)) for n in range(_number(film, runs, 4))
    ]
    found, sample, run = [], 0, 0
    for chunk, start in enumerate(places, 1):
        while run + 1 < len(firsts) and firsts[run + 1][0] <= chunk:
            run += 1
        held = firsts[run][1]
        found.append((start, held * same if same else sum(each[sample : sample + held])))
        sample += held
    return found


def _column(film: Film, track: Track, kind: bytes, width: str) -> list[int]:
    """The offsets of a table; empty when there is no such table."""
    box, size = track.tables.get(kind), struct.calcsize(width)
    if box is None:
        return []
    return [_number(film, box, 8 + size * n, width) for n in range(_fits(box, 8, _number(film, box, 4), size))]


def _fits(box: Box, at: int, count: int, size: int) -> int:
    if box.body + at + count * size > box.end or count > MOST_SAMPLES:
        raise BrokenBoxError(box.kind)
    return count


def _blank(film: Film, box: Box) -> None:
    film.buffer[box.start + 4 : box.start + 8] = b"free"
    film.buffer[box.body : box.end] = bytes(box.end - box.body)

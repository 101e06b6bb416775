"""Audio notes without a container of their own, or with a simple one: Ogg, WAV, AMR, AAC, MP3."""

from __future__ import annotations

import struct
from typing import Final

from cases.services.files.kinds import Kept, Kind
from cases.services.files.trouble import broken, unknown_kind

AMR_SIZES: Final = {
    b"#!AMR\n": (12, 13, 15, 17, 19, 20, 26, 31, 5, 6, 5, 5, 0, 0, 0, 0),
    b"#!AMR-WB\n": (17, 23, 32, 36, 40, 46, 50, 58, 60, 5, 5, 0, 0, 0, 0, 0),
}
"""Bytes after the first of a frame, by its mode."""
AMR_FRAME: Final = 0.02
AMR_MOST_FRAMES: Final = 1_000_000
AAC_RATES: Final = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
MP3_RATES: Final = (44100, 48000, 32000)
MP3_BITS: Final = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""kbit/s of layer III, by the version of MPEG."""
OPUS_RATE: Final = 48000
MOST_SCRAPS: Final = 0.1
"""Share of a file that may be other than sound: a tag at its end, a frame cut off."""


def take_amr(data: bytes) -> Kept:
    """The recording to keep. Raises ValidationError naming `file`."""
    mark = next((mark for mark in AMR_SIZES if data.startswith(mark)), None)
    if mark is None:
        raise unknown_kind()
    at, frames = len(mark), 0
    while at < len(data):
        mode = data[at] >> 3 & 0x0F
        # The bits around the mode are padding, and zero.
        if data[at] & 0x83 or frames > AMR_MOST_FRAMES:
            raise broken(Kind.AUDIO)
        at += 1 + AMR_SIZES[mark][mode]
        frames += at <= len(data)
    content_type = "audio/amr" if mark == b"#!AMR\n" else "audio/amr-wb"
    return _sound(content_type, "amr" if content_type == "audio/amr" else "awb", data, frames * AMR_FRAME)


def take_wav(data: bytes) -> Kept:
    """The recording, made of its format and its sound alone: other parts may say who recorded it, and where."""
    at, parts = 12, {b"fmt ": b"", b"fact": b"", b"data": b""}
    while at + 8 <= len(data):
        kind, size = struct.unpack_from("<4sI", data, at)
        if kind in parts and not parts[kind]:
            # A recorder that was cut off leaves a length that was never filled in.
            parts[kind] = data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    if len(parts[b"fmt "]) < 16 or not parts[b"data"]:
        raise broken(Kind.AUDIO)
    bytes_per_second = struct.unpack_from("<I", parts[b"fmt "], 8)[0]
    if not bytes_per_second:
        raise broken(Kind.AUDIO)
    body = b"WAVE" + b"".join(
        kind + struct.pack("<I", len(part)) + part + b"\0" * (len(part) % 2) for kind, part in parts.items() if part
    )
    whole = b"RIFF" + struct.pack("<I", len(body)) + body
    return _sound("audio/wav", "wav", whole, len(parts[b"data"]) / bytes_per_second)


def take_ogg(data: bytes) -> Kept:
    """The recording to keep: Opus or Vorbis."""
    at = 0
    rates: dict[int, tuple[int, int]] = {}
    last: dict[int, int] = {}
    while at < len(data):
        if data[at : at + 4] != b"OggS" or at + 27 > len(data):
            break
        flags, position, stream = struct.unpack_from("<xBqI", data, at + 4)
        body = at + 27 + data[at + 26]
        size = sum(data[at + 27 : body])
        if body + size > len(data):
            break
        if flags & 0x02:
            rates[stream] = _ogg_rate(data[body : body + size])
        if position >= 0:
            last[stream] = position
        at = body + size
    if not rates or at < len(data) * (1 - MOST_SCRAPS):
        raise broken(Kind.AUDIO)
    seconds = max((last.get(stream, 0) - skip) / rate for stream, (rate, skip) in rates.items())
    return _sound("audio/ogg", "ogg", data[:at], seconds)


def _ogg_rate(head: bytes) -> tuple[int, int]:
    """Samples per second of a stream, and how many of its first ones are not played."""
    if head.startswith(b"OpusHead") and len(head) >= 12:
        return OPUS_RATE, struct.unpack_from("<H", head, 10)[0]
    if head.startswith(b"\x01vorbis") and len(head) >= 16 and (rate := struct.unpack_from("<I", head, 12)[0]):
        return rate, 0
    raise unknown_kind()


def take_mpeg(data: bytes) -> Kept:
    """MP3 or AAC, frame by frame, without the tags before and after them."""
    start = _after_tag(data)
    is_aac = data[start + 1 : start + 2] != b"" and data[start + 1] & 0x06 == 0
    at, seconds, frames = start, 0.0, 0
    while frame := _aac_frame(data, at) if is_aac else _mp3_frame(data, at):
        if at + frame[0] > len(data):
            break
        at, seconds, frames = at + frame[0], seconds + frame[1], frames + 1
    if frames < 2 or at - start < (len(data) - start) * (1 - MOST_SCRAPS):
        raise broken(Kind.AUDIO)
    return _sound("audio/aac" if is_aac else "audio/mpeg", "aac" if is_aac else "mp3", data[start:at], seconds)


def _after_tag(data: bytes) -> int:
    """Where the sound begins, after an ID3 tag."""
    if data[:3] != b"ID3" or len(data) < 10:
        return 0
    size = 0
    for byte in data[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size + (10 if data[5] & 0x10 else 0)


def _aac_frame(data: bytes, at: int) -> tuple[int, float] | None:
    """Bytes and seconds of the frame at this place."""
    head = data[at : at + 7]
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return None
    rate, size = head[2] >> 2 & 0x0F, (head[3] & 0x03) << 11 | head[4] << 3 | head[5] >> 5
    if rate >= len(AAC_RATES) or size < 7:
        return None
    return size, 1024 * (1 + (head[6] & 0x03)) / AAC_RATES[rate]


def _mp3_frame(data: bytes, at: int) -> tuple[int, float] | None:
    """Bytes and seconds of the frame at this place: MPEG 1, 2 or 2.5, layer III."""
    head = data[at : at + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version, bits, rate = head[1] >> 3 & 0x03, head[2] >> 4, head[2] >> 2 & 0x03
    if version == 1 or bits in (0, 15) or rate == 3:
        return None
    first = version == 3
    samples = 1152 if first else 576
    per_second = MP3_RATES[rate] // {3: 1, 2: 2, 0: 4}[version]
    kbits = MP3_BITS[1 if first else 2][bits]
    return samples * 125 * kbits // per_second + (head[2] >> 1 & 1), samples / per_second


def _sound(content_type: str, extension: str, data: bytes, seconds: float) -> Kept:
    if seconds <= 0:
        raise broken(Kind.AUDIO)
    return Kept(Kind.AUDIO, content_type, extension, data, seconds=seconds)

"""Photos: opened, read, turned upright and written anew, without what the phone tells beside the picture."""

from __future__ import annotations

import io
import math
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib.gis.geos import Point
from django.utils import timezone
from django.utils.translation import gettext as _
from pi_heif import register_heif_opener  # type: ignore[import-untyped]
from PIL import ExifTags, Image, ImageOps

from cases.services.files.kinds import Kept, Kind
from cases.services.files.trouble import broken, refusal

# One picture of a file, and no threads of its own inside a web process.
register_heif_opener(thumbnails=False, decode_threads=1)

FORMATS: Final = {
    "JPEG": ("image/jpeg", "jpg"),
    "PNG": ("image/png", "png"),
    "WEBP": ("image/webp", "webp"),
    # Only some browsers show HEIC: it is kept as JPEG.
    "HEIF": ("image/jpeg", "jpg"),
}
MAX_PIXELS: Final = 50_000_000
THUMBNAIL: Final = (480, 480)
CAMERA_ZONE: Final = ZoneInfo("Asia/Shanghai")
"""Cameras that name no zone are believed to be here."""
EARLIEST: Final = datetime(1995, 1, 1, tzinfo=UTC)


def take_picture(data: bytes) -> Kept:
    """The picture to keep. Raises ValidationError naming `file`."""
    with _opened(data) as picture:
        exif, kind = _exif(picture), picture.format or ""
        taken_at, taken_point = _moment(exif), _position(exif)
        upright = ImageOps.exif_transpose(picture) if exif else picture.copy()
    content_type, extension = FORMATS[kind]
    return Kept(
        kind=Kind.PHOTO,
        content_type=content_type,
        extension=extension,
        data=encode(upright, kind),
        width=upright.width,
        height=upright.height,
        taken_at=taken_at,
        taken_point=taken_point,
    )


def thumbnail_of(data: bytes) -> bytes:
    """A JPEG of at most 480 × 480 pixels of a photo that was kept here."""
    with _opened(data) as picture:
        picture.thumbnail(THUMBNAIL)
        return encode(picture, "JPEG")


@contextmanager
def _opened(data: bytes) -> Iterator[Image.Image]:
    """The decoded picture. Raises ValidationError for anything that is none, or has too many pixels."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=list(FORMATS))
            if picture.width * picture.height > MAX_PIXELS:
                raise Image.DecompressionBombError
            picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise refusal(_("This picture has too many pixels. Send a smaller one."), "too_large") from error
    except (OSError, SyntaxError, ValueError, RuntimeError, EOFError) as error:
        raise broken(Kind.PHOTO) from error
    with picture:
        yield picture


def encode(picture: Image.Image, kind: str) -> bytes:
    """The picture alone: what a phone writes beside it (position, device, owner, comments) is not copied."""
    # Pillow writes some of `info` without being asked (a JPEG's comment); only what the colours need may stay.
    picture.info = {name: picture.info[name] for name in ("icc_profile", "transparency") if name in picture.info}
    out = io.BytesIO()
    if kind == "PNG":
        picture.save(out, "PNG", optimize=True)
    else:
        picture.convert("RGB").save(out, "WEBP" if kind == "WEBP" else "JPEG", quality=85)
    return out.getvalue()


def _moment(exif: Image.Exif) -> datetime | None:
    """When the camera says it was taken, if that can be true."""
    inner = _ifd(exif, ExifTags.IFD.Exif)
    written = inner.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    offset = inner.get(ExifTags.Base.OffsetTimeOriginal) or inner.get(ExifTags.Base.OffsetTime) or ""
    try:
        moment = datetime.strptime(str(written).strip("\0 "), "%Y:%m:%d %H:%M:%S").replace(tzinfo=_zone(str(offset)))
    except ValueError:
        return None
    return moment if EARLIEST <= moment <= timezone.now() + timedelta(days=1) else None


def _zone(offset: str) -> Any:
    """`+08:00`, as Exif writes it; anything else is the zone of the camera."""
    found = re.fullmatch(r"([+-])(\d\d):([0-5]\d)", offset.strip("\0 "))
    if found is None or int(found[2]) > 14:
        return CAMERA_ZONE
    minutes = int(found[2]) * 60 + int(found[3])
    return timezone.get_fixed_timezone(minutes if found[1] == "+" else -minutes)


def _position(exif: Image.Exif) -> Point | None:
    """Where the camera says it was (Exif: WGS-84), if that can be true."""
    gps = _ifd(exif, ExifTags.IFD.GPSInfo)
    datum = re.sub(r"[^A-Z0-9]", "", str(gps.get(ExifTags.GPS.GPSMapDatum) or "WGS84").upper())
    lat = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), "NS")
    lon = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), "EW")
    if lat is None or lon is None or datum not in ("WGS84", "") or abs(lat) > 90 or abs(lon) > 180:
        return None
    # Phones without a fix write zeros.
    return Point(lon, lat, srid=4326) if (lat, lon) != (0, 0) else None


def _degrees(value: Any, reference: Any, signs: str) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    reference = str(reference or "").strip("\0 ").upper()
    whole = degrees + minutes / 60 + seconds / 3600
    if reference not in signs or len(reference) != 1 or not math.isfinite(whole) or min(degrees, minutes, seconds) < 0:
        return None
    return whole if reference == signs[0] else -whole


def _exif(picture: Image.Image) -> Image.Exif:
    """The Exif data; empty when they are damaged. A photo is not refused for what stands beside it."""
    try:
        return picture.getexif()
    except (SyntaxError, TypeError, ValueError, KeyError, OSError):
        return Image.Exif()


def _ifd(exif: Image.Exif, which: ExifTags.IFD) -> dict[int, Any]:
    """A part of the Exif data; empty when it is damaged."""
    try:
        return dict(exif.get_ifd(which))
    except (SyntaxError, TypeError, ValueError, KeyError, OSError):
        return {}

"""From what was sent to what is kept: told by its content, opened, measured, cleaned."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Final

from django.conf import settings

from cases.services.files.boxes import take_film
from cases.services.files.documents import take_document
from cases.services.files.kinds import HEAD, Kept, Kind, family_of
from cases.services.files.matroska import take_webm
from cases.services.files.pictures import take_picture
from cases.services.files.sounds import take_amr, take_mpeg, take_ogg, take_wav
from cases.services.files.trouble import broken, too_large, too_long, unknown_kind

MEGABYTE: Final = 1024 * 1024
FAMILIES: Final[dict[str, tuple[Kind, Callable[[bytes], Kept]]]] = {
    "image": (Kind.PHOTO, take_picture),
    "heif": (Kind.PHOTO, take_picture),
    "pdf": (Kind.DOCUMENT, take_document),
    # Sound alone comes in these too; which it is shows inside.
    "iso": (Kind.VIDEO, take_film),
    "matroska": (Kind.VIDEO, take_webm),
    "ogg": (Kind.AUDIO, take_ogg),
    "wav": (Kind.AUDIO, take_wav),
    "amr": (Kind.AUDIO, take_amr),
    "mp3": (Kind.AUDIO, take_mpeg),
    "aac": (Kind.AUDIO, take_mpeg),
}


def take_in(upload: IO[bytes]) -> tuple[Kept, bytes]:
    """What to keep of the upload, and the bytes that were sent.

    Never more is read than the largest file of its family. Raises ValidationError naming `file`.
    """
    head = upload.read(HEAD)
    if not head or (family := family_of(head)) not in FAMILIES:
        raise unknown_kind()
    likely, take = FAMILIES[family]
    most = settings.FILE_MAX_MB[likely] * MEGABYTE
    sent = head + upload.read(most - len(head) + 1)
    _check_size(kind=likely, size=len(sent))
    kept = take(sent)
    _check_size(kind=kept.kind, size=len(sent))
    longest = settings.FILE_MAX_SECONDS.get(kept.kind)
    # Half a second: what a recorder adds when it stops by itself at the limit.
    if longest is not None and kept.seconds is not None and kept.seconds > longest + 0.5:
        raise too_long(kind=kept.kind, seconds=longest)
    if not kept.data:
        raise broken(kept.kind)
    return kept, sent


def _check_size(*, kind: str, size: int) -> None:
    if size > settings.FILE_MAX_MB[kind] * MEGABYTE:
        raise too_large(kind=kind, megabytes=settings.FILE_MAX_MB[kind])

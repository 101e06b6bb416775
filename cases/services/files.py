"""Take in photos: check what they are by their content, remove what they tell of the phone, keep a thumbnail."""

from __future__ import annotations

import hashlib
import io
import logging
import warnings
from datetime import datetime
from typing import IO, Final
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from cases.models import Case, CaseFile
from cases.policy import open_moves
from cases.services.errors import CaseNotFoundError, ClientIdConflictError, NotAllowedNowError, NotYoursError
from cases.services.evidence import next_event
from cases.workflow import Act, State, moves
from staff.models import User
from staff.scope import scope_of

logger = logging.getLogger(__name__)

FORMATS: Final = {"JPEG": ("image/jpeg", "jpg"), "PNG": ("image/png", "png"), "WEBP": ("image/webp", "webp")}
MAX_PIXELS: Final = 50_000_000
THUMBNAIL: Final = (480, 480)


def _bad(message: str, code: str) -> ValidationError:
    return ValidationError({"file": ValidationError(message, code=code)})


def _open(data: bytes) -> tuple[Image.Image, str]:
    """The decoded picture, turned upright, and its format. Raises ValidationError for anything else."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=list(FORMATS))
            if picture.width * picture.height > MAX_PIXELS:
                raise _bad(_("This picture has too many pixels. Send a smaller one."), "too_large")
            kind = picture.format or ""
            picture.load()
            return ImageOps.exif_transpose(picture), kind
    except (
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        message = _("This is not a JPEG, PNG or WebP picture. Send a photo.")
        raise _bad(message, "not_a_picture") from error


def _encode(picture: Image.Image, kind: str) -> bytes:
    """The picture alone: what a phone writes beside it (position, device, owner, comments) is not copied."""
    # Pillow writes some of `info` without being asked (a JPEG's comment); only what the colours need may stay.
    picture.info = {name: picture.info[name] for name in ("icc_profile", "transparency") if name in picture.info}
    out = io.BytesIO()
    if kind == "PNG":
        picture.save(out, "PNG", optimize=True)
    else:
        picture.convert("RGB").save(out, kind, quality=85)
    return out.getvalue()


def add_file(
    *, case_id: int, by: User, client_id: UUID, upload: IO[bytes], caption: str = "", at: datetime | None = None
) -> tuple[CaseFile, bool]:
    """The file of this upload, and whether it is new; the same id again gives the same file.

    Raises CaseNotFoundError, NotAllowedNowError, NotYoursError, ClientIdConflictError, or ValidationError naming
    `file`.
    The picture is decoded before anything is locked. `at` is given only when past records are brought in.
    """
    if not Case.objects.visible_to(by).filter(pk=case_id).exists():
        raise CaseNotFoundError
    data = upload.read(settings.FILE_MAX_BYTES + 1)
    if len(data) > settings.FILE_MAX_BYTES:
        raise _bad(_("This file is larger than 10 MB. Send a smaller one."), "too_large")
    picture, kind = _open(data)
    clean = _encode(picture, kind)
    width, height = picture.size
    picture.thumbnail(THUMBNAIL)
    row = CaseFile(
        case_id=case_id,
        client_id=client_id,
        caption=caption,
        content_type=FORMATS[kind][0],
        size=len(clean),
        width=width,
        height=height,
        sha256=hashlib.sha256(clean).hexdigest(),
        uploaded_by=by,
        uploaded_at=at or timezone.now(),
    )
    row.file = ContentFile(clean, name=f"{row.sha256}.{FORMATS[kind][1]}")
    row.thumbnail = ContentFile(_encode(picture, "JPEG"), name=f"{row.sha256}-s.jpg")
    return _store(row)


@transaction.atomic
def _store(row: CaseFile) -> tuple[CaseFile, bool]:
    """Write the row, its bytes and its event, unless the same upload arrived before."""
    case = Case.objects.select_for_update().get(pk=row.case_id)
    known = CaseFile.objects.filter(client_id=row.client_id).select_related("uploaded_by").first()
    if known is not None:
        if (known.case_id, known.uploaded_by_id) != (row.case_id, row.uploaded_by_id):
            raise ClientIdConflictError(row.client_id)
        return known, False
    if not moves(state=State(case.state), act=Act.ATTACH):
        raise NotAllowedNowError(act=Act.ATTACH, state=case.state)
    if not open_moves(case=case, scope=scope_of(row.uploaded_by), act=Act.ATTACH):
        raise NotYoursError(act=Act.ATTACH)
    row.save(force_insert=True)
    event = next_event(
        case=case,
        act=Act.ATTACH,
        actor_id=row.uploaded_by_id,
        at=row.uploaded_at,
        from_state=case.state,
        text=row.caption,
        data={"file": row.pk, "sha256": row.sha256},
    )
    event.save(force_insert=True)
    case.save(update_fields=["event_count", "event_hash", "updated_at"])
    return row, True

"""How a file is refused: always by naming `file`, what is wrong with it and what to do."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cases.models import CaseFile

Kind = CaseFile.Kind


def refusal(message: str, code: str) -> ValidationError:
    return ValidationError({"file": ValidationError(message, code=code)})


def unknown_kind() -> ValidationError:
    message = _(
        "This is none of the files taken in here: a photo (JPEG, PNG, WebP, HEIC), a PDF, an audio note (M4A, AAC, "
        "MP3, Ogg, WebM, WAV, AMR) or a short video (MP4, MOV, WebM)."
    )
    return refusal(message, "unknown_kind")


def broken(kind: str) -> ValidationError:
    """It begins like one, and is none."""
    message, code = {
        Kind.PHOTO: (_("This picture cannot be opened. Take it again, or send another."), "not_a_picture"),
        Kind.DOCUMENT: (_("This PDF cannot be read. Save it anew and send that."), "not_a_document"),
        Kind.AUDIO: (_("This recording cannot be read. Record it again."), "not_a_recording"),
        Kind.VIDEO: (_("This video cannot be read. Record it again."), "not_a_video"),
    }[Kind(kind)]
    return refusal(message, code)


def too_large(*, kind: str, megabytes: int) -> ValidationError:
    message = {
        Kind.PHOTO: _("This photo is larger than %(most)d MB. Send a smaller one."),
        Kind.DOCUMENT: _("This PDF is larger than %(most)d MB. Send it in parts."),
        Kind.AUDIO: _("This recording is larger than %(most)d MB. Send it in parts."),
        Kind.VIDEO: _("This video is larger than %(most)d MB. Record a shorter one."),
    }[Kind(kind)]
    return refusal(message % {"most": megabytes}, "too_large")


def too_long(*, kind: str, seconds: int) -> ValidationError:
    message = {
        Kind.AUDIO: _("This recording is longer than %(most)d seconds. Send it in parts."),
        Kind.VIDEO: _("This video is longer than %(most)d seconds. Record a shorter one."),
    }[Kind(kind)]
    return refusal(message % {"most": seconds}, "too_long")


def check_moment(*, kind: str, moment: str) -> None:
    """Raises ValidationError naming `moment`."""
    if moment and kind not in (Kind.PHOTO, Kind.VIDEO):
        message = _("Only a photo or a video shows a place before or after.")
        raise ValidationError({"moment": ValidationError(message, code="not_a_picture")})

"""The 20-digit number of a camera by GB/T 28181: its structure, not whether anybody gave it out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_DIGITS: Final = re.compile(r"[0-9]{20}")
_PROVINCES: Final = range(11, 83)
_DEMO: Final = 99
"""The invented division of the demo town."""


@dataclass(frozen=True, slots=True)
class CameraNumber:
    """8 digits for the centre (the code of its division), 2 industry, 3 type, 1 network, 6 serial."""

    center: str
    industry: str
    type: str
    network: str
    serial: str


def camera_number(text: str) -> CameraNumber:
    """The parts of the number. Raises ValidationError: it has 20 digits, the first two name a province (or the demo).

    Industries and types are not held to a list: towns have cameras of every kind behind the same platform.
    """
    if not _DIGITS.fullmatch(text):
        raise ValidationError(_("A GB/T 28181 number has exactly 20 digits. Copy it as a whole."), "not_20_digits")
    province = int(text[:2])
    if province not in _PROVINCES and province != _DEMO:
        message = _("The first two digits name no province. Check the number with whoever runs the video platform.")
        raise ValidationError(message, "no_province")
    return CameraNumber(text[:8], text[8:10], text[10:13], text[13], text[14:])

"""Text that the database keeps sealed: AES-256-GCM, with a keyed index to look it up without opening it.

A stored value is one version byte, a 12-byte nonce and the sealed text. The version says which cipher and key made it,
so that another (SM4, a new key) can be added while old rows stay readable. Both keys come from settings.FIELD_KEY.
"""

from __future__ import annotations

import functools
import hmac
import secrets
from hashlib import sha256
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django import forms
from django.conf import settings
from django.db import models

VERSION: Final = b"\x01"
"""AES-256-GCM under the key derived from FIELD_KEY."""
_NONCE: Final = 12


@functools.lru_cache(maxsize=8)
def _derived(secret: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=b"wangge", info=purpose).derive(secret.encode())


def seal(text: str) -> bytes:
    """The text as it is stored; every call gives other bytes for the same text. Empty text stays empty."""
    if not text:
        return b""
    nonce = secrets.token_bytes(_NONCE)
    return VERSION + nonce + AESGCM(_derived(settings.FIELD_KEY, b"seal")).encrypt(nonce, text.encode(), VERSION)


def unseal(stored: bytes) -> str:
    """What was sealed. Raises ValueError for an unknown version, InvalidTag for another key or a changed value."""
    if not stored:
        return ""
    if stored[:1] != VERSION:
        raise ValueError(f"sealed by version {stored[0]}, which this program does not know")
    nonce, sealed = stored[1 : 1 + _NONCE], stored[1 + _NONCE :]
    return AESGCM(_derived(settings.FIELD_KEY, b"seal")).decrypt(nonce, sealed, VERSION).decode()


def blind_index(text: str) -> str:
    """64 hex digits, the same for the same text: equality can be searched, the text cannot be read from it."""
    return hmac.new(_derived(settings.FIELD_KEY, b"index"), text.encode(), sha256).hexdigest() if text else ""


class SealedTextField(models.Field[str, str]):
    """Looks like text in Python and is sealed in the database. It cannot be filtered on: see `blind_index`."""

    def __init__(self, *args: Any, max_characters: int = 100, **kwargs: Any) -> None:
        self.max_characters = max_characters
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)

    def get_internal_type(self) -> str:
        return "BinaryField"

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "max_characters": self.max_characters}

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        return None if value is None else unseal(bytes(value))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return connection.Database.Binary(seal(value)) if isinstance(value, str) else value

    def formfield(self, *args: Any, **kwargs: Any) -> Any:
        return forms.CharField(
            max_length=self.max_characters,
            required=not self.blank,
            label=str(self.verbose_name),
            help_text=str(self.help_text),
        )


def masked(phone: str) -> str:
    """A phone number with its middle hidden: 138****0000. Short ones are hidden altogether."""
    if not phone:
        return ""
    return phone[:3] + "*" * max(len(phone) - 7, 4) + phone[-4:] if len(phone) >= 8 else "*" * len(phone)

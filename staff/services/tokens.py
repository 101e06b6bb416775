"""Machine tokens: made once, shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone

from staff.models import Token, User

PREFIX: Final = "wg_"
_NOTED_EVERY: Final = timedelta(minutes=10)
"""`used_at` is written at most this often: reading the map must not write a row per tile."""


def token_hash(text: str) -> str:
    """SHA-256 (hex). Tokens are 256 random bits, so a slow hash would add nothing."""
    return hashlib.sha256(text.encode()).hexdigest()


def make_token(*, user: User, name: str, purpose: str, valid_to: date | None = None) -> str:
    """The new token's text; it cannot be read again later."""
    text = PREFIX + secrets.token_urlsafe(32)
    Token.objects.create(
        user=user,
        name=name,
        purpose=purpose,
        hash=token_hash(text),
        valid_from=timezone.localdate(),
        valid_to=valid_to,
    )
    return text


def user_of_token(*, text: str, purpose: str) -> User | None:
    """The person whose sight the token gives, or None: unknown, ended, for another purpose, or a closed account."""
    day = timezone.localdate()
    token = (
        Token.objects.select_related("user")
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), hash=token_hash(text), purpose=purpose)
        .filter(valid_from__lte=day, user__is_active=True)
        .first()
    )
    if token is None:
        return None
    now = timezone.now()
    if token.used_at is None or now - token.used_at > _NOTED_EVERY:
        Token.objects.filter(pk=token.pk).update(used_at=now)
    return token.user

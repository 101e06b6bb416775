"""Sign in and out, and change one's own settings."""

from __future__ import annotations

import hashlib
from contextlib import suppress

from django.conf import settings
from django.contrib.auth import authenticate
from django.core.cache import cache

from staff.models import User


class TooManyTriesError(Exception):
    """Signing in is paused for this user name from this address. `seconds` says for how long at most."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"paused for {seconds} s")
        self.seconds = seconds


def check_password(*, username: str, password: str, address: str) -> User | None:
    """The person, or None when the name or the password is wrong. Counts failures in Redis.

    Raises TooManyTriesError after settings.SIGN_IN_TRIES failures within settings.SIGN_IN_PAUSE seconds.
    """
    key = "sign-in:" + hashlib.sha256(f"{username.lower()}|{address}".encode()).hexdigest()
    if cache.get(key, 0) >= settings.SIGN_IN_TRIES:
        raise TooManyTriesError(settings.SIGN_IN_PAUSE)
    user = authenticate(None, username=username, password=password)
    if not isinstance(user, User):
        cache.add(key, 0, timeout=settings.SIGN_IN_PAUSE)
        # The pause may end between the two lines; the next failure counts from one again.
        with suppress(ValueError):
            cache.incr(key)
        return None
    cache.delete(key)
    return user


def set_language(*, user: User, language: str) -> None:
    user.language = language
    user.save(update_fields=["language"])

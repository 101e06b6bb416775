"""Sign in and out, and change one's own settings."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import authenticate

from staff.models import User
from staff.sign_in import is_paused


class TooManyTriesError(Exception):
    """Signing in is paused for this user name from this address. `seconds` says for how long at most."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"paused for {seconds} s")
        self.seconds = seconds


def check_password(*, username: str, password: str, address: str) -> User | None:
    """The person, or None when the name or the password is wrong. Failures are counted.

    Raises TooManyTriesError after settings.SIGN_IN_TRIES failures within settings.SIGN_IN_PAUSE seconds.
    """
    if is_paused(username=username, address=address):
        raise TooManyTriesError(settings.SIGN_IN_PAUSE)
    user = authenticate(None, username=username, password=password, address=address)
    return user if isinstance(user, User) else None


def set_language(*, user: User, language: str) -> None:
    user.language = language
    user.save(update_fields=["language"])

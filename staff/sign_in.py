"""The pause after too many failed sign-ins: counted in Redis per user name and address, for every door alike."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from staff.models import User


def address_of(request: HttpRequest) -> str:
    """Where the request comes from. The proxy in front overwrites X-Real-IP with what it saw itself."""
    found: str = request.META.get("HTTP_X_REAL_IP") or request.META.get("REMOTE_ADDR", "")
    return found


def _key(username: str, address: str) -> str:
    return "sign-in:" + hashlib.sha256(f"{username.lower()}|{address}".encode()).hexdigest()


def is_paused(*, username: str, address: str) -> bool:
    tries: int = cache.get(_key(username, address), 0)
    return tries >= settings.SIGN_IN_TRIES


def _note(*, username: str, address: str, succeeded: bool) -> None:
    key = _key(username, address)
    if succeeded:
        cache.delete(key)
        return
    cache.add(key, 0, timeout=settings.SIGN_IN_PAUSE)
    # The pause may end between the two lines; the next failure counts from one again.
    with suppress(ValueError):
        cache.incr(key)


class PausingBackend(ModelBackend):
    """Django's own check of the password, behind the pause. The administration's sign-in comes through here too."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        address: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        if username is None or password is None:
            return None
        place = address if address is not None else address_of(request) if request is not None else ""
        if is_paused(username=username, address=place):
            raise PermissionDenied
        user = super().authenticate(request, username=username, password=password, **kwargs)
        _note(username=username, address=place, succeeded=user is not None)
        return user if isinstance(user, User) else None

"""Read phones: one's own, those of the people one answers for, and what a phone may learn of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F

from staff.models import Device, Post
from staff.policy import may_end_sessions
from staff.scope import Scope, today

MOST = 50


@dataclass(frozen=True, slots=True)
class Fate:
    """What a phone may learn without signing in."""

    wipe: bool
    signed_out: bool


def device_row(device: Device, *, session_key: str | None) -> dict[str, Any]:
    return {
        "id": device.phone_id,
        "name": device.name,
        "first_seen": device.first_seen,
        "last_seen": device.last_seen,
        "signed_out_at": device.signed_out_at,
        "wipe_asked_at": device.wipe_asked_at,
        "wiped_at": device.wiped_at,
        "here": device.session_key == session_key and device.signed_out_at is None,
    }


def devices_of(*, user_id: int) -> list[Device]:
    """Signed-in phones first, then those seen last; at most MOST."""
    rows = Device.objects.filter(user_id=user_id)
    return list(rows.order_by(F("signed_out_at").desc(nulls_first=True), "-last_seen", "-pk")[:MOST])


def is_overseen(*, scope: Scope, user_id: int) -> bool:
    """Whether the scope may end the person's sessions: by their posts of today, else by those they held last.

    Whoever has no post any more may still have a phone with cases in the pocket.
    """
    posts = Post.objects.filter(user_id=user_id).values_list("area__code", "valid_from", "valid_to")
    day = today()
    held = [(code, end) for code, start, end in posts if start <= day]
    codes = [code for code, end in held if end is None or end > day]
    if not codes:
        last = max((end for _, end in held if end is not None), default=None)
        codes = [code for code, end in held if end == last]
    return any(may_end_sessions(scope=scope, code=code) for code in codes)


def device_in_sight(*, phone_id: UUID, scope: Scope) -> Device | None:
    """The row of whoever used the phone last, if it is the asker's own or one they may sign out."""
    rows = Device.objects.filter(phone_id=phone_id)
    device = rows.order_by(F("signed_out_at").desc(nulls_first=True), "-last_seen").first()
    if device is None:
        return None
    own = device.user_id == scope.user_id
    return device if own or is_overseen(scope=scope, user_id=device.user_id) else None


def may_list_devices(*, user_id: int, scope: Scope) -> bool:
    """Somebody unknown has no posts, so nobody oversees them."""
    return user_id == scope.user_id or is_overseen(scope=scope, user_id=user_id)


def fate_of(*, phone_id: UUID) -> Fate:
    """An unknown phone gets the answer of one with which nothing is the matter."""
    rows = list(Device.objects.filter(phone_id=phone_id))
    return Fate(
        wipe=any(row.wipe_asked_at is not None and row.wiped_at is None for row in rows),
        signed_out=bool(rows) and all(row.signed_out_at is not None for row in rows),
    )

"""Phones: registered by themselves, signed out and emptied from afar, forgotten after a while."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from importlib import import_module
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from staff.models import Device, User

logger = logging.getLogger(__name__)

NOTED_EVERY: Final = timedelta(minutes=10)
"""`last_seen` is written at most this often."""
FORGOTTEN_AFTER: Final = timedelta(days=90)
"""A phone that was signed out so long ago, and need not be emptied any more, is deleted from the list."""
OPENED: Final = (
    "name",
    "last_seen",
    "session_key",
    "signed_out_at",
    "signed_out_by",
    "wipe_asked_at",
    "wiped_at",
)
"""Fields that signing in on a known phone writes."""
_LOCK: Final = 0x574744  # "WGD": keeps this advisory lock apart from any other
_SYSTEMS: Final = (
    ("HarmonyOS", "HarmonyOS"),
    ("OpenHarmony", "HarmonyOS"),
    ("Android", "Android"),
    ("iPad", "iPad"),
    ("iPhone", "iPhone"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
# Apps show pages in a Chrome or Safari of their own and say so after it: what is most particular comes first.
_BROWSERS: Final = (
    ("wxwork", "企业微信"),
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("Lark", "飞书"),
    ("HuaweiBrowser", "华为浏览器"),
    ("MiuiBrowser", "小米浏览器"),
    ("HeyTapBrowser", "OPPO 浏览器"),
    ("VivoBrowser", "vivo 浏览器"),
    ("UCBrowser", "UC 浏览器"),
    ("MQQBrowser", "QQ 浏览器"),
    ("Quark", "夸克"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


class SessionEndedError(Exception):
    """This session was signed out from afar; it registers nothing any more."""


def device_name(user_agent: str) -> str:
    """In plain words what the header User-Agent tells: “Android · Chrome”; empty when it tells nothing."""
    found = (next((name for mark, name in known if mark in user_agent), "") for known in (_SYSTEMS, _BROWSERS))
    return " · ".join(filter(None, found))


def _end_session(key: str) -> None:
    """From the next request on it is nobody's. Ending it twice is no error."""
    import_module(settings.SESSION_ENGINE).SessionStore(key).delete()


def register_device(*, phone_id: UUID, user: User, name: str, session_key: str) -> Device:
    """This session of `user` is on that phone. Whoever had the phone before is signed out there.

    Registered again, it costs one statement; `last_seen` is written every NOTED_EVERY.
    A phone that is to be emptied stays so. Raises SessionEndedError for a session that was ended from afar.
    """
    now = timezone.now()
    device = Device.objects.filter(phone_id=phone_id, user=user, signed_out_at__isnull=True).first()
    if device is not None and (device.session_key, device.name) == (session_key, name):
        if now - device.last_seen >= NOTED_EVERY:
            device.last_seen = now
            device.save(update_fields=["last_seen"])
        return device
    device, ended = _open(phone_id=phone_id, user=user, name=name, session_key=session_key, now=now)
    for key in ended:
        _end_session(key)
    return device


@transaction.atomic
def _open(*, phone_id: UUID, user: User, name: str, session_key: str, now: datetime) -> tuple[Device, list[str]]:
    """The row of this person, and the sessions of others that end with it."""
    with connection.cursor() as cursor:
        # Two tabs of a new phone come at once, and there is no row yet to lock.
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, str(phone_id)])
    rows = list(Device.objects.filter(phone_id=phone_id).select_for_update())
    if any(row.session_key == session_key and row.signed_out_at is not None for row in rows):
        raise SessionEndedError
    others = [row for row in rows if row.user_id != user.pk and row.signed_out_at is None]
    for row in others:
        _close(row, by=user, now=now)
    device = next((row for row in rows if row.user_id == user.pk), None)
    device = device or Device(phone_id=phone_id, user=user, first_seen=now)
    device.name, device.last_seen, device.session_key = name, now, session_key
    device.signed_out_at = device.signed_out_by = None
    if device.wiped_at is not None:
        device.wipe_asked_at = device.wiped_at = None
    device.save(update_fields=None if device.pk is None else OPENED)
    return device, [row.session_key for row in others]


def _close(device: Device, *, by: User, now: datetime) -> None:
    device.signed_out_at, device.signed_out_by = now, by
    device.save(update_fields=["signed_out_at", "signed_out_by"])


def sign_out_device(*, device: Device, by: User, wipe: bool) -> Device:
    """End the session of this phone, and of no other; with `wipe` the phone empties itself as soon as it hears of it.

    Asked twice, the first moment stands; a phone that was signed out may still be told to empty itself.
    """
    device = _sign_out(device_id=device.pk, by=by, wipe=wipe, now=timezone.now())
    # After the commit: a request in between would read the row from the database and keep it in Redis again.
    # Registering is refused meanwhile; whoever asks once more after a failure ends the session then.
    _end_session(device.session_key)
    logger.info("device_signed_out device=%s by=%s wipe=%s", device.pk, by.pk, wipe)
    return device


@transaction.atomic
def _sign_out(*, device_id: int, by: User, wipe: bool, now: datetime) -> Device:
    device = Device.objects.select_for_update().get(pk=device_id)
    if device.signed_out_at is None:
        _close(device, by=by, now=now)
    if wipe and (device.wipe_asked_at is None or device.wiped_at is not None):
        device.wipe_asked_at, device.wiped_at = now, None
        device.save(update_fields=["wipe_asked_at", "wiped_at"])
    return device


def sign_out_everywhere(*, user: User, by: User, wipe: bool) -> int:
    """All phones of the person that are signed in, or could still hold something; how many."""
    devices = list(Device.objects.filter(user=user, wiped_at__isnull=True))
    # A phone that somebody else uses meanwhile is theirs to sign out.
    taken = set(
        Device.objects.filter(phone_id__in=[row.phone_id for row in devices], signed_out_at__isnull=True)
        .exclude(user=user)
        .values_list("phone_id", flat=True)
    )
    left = [row for row in devices if row.phone_id not in taken]
    for device in left:
        sign_out_device(device=device, by=by, wipe=wipe)
    return len(left)


def note_own_sign_out(*, session_key: str | None, by: User) -> None:
    """The person signed out on the phone itself."""
    if session_key:
        rows = Device.objects.filter(session_key=session_key, user=by, signed_out_at__isnull=True)
        rows.update(signed_out_at=timezone.now(), signed_out_by=by)


def note_wiped(*, phone_id: UUID) -> None:
    """The phone says that it is empty. Without having been asked that changes nothing."""
    rows = Device.objects.filter(phone_id=phone_id, wipe_asked_at__isnull=False, wiped_at__isnull=True)
    if rows.update(wiped_at=timezone.now()):
        logger.info("device_wiped phone=%s", phone_id)


def forget_devices(*, now: datetime) -> int:
    """Delete what was signed out FORGOTTEN_AFTER ago; how many. May run twice.

    A phone that is still to be emptied stays: it may be switched on after a year.
    """
    done = Q(wipe_asked_at__isnull=True) | Q(wiped_at__isnull=False)
    gone, _ = Device.objects.filter(done, signed_out_at__lt=now - FORGOTTEN_AFTER).delete()
    return gone

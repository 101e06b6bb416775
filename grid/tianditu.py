"""天地图 through our own proxy: the key stays on the server, tiles are kept on disk, and no page calls a foreign host.

Its Web Mercator layers (`vec_w`, names in `cva_w`) are in CGCS2000, which is WGS-84 to within the width of a line.
Nothing here logs an address: it carries the key.
"""

from __future__ import annotations

import contextlib
import http.client
import logging
import os
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache

logger = logging.getLogger(__name__)

LAYERS: Final = {"tiles": "vec", "labels": "cva"}
MIN_ZOOM: Final = 1
MAX_ZOOM: Final = 18
AGE: Final = 30 * 86_400
"""Seconds for which a kept tile is not asked for again. An older one still serves while 天地图 does not answer."""
MOST_BYTES: Final = 512 * 1024 * 1024
"""What the kept tiles may take on disk; the background job deletes the oldest beyond it."""
TIMEOUT: Final = 5.0
PAUSE: Final = 20
"""Seconds without another try after a failure: else every request for a tile would hold a thread for its timeout."""
AT_ONCE: Final = 2
"""Tiles one process fetches at once, of its four threads: the others stay free for everybody else."""
_LARGEST: Final = 1024 * 1024
_PAUSED: Final = "basemap:paused"
_SIGNS: Final = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}

_slots = threading.BoundedSemaphore(AT_ONCE)


class UpstreamError(Exception):
    """天地图 refused, or sent something that is no picture."""


class UpstreamTimeoutError(UpstreamError):
    """天地图 did not answer in time, or not at all."""


class BusyError(Exception):
    """This process already fetches as many tiles as it may."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The key goes to the host of the setting and to no other."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirect)


def media_type(content: bytes) -> str | None:
    """By the first bytes; None for what is no picture."""
    return next((kind for sign, kind in _SIGNS.items() if content.startswith(sign)), None)


def _path(layer: str, z: int, x: int, y: int) -> Path:
    return Path(settings.VAR_DIR) / "basemap" / layer / str(z) / str(x) / str(y)


def _kept(path: Path, *, however_old: bool = False) -> bytes | None:
    try:
        if however_old or time.time() - path.stat().st_mtime < AGE:
            return path.read_bytes()
    except OSError:
        pass
    return None


def _keep(path: Path, content: bytes) -> None:
    """Whole or not at all. A full disk is no reason to show no map."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".")
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.replace(name, path)
    except OSError as error:
        logger.error("base_map_not_kept error=%s", type(error).__name__)


def tianditu_tile(*, layer: str, z: int, x: int, y: int) -> bytes:
    """A tile of `tiles` or `labels`: from disk, or fetched and kept; empty where the service has none.

    Raises UpstreamTimeoutError, UpstreamError or BusyError; for PAUSE seconds after the first two without trying.
    """
    path = _path(layer, z, x, y)
    if (content := _kept(path)) is not None:
        return content
    try:
        content = _fetched(layer, z, x, y)
    except (UpstreamError, BusyError):
        old = _kept(path, however_old=True)
        if old is None:
            raise
        return old
    _keep(path, content)
    return content


def _fetched(layer: str, z: int, x: int, y: int) -> bytes:
    failed = cache.get(_PAUSED)
    if failed is not None:
        raise UpstreamTimeoutError if failed == "timeout" else UpstreamError
    if not _slots.acquire(timeout=1.0):
        raise BusyError
    try:
        return _ask(_address(layer, z, x, y))
    except UpstreamError as error:
        slow = isinstance(error, UpstreamTimeoutError)
        cache.set(_PAUSED, "timeout" if slow else "error", timeout=PAUSE)
        logger.warning("base_map_upstream tile=%s/%d/%d/%d error=%s", layer, z, x, y, error)
        raise
    finally:
        _slots.release()


def _address(layer: str, z: int, x: int, y: int) -> str:
    name = LAYERS[layer]
    query = {
        "SERVICE": "WMTS",
        "REQUEST": "GetTile",
        "VERSION": "1.0.0",
        "LAYER": name,
        "STYLE": "default",
        "TILEMATRIXSET": "w",
        "FORMAT": "tiles",
        "TILEMATRIX": z,
        "TILEROW": y,
        "TILECOL": x,
        "tk": settings.TIANDITU_KEY,
    }
    # The eight servers share the load by place, so that the same tile always comes from the same one.
    host = settings.TIANDITU_URL.replace("{s}", str((x + y) % 8)).rstrip("/")
    return f"{host}/{name}_w/wmts?{urlencode(query)}"


def _ask(address: str) -> bytes:
    """The picture, or nothing where the service has none. The errors' messages never name the address."""
    end = time.monotonic() + TIMEOUT
    request = urllib.request.Request(address, headers={"User-Agent": "Wangge", "Accept": "image/*"})
    try:
        with _opener.open(request, timeout=TIMEOUT) as answer:
            content = b"".join(_pieces(answer, end=end))
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return b""
        raise UpstreamError(f"status {error.code}") from None
    except TimeoutError:
        raise UpstreamTimeoutError("timeout") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise UpstreamTimeoutError(type(reason).__name__) from None
    if media_type(content) is None:
        raise UpstreamError("not a picture")
    return content


def _pieces(answer: IO[bytes], *, end: float) -> Iterator[bytes]:
    """The body; a server that sends drop by drop, or without end, is cut off."""
    size = 0
    while piece := answer.read(16 * 1024):
        size += len(piece)
        if time.monotonic() > end:
            raise TimeoutError
        if size > _LARGEST:
            raise UpstreamError("too large")
        yield piece


def prune_kept_tiles(*, now: float, most_bytes: int = MOST_BYTES) -> int:
    """Delete kept tiles that are twice too old, and the oldest beyond the size; how many. May run twice and at once."""
    found = []
    for path in (Path(settings.VAR_DIR) / "basemap").glob("*/*/*/*"):
        with contextlib.suppress(OSError):
            stat = path.stat()
            found.append((stat.st_mtime, stat.st_size, path))
    found.sort(reverse=True)
    size = deleted = 0
    for changed, length, path in found:
        size += length
        if size > most_bytes or now - changed > 2 * AGE:
            path.unlink(missing_ok=True)
            deleted += 1
    return deleted

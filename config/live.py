"""The live process: tells open pages which cases changed, so that they read them again. It carries ids, no contents.

The database announces committed events (`NOTIFY case_event`, a trigger); one connection listens for all pages, and each
page is told only of cases that `visible_to` shows to its person.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any, Final

import orjson
import psycopg
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from psycopg.conninfo import make_conninfo

from cases.models import Case
from config.api import json_error
from staff.models import User

logger = logging.getLogger(__name__)

PING: Final = 15
"""Seconds between signs of life, so that proxies keep the stream open and a dead one is noticed."""
QUEUE: Final = 1000
"""Ids a slow page may fall behind; then it is told to read everything again."""

EVERYTHING: Final = 0
"""Stands for "too much at once": the page is greeted anew and reads everything again."""


class Hub:
    """Fans ids out to the open pages; listens while there is at least one."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[int]] = set()
        self._task: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def subscribed(self) -> AsyncIterator[asyncio.Queue[int]]:
        queue: asyncio.Queue[int] = asyncio.Queue(QUEUE)
        self._queues.add(queue)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen())
        try:
            yield queue
        finally:
            self._queues.discard(queue)
            if not self._queues and self._task is not None:
                self._task.cancel()
                self._task = None

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(_conninfo(), autocommit=True) as connection:
                    await connection.execute("LISTEN case_event")
                    async for notice in connection.notifies():
                        self._tell(int(notice.payload))
            except (psycopg.Error, OSError) as error:
                logger.warning("live_listen_failed error=%s", type(error).__name__)
                await asyncio.sleep(2)

    def _tell(self, case_id: int) -> None:
        for queue in self._queues:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                case_id = EVERYTHING
            queue.put_nowait(case_id)


def _conninfo() -> str:
    database: dict[str, Any] = settings.DATABASES["default"]
    return make_conninfo(
        host=database["HOST"],
        port=database["PORT"],
        dbname=database["NAME"],
        user=database["USER"],
        password=database["PASSWORD"],
    )


hub = Hub()


def _seen(user: User, case_id: int) -> object | None:
    """The case's version, if the person may see it. A fresh user object each time: posts may have ended meanwhile."""
    close_old_connections()
    try:
        person = User.objects.filter(pk=user.pk, is_active=True).first()
        if person is None:
            return None
        return Case.objects.visible_to(person).filter(pk=case_id).values("id", "version").first()
    finally:
        close_old_connections()


def _event(name: str, data: object) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + orjson.dumps(data) + b"\n\n"


async def _events(user: User) -> AsyncIterator[bytes]:
    async with hub.subscribed() as queue:
        yield b"retry: 3000\n" + _event("hello", {})
        while True:
            try:
                case_id = await asyncio.wait_for(queue.get(), PING)
            except TimeoutError:
                yield b": ping\n\n"
                continue
            if case_id == EVERYTHING:
                yield _event("hello", {})
                continue
            seen = await sync_to_async(_seen)(user, case_id)
            if seen is not None:
                yield _event("case", seen)


async def stream(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """GET /sse/: `hello`, then `case` with id and version for each visible case that changed."""
    user = await request.auser()
    if not isinstance(user, User):
        return json_error(code="not_authenticated", message="Sign in first.", http_status=401)
    response = StreamingHttpResponse(_events(user), content_type="text/event-stream")
    response["Cache-Control"] = "no-cache"
    response["X-Accel-Buffering"] = "no"
    return response

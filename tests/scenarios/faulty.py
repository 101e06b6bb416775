"""A bad net between a phone and the server: a small HTTP proxy on loopback that does, by a seeded plan, what nets do.

What happens to a request depends on nothing but the phone that sent it (`X-Phone`) and how many it sent before, so the
same seed meets the same net. `X-Calm: 1` is a good net.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

FAULTS: Final[dict[str, int]] = {
    "lost": 6,  # never arrives
    "torn": 4,  # arrives in part
    "unanswered": 8,  # is carried out, and nobody hears of it
    "half_answered": 5,  # is carried out, and the answer breaks off in the middle
    "bad_gateway": 4,  # a front server answers in place of the real one
    "bad_gateway_after": 4,  # the same, but it was carried out
    "portal": 4,  # the net of a hotel: it answers everything itself, with 200 and a page to sign in
    "slow": 5,  # takes its time, both ways
    "none": 60,
}
"""In hundredths."""
SAID_INSTEAD: Final = {
    "portal": (b"200 OK", b"<!doctype html><title>Wi-Fi</title><p>Please sign in."),
    "bad_gateway": (b"502 Bad Gateway", b"<h1>502 Bad Gateway</h1>"),
}
LONGEST_WAIT: Final = 0.12


@dataclass
class Head:
    """The first lines of a request or an answer, as they came."""

    lines: bytes

    def value(self, name: str) -> str:
        for line in self.lines.decode("latin-1").split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.strip().lower() == name:
                return value.strip()
        return ""

    @property
    def length(self) -> int:
        return int(self.value("content-length") or 0)


class Gone(Exception):
    """This connection is over."""


@dataclass
class FaultyProxy:
    """`with FaultyProxy(port) as proxy:` then `proxy.port` leads to `port`, mostly. `met` counts what happened."""

    upstream: int
    port: int = 0
    met: Counter[str] = field(default_factory=Counter)
    _plans: dict[str, random.Random] = field(default_factory=dict)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _thread: threading.Thread | None = None

    def __enter__(self) -> FaultyProxy:
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        assert started.wait(10), "the proxy did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        if self._thread is not None:
            self._thread.join(10)

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(Gone, OSError, EOFError, asyncio.IncompleteReadError):
            while True:
                head = Head(await _head(reader))
                await self._pass(head, await reader.readexactly(head.length), writer)
        writer.close()

    def _planned(self, head: Head) -> tuple[str, random.Random]:
        phone = head.value("x-phone")
        plan = self._plans.setdefault(phone, random.Random(phone))
        # Drawn in good times too, so that a later plan does not depend on when they were.
        (fault,) = plan.choices(list(FAULTS), list(FAULTS.values()))
        return "none" if head.value("x-calm") or not phone else fault, plan

    async def _pass(self, head: Head, body: bytes, writer: asyncio.StreamWriter) -> None:
        fault, plan = self._planned(head)
        wait = plan.random() * LONGEST_WAIT if fault == "slow" else 0
        self.met[fault] += 1
        if fault in ("lost", "torn"):
            await self._tear(head, body, torn=fault == "torn")
        if fault in SAID_INSTEAD:
            return await _say(writer, *SAID_INSTEAD[fault])
        await asyncio.sleep(wait)
        # From here on it is carried out, also if the phone is gone by now.
        answer = await self._ask(head, body)
        await asyncio.sleep(wait)
        return await self._answer(fault, answer, writer)

    @staticmethod
    async def _answer(fault: str, answer: bytes, writer: asyncio.StreamWriter) -> None:
        if fault == "unanswered":
            raise Gone
        if fault == "bad_gateway_after":
            return await _say(writer, *SAID_INSTEAD["bad_gateway"])
        writer.write(answer[: max(len(answer) - 9, len(answer) // 2)] if fault == "half_answered" else answer)
        await writer.drain()
        if fault == "half_answered":
            raise Gone
        return None

    async def _tear(self, head: Head, body: bytes, *, torn: bool) -> None:
        if torn:
            _, writer = await asyncio.open_connection("127.0.0.1", self.upstream)
            writer.write(head.lines + body[: len(body) // 2] if body else head.lines[:-3])
            await writer.drain()
            writer.close()
        raise Gone

    async def _ask(self, head: Head, body: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        try:
            writer.write(_closing(head.lines) + body)
            await writer.drain()
            return await reader.read()
        finally:
            writer.close()


def _closing(lines: bytes) -> bytes:
    """The same request on a connection of its own: its answer ends with it."""
    first, *others = lines.removesuffix(b"\r\n\r\n").split(b"\r\n")
    kept = [line for line in others if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([first, *kept, b"Connection: close", b"", b""])


async def _head(reader: asyncio.StreamReader) -> bytes:
    return await reader.readuntil(b"\r\n\r\n")


async def _say(writer: asyncio.StreamWriter, status: bytes, page: bytes) -> None:
    length = str(len(page)).encode()
    writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Type: text/html\r\nContent-Length: " + length)
    writer.write(b"\r\n\r\n" + page)
    await writer.drain()

"""Who sits at which screen: signed-in browser pages of the demo town's people, watched for what must never happen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request, Response, expect

from tests.browser.product import Product

CHROMIUM: Final = "/usr/bin/chromium"
ARGUMENTS: Final = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
SCREENS: Final[dict[str, dict[str, Any]]] = {
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
    "small phone": {"viewport": {"width": 360, "height": 640}, "is_mobile": True, "has_touch": True},
    "desk": {"viewport": {"width": 1440, "height": 900}},
    "wall": {"viewport": {"width": 1920, "height": 1080}},
}
LOCALES: Final = {
    "zh-hans": {"locale": "zh-CN", "timezone_id": "Asia/Shanghai"},
    "en": {"locale": "en-GB", "timezone_id": "Asia/Shanghai"},
}
RIBBON: Final = {"zh-hans": "演示数据 · 虚构", "en": "Demo data · fictional"}
PATIENCE_MS: Final = 10_000


@contextmanager
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield browser
    browser.close()


@dataclass
class Watch:
    """Everything a page complained about. A refusal by the server is named by the test that provokes it."""

    address: str
    complaints: list[str] = field(default_factory=list)
    announced: list[tuple[int | None, str]] = field(default_factory=list)

    def on(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"uncaught: {error.error}"))
        context.on("request", self._request)

    def announce(self, status: int | None, path: str) -> None:
        """This test makes the server answer so (None: makes the network fail); the browser will say it once or more."""
        self.announced.append((status, path))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        place = message.location.get("url", "")
        if not any(self._is_announced(message.text, place, *one) for one in self.announced):
            self.complaints.append(f"console {message.type}: {message.text} ({place})")

    @staticmethod
    def _is_announced(text: str, place: str, status: int | None, path: str) -> bool:
        said = f"the server responded with a status of {status} " if status else "net::ERR_"
        return text.startswith("Failed to load resource") and said in text and path in place

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and f"{parts.scheme}://{parts.netloc}" != self.address:
            self.complaints.append(f"foreign host: {request.url}")


@dataclass
class People:
    """Opens pages as somebody, and closes them all at the end of a test."""

    product: Product
    browser: Browser
    watch: Watch
    kept: dict[tuple[str, str], Any]
    contexts: list[BrowserContext] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)

    def stranger(self, path: str = "/", *, screen: str = "desk", language: str = "zh-hans", **more: Any) -> Page:
        """A page without a session."""
        options = LOCALES[language]
        context = self.browser.new_context(
            base_url=self.product.address, reduced_motion="reduce", **options, **SCREENS[screen], **more
        )
        context.set_default_timeout(PATIENCE_MS)
        # Chosen before the first page, as on a screen that somebody has used before; later choices stay.
        remember = f"localStorage.getItem('wangge.language') ?? localStorage.setItem('wangge.language', '{language}')"
        context.add_init_script(f"if (location.protocol === 'http:') {remember}")
        self.watch.on(context)
        context.on("response", lambda answer: self.answers.append(answer))
        self.contexts.append(context)
        page = context.new_page()
        if path:
            page.goto(path)
        return page

    def own_phone(self, folder: Path, *, language: str = "zh-hans", **more: Any) -> BrowserContext:
        """A phone that keeps what it has in `folder` when the browser is killed: close it, and take it up again."""
        context = self.browser.browser_type.launch_persistent_context(
            folder,
            executable_path=CHROMIUM,
            args=ARGUMENTS,
            base_url=self.product.address,
            reduced_motion="reduce",
            **LOCALES[language],
            **SCREENS["phone"],
            **more,
        )
        context.set_default_timeout(PATIENCE_MS)
        self.watch.on(context)
        self.contexts.append(context)
        return context

    def open(self, role: str, path: str = "/", **more: Any) -> Page:
        """A page of this person, already signed in."""
        page = self.stranger("", **more)
        self.sign_in(page.context, role)
        page.goto(path)
        return page

    def sign_in(self, context: BrowserContext, role: str) -> None:
        """With the session that an earlier test of this run got, if there is one: argon2 is slow on purpose."""
        if ("cookies", role) not in self.kept:
            with closing(self.product.person(role)) as client:
                self.kept["cookies", role] = [
                    {"name": name, "value": value, "url": self.product.address}
                    for name, value in client.cookies.items()
                ]
        context.add_cookies(self.kept["cookies", role])

    def pages(self) -> list[Page]:
        return [page for context in self.contexts for page in context.pages if page.url.startswith("http")]

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        self.contexts.clear()


def expect_ribbon(page: Page) -> None:
    """Every page of a demo says so, in its language."""
    expect(page.get_by_text(re.compile("|".join(RIBBON.values()))).first).to_be_visible()

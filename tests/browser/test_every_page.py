"""Every page of both apps, in both languages and all states: nothing that axe calls serious, nothing untranslated."""

from __future__ import annotations

import contextlib
import re
import time
from typing import Any, Final

import pytest
from playwright.sync_api import Error, Page, Response

from deploy.places import ROOT
from tests.browser.pages import CENTER, FIELD, Facts, Scene, learn
from tests.browser.people import PATIENCE_MS, People
from tests.browser.product import Product

pytestmark = pytest.mark.browser

AXE: Final = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
HAN: Final = re.compile(r"[\u3400-\u9fff\uff01-\uff5e\u3001-\u3011]+")
# What people wrote or are called stays in their language; names of categories, acts, states and roles do not.
WRITTEN: Final = {
    *("description", "text", "caption", "display_name", "handles", "subject", "html", "area_name", "basis"),
    *("organisation_name", "person_name", "authority"),
    *("address", "note", "reason", "made_by", "person", "owner", "title", "file_name"),
}
TRANSLATED_NAMES: Final = {"category", "acts", "fields", "choices", "kind"}
# All text that can be read, but for parts that say themselves to be Chinese: the switch to 中文.
READ_ALL: Final = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const found = [document.title]
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const around = node.parentElement
    if (!around.closest('[lang^=zh]:not(html), script, style') && around.checkVisibility()) found.push(node.data)
  }
  for (const named of document.querySelectorAll('[aria-label], [placeholder], [alt], [title]')) {
    if (named.closest('[lang^=zh]:not(html)')) continue
    for (const name of ['aria-label', 'placeholder', 'alt', 'title']) found.push(named.getAttribute(name) ?? '')
  }
  return found
}"""


@pytest.fixture(scope="module")
def facts(product: Product) -> Facts:
    return learn(product)


def violations(page: Page) -> list[str]:
    """What axe calls serious or critical, with the elements it means."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    grave = [one for one in found if one["impact"] in ("serious", "critical")]
    return [f"{one['id']}: {[node['target'] for node in one['nodes']]}" for one in grave]


def written(data: Any, key: str = "", inside: str = "") -> set[str]:
    """Every text in an answer that is somebody's words or name."""
    if isinstance(data, dict):
        return set().union(*(written(value, name, key or inside) for name, value in data.items()))
    if isinstance(data, list):
        return set().union(*(written(value, key, inside) for value in data))
    is_name = key == "name" and inside not in TRANSLATED_NAMES
    return {data} if isinstance(data, str) and (key in WRITTEN or is_name) else set()


def left_in_chinese(page: Page, answers: list[Response]) -> list[str]:
    said: set[str] = set()
    for answer in answers:
        path = answer.url.partition("?")[0]
        if answer.ok and "/api/v1/" in path and "json" in answer.headers.get("content-type", ""):
            # One that was still on its way when its page was left has no body any more, and stands nowhere.
            with contextlib.suppress(Error):
                data = answer.json()
                said |= set() if path.endswith("/categories/") else written(data)
    texts: list[str] = page.evaluate(READ_ALL)
    for own in sorted(said, key=len, reverse=True):
        texts = [text.replace(own, "") for text in texts]
    # An initial or a cut-off line is part of somebody's words too.
    rest = (text.strip() for text in texts if HAN.search(text))
    return [text for text in rest if not any(text in own for own in said)]


def finally_in_chinese(page: Page, answers: list[Response]) -> list[str]:
    """The phone shows what it holds first: what the server says in the other language comes after it."""
    until = time.monotonic() + PATIENCE_MS / 1000
    while (left := left_in_chinese(page, answers)) and time.monotonic() < until:
        page.wait_for_timeout(200)
    return left


def name_of(scene: Scene) -> str:
    return f"{scene.app}-{scene.name}-{scene.state}"


def check(page: Page, people: People, language: str) -> None:
    assert violations(page) == [], language
    assert page.evaluate("document.documentElement.lang") == ("en" if language == "en" else "zh-Hans")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the screen"
    if language == "en":
        assert finally_in_chinese(page, people.answers) == []


@pytest.mark.parametrize("scene", [*CENTER, *FIELD], ids=name_of)
def test_page(people: People, facts: Facts, scene: Scene) -> None:
    if scene.state == "error":
        people.watch.announce(502, "/api/v1/")
    if scene.state == "unsent":
        people.watch.announce(None, "/api/v1/")
    if scene.name == "case-missing":
        people.watch.announce(404, "/api/v1/cases/")
    page = scene.open(people, facts, language="zh-hans", screen="phone" if scene.app == "field" else "desk")
    check(page, people, "zh-hans")
    people.answers.clear()
    page.evaluate("localStorage.setItem('wangge.language', 'en')")
    scene.stand(page, facts)
    check(page, people, "en")

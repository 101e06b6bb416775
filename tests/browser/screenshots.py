"""python -m tests.browser.screenshots OUT_DIR [NAME …]: a picture of every page, in every state, size and language.

The field app on a small phone also in large letters on dark.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from playwright.sync_api import expect, sync_playwright

from tests.browser.pages import CENTER, FIELD, Facts, Scene, learn
from tests.browser.people import PATIENCE_MS, People, Watch, chromium
from tests.browser.product import running_product

SCREENS = {"field": ("phone", "small phone"), "center": ("phone", "desk", "wall")}
LANGUAGES = {"zh": "zh-hans", "en": "en"}
LARGE_AND_DARK: Final = """
  localStorage.setItem('wangge.look.theme', 'dark')
  localStorage.setItem('wangge.look.size', 'large')
  dispatchEvent(new Event('wangge-look'))
"""


def take(*, people: People, facts: Facts, scenes: Iterable[Scene], folder: Path) -> None:
    for scene in scenes:
        for short, language in LANGUAGES.items():
            for screen in SCREENS[scene.app]:
                page = scene.open(people, facts, language=language, screen=screen)
                # Tooltips and live badges come a moment after the content.
                page.wait_for_timeout(500)
                name = f"{scene.app}-{scene.name}-{scene.state}-{screen.replace(' ', '-')}-{short}.png"
                # A dialog over a page is what the eye sees, not the page's whole length behind it.
                whole = scene.app == "field" and scene.press is None
                page.screenshot(path=folder / name, full_page=whole)
                if screen == "small phone":
                    page.evaluate(LARGE_AND_DARK)
                    # Colours fade over.
                    page.wait_for_timeout(300)
                    page.screenshot(path=folder / name.replace("small-phone", "large-dark"), full_page=whole)
                people.close()
                sys.stdout.write(f"{name}\n")


def main(folder: Path, wanted: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=PATIENCE_MS)
    with running_product() as product, sync_playwright() as playwright, chromium(playwright) as browser:
        people = People(product=product, browser=browser, watch=Watch(product.address), kept={})
        scenes = [one for one in (*CENTER, *FIELD) if not wanted or f"{one.app}-{one.name}" in wanted]
        take(people=people, facts=learn(product), scenes=scenes, folder=folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])

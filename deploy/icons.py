"""Draw the icons of the field app from the product's mark: `python deploy/icons.py`. What it draws is committed.

Needs Chromium, as the browser tests do. tests/config/test_manifest.py tells when the icons are older than the mark.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

FRONTEND: Final = Path(__file__).resolve().parent.parent / "frontend"
MARK: Final = FRONTEND / "src" / "shared" / "styles" / "mark.svg"
ICONS: Final = FRONTEND / "public" / "icons"
SAFE: Final = 0.72
"""Share of the side that the mark fills where the system cuts the icon to a shape of its own (a circle at worst)."""


def full_bleed(mark: str) -> str:
    """The mark on a ground without corners, small enough to survive any cut."""
    found = re.fullmatch(r"(<svg[^>]*>)(<rect[^>]*/>)(.*)(</svg>)", mark.strip(), flags=re.DOTALL)
    if found is None:
        raise SystemExit(f"{MARK}: expected one rect and what lies on it")
    head, ground, picture, tail = found.groups()
    edge = 16 * (1 - SAFE)
    inner = f'<g transform="translate({edge} {edge}) scale({SAFE})">{picture}</g>'
    return head + re.sub(r' rx="[^"]*"', "", ground) + inner + tail


def main() -> None:
    mark = MARK.read_text(encoding="utf-8")
    wanted = {
        "icon-192.png": (mark, 192),
        "icon-512.png": (mark, 512),
        "maskable-192.png": (full_bleed(mark), 192),
        "maskable-512.png": (full_bleed(mark), 512),
        "apple-touch-180.png": (full_bleed(mark), 180),
    }
    ICONS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, (svg, side) in wanted.items():
            page = browser.new_page(viewport={"width": side, "height": side})
            page.set_content(f"<style>body{{margin:0}}svg{{display:block;width:{side}px;height:{side}px}}</style>{svg}")
            page.screenshot(path=ICONS / name, omit_background=True)
            page.close()
        browser.close()
    (ICONS / "mark.sha256").write_text(hashlib.sha256(MARK.read_bytes()).hexdigest() + "\n", encoding="ascii")


if __name__ == "__main__":
    main()

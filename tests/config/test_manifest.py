"""How a phone puts the field app on its home screen: a manifest in its language, and icons of our own."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from django.conf import settings as site
from django.test import Client
from PIL import Image

FRONTEND = Path(site.BASE_DIR) / "frontend"
ICONS = FRONTEND / "public" / "icons"
MARK = FRONTEND / "src" / "shared" / "styles" / "mark.svg"


@pytest.fixture
def manifest(own_places, db):
    def ask(language: str = "zh-Hans") -> dict:
        answer = Client(headers={"accept-language": language}).get("/m/manifest.webmanifest")
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/manifest+json"
        return answer.json()

    return ask


def test_it_is_an_app_of_its_own_within_m(manifest):
    told = manifest()
    assert (told["id"], told["start_url"], told["scope"], told["display"]) == ("/m/", "/m/", "/m/", "standalone")
    assert [shortcut["url"] for shortcut in told["shortcuts"]] == ["/m/report"]


@pytest.mark.parametrize(
    ("language", "lang", "name", "short"),
    [("zh-Hans", "zh-Hans", "网格 · 现场", "网格"), ("en", "en", "Wangge · field", "Wangge")],
)
def test_it_is_in_the_language_asked_for(manifest, language, lang, name, short):
    told = manifest(language)
    assert (told["lang"], told["name"], told["short_name"]) == (lang, name, short)


def test_every_icon_is_there_in_the_size_it_says(manifest):
    told = manifest()
    assert {(icon["sizes"], icon["purpose"]) for icon in told["icons"]} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("192x192", "maskable"),
        ("512x512", "maskable"),
    }
    for icon in (*told["icons"], *told["shortcuts"][0]["icons"]):
        folder, _, name = icon["src"].rpartition("/")
        assert folder == "/static/app/icons"
        with Image.open(ICONS / name) as picture:
            assert (f"{picture.width}x{picture.height}", picture.format) == (icon["sizes"], "PNG")


@pytest.mark.parametrize("name", ["maskable-192", "maskable-512", "apple-touch-180"])
def test_what_is_cut_to_shape_is_full_to_the_edge(name):
    with Image.open(ICONS / f"{name}.png") as picture:
        assert {
            picture.convert("RGBA").getpixel((x, y)) for x in (0, picture.width - 1) for y in (0, picture.height - 1)
        } == {(11, 85, 99, 255)}


def test_the_icons_are_those_of_the_mark():
    drawn_from = (ICONS / "mark.sha256").read_text(encoding="ascii").strip()
    assert drawn_from == hashlib.sha256(MARK.read_bytes()).hexdigest(), "run: python deploy/icons.py"


def test_a_stranger_gets_it_too_and_no_cookie_with_it(own_places, db):
    answer = Client().get("/m/manifest.webmanifest")
    assert answer.status_code == 200
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-cache"

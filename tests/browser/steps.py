"""What people do on the pages, in their words, for tests whose subject is something else."""

from __future__ import annotations

import io
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

import httpx
from PIL import Image, ImageDraw
from playwright.sync_api import Error, FilePayload, Locator, Page, expect
from shapely.geometry import shape

from tests.browser.product import Product

CONTROLLED: Final = """async () => {
  const { serviceWorker } = navigator
  await serviceWorker.ready
  if (!serviceWorker.controller) await new Promise((done) => (serviceWorker.oncontrollerchange = done))
}"""
"""On the phone: from here on the app itself opens without signal."""


def kill(page: Page) -> None:
    """The app is gone from one moment to the next.

    A page that is merely closed comes to its end only after the browser's own "no signal" was taken off it: in that
    moment it hears that it is online and may still send something.
    """
    with suppress(Error):
        page.goto("chrome://crash")
    page.close()


@dataclass(frozen=True, slots=True)
class Spot:
    """A place well inside a cell."""

    code: str
    lon: float
    lat: float

    @property
    def fix(self) -> dict[str, float]:
        """What the phone's GPS says there."""
        return {"longitude": self.lon, "latitude": self.lat, "accuracy": 12}


def own_spot(product: Product) -> Spot:
    """In the cell of the demo's grid worker."""
    code = product.sign_ins["grid_worker"]["area"]
    with closing(product.person("grid_worker")) as client:
        rows = client.get("areas/", params={"level": "cell", "geometry": 1}).json()["results"]
    point = shape(next(row["geometry"] for row in rows if row["code"] == code)).representative_point()
    return Spot(code=code, lon=point.x, lat=point.y)


def photo(words: str = "井盖") -> FilePayload:
    """A drawn picture: no photo of a real place."""
    image = Image.new("RGB", (1600, 1200), "#8fa6ad")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 760, 1600, 1200), fill="#5b6b70")
    draw.ellipse((560, 820, 1040, 1060), fill="#2c3a40", outline="#c5d1d5", width=12)
    data = io.BytesIO()
    image.save(data, "JPEG", quality=80)
    return {"name": f"{words}.jpg", "mimeType": "image/jpeg", "buffer": data.getvalue()}


def choose_category(page: Page, first: str, second: str) -> None:
    """On the phone: the tile, then the line in the sheet."""
    page.get_by_role("button", name=first, exact=True).tap()
    page.get_by_role("dialog").get_by_role("button", name=second).tap()


def fill_report(page: Page, words: str) -> None:
    page.get_by_role("textbox", name="情况").fill(words)
    choose_category(page, "环境卫生", "垃圾")


def report(client: httpx.Client, spot: Spot, words: str) -> dict[str, object]:
    """A case, reported at another phone."""
    body = {"client_id": str(uuid4()), "category": "C01", "description": words, "lon": spot.lon, "lat": spot.lat}
    answer = client.post("cases/", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, object] = answer.json()
    return found


def act(client: httpx.Client, case: object, name: str, **given: object) -> dict[str, object]:
    """An act, done at another desk."""
    version = client.get(f"cases/{case}/").json()["version"]
    answer = client.post(f"cases/{case}/acts/{name}/", json={"version": version, **given})
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def dialog(page: Page, title: str) -> Locator:
    found = page.get_by_role("dialog", name=title)
    expect(found).to_be_visible()
    return found


def choose_act(page: Page, name: str) -> None:
    """At the desk: the likely acts stand open, the others behind 更多."""
    menu = page.locator(".act-menu")
    expect(menu.first).to_be_visible()
    button = menu.get_by_role("button", name=name, exact=True).first
    if not button.is_visible():
        menu.locator(".toggle").first.click()
    button.click()


def confirm_act(page: Page, name: str) -> None:
    """The button at the foot of the act's dialog, and the word that it was done."""
    dialog(page, name).get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_text(f"“{name}”已完成")).to_be_visible()

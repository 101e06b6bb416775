"""What has to be pressed before a page shows what its scene is about."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from playwright.sync_api import Page, expect


def open_act(name: str) -> Callable[[Page], None]:
    """By what it is called in either language; what is not likely now stands behind 更多."""

    def press(page: Page) -> None:
        button = page.locator(".act-menu .el-button").filter(has_text=re.compile(name)).first
        if not button.is_visible():
            page.locator(".act-menu .toggle").click()
        button.click()
        expect(page.locator(".act-dialog")).to_be_visible()
        page.wait_for_timeout(400)

    return press


def click(selector: str, then: str, settle: int = 400) -> Callable[[Page], None]:
    def press(page: Page) -> None:
        page.locator(selector).first.click()
        expect(page.locator(then).locator("visible=true").first).to_be_visible()
        # The library's own movements: nothing is measured or painted half-way.
        page.wait_for_timeout(settle)

    return press


def switch_layers(page: Page) -> None:
    page.locator(".layers summary").click()
    for box in page.locator(".layers input").all():
        box.check()
    expect(page.locator(".wg-sign").first).to_be_visible()
    page.wait_for_timeout(300)


def preview_overlap(page: Page) -> None:
    """A redrawing that reaches over its neighbours, by text: what stands against it is listed and drawn."""
    page.locator(".acts .el-button").first.click()
    page.locator(".drawing summary").click()
    code = page.url.rpartition("/")[2]
    villages = page.request.get("/api/v1/areas/?level=village&geometry=1").json()["results"]
    whole = next(row["geometry"] for row in villages if code.startswith(row["code"]))
    page.locator(".drawing textarea").fill(json.dumps(whole))
    page.locator(".drawing details .el-button").click()
    page.locator("#change-reason").fill("演示")
    page.locator(".panel .buttons .el-button").nth(1).click()
    expect(page.locator(".preview .problems li").first).to_be_visible()
    page.wait_for_timeout(300)


def walk(page: Page) -> None:
    """From a check-point on, with one ticked by hand; the second time the round is on already."""
    if page.locator(".choices label").first.is_visible():
        page.locator(".choices label").filter(has_text="夜巡").click()
        page.locator(".actions button").click()
    spots = page.locator(".spots button")
    expect(spots.first).to_be_visible()
    if spots.last.get_attribute("aria-pressed") == "false":
        spots.last.click()
    expect(page.locator(".spots [aria-pressed=true]").first).to_be_visible()
    page.wait_for_timeout(300)


def keep_report(page: Page) -> None:
    """A report that stays on the phone."""
    page.locator("form textarea").fill("…")
    page.locator("form .tiles button").first.click()
    page.locator("dialog .seconds button").first.click()
    page.locator("button.van-button--primary").last.click()
    expect(page.locator(".done.waiting")).to_be_visible()


def look_at_outbox(page: Page) -> None:
    keep_report(page)
    page.locator(".pill").click()
    expect(page.locator("[data-state=waiting]").first).to_be_visible()

"""What somebody does on a phone, and how to see what became of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import httpx
from playwright.sync_api import Locator, Page, expect

from tests.browser.people import People
from tests.browser.steps import CONTROLLED, fill_report, photo


def waiting(page: Page, count: int) -> Locator:
    """The mark in the corner."""
    return page.get_by_role("link", name=re.compile(rf"待上传 {count} 件$"))


def saying(operator: httpx.Client, words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = operator.get("cases/", params={"q": words}).json()["results"]
    return found


LISTS_KEPT: Final = """async () => {
  const open = indexedDB.open('wangge-field')
  const store = await new Promise((done) => (open.onsuccess = () => done(open.result)))
  const count = () => {
    const asked = store.transaction('lists').objectStore('lists').count()
    return new Promise((done) => (asked.onsuccess = () => done(asked.result)))
  }
  for (let turn = 0; turn < 100 && (await count()) < 5; turn++) await new Promise((done) => setTimeout(done, 50))
  store.close()
}"""
"""Categories, questions, cells, water and units, which are fetched after the matters."""


def ready(page: Page) -> Page:
    """The phone has its matters and its lists, and the app itself opens without signal from here on."""
    expect(page.get_by_text("最近更新")).to_be_visible()
    page.evaluate(CONTROLLED)
    page.evaluate(LISTS_KEPT)
    return page


def phone_of(people: People, role: str, path: str = "/m/", **more: Any) -> Page:
    page = people.open(role, path, screen="phone", **more)
    if path == "/m/":
        ready(page)
    return page


def write_report(page: Page, words: str, *, with_photo: bool = False) -> None:
    """From the home page to what the phone says when it is done."""
    page.goto("/m/")
    page.get_by_role("link", name="上报").tap()
    if with_photo:
        page.locator("input[type=file]").first.set_input_files(files=[photo()])
        expect(page.get_by_role("img", name="第 1 张照片")).to_be_visible()
    fill_report(page, words)
    page.get_by_role("button", name="提交上报").tap()
    expect(page.get_by_role("heading", name=re.compile("已存在手机上|已上报")).first).to_be_visible()


def opened(page: Page, name: str) -> Locator:
    """The form of an act on the case page."""
    button = page.locator(".acts").get_by_role("button", name=name, exact=True)
    more = page.get_by_role("button", name="更多操作")
    expect(button.or_(more).first).to_be_visible()
    if not button.is_visible():
        more.tap()
        button = page.get_by_role("dialog").get_by_role("button", name=name, exact=True)
    button.tap()
    return page.get_by_role("dialog", name=name)


def confirm(sheet: Locator, name: str) -> None:
    sheet.get_by_role("button", name=re.compile(f"^(提交|{name})$")).tap()


def choose(page: Page, name: str, **typed: str) -> None:
    """An act on the case page, its form and the word that it was taken."""
    sheet = opened(page, name)
    if typed.get("text"):
        sheet.get_by_role("textbox").fill(typed["text"])
    if typed.get("choice"):
        sheet.get_by_text(typed["choice"], exact=True).tap()
    confirm(sheet, name)
    expect(sheet).to_be_hidden()


@dataclass(frozen=True, slots=True)
class Matters:
    """What the officer has to do today."""

    to_handle: dict[str, Any]
    to_verify: dict[str, Any]


def work_without_signal(page: Page, matters: Matters, words: str) -> None:
    write_report(page, words, with_photo=True)
    page.goto(f"/m/cases/{matters.to_handle['id']}")
    choose(page, "签收")
    choose(page, "反馈", text="已修好，路面已清扫。")
    page.goto(f"/m/cases/{matters.to_verify['id']}")
    choose(page, "核查", choice="通过")
    choose(page, "意见", text="现场已看过，没有垃圾。")


def events(client: httpx.Client, case: Any) -> list[str]:
    return [event["act"] for event in client.get(f"cases/{case}/events/").json()["results"]]

"""A phone without room: it says so before and after, loses nothing, and what it holds leaves it all the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import BrowserContext, CDPSession, Page, Request, expect

from tests.browser.people import People, Watch
from tests.browser.phone_work import Matters, confirm, events, opened, ready, saying, waiting, work_without_signal
from tests.browser.steps import fill_report, kill, photo
from tests.browser.test_every_page import violations

pytestmark = pytest.mark.browser

NO_ROOM = 1_000
"""Bytes for everything that the app keeps."""
NEARLY_FULL = "手机存储空间快满了"
FULL = "手机存储空间不足，没有存下"

FullPhone = Callable[[Callable[[Page], object]], tuple[BrowserContext, Page]]


@pytest.fixture
def full_phone(people: People, watch: Watch, gps: dict[str, Any], tmp_path: Path) -> FullPhone:
    """The village officer's phone, on which `work` was done without signal before it was full; still without signal.

    The browser itself refuses to store: it is told how much room there is when it is taken up again.
    """

    watch.announce(None, "/")
    held: list[CDPSession] = []

    def prepare(work: Callable[[Page], object]) -> tuple[BrowserContext, Page]:
        context = people.own_phone(tmp_path / "phone", **gps)
        people.sign_in(context, "village_officer")
        page = context.pages[0]
        page.goto("/m/")
        ready(page)
        cookies = [{**cookie} for cookie in context.cookies()]
        context.set_offline(True)
        work(page)
        kill(page)
        context.close()
        context = people.own_phone(tmp_path / "phone", **gps)
        context.add_cookies(cookies)  # type: ignore[arg-type]
        page = context.pages[0]
        tools = context.new_cdp_session(page)
        tools.send("Storage.overrideQuotaForOrigin", {"origin": people.product.address, "quotaSize": NO_ROOM})
        # As long as the session is held.
        held.append(tools)
        context.set_offline(True)
        page.goto("/m/")
        return context, page

    return prepare


def posts_of(page: Page) -> list[str]:
    """What is sent from now on."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            sent.append(request.url.partition("/api/v1/")[2])

    page.on("request", note)
    return sent


def test_what_a_full_phone_holds_arrives_once_and_leaves_it(
    operator: httpx.Client, matters: Matters, full_phone: FullPhone
) -> None:
    """It has no room to note what arrived: the next steps know of it all the same, and nothing goes twice."""
    words = f"手机满之前写下的 {uuid4()}"
    context, page = full_phone(lambda page: work_without_signal(page, matters, words))
    expect(waiting(page, 6)).to_be_visible()
    context.set_offline(False)
    sent = posts_of(page)
    page.goto("/m/outbox")
    page.get_by_role("button", name="马上上传").tap()
    expect(waiting(page, 0)).to_be_visible()
    expect(page.get_by_text("都已上传")).to_be_visible()

    (case,) = saying(operator, words)
    assert len(operator.get(f"cases/{case['id']}/").json()["files"]) == 1
    handled, verified = (events(operator, one["id"]) for one in (matters.to_handle, matters.to_verify))
    assert handled == ["report", "accept", "assign", "acknowledge", "feedback"]
    assert verified == ["report", "accept", "assign", "acknowledge", "feedback", "verify", "comment"]
    # The page that opened may have tried the first one while there was no signal yet.
    assert sent.count(f"cases/{case['id']}/files/") == 1
    assert len([path for path in sent if "/acts/" in path]) == 4


def test_without_room_and_signal_the_words_stay_and_it_says_why(operator: httpx.Client, full_phone: FullPhone) -> None:
    words = f"没有空间也没有信号 {uuid4()}"
    context, page = full_phone(lambda page: page.goto("/m/report"))
    page.goto("/m/report")
    expect(page.get_by_text(NEARLY_FULL)).to_be_visible()
    assert violations(page) == []
    page.locator("input[type=file]").first.set_input_files(files=[photo()])
    expect(page.get_by_role("img", name="第 1 张照片")).to_be_visible()
    fill_report(page, words)
    page.get_by_role("button", name="提交上报").tap()
    expect(page.get_by_text(FULL)).to_be_visible()
    expect(page.get_by_role("textbox", name="情况")).to_have_value(words)
    assert saying(operator, words) == []

    # With a net, and still without room, it goes at once and with its photo.
    context.set_offline(False)
    page.get_by_role("button", name="提交").tap()
    expect(page.get_by_role("heading", name="已上报")).to_be_visible()
    (case,) = saying(operator, words)
    assert len(operator.get(f"cases/{case['id']}/").json()["files"]) == 1
    # It is not offered again.
    page.get_by_role("button", name="再报一件").or_(page.get_by_role("link", name="再报一件")).tap()
    expect(page.get_by_role("textbox", name="情况")).to_have_value("")


def test_an_act_that_cannot_be_kept_says_so_and_goes_at_once_with_a_net(
    operator: httpx.Client, matters: Matters, full_phone: FullPhone
) -> None:
    words = f"现场已看过 {uuid4()}"
    context, page = full_phone(lambda page: page.goto("/m/"))
    page.goto(f"/m/cases/{matters.to_verify['id']}")
    sheet = opened(page, "意见")
    sheet.get_by_role("textbox").fill(words)
    confirm(sheet, "意见")
    expect(sheet.get_by_text(FULL)).to_be_visible()
    expect(sheet.get_by_role("textbox")).to_have_value(words)
    context.set_offline(False)
    confirm(sheet, "意见")
    expect(sheet).to_be_hidden()
    assert events(operator, matters.to_verify["id"])[-1] == "comment"

"""A working day without signal and back: everything stays on the phone, and everything arrives exactly once."""

from __future__ import annotations

import re
import time
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.people import People, Watch
from tests.browser.phone_work import (
    Matters,
    choose,
    events,
    phone_of,
    ready,
    saying,
    waiting,
    work_without_signal,
    write_report,
)
from tests.browser.product import Product
from tests.browser.steps import choose_category, kill, photo
from tests.browser.test_every_page import violations

pytestmark = pytest.mark.browser

KEPT: Final = """async () => {
  if (!(await indexedDB.databases()).some(({ name }) => name === 'wangge-field')) return 0
  const open = indexedDB.open('wangge-field')
  const store = await new Promise((done) => (open.onsuccess = () => done(open.result)))
  // Whoever empties the phone meanwhile does not wait for this look.
  store.onversionchange = () => store.close()
  let rows = 0
  for (const name of ['outbox', 'blobs', 'cases', 'lists', 'drafts']) {
    if (!store.objectStoreNames.contains(name)) continue
    const asked = store.transaction(name).objectStore(name).count()
    rows += await new Promise((done) => (asked.onsuccess = () => done(asked.result)))
  }
  store.close()
  return rows
}"""
"""How many rows of anybody's work stand in the phone's store."""


def test_the_whole_day_without_signal_and_back(
    people: People,
    product: Product,
    operator: httpx.Client,
    watch: Watch,
    gps: dict[str, Any],
    matters: Matters,
    tmp_path: Path,
) -> None:
    """Report with a photo, handle, verify, comment; reload; the browser killed; signal: everything once."""
    watch.announce(None, "/")
    words = f"没有信号时看到的 {uuid4()}"
    context = people.own_phone(tmp_path / "phone", **gps)
    page = context.pages[0]
    page.goto("/m/")
    # By hand: a cookie that was put there would be gone with the browser.
    page.get_by_role("button", name="网格长").tap()
    ready(page)
    expect(page.get_by_text(matters.to_handle["description"])).to_be_visible()
    context.set_offline(True)
    work_without_signal(page, matters, words)
    expect(waiting(page, 6)).to_be_visible()
    page.reload()
    expect(waiting(page, 6)).to_be_visible()
    assert saying(operator, words) == []
    kill(page)
    context.close()

    context = people.own_phone(tmp_path / "phone", **gps)
    context.set_offline(True)
    page = context.pages[0]
    page.goto("/m/outbox")
    shown = page.get_by_role("region", name="待上传").get_by_role("listitem")
    expect(shown).to_have_count(6)
    expect(shown.filter(has_text=words)).to_have_count(1)
    context.set_offline(False)
    expect(waiting(page, 0)).to_be_visible()

    (case,) = saying(operator, words)
    assert len(operator.get(f"cases/{case['id']}/").json()["files"]) == 1
    handled, verified = (events(operator, case["id"]) for case in (matters.to_handle, matters.to_verify))
    assert handled == ["report", "accept", "assign", "acknowledge", "feedback"]
    assert verified == ["report", "accept", "assign", "acknowledge", "feedback", "verify", "comment"]


def test_a_photo_report_needs_six_taps_and_twenty_seconds(people: People, gps: dict[str, Any]) -> None:
    """Whoever sees something takes a picture of it; words are not asked for."""
    page = phone_of(people, "grid_worker", **gps)
    taps = 0

    def tap(what: Locator) -> None:
        nonlocal taps
        taps += 1
        what.tap()

    started = time.monotonic()
    tap(page.get_by_role("link", name="上报"))
    with page.expect_file_chooser() as camera:
        tap(page.locator("input[type=file][capture]"))
    # The shutter, on the camera's own screen.
    taps += 1
    camera.value.set_files([photo()])
    expect(page.get_by_role("img", name="第 1 张照片")).to_be_visible()
    tap(page.get_by_role("button", name="环境卫生", exact=True))
    tap(page.get_by_role("dialog").get_by_role("button", name="垃圾").first)
    tap(page.get_by_role("button", name="提交上报"))
    expect(page.get_by_role("heading", name=re.compile("已存在手机上|已上报")).first).to_be_visible()
    assert taps <= 6
    assert time.monotonic() - started <= 20


def test_a_sign_in_that_ran_out_loses_nothing(
    people: People, product: Product, operator: httpx.Client, watch: Watch, gps: dict[str, Any]
) -> None:
    watch.announce(None, "/")
    watch.announce(401, "/api/v1/")
    words = f"登录过期时写的 {uuid4()}"
    page = people.stranger("", screen="phone", **gps)
    with closing(product.person("grid_worker")) as session:
        cookies = [{"name": n, "value": v, "url": product.address} for n, v in session.cookies.items()]
        page.context.add_cookies(cookies)
        page.goto("/m/")
        ready(page)
        page.context.set_offline(True)
        write_report(page, words)
        session.delete("session/")
    page.context.set_offline(False)
    expect(page.get_by_text("登录已失效，请重新登录。")).to_be_visible()
    assert saying(operator, words) == []
    page.get_by_label("用户名").fill(product.sign_ins["grid_worker"]["username"])
    page.get_by_label("密码").fill(product.sign_ins["grid_worker"]["password"])
    page.get_by_role("button", name="登录", exact=True).tap()
    expect(waiting(page, 0)).to_be_visible()
    assert len(saying(operator, words)) == 1


def test_two_tabs_send_everything_once(
    people: People, operator: httpx.Client, watch: Watch, gps: dict[str, Any]
) -> None:
    watch.announce(None, "/")
    mark = str(uuid4())
    one = phone_of(people, "grid_worker", **gps)
    other = one.context.new_page()
    other.goto("/m/")
    ready(other)
    one.context.set_offline(True)
    for page, number in ((one, 1), (other, 2), (one, 3)):
        write_report(page, f"第 {number} 件 {mark}")
    expect(waiting(one, 3)).to_be_visible()
    expect(waiting(other, 3)).to_be_visible()
    one.context.set_offline(False)
    expect(waiting(one, 0)).to_be_visible()
    expect(waiting(other, 0)).to_be_visible()
    assert len(saying(operator, mark)) == 3
    # With signal, from the tab that does not hold the exchange.
    write_report(other, f"第 4 件 {mark}")
    expect(waiting(one, 0)).to_be_visible()
    assert len(saying(operator, mark)) == 4


def is_post(route: Route) -> bool:
    return route.request.method == "POST"


def test_a_server_killed_in_the_middle_gets_everything_once(
    people: People, product: Product, operator: httpx.Client, watch: Watch, gps: dict[str, Any]
) -> None:
    watch.announce(None, "/")
    watch.announce(502, "/")
    mark = str(uuid4())
    page = phone_of(people, "grid_worker", **gps)
    page.context.set_offline(True)
    for number in range(3):
        write_report(page, f"第 {number} 件 {mark}", with_photo=True)
    expect(waiting(page, 6)).to_be_visible()
    page.goto("/m/outbox")
    sent: list[str] = []

    def kill_at_the_third(route: Route) -> None:
        sent.append(route.request.url)
        if len(sent) == 3:
            product.kill_web()
        route.continue_()

    page.route("**/api/v1/cases/**", lambda route: kill_at_the_third(route) if is_post(route) else route.continue_())
    try:
        page.context.set_offline(False)
        expect(waiting(page, 4)).to_be_visible()
        page.wait_for_timeout(500)
    finally:
        product.start_web()
    page.get_by_role("button", name="马上上传").tap()
    expect(waiting(page, 0)).to_be_visible()
    cases = saying(operator, mark)
    assert len(cases) == 3
    assert [len(operator.get(f"cases/{case['id']}/").json()["files"]) for case in cases] == [1, 1, 1]


def test_what_is_refused_is_explained_corrected_and_sent(
    people: People, product: Product, operator: httpx.Client, watch: Watch, gps: dict[str, Any]
) -> None:
    """The category was given up while the phone was without signal."""
    watch.announce(None, "/")
    watch.announce(400, "/api/v1/cases/")
    words = f"类别停用了 {uuid4()}"
    page = phone_of(people, "grid_worker", **gps)
    page.context.set_offline(True)
    write_report(page, words, with_photo=True)
    switch = "from cases.models import Category; Category.objects.filter(name_zh__contains='垃圾').update(active={})"
    product.run("manage.py", "shell", "-v", "0", "-c", switch.format(False))
    try:
        page.context.set_offline(False)
        page.get_by_role("link", name=re.compile("有 1 件需要您处理")).first.tap()
        refused = page.get_by_role("region", name="需处理")
        expect(refused.get_by_role("alert")).to_contain_text("类别")
        refused.get_by_role("button", name="修改后再传").tap()
        expect(page.get_by_role("textbox", name="情况")).to_have_value(words)
        expect(page.get_by_role("img", name="第 1 张照片")).to_be_visible()
        page.get_by_role("button", name="更换").tap()
        choose_category(page, "环境卫生", "污水")
        page.get_by_role("button", name="提交上报").tap()
        expect(page.get_by_role("heading", name="已上报")).to_be_visible()
    finally:
        product.run("manage.py", "shell", "-v", "0", "-c", switch.format(True))
    expect(waiting(page, 0)).to_be_visible()
    (case,) = saying(operator, words)
    assert len(operator.get(f"cases/{case['id']}/").json()["files"]) == 1


def own_session(people: People, product: Product, **more: Any) -> Page:
    """A phone with a session of its own, which may end."""
    page = people.stranger("", screen="phone", **more)
    with closing(product.person("grid_worker")) as session:
        cookies = [{"name": n, "value": v, "url": product.address} for n, v in session.cookies.items()]
        page.context.add_cookies(cookies)
    page.goto("/m/")
    return ready(page)


def test_signing_out_warns_of_what_is_unsent_and_leaves_nothing(
    people: People, product: Product, watch: Watch, gps: dict[str, Any]
) -> None:
    watch.announce(None, "/api/v1/cases/")
    page = own_session(people, product, **gps)
    page.route("**/api/v1/cases/", lambda route: route.abort() if is_post(route) else route.continue_())
    write_report(page, "还没有传上去的")
    page.goto("/m/me")
    said: list[str] = []
    answers = iter((False, True))

    def answer(dialog: Any) -> None:
        said.append(dialog.message)
        dialog.accept() if next(answers) else dialog.dismiss()

    page.on("dialog", answer)
    page.get_by_role("button", name="退出登录").tap()
    expect(waiting(page, 1)).to_be_visible()
    page.get_by_role("button", name="退出登录").tap()
    expect(page.get_by_label("用户名")).to_be_visible()
    assert all("还有 1 件没有上传" in one for one in said)
    assert len(said) == 2
    assert page.evaluate(KEPT) == 0


def test_a_phone_signed_out_from_afar_is_emptied(
    people: People, product: Product, watch: Watch, gps: dict[str, Any]
) -> None:
    watch.announce(None, "/")
    watch.announce(401, "/api/v1/")
    page = own_session(people, product, **gps)
    page.context.set_offline(True)
    write_report(page, "丢了的手机上的")
    assert page.evaluate(KEPT) > 0
    name = page.evaluate("localStorage.getItem('wangge.device')")
    with closing(product.person("grid_worker")) as elsewhere:
        assert elsewhere.post(f"devices/{name}/sign-out/", json={"wipe": True}).status_code == 200
        page.context.set_offline(False)
        expect(page.get_by_label("用户名")).to_be_visible()
        page.wait_for_function("localStorage.getItem('wangge.device') === null")
        assert page.evaluate(KEPT) == 0
        row = next(one for one in elsewhere.get("devices/").json()["results"] if one["id"] == name)
        assert row["wiped_at"]


LARGE_AND_DARK: Final = """([language]) => {
  localStorage.setItem('wangge.look.theme', 'dark')
  localStorage.setItem('wangge.look.size', 'large')
  localStorage.setItem('wangge.language', language)
}"""


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_large_and_dark_the_pages_of_the_day_have_no_serious_finding(
    people: People, watch: Watch, matters: Matters, gps: dict[str, Any], language: str
) -> None:
    watch.announce(None, "/")
    page = phone_of(people, "village_officer", **gps)
    page.context.set_offline(True)
    write_report(page, f"大字深色 {uuid4()}", with_photo=True)
    page.goto(f"/m/cases/{matters.to_handle['id']}")
    choose(page, "签收")
    page.evaluate(LARGE_AND_DARK, [language])
    for path, stands in (
        ("/m/", ".matter"),
        ("/m/report", "form .tiles"),
        ("/m/outbox", "[data-state=waiting]"),
        (f"/m/cases/{matters.to_handle['id']}", ".timeline li"),
        ("/m/phone", "dl dd"),
    ):
        page.goto(path)
        expect(page.locator(stands).first).to_be_visible()
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path

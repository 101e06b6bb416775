"""The grid worker's phone: a report with place and photo, a lost answer, no GPS, no network."""

from __future__ import annotations

from contextlib import closing
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.people import People, Watch
from tests.browser.product import Product
from tests.browser.steps import CONTROLLED, Spot, fill_report, photo

pytestmark = pytest.mark.browser


def cases_saying(product: Product, words: str) -> list[dict[str, Any]]:
    with closing(product.person("center_operator")) as client:
        found: list[dict[str, Any]] = client.get("cases/", params={"q": words}).json()["results"]
        return found


def report_page(people: People, **more: Any) -> Page:
    return people.open("grid_worker", "/m/report", screen="phone", **more)


def with_gps(spot: Spot) -> dict[str, Any]:
    return {"geolocation": spot.fix, "permissions": ["geolocation"]}


def all_sent(page: Page) -> Locator:
    """The mark in the corner, once nothing waits on the phone."""
    return page.get_by_role("link", name="待上传 0 件")


def test_a_report_with_a_photo_gets_a_number(people: People, product: Product, spot: Spot) -> None:
    words = f"垃圾堆在路口，占了半条路 {uuid4()}"
    page = people.open("grid_worker", "/m/", screen="phone", **with_gps(spot))
    page.get_by_role("link", name="上报").tap()
    expect(page.get_by_text("精度约 12 米")).to_be_visible()
    expect(page.get_by_text(product.sign_ins["grid_worker"]["area_name"])).to_be_visible()
    page.locator("input[type=file]").first.set_input_files(files=[photo()])
    expect(page.get_by_role("img", name="第 1 张照片")).to_be_visible()
    fill_report(page, words)
    page.get_by_role("button", name="提交上报").tap()
    expect(page.get_by_role("heading", name="已上报")).to_be_visible()
    expect(all_sent(page)).to_be_visible()
    (case,) = cases_saying(product, words)
    expect(page.get_by_text(case["number"], exact=True)).to_be_visible()
    assert case["area"]["code"] == spot.code
    page.get_by_role("button", name="查看这件").tap()
    expect(page.get_by_role("heading", name=case["number"])).to_be_visible()
    expect(page.get_by_text(words)).to_be_visible()
    thumbnail = page.get_by_role("region", name="照片").get_by_role("img").first
    assert thumbnail.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") > 0


def test_a_lost_answer_and_a_second_try_make_one_case(
    people: People, product: Product, watch: Watch, spot: Spot
) -> None:
    """The report arrives, its answer does not; the phone says so, keeps everything, and sends the same again."""
    watch.announce(None, "/api/v1/cases/")
    words = f"答复丢失一次 {uuid4()}"
    page = report_page(people, **with_gps(spot))
    lost: list[int] = []

    def lose_first_answer(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/api/v1/cases/", lose_first_answer)
    fill_report(page, words)
    page.get_by_role("button", name="提交上报").tap()
    expect(page.get_by_role("heading", name="已存在手机上")).to_be_visible()
    assert lost == [201]
    page.get_by_role("link", name="待上传 1 件").tap()
    expect(page.get_by_role("region", name="待上传").get_by_text(words)).to_be_visible()
    page.get_by_role("button", name="马上上传").tap()
    expect(all_sent(page)).to_be_visible()
    assert len(cases_saying(product, words)) == 1


def test_a_phone_that_may_not_locate_reports_into_its_own_cell(people: People, product: Product) -> None:
    words = f"没有定位也能报 {uuid4()}"
    page = report_page(people, permissions=[])
    expect(page.get_by_text("定位没有被允许，先记下网格。")).to_be_visible()
    fill_report(page, words)
    page.get_by_role("button", name="提交上报").tap()
    expect(page.get_by_role("heading", name="已上报")).to_be_visible()
    (case,) = cases_saying(product, words)
    assert case["area"]["code"] == product.sign_ins["grid_worker"]["area"]
    assert case["lon"] is None


def test_a_report_without_words_or_category_is_asked_for_them(people: People, spot: Spot) -> None:
    page = report_page(people, **with_gps(spot))
    page.get_by_role("button", name="提交上报").tap()
    expect(page.get_by_text("请写一句话说明情况。")).to_be_visible()
    expect(page.get_by_text("请选择类别。")).to_be_visible()


def test_an_emergency_says_to_call_first(people: People, spot: Spot) -> None:
    page = report_page(people, **with_gps(spot))
    page.get_by_role("button", name="突发事件").tap()
    call = page.get_by_role("dialog").get_by_role("link", name="119")
    expect(call).to_have_attribute("href", "tel:119")


def test_a_draft_survives_the_phone_being_put_away(people: People, spot: Spot) -> None:
    page = report_page(people, **with_gps(spot))
    page.get_by_role("textbox", name="情况").fill("写到一半")
    expect(page.get_by_text("已保存在本机")).to_be_visible()
    page.wait_for_timeout(800)
    page.reload()
    expect(page.get_by_text("已恢复上次未提交的内容。")).to_be_visible()
    expect(page.get_by_role("textbox", name="情况")).to_have_value("写到一半")


def test_without_a_network_the_form_is_filled_in_as_ever(
    people: People, product: Product, watch: Watch, spot: Spot
) -> None:
    watch.announce(None, "/api/v1/")
    words = f"断网时写的 {uuid4()}"
    page = report_page(people, **with_gps(spot))
    expect(page.get_by_text("精度约 12 米")).to_be_visible()
    page.evaluate(CONTROLLED)
    page.context.set_offline(True)
    expect(page.get_by_text("没有信号。照常上报和办理")).to_be_visible()
    fill_report(page, words)
    page.get_by_role("button", name="提交上报").tap()
    expect(page.get_by_role("heading", name="已存在手机上")).to_be_visible()
    page.context.set_offline(False)
    # The page follows: the number is there as soon as the report is.
    expect(page.get_by_role("button", name="查看这件")).to_be_visible()
    (case,) = cases_saying(product, words)
    expect(page.get_by_text(case["number"], exact=True)).to_be_visible()

"""The ways a case takes besides the straight one: refused, merged, withdrawn, sent back, put on hold."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import People, Watch
from tests.browser.product import Product
from tests.browser.steps import act, choose_act, confirm_act, dialog, own_spot, report

pytestmark = pytest.mark.browser


@pytest.fixture
def case(product: Product) -> dict[str, Any]:
    """Freshly reported by the demo's grid worker."""
    with closing(product.person("grid_worker")) as client:
        return report(client, own_spot(product), f"另一条路 {uuid4()}")


@pytest.fixture
def handled(operator: httpx.Client, product: Product, case: dict[str, Any]) -> dict[str, Any]:
    """The same, in the hands of the demo's handler."""
    with closing(product.person("handler")) as handler:
        name = handler.get("me/").json()["posts"][0]["organisation"]["id"]
        act(operator, case["id"], "accept")
        act(operator, case["id"], "assign", organisation=name)
        act(handler, case["id"], "acknowledge")
    return case


def on_desk(people: People, case: dict[str, Any], name: str) -> Page:
    page = people.open("center_operator", f"/cases/{case['id']}")
    choose_act(page, name)
    return page


def state(page: Page, name: str) -> None:
    expect(page.locator(".case-head, main").get_by_text(name, exact=True).first).to_be_visible()


def test_the_center_refuses_and_the_reporter_reads_why(people: People, case: dict[str, Any]) -> None:
    desk = on_desk(people, case, "不予受理")
    form = dialog(desk, "不予受理")
    form.get_by_role("button", name="不予受理", exact=True).click()
    expect(form.get_by_role("alert")).to_contain_text("请填写此项")
    form.get_by_role("textbox").fill("属于外镇范围，已转告。")
    confirm_act(desk, "不予受理")
    state(desk, "不予受理")
    phone = people.open("grid_worker", f"/m/cases/{case['id']}", screen="phone")
    expect(phone.get_by_text("属于外镇范围，已转告。")).to_be_visible()


def test_two_reports_of_one_matter_become_one(people: People, operator: httpx.Client, case: dict[str, Any]) -> None:
    other = operator.get("cases/", params={"state": "processing"}).json()["results"][0]
    desk = on_desk(people, case, "并案")
    form = dialog(desk, "并案")
    form.get_by_role("combobox").fill(other["number"])
    desk.get_by_role("option", name=other["number"]).click()
    form.get_by_role("textbox").last.fill("同一地点，同一件事。")
    confirm_act(desk, "并案")
    state(desk, "已并案")
    desk.get_by_role("link", name=other["number"]).click()
    expect(desk.get_by_role("heading", name=other["number"])).to_be_visible()


def test_the_reporter_withdraws_on_the_phone(people: People, case: dict[str, Any]) -> None:
    phone = people.open("grid_worker", f"/m/cases/{case['id']}", screen="phone")
    phone.get_by_role("button", name="更多操作").tap()
    phone.get_by_role("dialog").get_by_role("button", name="作废").tap()
    phone.get_by_role("dialog", name="作废").get_by_role("textbox").fill("点错了，不是这里。")
    phone.get_by_role("dialog", name="作废").get_by_role("button", name="提交").tap()
    state(phone, "已作废")


def test_the_wrong_unit_sends_it_back_and_is_rid_of_it(people: People, watch: Watch, handled: dict[str, Any]) -> None:
    watch.announce(404, f"/api/v1/cases/{handled['id']}/")
    phone = people.open("handler", f"/m/cases/{handled['id']}", screen="phone")
    phone.get_by_role("button", name="更多操作").tap()
    phone.get_by_role("dialog").get_by_role("button", name="退回").tap()
    phone.get_by_role("dialog", name="退回").get_by_role("textbox").fill("不属于本单位职责。")
    phone.get_by_role("dialog", name="退回").get_by_role("button", name="提交").tap()
    expect(phone.get_by_role("heading", name="首页")).to_be_visible()
    expect(phone.get_by_text("已完成：退回")).to_be_visible()
    expect(phone.get_by_text(handled["description"])).to_have_count(0)


def test_a_unit_sends_a_case_back_from_the_desk(people: People, watch: Watch, handled: dict[str, Any]) -> None:
    watch.announce(404, f"/api/v1/cases/{handled['id']}/")
    desk = people.open("handler", f"/cases/{handled['id']}")
    choose_act(desk, "退回")
    dialog(desk, "退回").get_by_role("textbox").fill("不属于本单位职责。")
    confirm_act(desk, "退回")
    expect(desk.get_by_role("heading", name="事项", exact=True)).to_be_visible()


def test_the_center_puts_a_case_on_hold_and_takes_it_up_again(people: People, handled: dict[str, Any]) -> None:
    desk = on_desk(people, handled, "挂起")
    form = dialog(desk, "挂起")
    form.get_by_role("combobox").fill((datetime.now(UTC).date() + timedelta(days=20)).isoformat())
    form.get_by_role("combobox").press("Enter")
    form.get_by_role("textbox").last.fill("等上级批复。")
    confirm_act(desk, "挂起")
    state(desk, "已挂起")
    expect(desk.get_by_text("挂起至")).to_be_visible()
    choose_act(desk, "恢复")
    confirm_act(desk, "恢复")
    state(desk, "处置中")


def test_work_that_was_not_done_goes_back_to_the_unit(
    people: People, watch: Watch, product: Product, handled: dict[str, Any]
) -> None:
    watch.announce(400, "/acts/verify/")
    with closing(product.person("handler")) as handler:
        act(handler, handled["id"], "feedback", text="已清理。")
    field = people.open("grid_worker", f"/m/cases/{handled['id']}", screen="phone")
    field.get_by_role("button", name="核查").tap()
    sheet = field.get_by_role("dialog", name="核查")
    sheet.get_by_text("不通过", exact=True).tap()
    sheet.get_by_role("button", name="提交").tap()
    expect(sheet.get_by_role("alert").first).to_be_visible()
    sheet.get_by_role("textbox").fill("还有一半没清。")
    sheet.get_by_role("button", name="提交").tap()
    state(field, "处置中")
    expect(field.get_by_text("还有一半没清。")).to_be_visible()

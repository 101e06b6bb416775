"""One case, from the phone to its closure, as four people see it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.people import People, Watch
from tests.browser.product import Product
from tests.browser.steps import Spot, act, choose_act, confirm_act, dialog, report

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def worker(product: Product) -> Iterator[httpx.Client]:
    with closing(product.person("grid_worker")) as client:
        yield client


def test_from_report_to_closure(
    people: People, worker: httpx.Client, operator: httpx.Client, spot: Spot, product: Product
) -> None:
    desk = people.open("center_operator", "/")
    expect(desk.get_by_text("实时更新")).to_be_visible()
    before = operator.get("cases/summary/").json()["open"]
    expect(desk.get_by_role("link", name=f"在办 {before}", exact=True)).to_be_visible()

    case = report(worker, spot, f"新上报的事项 {uuid4()}")
    # Without a reload: the live stream told the page.
    expect(desk.get_by_role("link", name=f"在办 {before + 1}", exact=True)).to_be_visible()

    desk.goto(f"/cases/{case['id']}")
    choose_act(desk, "受理")
    confirm_act(desk, "受理")
    choose_act(desk, "分派")
    form = dialog(desk, "分派")
    form.get_by_placeholder("按名称或职责查找单位").fill("执法")
    form.get_by_role("radio", name="综合行政执法办公室").check()
    confirm_act(desk, "分派")
    expect(desk.get_by_text("待签收").first).to_be_visible()

    phone = people.open("handler", f"/m/cases/{case['id']}", screen="phone")
    phone.get_by_role("button", name="签收").tap()
    phone.get_by_role("dialog").get_by_role("button", name="签收").tap()
    phone.get_by_role("button", name="反馈").tap()
    phone.get_by_role("dialog").get_by_role("textbox").fill("已派车清走，路面已冲洗。")
    phone.get_by_role("dialog").get_by_role("button", name="提交").tap()
    expect(phone.get_by_text("待核查").first).to_be_visible()

    field = people.open("grid_worker", f"/m/cases/{case['id']}", screen="phone")
    field.get_by_role("button", name="核查").tap()
    field.get_by_role("dialog").get_by_text("通过", exact=True).tap()
    field.get_by_role("dialog").get_by_role("button", name="提交").tap()
    expect(field.get_by_text("待结案").first).to_be_visible()

    # The operator's page has followed all of it.
    choose_act(desk, "结案")
    dialog(desk, "结案").get_by_text("已解决").click()
    confirm_act(desk, "结案")
    expect(desk.get_by_text("已结案").first).to_be_visible()
    expect(desk.get_by_text("已派车清走，路面已冲洗。")).to_be_visible()
    for role in ("grid_worker", "handler", "center_operator"):
        expect(desk.get_by_text(product.sign_ins[role]["display_name"]).last).to_be_visible()


def test_whoever_was_quicker_is_named_and_the_text_stays(
    people: People, watch: Watch, operator: httpx.Client, worker: httpx.Client, spot: Spot, product: Product
) -> None:
    watch.announce(409, "/acts/accept/")
    case = report(worker, spot, f"两人同时受理 {uuid4()}")
    desk = people.open("center_head", f"/cases/{case['id']}")
    choose_act(desk, "受理")
    form = dialog(desk, "受理")
    form.get_by_label("备注").fill("我来受理，已电话核实。")
    act(operator, case["id"], "accept")
    form.get_by_role("button", name="受理", exact=True).click()
    alert = form.get_by_role("alert").filter(has_text="事项刚刚有变化")
    expect(alert).to_contain_text(product.sign_ins["center_operator"]["display_name"])
    expect(form.get_by_label("备注")).to_have_value("我来受理，已电话核实。")
    form.get_by_role("button", name="重新载入，保留内容").click()
    expect(form.get_by_role("alert")).to_contain_text("已受理")
    expect(form.get_by_label("备注")).to_have_value("我来受理，已电话核实。")


def test_the_deadline_lists_its_days_with_their_reasons(people: People, operator: httpx.Client) -> None:
    row = operator.get("cases/", params={"state": "processing"}).json()["results"][0]
    page = people.open("center_operator", f"/cases/{row['id']}")
    page.get_by_role("button", name="这个日期是怎么算出来的").click()
    drawer = dialog(page, "时限怎么算的")
    clock = operator.get(f"cases/{row['id']}/deadlines/").json()["clocks"][0]
    lines = drawer.locator("ol.days").first.get_by_role("listitem")
    expect(lines).to_have_count(len(clock["days"]))
    for line, day in zip(lines.all(), clock["days"], strict=True):
        expect(line).to_contain_text(day["date"])
        expect(line).to_contain_text(day["reason_name"])


def test_a_photo_opens_large(people: People, operator: httpx.Client) -> None:
    rows = operator.get("cases/", params={"open": "true"}).json()["results"]
    details = (operator.get(f"cases/{row['id']}/").json() for row in rows)
    case = next(detail for detail in details if detail["files"])
    page = people.open("center_operator", f"/cases/{case['id']}")
    page.get_by_role("button", name="查看大图").first.click()
    large = page.get_by_role("dialog").locator("img")
    expect(large).to_be_visible()
    assert large.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") == case["files"][0]["width"]


def test_an_auditor_reads_and_has_nothing_to_press(people: People, operator: httpx.Client) -> None:
    row = operator.get("cases/", params={"state": "reported"}).json()["results"][0]
    page = people.open("auditor", f"/cases/{row['id']}")
    expect(page.get_by_text("此事项目前没有需要您办理的事项。")).to_be_visible()
    expect(page.get_by_role("region", name="可以办理").get_by_role("button")).to_have_count(0)


def test_a_leader_may_instruct_and_nothing_else_while_nobody_leads(people: People, operator: httpx.Client) -> None:
    row = operator.get("cases/", params={"state": "reported"}).json()["results"][0]
    page = people.open("leader", f"/cases/{row['id']}")
    buttons = page.locator(".act-menu .el-button")
    expect(buttons).to_have_text(["批示"])


def test_a_case_of_another_cell_is_not_found(
    people: People, watch: Watch, operator: httpx.Client, product: Product
) -> None:
    own = product.sign_ins["grid_worker"]["area"]
    rows = operator.get("cases/", params={"open": "true"}).json()["results"]
    other = next(row for row in rows if row["area"]["code"] != own and row["village"]["code"] not in own)
    watch.announce(404, f"/api/v1/cases/{other['id']}/")
    page = people.open("grid_worker", f"/cases/{other['id']}")
    expect(page.get_by_text("您无权查看")).to_be_visible()
    expect(page.get_by_text(other["number"])).to_have_count(0)

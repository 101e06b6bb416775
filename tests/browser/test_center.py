"""The center's pages: filters that stay, figures with their formulas, mails, and doors that are not there."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import People, Watch
from tests.browser.product import Product

pytestmark = pytest.mark.browser


def choose(page: Page, box: str, option: str) -> None:
    """By keyboard up to the list, which a picture of the chosen value covers for the mouse."""
    page.get_by_role("combobox", name=box).press("Enter")
    page.get_by_role("option", name=option, exact=True).click()


def test_filters_survive_a_reload(people: People) -> None:
    page = people.open("center_operator", "/cases")
    choose(page, "状态", "处置中")
    choose(page, "排序", "上报从晚到早")
    page.get_by_text("只看超期").click()
    page.get_by_role("textbox", name="搜索编号或内容").fill("污水")
    expect(page).to_have_url(re.compile("state=processing.*q="))
    rows = page.get_by_role("table").get_by_role("row")
    expect(rows.nth(1)).to_contain_text("污水")
    numbers = rows.locator("td:first-child").all_inner_texts()
    page.reload()
    expect(page.get_by_role("textbox", name="搜索编号或内容")).to_have_value("污水")
    expect(page.get_by_role("checkbox", name="只看超期")).to_be_checked()
    expect(page.locator(".filters").get_by_text("处置中")).to_be_visible()
    expect(page.locator(".filters").get_by_text("上报从晚到早")).to_be_visible()
    expect(rows.nth(1)).to_be_visible()
    assert rows.locator("td:first-child").all_inner_texts() == numbers
    page.get_by_role("button", name="清除筛选").click()
    expect(page.get_by_role("checkbox", name="只看超期")).not_to_be_checked()


def test_a_filter_without_a_match_says_so_and_can_be_cleared(people: People) -> None:
    page = people.open("center_operator", "/cases?q=没有这样的事项")
    expect(page.get_by_text("没有符合条件的事项。")).to_be_visible()
    page.get_by_role("main").get_by_role("button", name="清除筛选").last.click()
    expect(page.get_by_role("table")).to_be_visible()


def test_a_cell_on_the_map_shows_its_own_queue(people: People, product: Product) -> None:
    page = people.open("center_operator", "/")
    with closing(product.person("center_operator")) as client:
        counts = client.get("cases/counts/", params={"by": "cell"}).json()["results"]
    # Of the busiest cells one is large enough not to hide below a marker.
    busy = max(counts, key=lambda row: row["open"])
    page.goto(f"/cases?area={busy['code']}")
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(min(busy["open"], 50) + 1)


def test_the_weekly_report_shows_numbers_and_how_they_are_counted(people: People, product: Product) -> None:
    with closing(product.person("center_head")) as client:
        report = client.get("reports/weekly/").json()
    page = people.open("center_head", f"/reports/weekly?week={report['week']}")
    expect(page.get_by_role("heading", name="示范镇 周报")).to_be_visible()
    for name, key in (("上报", "reported"), ("结案", "closed"), ("当前超期", "overdue_now")):
        tile = page.locator(".tile, .figure, dl > div").filter(has_text=name).first
        expect(tile).to_contain_text(str(report["totals"][key]["value"]))
    for formula in report["formulas"].values():
        expect(page.locator(".formulas").get_by_text(formula)).to_be_visible()
    table = page.get_by_role("table", name="按村（居）")
    expect(table.get_by_role("row")).to_have_count(len(report["by_village"]) + 1)


def test_the_demo_admin_reads_the_weekly_mail_with_its_chart(people: People, product: Product) -> None:
    product.run("manage.py", "send_weekly", "-v", "0")
    product.send_mails()
    page = people.open("admin", "/mailbox")
    link = page.get_by_role("link", name="周报").first
    at = datetime.fromisoformat(link.locator("time").get_attribute("datetime") or "")
    assert abs(datetime.now(UTC) - at) < timedelta(hours=2), "the hour is right, wherever the server stands"
    link.click()
    mail = page.frame_locator("iframe")
    expect(mail.get_by_text("演示数据 · 虚构")).to_be_visible()
    chart = mail.get_by_role("img")
    expect(chart).to_be_visible()
    # The sandbox runs no script, so the picture is judged by its place: a broken one is not this large.
    box = chart.bounding_box()
    assert box is not None
    assert box["height"] > 150
    page.get_by_text("纯文本").click()
    expect(page.locator("pre")).to_contain_text("办结率")


def test_the_admin_finds_no_case(people: People, product: Product, watch: Watch) -> None:
    with closing(product.person("center_operator")) as client:
        case = client.get("cases/").json()["results"][0]
    page = people.open("admin", "/")
    expect(page.get_by_role("heading", name="您好")).to_be_visible()
    expect(page.get_by_role("link", name="事项", exact=True)).to_have_count(0)
    for path in ("/cases", f"/cases/{case['id']}"):
        page.goto(path)
        expect(page.get_by_role("heading", name="页面不存在")).to_be_visible()
        expect(page.get_by_text(case["number"])).to_have_count(0)


@pytest.mark.parametrize(
    ("path", "screen", "title"), [("/no/such/page", "desk", "页面不存在"), ("/m/no/such/page", "phone", "没有这个页面")]
)
def test_an_unknown_address_leads_home(people: People, path: str, screen: str, title: str) -> None:
    page = people.open("center_operator", path, screen=screen)
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    page.get_by_text(re.compile("回到首页|回首页")).click()
    expect(page.get_by_role("heading", name=re.compile("总览|首页"))).to_be_visible()


def test_the_language_changes_at_once_and_is_remembered(people: People) -> None:
    page = people.stranger("/sign-in?next=/cases")
    page.get_by_role("button", name="auditor").click()
    expect(page.get_by_role("heading", name="事项")).to_be_visible()
    page.get_by_role("button", name="English").first.click()
    expect(page.get_by_role("heading", name="Cases")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Handled by")).to_be_visible()
    expect(page.get_by_text("In progress").first).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Cases")).to_be_visible()
    page.get_by_role("button", name="中文").first.click()
    expect(page.get_by_role("heading", name="事项")).to_be_visible()


def test_a_lost_live_line_is_said_and_comes_back(people: People, watch: Watch) -> None:
    watch.announce(None, "/sse/")
    page = people.open("center_operator", "/reports/weekly")
    page.route("**/sse/", lambda route: route.abort("connectionfailed"))
    page.get_by_role("link", name="事项", exact=True).click()
    expect(page.get_by_text("实时中断")).to_be_visible()
    page.unroute("**/sse/")
    expect(page.get_by_text("实时更新")).to_be_visible()

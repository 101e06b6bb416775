"""The 网格 page: a change of cells from the first click to the two cells that are there, and who is offered one."""

from __future__ import annotations

import json
import re

import httpx
import pytest
import shapely
from playwright.sync_api import Page, expect
from shapely.geometry import shape

from tests.browser.cells import cells, plain_cell, village
from tests.browser.people import People
from tests.browser.product import Product

pytestmark = pytest.mark.browser


def draw_level_line(page: Page) -> None:
    """With the mouse, over the chosen cell as it lies on the screen."""
    outline = page.locator(".leaflet-wg-outline-pane path").bounding_box()
    assert outline is not None
    middle = outline["y"] + outline["height"] / 2
    page.mouse.click(outline["x"] - 0.15 * outline["width"], middle)
    page.mouse.click(outline["x"] + 1.15 * outline["width"], middle)
    expect(page.locator(".wg-handle.corner")).to_have_count(2)


def test_the_head_splits_a_cell_by_drawing(people: People, product: Product, head: httpx.Client) -> None:
    before = plain_cell(head, product.sign_ins["grid_worker"]["area"])
    page = people.open("center_head", f"/grid/{before['code']}")
    page.get_by_role("button", name="拆分", exact=True).click()
    form = page.get_by_role("region", name="拆分网格")
    draw_level_line(page)

    form.get_by_role("button", name="预览").click()
    expect(form.get_by_text("请填写原因")).to_be_visible()
    form.get_by_role("textbox", name="变更原因").fill("户数增加，一人管不过来")
    form.get_by_role("button", name="预览").click()
    expect(form.get_by_text("可以变更")).to_be_visible()
    expect(form.locator(".after li")).to_have_count(2)
    expect(page.locator(".wg-size")).to_have_count(2)

    # What is changed after looking has to be looked at again.
    form.get_by_role("textbox", name="拆出网格的名称").fill("新拆网格")
    expect(form.get_by_text("请重新预览")).to_be_visible()
    expect(form.get_by_role("button", name="确认变更")).to_be_disabled()
    form.get_by_role("button", name="预览").click()
    expect(form.locator(".after")).to_contain_text("新拆网格")
    form.get_by_role("button", name="确认变更").click()
    expect(page.get_by_text("边界已变更")).to_be_visible()

    tree = page.get_by_role("tree", name="区划树")
    expect(tree.get_by_role("treeitem", name=re.compile("新拆网格"))).to_be_visible()
    after = cells(head)
    (new,) = (row for row in after.values() if row["name"] == "新拆网格")
    assert new["code"][:12] == before["code"][:12]
    parts = shapely.union_all([shape(after[code]["geometry"]) for code in (before["code"], new["code"])])
    assert parts.symmetric_difference(shape(before["geometry"])).area < shape(before["geometry"]).area / 1000
    history = page.get_by_role("region", name=before["name"])
    expect(history).to_contain_text("户数增加，一人管不过来")


def test_what_stands_against_a_change_is_said_and_nothing_is_lost(
    people: People, product: Product, head: httpx.Client
) -> None:
    code = product.sign_ins["grid_worker"]["area"]
    whole = village(head, code)
    page = people.open("center_head", f"/grid/{code}")
    page.get_by_role("button", name="改边界", exact=True).click()
    form = page.get_by_role("region", name="改网格边界")
    form.get_by_text("粘贴 GeoJSON").click()
    form.get_by_role("textbox", name="GeoJSON 文本").fill(json.dumps(whole["geometry"]))
    form.get_by_role("button", name="采用").click()
    form.get_by_role("textbox", name="变更原因").fill("全村一格")
    form.get_by_role("button", name="预览").click()
    expect(form.locator(".problems li").first).to_be_visible()
    expect(form.get_by_role("button", name="确认变更")).to_be_disabled()
    expect(form.get_by_role("textbox", name="变更原因")).to_have_value("全村一格")
    before = cells(head)
    form.get_by_role("button", name="取消").click()
    expect(page.get_by_role("button", name="改边界", exact=True)).to_be_visible()
    assert cells(head) == before


def test_cells_are_merged_by_keyboard(people: People, product: Product, head: httpx.Client) -> None:
    code = product.sign_ins["grid_worker"]["area"]
    page = people.open("center_head", f"/grid/{code}")
    page.get_by_role("button", name="合并", exact=True).press("Enter")
    form = page.get_by_role("region", name="合并网格")
    boxes = form.get_by_role("checkbox")
    for number in range(boxes.count()):
        if not boxes.nth(number).is_checked() and form.locator(".cells input:checked").count() < 2:
            boxes.nth(number).press("Space")
    expect(form.locator(".cells input:checked")).to_have_count(2)
    form.get_by_role("textbox", name="变更原因").fill("人手不足")
    form.get_by_role("button", name="预览").press("Enter")
    # Side by side or not: the answer is the server's, and it is said either way.
    expect(form.locator(".preview, .error").first).to_be_visible()


def test_a_worker_sees_the_ground_and_is_offered_no_change(people: People, product: Product) -> None:
    code = product.sign_ins["grid_worker"]["area"]
    page = people.open("grid_worker", f"/grid/{code}")
    expect(page.get_by_role("heading", name="现在谁负责")).to_be_visible()
    for name in ("拆分", "合并", "改边界", "撤销"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    expect(page.get_by_role("link", name="导入区划与边界")).to_have_count(0)
    page.goto("/grid/import")
    expect(page.get_by_role("heading", name="页面不存在")).to_be_visible()


def test_a_list_leads_to_its_cell_on_the_map(people: People, head: httpx.Client) -> None:
    page = people.open("center_head", "/grid?tab=coverage")
    link = page.get_by_role("table").first.get_by_role("link").first
    name = link.inner_text()
    link.click()
    expect(page).to_have_url(re.compile(r"/grid/\d{15}$"))
    expect(page.get_by_role("region", name=name)).to_be_visible()

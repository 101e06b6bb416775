"""The 网格 page over the years: a cell given up and drawn anew, a border moved, leave, files in and out, the sheet."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
import shapely
from playwright.sync_api import Locator, Page, expect
from shapely.geometry import shape

from tests.browser.cells import OnScreen, cells, on_screen, plain_cell, village
from tests.browser.people import People
from tests.browser.product import Product

pytestmark = pytest.mark.browser

RUN_IMPORTS = "from grid.services.imports.jobs import run_waiting; run_waiting()"


def confirm(page: Page, form: Locator, reason: str) -> None:
    form.get_by_role("textbox", name="变更原因").fill(reason)
    form.get_by_role("button", name="预览").click()
    expect(form.get_by_text("可以变更")).to_be_visible()
    form.get_by_role("button", name="确认变更").click()
    expect(page.get_by_text("边界已变更")).to_be_visible()


def difference(one: Any, other: Any) -> float:
    """Part of the first that the two do not share."""
    first, second = shape(one), shape(other)
    return float(first.symmetric_difference(second).area / first.area)


def click_around(page: Page, screen: OnScreen, geometry: dict[str, Any]) -> int:
    """Every corner of an outline, in turn. Returns their number."""
    corners = list(shapely.get_parts(shape(geometry))[0].exterior.coords)[:-1]
    for lon, lat in corners:
        page.mouse.click(*screen.pixel(lon, lat))
        page.wait_for_timeout(350)  # two clicks side by side are no double click
    return len(corners)


def test_a_cell_is_given_up_and_drawn_anew_in_its_place(people: People, product: Product, head: httpx.Client) -> None:
    old = plain_cell(head, product.sign_ins["grid_worker"]["area"], number=2)
    whole = village(head, old["code"])
    page = people.open("center_head", f"/grid/{old['code']}")
    page.get_by_role("button", name="撤销", exact=True).click()
    form = page.get_by_role("region", name="撤销网格")
    form.get_by_role("textbox", name="变更原因").fill("并入他村管理")
    form.get_by_role("button", name="预览").click()
    expect(form.get_by_text("网格停用后，此处没有网格")).to_be_visible()
    form.get_by_role("button", name="确认变更").click()
    expect(page.get_by_text("边界已变更")).to_be_visible()
    assert old["code"] not in cells(head)

    page.goto(f"/grid/{whole['code']}")
    page.get_by_role("button", name="新画网格", exact=True).click()
    form = page.get_by_role("region", name="新画网格")
    corners = click_around(page, on_screen(page, whole["geometry"]), old["geometry"])
    expect(form.get_by_text(f"共 {corners} 点")).to_be_visible()
    form.get_by_role("textbox", name="新网格名称").fill("重设网格")
    confirm(page, form, "补上空白")
    (new,) = (row for row in cells(head).values() if row["name"] == "重设网格")
    # A number that was once given is not given again.
    assert new["code"] != old["code"]
    assert new["code"].startswith(whole["code"])
    assert difference(old["geometry"], new["geometry"]) < 0.01
    # The old one is found on the day before, and says since when it is no more.
    page.goto(f"/grid/{new['code']}")
    expect(page.get_by_role("region", name="重设网格")).to_contain_text("补上空白")


def test_a_corner_pulled_with_the_neighbours_giving_way(people: People, product: Product, head: httpx.Client) -> None:
    before = plain_cell(head, product.sign_ins["grid_worker"]["area"], number=3)
    whole = village(head, before["code"])
    page = people.open("center_head", f"/grid/{before['code']}")
    page.get_by_role("button", name="改边界", exact=True).click()
    form = page.get_by_role("region", name="改网格边界")
    screen = on_screen(page, before["geometry"])
    inside = [
        point
        for point in shape(before["geometry"]).convex_hull.exterior.coords
        if shape(whole["geometry"]).boundary.distance(shapely.Point(point)) > 1e-5
    ]
    assert inside, "a corner that lies between cells of the village"
    x, y = screen.pixel(*inside[0])
    middle_x, middle_y = screen.pixel(*shape(before["geometry"]).centroid.coords[0])
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + (middle_x - x) * 0.2, y + (middle_y - y) * 0.2, steps=8)
    page.mouse.up()

    # Alone it would leave a hole, which is allowed and said.
    form.get_by_role("textbox", name="变更原因").fill("让给邻格")
    form.get_by_role("button", name="预览").click()
    expect(form.get_by_text("村内无网格覆盖的地块")).to_be_visible()
    form.get_by_role("switch", name=re.compile("相邻网格随之调整")).press("Space")
    expect(form.get_by_text("请重新预览")).to_be_visible()
    confirm(page, form, "让给邻格")
    after = cells(head)
    mine = {code: row for code, row in after.items() if code.startswith(whole["code"])}
    assert shape(mine[before["code"]]["geometry"]).area < shape(before["geometry"]).area
    covered = shapely.union_all([shape(row["geometry"]) for row in mine.values()])
    assert shape(whole["geometry"]).difference(covered).area < shape(before["geometry"]).area / 1000


def test_leave_is_entered_with_somebody_standing_in_and_taken_back(people: People, head: httpx.Client) -> None:
    code, people_there = next(
        (code, there)
        for code in cells(head)
        if len((there := head.get(f"areas/{code}/people/").json())["posts"]) and there["responsible"]
        if any(post["role"] == "grid_worker" and not post["backup"] and not post["leaves"] for post in there["posts"])
    )
    post = next(one for one in people_there["posts"] if one["role"] == "grid_worker" and not one["backup"])
    page = people.open("center_head", f"/grid/{code}")
    page.get_by_text(re.compile("全部岗位")).click()
    line = page.locator(".posts li").filter(has_text=post["person"]["name"]).first
    line.get_by_role("button", name="登记请假").click()
    dialog = page.get_by_role("dialog", name=f"{post['person']['name']} 请假")

    # Without the last day it is not sent, and says so beside the field.
    dialog.get_by_role("button", name="登记", exact=True).click()
    expect(dialog.get_by_text("请填写此项")).to_be_visible()
    dialog.get_by_label("最后一天").fill(dialog.get_by_label("第一天").input_value())
    dialog.get_by_label("最后一天").press("Enter")
    dialog.get_by_label("顶岗人员").click()
    choice = page.get_by_role("option").filter(has_text="网格").first
    substitute = choice.inner_text().partition(" · ")[0]
    choice.click()
    dialog.get_by_role("button", name="登记", exact=True).click()
    expect(dialog).to_have_count(0)
    responsible = page.locator(".people li").first
    expect(responsible).to_contain_text(substitute)

    page.locator(".posts li").filter(has_text=post["person"]["name"]).get_by_role("button", name="撤回").first.click()
    expect(responsible).to_contain_text(people_there["responsible"][0]["person"]["name"])


def test_a_village_leaves_as_a_file_and_comes_back_measured_anew(
    people: People, product: Product, head: httpx.Client, tmp_path: Path
) -> None:
    cell = plain_cell(head, product.sign_ins["grid_worker"]["area"], number=4)
    page = people.open("center_head", f"/grid/{cell['code']}")
    page.get_by_role("button", name="导出").click()
    with page.expect_download() as taken:
        page.get_by_role("menuitem", name="GeoJSON").click()
    file = tmp_path / "网格.geojson"
    taken.value.save_as(file)
    data = json.loads(file.read_text(encoding="utf-8"))
    (feature,) = (one for one in data["features"] if one["properties"]["code"] == cell["code"])
    assert difference(cell["geometry"], feature["geometry"]) < 1e-3
    middle = shape(feature["geometry"]).centroid
    smaller = shapely.affinity.scale(shape(feature["geometry"]), 0.98, 0.98, origin=middle)
    feature["geometry"] = shapely.geometry.mapping(smaller)
    file.write_text(json.dumps(data), encoding="utf-8")

    page.goto("/grid")
    page.get_by_role("link", name="导入区划与边界").click()
    page.locator("#import-file").set_input_files(file)
    page.get_by_label("变更原因").fill("重新测量")
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_text("请选择文件的坐标系")).to_be_visible()
    expect(page.get_by_text("网格.geojson")).to_be_visible()
    page.get_by_label("坐标系").click()
    page.get_by_role("option", name=re.compile("WGS ?-?84")).first.click()
    page.get_by_role("button", name="上传并检查").click()
    job = page.get_by_role("region", name="网格.geojson")
    expect(job).to_be_visible()
    product.run("manage.py", "shell", "-v", "0", "-c", RUN_IMPORTS)
    expect(job.get_by_text("重画")).to_be_visible()
    # Looked at, not yet done.
    assert difference(cells(head)[cell["code"]]["geometry"], cell["geometry"]) < 1e-3
    job.get_by_role("button", name="应用").click()
    product.run("manage.py", "shell", "-v", "0", "-c", RUN_IMPORTS)
    job.get_by_role("link", name="去看网格").click()
    expect(page).to_have_url(re.compile(r"/grid$"))
    after = cells(head)[cell["code"]]
    assert difference(after["geometry"], smaller) < 1e-3


def test_the_sheet_of_a_cell_is_a_pdf_to_print(people: People, product: Product) -> None:
    page = people.open("grid_worker", f"/grid/{product.sign_ins['grid_worker']['area']}")
    link = page.get_by_role("link", name="打印网格单")
    expect(link).to_have_attribute("target", "_blank")
    answer = page.request.get(link.get_attribute("href") or "")
    assert answer.ok
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF-")

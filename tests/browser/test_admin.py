"""The administrator's pages at /admin/: marked, and with maps that work under the same strict policy."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.people import People

pytestmark = pytest.mark.browser

LISTS = (
    "grid/area",
    "grid/areaboundary",
    "grid/boundarychange",
    "grid/waterbody",
    "grid/reach",
    "grid/place",
    "grid/placekind",
    "grid/camera",
    "grid/patrolarea",
    "cases/category",
    "staff/user",
    "staff/post",
)


def test_the_sign_in_of_the_admin_is_marked_as_a_demo(people: People) -> None:
    page = people.stranger("/admin/")
    expect(page.get_by_text("演示数据 · 虚构")).to_be_visible()
    expect(page.get_by_label("密码")).to_be_visible()


def test_the_lists_open_without_a_complaint(people: People) -> None:
    page = people.open("admin", "/admin/")
    for path in LISTS:
        page.goto(f"/admin/{path}/")
        expect(page.locator("#result_list tbody tr").first).to_be_visible()


def test_a_boundary_is_shown_on_its_map_and_not_drawn_there(people: People) -> None:
    page = people.open("admin", "/admin/grid/areaboundary/")
    page.get_by_role("link", name="甲村01网格").click()
    expect(page.get_by_role("heading", name="2024-01-01")).to_be_visible()
    expect(page.locator("path.leaflet-interactive")).to_be_visible()
    expect(page.locator(".leaflet-draw-draw-polygon")).to_have_count(0)


def test_a_place_is_drawn_on_a_map_of_the_cells(people: People) -> None:
    page = people.open("admin", "/admin/grid/place/")
    page.locator("#result_list tbody tr th a").first.click()
    expect(page.locator(".leaflet-marker-icon").first).to_be_visible()
    expect(page.locator(".leaflet-draw-toolbar").first).to_be_visible()


def test_only_pages_with_such_a_map_allow_a_script_of_their_own(people: People) -> None:
    page = people.open("admin", "")
    policies = {}
    for path in ("/", "/m/", "/admin/", "/admin/grid/place/add/"):
        answer = page.goto(path)
        assert answer is not None
        rules = dict(rule.strip().split(" ", 1) for rule in answer.headers["content-security-policy"].split(";"))
        assert "unsafe" not in rules["script-src"]
        policies[path] = "nonce-" in rules["script-src"]
    assert policies == {"/": False, "/m/": False, "/admin/": False, "/admin/grid/place/add/": True}


def test_a_grid_worker_does_not_get_in(people: People) -> None:
    page = people.open("grid_worker", "/admin/grid/area/")
    expect(page.locator("#result_list")).to_have_count(0)
    expect(page.get_by_label("密码")).to_be_visible()

"""Coming in: by a demo card, by typing, wrongly, and going out again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import People, Watch
from tests.browser.product import Product

pytestmark = pytest.mark.browser


def type_in(page: Page, username: str, password: str) -> None:
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录", exact=True).click()


def test_a_demo_card_signs_the_operator_in(people: People) -> None:
    page = people.stranger("/")
    expect(page.get_by_role("heading", name="演示账号")).to_be_visible()
    page.get_by_role("button", name="center_operator").click()
    expect(page.get_by_role("heading", name="总览")).to_be_visible()


def test_a_demo_card_signs_the_worker_in_on_the_phone(people: People) -> None:
    page = people.stranger("/m/", screen="phone")
    page.get_by_role("button", name="网格员").first.tap()
    expect(page.get_by_text("您好")).to_be_visible()
    expect(page.get_by_role("link", name="上报")).to_be_visible()


def test_a_worker_at_the_desk_is_shown_the_way_to_the_phone_app(people: People) -> None:
    page = people.stranger("/")
    page.get_by_role("button", name="grid_worker").click()
    expect(page.get_by_role("link", name="打开现场端")).to_have_attribute("href", "/m/")


@pytest.mark.parametrize(("path", "screen"), [("/sign-in", "desk"), ("/m/sign-in", "phone")])
def test_a_wrong_password_keeps_the_user_name(people: People, watch: Watch, path: str, screen: str) -> None:
    watch.announce(400, "/api/v1/session/")
    page = people.stranger(path, screen=screen)
    type_in(page, "center_operator", "不是这个")
    expect(page.get_by_role("alert")).to_contain_text("用户名或密码")
    expect(page.get_by_label("用户名")).to_have_value("center_operator")


def test_the_right_password_leads_to_the_page_that_was_asked_for(people: People, product: Product) -> None:
    page = people.stranger("/cases?overdue=true")
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    type_in(page, "center_operator", product.sign_ins["center_operator"]["password"])
    expect(page.get_by_role("checkbox", name="只看超期")).to_be_checked()


def test_signing_out_closes_the_door(people: People) -> None:
    page = people.stranger("/sign-in?next=/reports/weekly")
    page.get_by_role("button", name="leader").click()
    expect(page.get_by_role("heading", name="计算口径")).to_be_visible()
    page.get_by_role("button", name="退出登录").first.click()
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    page.goto("/cases")
    expect(page.get_by_role("heading", name="登录")).to_be_visible()

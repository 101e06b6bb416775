"""The parties of a dispute at the desk: entered, masked, shown for a purpose, and a number to who need not know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.people import People
from tests.browser.product import Product
from tests.browser.steps import own_spot, report
from tests.browser.test_every_page import violations

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def worker(product: Product) -> Iterator[httpx.Client]:
    with closing(product.person("grid_worker")) as client:
        yield client


def test_a_party_is_entered_shown_and_taken_out(people: People, worker: httpx.Client, product: Product) -> None:
    case = report(worker, own_spot(product), "两户为排水沟争执")
    desk = people.open("center_head", f"/cases/{case['id']}")
    card = desk.get_by_role("region", name="当事人")
    card.get_by_role("button", name="登记当事人").click()
    card.get_by_label("姓名", exact=True).fill("欧阳某某")
    card.get_by_label("电话（选填）").fill("10000001234")
    assert violations(desk) == []
    card.get_by_role("button", name="登记", exact=True).click()
    expect(card.get_by_text("欧阳**")).to_be_visible()
    # Once in the list, once on the timeline, never by name.
    expect(desk.locator(".history").get_by_text("登记当事人")).to_be_visible()
    expect(desk.locator(".history").get_by_text("申请方")).to_be_visible()
    expect(desk.get_by_text("欧阳某某")).to_have_count(0)

    card.get_by_role("button", name="查看 欧阳** 的完整信息").click()
    card.get_by_label("用途").press("Enter")
    desk.get_by_role("option", name="联系当事人").click()
    assert violations(desk) == []
    card.get_by_role("button", name="查看", exact=True).click()
    expect(card.get_by_text("10000001234")).to_be_visible()
    card.get_by_role("button", name="收起").click()
    expect(card.get_by_text("10000001234")).to_have_count(0)
    card.get_by_role("button", name="查看记录").click()
    expect(card.get_by_text("联系当事人")).to_be_visible()

    other = people.open("leader", f"/cases/{case['id']}")
    expect(other.get_by_text("本件有当事人 1 名", exact=False)).to_be_visible()
    expect(other.get_by_text("欧阳")).to_have_count(0)

    card.get_by_role("button", name="移除 欧阳**").click()
    card.get_by_label("移除原因（勿写姓名）").fill("记错")
    card.get_by_role("button", name="移除", exact=True).click()
    expect(card.get_by_text("欧阳**")).to_have_count(0)

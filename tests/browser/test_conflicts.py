"""Two verified the same case, one of them without signal: both sides at the desk, and the decision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.people import People
from tests.browser.product import Product
from tests.browser.steps import act, own_spot, report
from tests.browser.test_every_page import violations

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def case(product: Product) -> Iterator[int]:
    """阿珍's phone found it done; the operator, on the spot and without signal, had found that it was not."""
    with ExitStack() as stack:

        def person(role: str) -> httpx.Client:
            return stack.enter_context(closing(product.person(role)))

        worker, operator, head, handler = (
            person(role) for role in ("grid_worker", "center_operator", "center_head", "handler")
        )
        found = report(worker, own_spot(product), "沟边堆着建筑垃圾")
        number = int(str(found["id"]))
        unit = handler.get("me/").json()["posts"][0]["organisation"]["id"]
        act(head, number, "accept")
        act(head, number, "assign", organisation=unit)
        act(handler, number, "acknowledge")
        version = act(handler, number, "feedback", text="已清运干净")["version"]
        act(worker, number, "verify", passed=True, text="干净了")
        late = {"kept": True, "client_id": str(uuid4()), "version": version, "done_at": "2026-01-05T09:40:00+08:00"}
        answer = operator.post(
            f"cases/{number}/acts/verify/", json={**late, "passed": False, "text": "墙角还有两袋，没有清完"}
        )
        assert answer.status_code == 202, answer.text
        yield number


def test_both_sides_are_read_and_the_second_counts(people: People, case: int) -> None:
    desk = people.open("center_head", f"/cases/{case}")
    card = desk.get_by_role("region", name="离线冲突")
    expect(card.get_by_role("columnheader", name="先到的（现状）")).to_be_visible()
    for words in ("干净了", "墙角还有两袋，没有清完", "处置中", "待结案"):
        expect(card.get_by_role("cell", name=words)).to_be_visible()
    assert violations(desk) == []

    # Refused without a reason, on purpose.
    people.watch.announce(400, f"/api/v1/cases/{case}/conflicts/")
    card.get_by_role("button", name="维持先到的").click()
    expect(card.get_by_role("alert")).to_contain_text("请说明")
    card.get_by_label("裁定说明", exact=False).fill("墙角确有遗漏，退回处置")
    card.get_by_role("button", name="采用后到的").click()
    expect(card.get_by_text("以后到的为准")).to_be_visible()
    expect(card.get_by_text("墙角确有遗漏，退回处置")).to_be_visible()
    expect(card.get_by_role("button")).to_have_count(0)
    expect(desk.locator(".case-head").get_by_text("处置中")).to_be_visible()
    expect(desk.locator(".history").get_by_text("采用后到的")).to_be_visible()
    assert violations(desk) == []


def test_whoever_does_not_decide_only_reads(people: People, case: int) -> None:
    page = people.open("leader", f"/cases/{case}")
    expect(page.get_by_role("region", name="离线冲突").get_by_role("button")).to_have_count(0)

"""A patrol with the phone: from check-point to check-point, without signal, through a kill, and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.people import People, Watch
from tests.browser.product import Product
from tests.browser.steps import CONTROLLED, choose_category, kill
from tests.browser.test_every_page import violations

pytestmark = pytest.mark.browser

AREA = "甲村重点部位夜巡"
Spot = dict[str, Any]


@pytest.fixture(scope="module")
def worker(product: Product) -> Iterator[httpx.Client]:
    """The grid worker's patrols, asked for at another desk."""
    with closing(product.person("grid_worker")) as client:
        yield client


@pytest.fixture(scope="module")
def spots(worker: httpx.Client) -> list[Spot]:
    """The check-points of the patrol area, in their order."""
    areas = worker.get("patrol-areas/").json()["results"]
    found: list[Spot] = next(area["check_points"] for area in areas if area["name"] == AREA)
    return found


def standing_at(spot: Spot, accuracy: int = 8) -> dict[str, Any]:
    return {"longitude": spot["lon"], "latitude": spot["lat"], "accuracy": accuracy}


def patrols(worker: httpx.Client) -> list[dict[str, Any]]:
    """Newest first, as the server has them."""
    rows = worker.get("patrols/", params={"mine": "true"}).json()["results"]
    return [worker.get(f"patrols/{row['client_id']}/").json() for row in rows[:3]]


def begin(people: People, spot: Spot, *, permissions: tuple[str, ...] = ("geolocation",), area: str = AREA) -> Page:
    page = people.open(
        "grid_worker", "/m/", screen="phone", permissions=list(permissions), geolocation=standing_at(spot)
    )
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("link", name="开始巡查").tap()
    page.get_by_role("radio", name=area).check()
    page.get_by_role("button", name="开始巡查").tap()
    expect(page.get_by_role("heading", name="巡查中")).to_be_visible()
    return page


def ticked(page: Page) -> Locator:
    return page.locator(".spots [aria-pressed=true]")


def end(page: Page) -> None:
    page.get_by_role("button", name="结束巡查").tap()
    expect(page.get_by_text("巡查已结束")).to_be_visible()


def all_sent(page: Page) -> None:
    expect(page.get_by_role("link", name="待传 0")).to_be_visible()


def test_a_round_past_check_points_is_ticked_and_arrives(
    people: People, worker: httpx.Client, spots: list[Spot]
) -> None:
    page = begin(people, spots[0])
    expect(page.get_by_role("button", name=f"{spots[0]['name']}").get_by_text("走到")).to_be_visible()
    page.context.set_geolocation(standing_at(spots[1]))
    expect(page.get_by_role("button", name=f"{spots[1]['name']}").get_by_text("走到")).to_be_visible()
    page.get_by_role("button", name=f"{spots[2]['name']}").tap()
    expect(page.get_by_role("button", name=f"{spots[2]['name']}").get_by_text("手工打勾")).to_be_visible()
    assert violations(page) == []
    end(page)
    all_sent(page)
    walked = patrols(worker)[0]
    assert walked["patrol_area"]["name"] == AREA
    assert walked["stopped_at"] is not None
    by_hand = {visit["id"]: visit["by_hand"] for visit in walked["check_points"]}
    assert by_hand == {spots[0]["id"]: False, spots[1]["id"]: False, spots[2]["id"]: True}
    assert len(walked["times"]) >= 1


def test_a_round_without_signal_and_through_a_kill_arrives_whole(
    people: People, worker: httpx.Client, watch: Watch, spots: list[Spot]
) -> None:
    """Started and ended without signal, with the page killed in between: one round, and everything of it."""
    watch.announce(None, "/")
    before = len(worker.get("patrols/", params={"mine": "true"}).json()["results"])
    page = people.open(
        "grid_worker", "/m/", screen="phone", permissions=["geolocation"], geolocation=standing_at(spots[0])
    )
    # From here on the app itself opens without signal.
    page.evaluate(CONTROLLED)
    page.goto("/m/patrol")
    page.get_by_role("radio", name=AREA).check()
    page.context.set_offline(True)
    page.get_by_role("button", name="开始巡查").tap()
    expect(page.get_by_text("走到").first).to_be_visible()
    context = page.context
    kill(page)

    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/m/")
    page.get_by_role("link", name="巡查中").tap()
    expect(page.get_by_text("走到").first).to_be_visible()
    context.set_geolocation(standing_at(spots[3]))
    expect(page.get_by_role("button", name=f"{spots[3]['name']}").get_by_text("走到")).to_be_visible()
    end(page)
    expect(page.get_by_role("link", name="待传 5")).to_be_visible()
    assert len(worker.get("patrols/", params={"mine": "true"}).json()["results"]) == before

    context.set_offline(False)
    all_sent(page)
    assert len(worker.get("patrols/", params={"mine": "true"}).json()["results"]) == before + 1
    walked = patrols(worker)[0]
    assert {visit["id"] for visit in walked["check_points"]} == {spots[0]["id"], spots[3]["id"]}
    assert walked["stopped_at"] is not None


def test_an_app_that_was_away_says_from_when_to_when(people: People, spots: list[Spot]) -> None:
    page = begin(people, spots[0])
    expect(page.get_by_text("走到").first).to_be_visible()
    expect(page.get_by_text("没有位置记录。", exact=False)).to_have_count(0)
    page.evaluate(
        """async () => {
          const open = indexedDB.open('wangge-field')
          const store = await new Promise((done) => (open.onsuccess = () => done(open.result)))
          const rounds = store.transaction('rounds', 'readwrite').objectStore('rounds')
          const asked = rounds.getAll()
          const [round] = await new Promise((done) => (asked.onsuccess = () => done(asked.result)))
          const earlier = (at) => at - 40 * 60_000
          const last = { ...round.last, at: earlier(round.last.at) }
          const checks = {}
          rounds.put({ ...round, startedAt: earlier(round.startedAt), heardAt: earlier(round.heardAt), last, checks })
          await new Promise((done) => (rounds.transaction.oncomplete = done))
        }"""
    )
    page.reload()
    expect(page.get_by_text("没有位置记录。", exact=False)).to_be_visible()
    expect(page.get_by_text("浏览器不再提供位置", exact=False)).to_be_visible()
    assert violations(page) == []
    end(page)


def test_a_phone_that_may_not_locate_walks_all_the_same(
    people: People, worker: httpx.Client, spots: list[Spot]
) -> None:
    page = begin(people, spots[0], permissions=())
    expect(page.get_by_text("定位没有被允许", exact=False)).to_be_visible()
    page.get_by_role("button", name=f"{spots[4]['name']}").tap()
    page.get_by_role("link", name="上报问题").tap()
    expect(page.get_by_role("heading", name="上报")).to_be_visible()
    page.get_by_role("button", name="返回").tap()
    expect(ticked(page)).to_have_count(1)
    end(page)
    all_sent(page)
    walked = patrols(worker)[0]
    assert [visit["by_hand"] for visit in walked["check_points"]] == [True]
    assert walked["points"] is None


def test_the_position_is_read_by_nobody_before_the_start(people: People, spots: list[Spot]) -> None:
    page = people.stranger("", screen="phone", permissions=["geolocation"], geolocation=standing_at(spots[0]))
    people.sign_in(page.context, "grid_worker")
    page.add_init_script(
        """for (const name of ['watchPosition', 'getCurrentPosition'])
          navigator.geolocation[name] = () => { window.asked = true }"""
    )
    page.goto("/m/patrol")
    expect(page.get_by_role("radio", name=AREA)).to_be_visible()
    assert page.evaluate("window.asked ?? false") is False
    assert violations(page) == []


def test_a_dispute_is_reported_with_its_parties(people: People, product: Product, spots: list[Spot]) -> None:
    """Folded until wanted; masked on the case page, and nothing of them stays on the phone."""
    page = people.open(
        "grid_worker", "/m/report", screen="phone", permissions=["geolocation"], geolocation=standing_at(spots[0])
    )
    page.get_by_role("textbox", name="情况").fill("两户为排水沟争执")
    choose_category(page, "矛盾纠纷", "邻里")
    page.get_by_text("填写当事人（可不填）").tap()
    page.get_by_role("textbox", name="姓名").fill("欧阳某某")
    page.get_by_role("textbox", name="电话（可不填）").fill("10000001234")
    assert violations(page) == []
    page.get_by_role("button", name="提交上报").tap()
    expect(page.get_by_role("heading", name="已上报")).to_be_visible()
    page.get_by_role("button", name="查看这件").tap()
    card = page.get_by_role("region", name="当事人")
    expect(card.get_by_text("欧阳**")).to_be_visible()
    assert violations(page) == []
    expect(page.get_by_text("欧阳某某")).to_have_count(0)
    held = page.evaluate(
        """async () => {
          const open = indexedDB.open('wangge-field')
          const store = await new Promise((done) => (open.onsuccess = () => done(open.result)))
          const all = [...store.objectStoreNames].map((name) => new Promise((done) => {
            store.transaction(name).objectStore(name).getAll().onsuccess = (event) => done(event.target.result)
          }))
          return JSON.stringify(await Promise.all(all))
        }"""
    )
    assert "两户为排水沟争执" in held
    assert "欧阳" not in held
    assert "10000001234" not in held

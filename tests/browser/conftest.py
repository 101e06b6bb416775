"""One running town and one Chromium for all browser tests; a watch over every page of each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.people import PATIENCE_MS, People, Watch, chromium, expect_ribbon
from tests.browser.phone_work import Matters
from tests.browser.product import Product, running_product
from tests.browser.steps import Spot, act, own_spot, report


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    with running_product() as running:
        yield running


@pytest.fixture(scope="module")
def head(product: Product) -> Iterator[httpx.Client]:
    """The head of the center at another desk."""
    with closing(product.person("center_head")) as client:
        yield client


@pytest.fixture(scope="module")
def spot(product: Product) -> Spot:
    """In the cell of the demo's grid worker."""
    return own_spot(product)


@pytest.fixture(scope="module")
def gps(spot: Spot) -> dict[str, Any]:
    """A phone that knows that it is there."""
    return {"geolocation": spot.fix, "permissions": ["geolocation"]}


@pytest.fixture(scope="module")
def operator(product: Product) -> Iterator[httpx.Client]:
    """Somebody of the center at another desk."""
    with closing(product.person("center_operator")) as client:
        yield client


@pytest.fixture(scope="module")
def officer(product: Product) -> Iterator[httpx.Client]:
    """Of the village: reports, handles what its committee leads, verifies what others handled."""
    with closing(product.person("village_officer")) as client:
        yield client


@pytest.fixture
def matters(product: Product, operator: httpx.Client, officer: httpx.Client, spot: Spot) -> Matters:
    """One for the village officer to handle and one to verify."""
    committee = officer.get("me/").json()["posts"][0]["organisation"]["id"]
    to_handle, to_verify = (report(officer, spot, f"{words} {uuid4()}") for words in ("要办的", "要核查的"))
    with closing(product.person("handler")) as handler:
        office = handler.get("me/").json()["posts"][0]["organisation"]["id"]
        for case, unit in ((to_handle, committee), (to_verify, office)):
            act(operator, case["id"], "accept")
            act(operator, case["id"], "assign", organisation=unit)
        act(handler, to_verify["id"], "acknowledge")
        act(handler, to_verify["id"], "feedback", text="已清运。")
    return Matters(to_handle, to_verify)


@pytest.fixture(scope="session")
def engine() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright, chromium(playwright) as browser:
        yield browser


@pytest.fixture(scope="session")
def kept() -> dict[tuple[str, str], Any]:
    """What may outlive a test: session cookies."""
    return {}


@pytest.fixture
def people(product: Product, engine: Browser, kept: dict[tuple[str, str], Any]) -> Iterator[People]:
    """Pages of the town's people. At the end: no console error, no foreign host, the demo mark on every open page."""
    people = People(product=product, browser=engine, watch=Watch(product.address), kept=kept)
    yield people
    try:
        for page in people.pages():
            expect_ribbon(page)
    finally:
        people.close()
    assert people.watch.complaints == []


@pytest.fixture
def watch(people: People) -> Watch:
    return people.watch

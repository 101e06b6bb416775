"""One running town and one Chromium for all browser tests; a watch over every page of each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.people import PATIENCE_MS, People, Watch, chromium, expect_ribbon
from tests.browser.product import Product, running_product


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    with running_product() as running:
        yield running


@pytest.fixture(scope="module")
def head(product: Product) -> Iterator[httpx.Client]:
    """The head of the center at another desk."""
    with closing(product.person("center_head")) as client:
        yield client


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

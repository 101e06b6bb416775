"""The field app judged by Lighthouse with its mobile throttling, and whether it can be installed.

How quick it is hangs on what else the machine does: it is printed, also by `python -m tests.browser.lighthouse`, and
held to the mark with `LIGHTHOUSE=strict`, on a quiet machine.
"""

from __future__ import annotations

import os
import re
from contextlib import closing

import httpx
import pytest

from tests.browser.lighthouse import SLOWEST_LCP_MS, WANTED, judged

HELD = WANTED if os.environ.get("LIGHTHOUSE") == "strict" else {n: v for n, v in WANTED.items() if n != "performance"}


def short_of(found):
    low = {name: (found[name], found["failed"]) for name, least in HELD.items() if found[name] < least}
    late = "performance" in HELD and found["lcp_ms"] > SLOWEST_LCP_MS
    return low | ({"lcp_ms": found["lcp_ms"]} if late else {})


@pytest.mark.parametrize("page", ["", "report"], ids=["home", "report"])
def test_everybody_can_use_it(product, page):
    with closing(product.person("grid_worker")) as worker:
        found = judged(f"{product.address}/m/{page}", worker.cookies)
    assert found["address"].rstrip("/") == f"{product.address}/m/{page}".rstrip("/"), "it was signed in"
    assert short_of(found) == {}


def test_the_sign_in_page_too(product):
    assert short_of(judged(f"{product.address}/m/sign-in")) == {}


def test_it_can_be_installed(people):
    page = people.open("grid_worker", "/m/", screen="phone")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    session = page.context.new_cdp_session(page)
    # The test's own window keeps nothing, like a private one; there is nothing else in the way.
    assert {one["errorId"] for one in session.send("Page.getInstallabilityErrors")["installabilityErrors"]} <= {
        "in-incognito"
    }


def test_what_a_phone_loads_is_packed_as_small_as_its_browser_can_open(product):
    html = httpx.get(f"{product.address}/m/").text
    parts = re.findall(r'="(/static/app/assets/[^"]+\.(?:js|css))"', html)
    assert parts
    for part in parts:
        sent = {kind: _size(f"{product.address}{part}", kind) for kind in ("identity", "gzip", "br")}
        assert sent["br"] < sent["gzip"] < sent["identity"], part


def _size(address: str, packed: str) -> int:
    """Bytes on the wire for a browser that opens this kind, which the answer then is."""
    with httpx.stream("GET", address, headers={"Accept-Encoding": packed}) as answer:
        assert answer.headers.get("Content-Encoding", "identity") == packed
        return sum(map(len, answer.iter_raw()))

"""python -m tests.browser.lighthouse [--runs N] — needs the environment of deploy/embedded.py; prints JSON.

Lighthouse on the field app with its mobile throttling, the first visit with an empty cache: a line for each run and,
after several, one with the middle of them. `machine` is Lighthouse's own measure of the processor: its throttling
makes a quick desktop computer as slow as a usual phone, a slower computer slower than that.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from statistics import median
from typing import Any, Final

from deploy.places import ROOT
from tests.browser.people import CHROMIUM
from tests.browser.product import running_product

WANTED: Final = {"performance": 90, "accessibility": 100, "best-practices": 95}
SLOWEST_LCP_MS: Final = 2500
MEASURED: Final = (*WANTED, "lcp_ms", "tbt_ms", "machine")


def judged(address: str, cookies: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What Lighthouse says of the page; `failed` are the audits below full score."""
    cookie = "; ".join(f"{name}={value}" for name, value in (cookies or {}).items())
    command = ["node", "tests/lighthouse.mjs", CHROMIUM, address, *([cookie] if cookie else [])]
    done = subprocess.run(command, cwd=ROOT / "frontend", capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    sys.stdout.write(json.dumps({name: value for name, value in found.items() if name != "failed"}) + "\n")
    return found


def middle_of(address: str, runs: int, cookies: Mapping[str, str] | None = None) -> None:
    found = [judged(address, cookies) for _ in range(runs)]
    if runs > 1:
        middle = {name: median(one[name] for one in found) for name in MEASURED}
        sys.stdout.write(json.dumps({"address": address, "middle_of": runs, **middle}) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1)
    runs = parser.parse_args().runs
    with running_product() as product:
        middle_of(f"{product.address}/m/sign-in", runs)
        with closing(product.person("grid_worker")) as worker:
            for page in ("", "report"):
                middle_of(f"{product.address}/m/{page}", runs, worker.cookies)


if __name__ == "__main__":
    main()

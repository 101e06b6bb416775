"""python -m tests.browser.lighthouse — needs the environment of deploy/embedded.py; prints JSON, one page a line.

Lighthouse on the field app with its mobile throttling, the first visit with an empty cache.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from typing import Any, Final

from deploy.places import ROOT
from tests.browser.people import CHROMIUM
from tests.browser.product import running_product

WANTED: Final = {"performance": 90, "accessibility": 100, "best-practices": 95}
SLOWEST_LCP_MS: Final = 2500


def judged(address: str, cookies: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What Lighthouse says of the page; `failed` are the audits below full score."""
    cookie = "; ".join(f"{name}={value}" for name, value in (cookies or {}).items())
    command = ["node", "tests/lighthouse.mjs", CHROMIUM, address, *([cookie] if cookie else [])]
    done = subprocess.run(command, cwd=ROOT / "frontend", capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    sys.stdout.write(json.dumps({name: value for name, value in found.items() if name != "failed"}) + "\n")
    return found


def main() -> None:
    with running_product() as product:
        judged(f"{product.address}/m/sign-in")
        with closing(product.person("grid_worker")) as worker:
            for page in ("", "report"):
                judged(f"{product.address}/m/{page}", worker.cookies)


if __name__ == "__main__":
    main()

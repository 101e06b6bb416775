"""Drive a server with several signed-in clients at once, each a process with one kept connection."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from random import Random
from statistics import quantiles
from typing import Any

from tests.bench.fill import CELLS, PASSWORD, SOUTH, STEP, VILLAGES, WEST, WORDS

WARM_UP = 0.5
"""Seconds before counting starts."""


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    path: str
    body: dict[str, Any] | None = None


class Client:
    """One person with one connection."""

    def __init__(self, port: int, username: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.cookies: dict[str, str] = {}
        self.send(Call("GET", "/api/v1/session/"))
        status, _ = self.send(Call("POST", "/api/v1/session/", {"username": username, "password": PASSWORD}))
        assert status == 200, f"sign-in of {username}: {status}"

    def send(self, call: Call) -> tuple[int, bytes]:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = None
        if call.method != "GET":
            headers |= {"X-CSRFToken": self.cookies.get("csrftoken", ""), "Content-Type": "application/json"}
            body = json.dumps(call.body)
        self.connection.request(call.method, call.path, body, headers)
        response = self.connection.getresponse()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return response.status, response.read()


def _report(rng: Random) -> Call:
    lon = WEST + rng.random() * CELLS * STEP
    lat = SOUTH + rng.random() * VILLAGES * STEP
    body = {
        "client_id": f"{rng.getrandbits(128):032x}",
        "category": rng.choice(("A02", "B01", "C01", "E03", "H06")),
        "description": rng.choice(WORDS),
        "lon": lon,
        "lat": lat,
        "accuracy_m": 12,
    }
    return Call("POST", "/api/v1/cases/", body)


def _locate(rng: Random) -> Call:
    lon = WEST + rng.random() * 12 * CELLS * STEP
    lat = SOUTH + rng.random() * VILLAGES * STEP
    return Call("GET", f"/api/v1/areas/locate/?lon={lon:.6f}&lat={lat:.6f}")


# A town's own cases: the operator's posts cover the first twelfth of the rows.
CALLS: dict[str, tuple[str, Callable[[Random], Call]]] = {
    "create": ("worker0", _report),
    "list of 50": ("operator", lambda rng: Call("GET", "/api/v1/cases/?open=true")),
    "list of 50, newest first": ("operator", lambda rng: Call("GET", "/api/v1/cases/?ordering=-reported_at")),
    "case page": ("operator", lambda rng: Call("GET", f"/api/v1/cases/{rng.choice(PAGES)}/")),
    "search, 2 characters": ("operator", lambda rng: Call("GET", "/api/v1/cases/?q=" + rng.choice(QUERIES))),
    "locate": ("worker0", _locate),
    "what a phone holds": ("worker0", lambda rng: Call("GET", "/api/v1/sync/")),
    "map of a town": ("operator", lambda rng: Call("GET", "/api/v1/cases/counts/?by=cell")),
}
QUERIES = ("%E8%B7%AF%E7%81%AF", "%E9%93%9C%E9%93%83", "%E4%BA%95%E7%9B%96")
PAGES: list[int] = []


def _one_client(job: tuple[str, int, float, int, list[int]]) -> tuple[list[float], int]:
    """Latencies (seconds) of one client and its failures."""
    name, port, seconds, seed, pages = job
    PAGES[:] = pages
    username, make = CALLS[name]
    rng = Random(time.time_ns() + seed)
    client = Client(port, username)
    times: list[float] = []
    failed = 0
    begin = time.perf_counter()
    while (now := time.perf_counter()) - begin < seconds + WARM_UP:
        status, _ = client.send(make(rng))
        if now - begin >= WARM_UP:
            times.append(time.perf_counter() - now)
            failed += status >= 400
    return times, failed


def measure(*, name: str, port: int, clients: int, seconds: float, pages: list[int]) -> dict[str, Any]:
    """Requests per second and latencies of `clients` at once for `seconds`."""
    jobs = [(name, port, seconds, seed, pages) for seed in range(clients)]
    with ProcessPoolExecutor(clients) as pool:
        results = list(pool.map(_one_client, jobs))
    times = sorted(t for found, _ in results for t in found)
    cuts = quantiles(times, n=100)
    return {
        "requests_per_second": round(len(times) / seconds, 1),
        "p50_ms": round(cuts[49] * 1000, 2),
        "p95_ms": round(cuts[94] * 1000, 2),
        "clients": clients,
        "failed": sum(failed for _, failed in results),
    }

"""Every page of both apps and the states it can be in, for the accessibility tests and for the screenshots."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Page, Route, expect

from tests.browser.people import People
from tests.browser.presses import click, keep_report, look_at_outbox, open_act, preview_overlap, switch_layers, walk
from tests.browser.product import Product
from tests.browser.steps import Spot, own_spot

NOTHING: Final = {"results": [], "next": None, "previous": None}
NO_FIGURES: Final = dict.fromkeys(("open", "overdue", "due_today", "due_soon", "reported_week", "closed_week"), 0)
NO_CAMERAS: Final = {
    **dict.fromkeys(("registered", "online", "villages", "connected_villages"), 0),
    **{"share": None, "as_of": "2026-11-23T02:00:00Z", "stale_after_minutes": 10},
}
NOTHING_HELD: Final = {
    **{"unchanged": False, "cursor": "none", "server_time": "2026-11-23T02:00:00Z"},
    **{"held": [], "truncated": False},
}
LISTS: Final = tuple(
    f"/{name}/"
    for name in (
        *("cases", "counts", "mailbox", "organisations", "areas", "water", "unattended", "coverage", "patrol-areas"),
        *("places", "reaches", "cameras", "imports"),
    )
)
# Asked by every page: without them no page stands that could show the state.
ALWAYS_ANSWERED: Final = ("/session/", "/me/", "/sign-ins/", "/categories/")
AREAS: Final = "/areas/"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the addresses are made of."""

    reported: int
    accepted: int
    processing: int
    with_photo: int
    own: int
    to_verify: int
    mail: str
    spot: Spot
    cell: str  # where somebody is on duty, with neighbours in its village


def learn(product: Product) -> Facts:
    """From the running town, which gets its weekly mail sent for it."""
    product.run("manage.py", "send_weekly", "-v", "0")
    product.send_mails()
    with closing(product.person("center_operator")) as client:

        def first(state: str) -> int:
            number: int = client.get("cases/", params={"state": state}).json()["results"][0]["id"]
            return number

        reported, accepted, processing = first("reported"), first("accepted"), first("processing")
        rows = client.get("cases/", params={"open": "true"}).json()["results"]
        with_photo = next(row["id"] for row in rows if client.get(f"cases/{row['id']}/").json()["files"])
    with closing(product.person("grid_worker")) as client:
        own = client.get("cases/", params={"mine": "true", "open": "true"}).json()["results"]
    with closing(product.person("admin")) as client:
        mails = client.get("mailbox/").json()["results"]
    send_imports(product)
    return Facts(
        reported=reported,
        accepted=accepted,
        processing=processing,
        with_photo=with_photo,
        own=own[-1]["id"],
        to_verify=next(row["id"] for row in own if row["state"] == "awaiting_verify"),
        mail=next(mail["id"] for mail in mails if "周" in mail["subject"]),
        spot=own_spot(product),
        cell=product.sign_ins["grid_worker"]["area"],
    )


def send_imports(product: Product) -> None:
    """One with errors and one that may be applied, both checked."""
    with closing(product.person("center_head")) as client:
        send_import(client, name="有错误的边界.geojson", features=[{**feature(), "geometry": None}, feature("12")])
        send_import(client, name="网格边界.geojson", features=[feature()])
    product.run("manage.py", "shell", "-v", "0", "-c", "from grid.services.imports.jobs import *; run_waiting()")


def feature(code: str = "990000999001001") -> dict[str, Any]:
    ring = [[10.0, 10.0], [10.001, 10.0], [10.001, 10.001], [10.0, 10.0]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": {"code": code, "name": "示意网格"}, "geometry": shape}


def send_import(client: httpx.Client, *, name: str, features: list[dict[str, Any]]) -> None:
    collection = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    form = {"kind": "boundaries", "crs": "WGS-84", "reason": "演示"}
    answer = client.post("imports/", data=form, files={"file": (name, collection)})
    assert answer.status_code == 201, answer.text


def is_always_answered(route: Route) -> bool:
    """The areas belong to every page; on the page that is about them they are what can be missing."""
    path = route.request.url.partition("?")[0]
    if any(part in path for part in ALWAYS_ANSWERED):
        return True
    return AREAS in path and not urlsplit(route.request.frame.url).path.startswith("/grid")


def nothing_there(route: Route) -> None:
    """An account without cases, mails or figures; single things and drawings stay."""
    path = route.request.url.partition("?")[0]
    if route.request.method != "GET" or is_always_answered(route):
        route.fallback()
    elif path.endswith("/cameras/summary/"):
        route.fulfill(json=NO_CAMERAS)
    elif path.endswith("/summary/"):
        route.fulfill(json={**NO_FIGURES, "as_of": "2026-11-23T02:00:00Z"})
    elif path.endswith("/sync/"):
        route.fulfill(json=NOTHING_HELD)
    elif path.endswith(LISTS):
        route.fulfill(json={**NOTHING, "as_of": "2026-11-23T02:00:00Z"})
    else:
        route.fallback()


def broken(route: Route) -> None:
    """A server that signs people in and then fails."""
    if is_always_answered(route):
        route.fallback()
    else:
        route.fulfill(status=502, body="<h1>502 Bad Gateway</h1>", content_type="text/html")


def nothing_sent(route: Route) -> None:
    """A net over which nothing goes up: what is done stays on the phone."""
    if route.request.method == "POST":
        route.abort()
    else:
        route.fallback()


STATES: Final[dict[str, Callable[[Route], None]]] = {"empty": nothing_there, "error": broken, "unsent": nothing_sent}


@dataclass(frozen=True, slots=True)
class Scene:
    """A page in one state: who opens what, how to know that it stands, and what to press before looking."""

    name: str
    role: str | None
    path: str
    stands: str  # a selector that appears when the content is there
    press: Callable[[Page], None] | None = None
    state: str = "full"
    context: dict[str, Any] = field(default_factory=dict)

    @property
    def app(self) -> str:
        return "field" if self.path.startswith("/m/") else "center"

    def open(self, people: People, facts: Facts, *, language: str, screen: str) -> Page:
        more = dict(self.context)
        if "geolocation" in more.get("permissions", []):
            more["geolocation"] = facts.spot.fix
        page = people.stranger("", screen=screen, language=language, **more)
        if self.role:
            people.sign_in(page.context, self.role)
        if self.state in STATES:
            page.route("**/api/v1/**", STATES[self.state])
        self.stand(page, facts)
        return page

    def stand(self, page: Page, facts: Facts) -> None:
        """Load it (again) and wait until it shows what it is about."""
        page.goto(self.path.format(**{name: getattr(facts, name) for name in facts.__slots__}))
        expect(page.locator(self.stands).first).to_be_visible()
        if self.press:
            self.press(page)
        page.evaluate("document.fonts.ready")


GPS: Final = {"permissions": ["geolocation"]}
MAP: Final = ".leaflet-overlay-pane, .leaflet-pane path"
NOTICE: Final = ".notice, [role=alert], .empty"

CENTER: Final = (
    Scene("sign-in", None, "/sign-in", ".demo li"),
    Scene("offline", None, "/offline", "main, h1, button"),
    Scene("not-found", "center_operator", "/no/such/page", "h1"),
    Scene("overview", "center_operator", "/", ".leaflet-pane path"),
    Scene("overview", "center_operator", "/", ".leaflet-pane path", state="empty"),
    Scene("overview", "center_operator", "/", NOTICE, state="error"),
    Scene(
        "overview-cell",
        "center_operator",
        "/",
        ".leaflet-pane path",
        click(".leaflet-wg-cells-pane path >> nth=20", ".side-queue .link-button"),
    ),
    Scene("queue", "center_operator", "/cases", ".data-table tbody tr, .cards li"),
    Scene("queue", "center_operator", "/cases", NOTICE, state="empty"),
    Scene("queue", "center_operator", "/cases", NOTICE, state="error"),
    Scene(
        "queue-select",
        "center_operator",
        "/cases",
        ".data-table tbody tr, .cards li",
        click(".filters .el-select >> nth=1", ".el-select-dropdown"),
    ),
    Scene("case", "center_operator", "/cases/{with_photo}", ".photo-list img"),
    Scene("case", "center_operator", "/cases/{with_photo}", NOTICE, state="error"),
    Scene("case-missing", "center_operator", "/cases/99999999", NOTICE),
    Scene("case-leader", "leader", "/cases/{processing}", ".act-menu, .acts"),
    Scene(
        "case-dialog-assign",
        "center_operator",
        "/cases/{accepted}",
        ".act-menu .el-button",
        open_act("^(分派|Assign)$"),
    ),
    Scene(
        "case-dialog-merge", "center_operator", "/cases/{accepted}", ".act-menu .el-button", open_act("^(并案|Merge)$")
    ),
    Scene(
        "case-dialog-accept",
        "center_operator",
        "/cases/{reported}",
        ".act-menu .el-button",
        open_act("^(受理|Accept)$"),
    ),
    Scene("case-deadline", "center_operator", "/cases/{processing}", ".why", click(".why", ".days li", 700)),
    Scene(
        "case-photo",
        "center_operator",
        "/cases/{with_photo}",
        ".photo-list button",
        click(".photo-list button", ".photo-dialog img.large"),
    ),
    Scene("grid", "center_head", "/grid", ".leaflet-pane path"),
    Scene("grid", "center_head", "/grid", NOTICE, state="empty"),
    Scene("grid", "center_head", "/grid", NOTICE, state="error"),
    Scene("grid-cell", "center_head", "/grid/{cell}", ".people li, .nobody"),
    Scene("grid-worker", "grid_worker", "/grid/{cell}", ".people li, .nobody"),
    Scene("grid-layers", "center_head", "/grid", ".leaflet-pane path", switch_layers),
    Scene(
        "grid-split", "center_head", "/grid/{cell}", ".acts .el-button", click(".acts .el-button >> nth=1", ".drawing")
    ),
    Scene(
        "grid-merge", "center_head", "/grid/{cell}", ".acts .el-button", click(".acts .el-button >> nth=2", ".cells")
    ),
    Scene("grid-preview", "center_head", "/grid/{cell}", ".acts .el-button", preview_overlap),
    *(
        Scene(f"grid-{tab}", "center_operator", f"/grid?tab={tab}", stands, state=state)
        for tab in ("unattended", "coverage", "places", "waters", "cameras")
        for state, stands in (("full", ".data-table tbody tr"), ("empty", NOTICE), ("error", NOTICE))
    ),
    Scene(
        "grid-place",
        "center_operator",
        "/grid?tab=places",
        ".data-table tbody tr",
        click(".data-table .link-button", ".el-drawer dd"),
    ),
    Scene(
        "grid-import", "center_head", "/grid/import", ".earlier li", click(".earlier button >> nth=1", ".job caption")
    ),
    Scene("grid-import", "center_head", "/grid/import", NOTICE, state="empty"),
    Scene("grid-import", "center_head", "/grid/import", NOTICE, state="error"),
    Scene("weekly", "center_head", "/reports/weekly", ".formulas dd"),
    Scene("weekly", "center_head", "/reports/weekly?week=2024-W30", ".formulas dd", state="empty"),
    Scene("weekly", "center_head", "/reports/weekly", NOTICE, state="error"),
    Scene("mailbox", "admin", "/mailbox", ".list li"),
    Scene("mailbox", "admin", "/mailbox", NOTICE, state="empty"),
    Scene("mailbox", "admin", "/mailbox", NOTICE, state="error"),
    Scene("mailbox-mail", "admin", "/mailbox/{mail}", "iframe"),
    Scene("desk", "admin", "/desk", ".door"),
)

FIELD: Final = (
    Scene("sign-in", None, "/m/sign-in", ".person"),
    Scene("home", "grid_worker", "/m/", "main li"),
    Scene("home", "grid_worker", "/m/", ".report", state="empty"),
    Scene("home", "grid_worker", "/m/", NOTICE, state="error"),
    Scene("home-handler", "handler", "/m/", "main li"),
    Scene("report", "grid_worker", "/m/report", "form .tiles", context=GPS),
    Scene("report-refused", "grid_worker", "/m/report", "form .tiles", context={"permissions": []}),
    Scene(
        "report-missing",
        "grid_worker",
        "/m/report",
        "form .tiles",
        click("button.van-button--primary", "[role=alert]"),
        context=GPS,
    ),
    Scene(
        "report-category",
        "grid_worker",
        "/m/report",
        "form .tiles",
        click(".tiles button >> nth=0", "dialog .seconds li"),
        context=GPS,
    ),
    Scene(
        "report-cells",
        "village_officer",
        "/m/report",
        "form .tiles",
        click(".ways button >> nth=1", "dialog .cells li"),
        context=GPS,
    ),
    Scene("sent", "grid_worker", "/m/sent/{own}", ".done"),
    Scene("sent-kept", "grid_worker", "/m/report", "form .tiles", keep_report, state="unsent", context=GPS),
    Scene("outbox", "grid_worker", "/m/outbox", ".empty"),
    Scene("outbox", "grid_worker", "/m/report", "form .tiles", look_at_outbox, state="unsent", context=GPS),
    Scene("phone", "grid_worker", "/m/phone", ".device"),
    Scene("mine", "grid_worker", "/m/mine", "main li"),
    Scene("mine", "grid_worker", "/m/mine", ".filter", state="empty"),
    Scene("mine", "grid_worker", "/m/mine", NOTICE, state="error"),
    Scene("case", "grid_worker", "/m/cases/{own}", ".timeline li"),
    Scene("case", "grid_worker", "/m/cases/{own}", NOTICE, state="error"),
    Scene(
        "case-act",
        "grid_worker",
        "/m/cases/{to_verify}",
        ".acts",
        click(".acts .van-button >> nth=-1", "dialog form"),
    ),
    Scene("patrol", "grid_worker", "/m/patrol", ".choices label", context=GPS),
    Scene("patrol", "grid_worker", "/m/patrol", ".choices label", state="empty"),
    Scene("patrol", "grid_worker", "/m/patrol", NOTICE, state="error"),
    Scene("patrol-not-mine", "handler", "/m/patrol", ".empty"),
    Scene("patrol-walking", "grid_worker", "/m/patrol", ".actions button", walk, context=GPS),
    Scene("me", "grid_worker", "/m/me", ".choices button"),
    Scene("not-found", "grid_worker", "/m/no/such/page", ".card"),
)

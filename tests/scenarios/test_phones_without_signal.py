"""Two phones and the desk, without signal and over a bad net, in random order: nothing is lost and nothing doubled.

The phones are the app's own outbox and sync, driven by node (frontend/tests/phones); the server is the real one behind
a net that loses requests and answers (tests/scenarios/faulty.py). PHONE_SEEDS sets how many days are lived.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from deploy.places import ROOT
from tests.scenarios.faulty import FAULTS, FaultyProxy
from tests.scenarios.processes import Town, running_town
from tests.uploads import jpeg

pytestmark = pytest.mark.story
SEEDS: Final = int(os.environ.get("PHONE_SEEDS", "500"))
"""500 took 199 s on two cores that others used too."""
FRONTEND: Final = ROOT / "frontend"
Row = dict[str, Any]


@dataclass
class Records:
    """What the server knows, by the ids that phones gave."""

    cases: dict[str, list[Row]]
    files: dict[str, list[Row]]
    events: dict[str, list[Row]]
    conflicts: dict[str, list[Row]]
    count: dict[int, int]

    @classmethod
    def of(cls, told: dict[str, list[Row]]) -> Records:
        by = {name: _by_id(told[name]) for name in ("cases", "files", "events", "conflicts")}
        return cls(**by, count={case["pk"]: case["event_count"] for case in told["cases"]})


def _by_id(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["client_id"]:
            found[row["client_id"]].append(row)
    return found


@dataclass
class Days:
    """All days as they were lived."""

    phones: list[Row]
    records: Records
    net: Counter[str]
    chains: str
    seconds: float
    desk: Counter[str] = field(default_factory=Counter)

    def done(self, kind: str) -> Iterator[tuple[Row, Row]]:
        for phone in self.phones:
            for one in phone["done"]:
                if one["kind"] == kind:
                    yield phone, one


def build_phones(folder: Path) -> Path:
    """The app's own offline code as one file for node."""
    command = ["node", "node_modules/vite/bin/vite.js", "build", "--config", "tests/phones/vite.config.ts"]
    done = subprocess.run(
        [*command, "--outDir", str(folder), "--emptyOutDir"],
        cwd=FRONTEND,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "phones.mjs"


def live(town: Town, folder: Path) -> Days:
    phones = build_phones(folder / "phones")
    people = json.loads(town.run("-m", "tests.scenarios.phones_town", "build", str(SEEDS)))
    (folder / "town.json").write_text(json.dumps({**people, "photo": base64.b64encode(jpeg()).decode()}))
    started = time.monotonic()
    with FaultyProxy(town.port) as net:
        addresses = [f"http://127.0.0.1:{port}" for port in (net.port, town.port)]
        command = ["node", str(phones), str(folder / "town.json"), *addresses, str(folder / "told.json")]
        lived = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
        assert lived.returncode == 0, lived.stdout[-2000:] + lived.stderr[-4000:]
    seconds = time.monotonic() - started
    told = json.loads((folder / "told.json").read_text())
    kept = town.run("-m", "tests.scenarios.phones_town", "tell")
    (folder / "kept.json").write_text(kept)
    records = Records.of(json.loads(kept))
    return Days(
        phones=[{**phone, "seed": day["seed"]} for day in told for phone in day["phones"]],
        records=records,
        net=net.met,
        chains=town.run("manage.py", "verify_chain"),
        seconds=seconds,
        desk=Counter(act for day in told for act in day["desk"]),
    )


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Days]:
    folder = tmp_path_factory.mktemp("phones")
    with running_town(folder, build=False, workers=2) as town:
        yield live(town, folder)


def named(phone: Row, one: Row) -> str:
    return f"seed {phone['seed']} phone {phone['owner']}: {one} {phone['items'].get(one['id'])}"


def test_every_report_is_one_case_with_its_photos(days: Days) -> None:
    photos: dict[str, set[str]] = defaultdict(set)
    for _, file in days.done("file"):
        photos[file["of"]].add(file["id"])
    wrong = []
    for phone, report in days.done("report"):
        cases = days.records.cases[report["id"]]
        sent = {file for file in photos[report["id"]] if len(days.records.files[file]) == 1}
        if [case["description"] for case in cases] != [report["words"]] or sent != photos[report["id"]]:
            wrong.append(
                f"{named(phone, report)}: {len(cases)} cases, {len(sent)} of {len(photos[report['id']])} photos"
            )
    assert wrong == []


def test_every_act_is_one_event_or_one_conflict(days: Days) -> None:
    """Or, done with signal, refused before its author's eyes: then it is neither."""
    wrong = []
    for phone, act in days.done("act"):
        events, conflicts = days.records.events[act["id"]], days.records.conflicts[act["id"]]
        right = 0 if act["told"] else 1
        if len(events) + len(conflicts) != right:
            wrong.append(f"{named(phone, act)}: {len(events)} events, {len(conflicts)} conflicts")
        wrong += [named(phone, act) for row in events if (row["act"], row["actor_id"]) != (act["act"], phone["owner"])]
    assert wrong == []


def test_nothing_that_was_done_without_signal_is_refused(days: Days) -> None:
    """But for requests for time: nobody did anything that they collide with (ADR 0039)."""
    done = [(phone, act) for phone, act in days.done("act") if not act["act"].startswith("ask_")]
    refused = [named(phone, act) for phone, act in done if act["offline"] and act["told"]]
    waiting = [
        named(phone, one)
        for kind in ("report", "act")
        for phone, one in days.done(kind)
        if phone["items"].get(one["id"], {"state": "done"})["state"] not in ("done", "conflict")
    ]
    assert refused + waiting == []


def test_a_photo_for_a_case_is_there_once_or_its_author_is_told_why(days: Days) -> None:
    wrong = []
    for phone, file in days.done("file"):
        item, there = phone["items"][file["id"]], len(days.records.files[file["id"]])
        if (there, item["state"]) != (1, "done") and not (there == 0 and item["state"] == "refused" and item["reason"]):
            wrong.append(f"{named(phone, file)}: {there}")
    assert wrong == []


def test_every_conflict_shows_both_sides(days: Days) -> None:
    """What its author did and typed, and beside it what stands there now."""
    wrong = []
    for phone, act in days.done("act"):
        for conflict in days.records.conflicts[act["id"]]:
            mine = {row["name"]: row["mine"]["value"] for row in conflict["fields"]}
            theirs = [row["theirs"] for row in conflict["fields"] if row["theirs"]]
            said = act["words"] == mine.get("text", "") == conflict["given"].get("text", "")
            if not said or not theirs or phone["items"][act["id"]]["state"] != "conflict":
                wrong.append(f"{named(phone, act)}: {conflict}")
    assert wrong == []


def test_every_chain_holds(days: Days) -> None:
    assert "every chain holds" in days.chains


def test_the_phones_hold_what_the_server_tells(days: Days) -> None:
    count = days.records.count
    wrong = [
        f"seed {phone['seed']}: case {case} has {events} events on the phone, {count[int(case)]} on the server"
        for phone in days.phones
        for case, events in phone["held"].items()
        if count[int(case)] != events
    ]
    assert wrong == []
    assert [phone["seed"] for phone in days.phones if phone["blobs"] and all_sent(phone)] == []


def all_sent(phone: Row) -> bool:
    return all(item["state"] in ("done", "conflict") for item in phone["items"].values())


def test_the_days_were_bad_ones(days: Days, capsys: pytest.CaptureFixture[str]) -> None:
    """Everything that a net can do was met, and enough came too late; says how much was lived."""
    acts = [act for _, act in days.done("act")]
    conflicts = sum(len(days.records.conflicts[act["id"]]) for act in acts)
    with capsys.disabled():
        print(  # noqa: T201 - the count is the proof
            f"\n{SEEDS} seeds in {days.seconds:.0f} s: {sum(1 for _ in days.done('report'))} reports,"
            f" {sum(1 for _ in days.done('file'))} photos, {len(acts)} acts on phones ({conflicts} conflicts,"
            f" {sum(1 for act in acts if act['told'])} told at once), {sum(days.desk.values())} acts at the desk,"
            f" net: {dict(days.net)}"
        )
    assert set(days.net) == set(FAULTS)
    assert conflicts >= SEEDS // 20

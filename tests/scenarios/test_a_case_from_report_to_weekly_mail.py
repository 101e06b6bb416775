"""One case through real processes: PostgreSQL, Redis, gunicorn, Celery and an SMTP server."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from reports.periods import Week
from tests.scenarios.processes import Town, running_town, wait_for
from tests.town import CELL_A, IN_A

pytestmark = pytest.mark.story
PASSWORD = "story-2026-of-a-case"


def act(who: httpx.Client, case: int, name: str, **given: Any) -> httpx.Response:
    version = who.get(f"cases/{case}/").json()["version"]
    return who.post(f"cases/{case}/acts/{name}/", json={"version": version, **given})


def report(worker: httpx.Client) -> dict[str, Any]:
    """A fire: the only kind of which people are told at any hour, so that this story may run at any hour."""
    body = {
        "client_id": str(uuid4()),
        "category": "J01",
        "description": "村口杂物堆冒烟，已拨打119，无人受伤。",
        "lon": IN_A[0],
        "lat": IN_A[1],
        "accuracy_m": 8,
    }
    answer = worker.post("cases/", json=body)
    assert answer.status_code == 201, answer.text
    assert worker.post("cases/", json=body).json()["id"] == answer.json()["id"], "a retry is the same case"
    found: dict[str, Any] = answer.json()
    return found


def assign_until_overdue(operator: httpx.Client, case: int) -> None:
    """The center sees it on the map, accepts it, and gives the unit two seconds."""
    cells = {row["code"]: row["open"] for row in operator.get("cases/counts/?by=cell").json()["results"]}
    assert cells == {CELL_A: 1}
    box = f"{IN_A[0] - 0.001},{IN_A[1] - 0.001},{IN_A[0] + 0.001},{IN_A[1] + 0.001}"
    assert [row["id"] for row in operator.get(f"cases/?bbox={box}").json()["results"]] == [case]
    assert act(operator, case, "accept").status_code == 200
    units = operator.get("organisations/").json()["results"]
    unit = next(row for row in units if row["name"] == "综合行政执法办公室")
    handler = unit["members"][0]["id"]
    due = (datetime.now(UTC) + timedelta(seconds=2)).isoformat()
    answer = act(operator, case, "assign", organisation=unit["id"], assignee=handler, due_at=due)
    assert answer.status_code == 200, answer.text
    wait_for("overdue case", lambda: operator.get("cases/?overdue=true").json()["results"], 10)


def send_until(town: Town, what: str, check: Callable[[], bool]) -> None:
    """Beat's knock every few seconds, until it shows."""

    def knock() -> bool:
        town.call_task("workers.tasks.mail.send_due")
        time.sleep(1)
        return check()

    wait_for(what, knock)


def remind_once(town: Town, number: str) -> None:
    """The worker dies while the mail server has not said yes; the reminder still comes, once."""
    town.mailbox.holding = True
    town.start_worker()
    town.call_task("workers.tasks.reminders.scan")
    send_until(town, "worker at the mail server", town.mailbox.waiting.is_set)
    town.kill("worker")
    assert not town.mailbox.mails
    town.mailbox.holding = False
    town.start_worker()
    send_until(town, "reminder", lambda: bool(town.mailbox.mails))
    for task in ("workers.tasks.reminders.scan", "workers.tasks.mail.send_due"):
        town.call_task(task)
    time.sleep(4)
    (mail,) = town.mailbox.mails
    assert str(mail["To"]) == "handler@town.invalid"
    text = mail.get_body(("plain",)).get_content()
    assert number in text
    assert "冒烟" not in text, "a reminder tells no contents"


def handle_and_close(town: Town, operator: httpx.Client, worker: httpx.Client, case: int) -> None:
    handler = town.person("handler", PASSWORD)
    assert act(handler, case, "acknowledge").status_code == 200
    assert act(handler, case, "feedback", text="明火已扑灭，杂物已清走。").status_code == 200
    assert act(handler, case, "verify", passed=True).status_code == 403, "never by whoever handled it"
    assert act(worker, case, "verify", passed=True).status_code == 200
    answer = act(operator, case, "close", outcome="solved")
    assert answer.json()["state"] == "closed", answer.text


def weekly_mail(town: Town) -> None:
    """The mail of this week, as it will be on Monday 08:00: asked for twice, sent once, with exactly this story."""
    monday = Week.of(datetime.now(UTC)).end + timedelta(hours=8)
    before = len(town.mailbox.mails)
    assert "1 mails queued" in town.run("manage.py", "send_weekly", "--now", monday.isoformat())
    assert "0 mails queued" in town.run("manage.py", "send_weekly", "--now", monday.isoformat())
    send_until(town, "weekly mail", lambda: len(town.mailbox.mails) > before)
    mail = town.mailbox.mails[-1]
    assert str(mail["To"]) == "leader@town.invalid"
    text = "\n".join(mail.get_body(("plain",)).get_content().splitlines())
    figures = dict(re.findall(r"^(\S+): (.+?)  \(上周: .+\)$", text, re.MULTILINE))
    assert {k: figures[k] for k in ("上报", "办结", "办结率", "按期办结率", "在办超期")} == {
        "上报": "1",
        "办结": "1",
        "办结率": "100.0 %",
        "按期办结率": "0.0 %",
        "在办超期": "0",
    }
    assert "东村: 1 / 1 / 0" in text
    html = mail.get_body(("html",)).get_content()
    assert "100.0 %" in html
    assert "cid:chart" in html
    assert any(part.get_content_type() == "image/png" for part in mail.walk())


def test_a_case_from_report_to_weekly_mail(tmp_path: Path) -> None:
    with running_town(tmp_path, PASSWORD) as town:
        worker, operator = town.person("worker", PASSWORD), town.person("operator", PASSWORD)
        outsider = town.person("outsider", PASSWORD)
        case = report(worker)
        assert case["area"]["code"] == CELL_A
        assign_until_overdue(operator, case["id"])
        remind_once(town, case["number"])
        handle_and_close(town, operator, worker, case["id"])
        events = operator.get(f"cases/{case['id']}/events/").json()["results"]
        acts = ["report", "accept", "assign", "overdue", "acknowledge", "feedback", "verify", "close"]
        assert [e["act"] for e in events] == acts, json.dumps(events, ensure_ascii=False)
        assert outsider.get(f"cases/{case['id']}/").status_code == 404
        weekly_mail(town)
        assert "every chain holds" in town.run("manage.py", "verify_chain")

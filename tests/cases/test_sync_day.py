"""Whole days without signal: what was done in the field, what others did meanwhile, and what comes of it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from cases.models import Case, CaseConflict, CaseEvent
from tests.client import Browser
from tests.phone import records_hold
from tests.town import IN_A


class Outbox:
    """A phone as the field app is: it holds what the server gave it, does things by itself, and sends them in order."""

    def __init__(self, person) -> None:
        self.person = person
        self.browser = Browser(person)
        self.cursor = ""
        self.store: dict[int, dict[str, Any]] = {}
        self.counts: dict[int, int] = {}
        self.waiting: list[tuple[str, dict[str, Any]]] = []

    def sync(self) -> int:
        """How many cases had to be fetched."""
        answer = self.browser.get("sync/", cursor=self.cursor).json()
        self.cursor = answer["cursor"]
        if answer["unchanged"]:
            return 0
        held = dict(answer["held"])
        wanted = [pk for pk, count in held.items() if self.counts.get(pk) != count]
        for pk in set(self.store) - set(held):
            del self.store[pk], self.counts[pk]
        for start in range(0, len(wanted), 25):
            ids = ",".join(map(str, wanted[start : start + 25]))
            for one in self.browser.get("sync/cases/", ids=ids).json()["results"]:
                self.store[one["case"]["id"]] = one
                self.counts[one["case"]["id"]] = held[one["case"]["id"]]
        return len(wanted)

    def does(self, case: Case, act: str, at: str, leads_to: str = "", **typed: Any) -> None:
        """On the case as the phone holds it; `leads_to` is the state it shows from then on."""
        one = self.store[case.pk]
        row = one["case"]
        assert act in {offered["act"] for offered in row["acts"]}, "the phone offers it"
        seen = {"state": row["state"], "lead_org": (row["lead_org"] or {}).get("id")}
        seen["assignee"] = (row["assignee"] or {}).get("id")
        body = {"version": row["version"], "seen": seen, "done_at": f"2026-11-25T{at}:00+08:00", **typed}
        self.waiting.append((f"cases/{case.pk}/acts/{act}/", {**body, "kept": True, "client_id": str(uuid.uuid4())}))
        if leads_to:
            row.update(state=leads_to, version=row["version"] + 1, acts=one["then"][act])
        if act == "acknowledge":
            row["assignee"] = {"id": self.person.pk}

    def reports(self, words: str, at: str) -> None:
        body = {"client_id": str(uuid.uuid4()), "category": "C01", "description": words, "lon": IN_A[0], "lat": IN_A[1]}
        self.waiting.append(("cases/", {**body, "reported_at": f"2026-11-25T{at}:00+08:00"}))

    def sends(self) -> list[int]:
        """Everything, in order; the answers' codes."""
        return [self.browser.post(path, body).status_code for path, body in self.waiting]


@pytest.fixture(autouse=True)
def _records_hold(db):
    yield
    records_hold()


def events(**which: Any) -> int:
    return CaseEvent.objects.filter(**which).count()


class TestWorker:
    @pytest.fixture
    def day(self, stories, cast, clock):
        """In the morning 阿珍 has a case to complete, two to verify and one of her own under way; then no signal."""
        clock.to("2026-11-25 08:00")
        wanted = stories.case_in("draft")
        done, undone = stories.case_in("awaiting_verify"), stories.case_in("awaiting_verify")
        mine = stories.case_in("processing")
        phone = Outbox(cast.worker)
        assert phone.sync() == 4
        return phone, wanted, done, undone, mine

    def test_out_and_back(self, day, stories, cast, clock):
        phone, wanted, done, undone, mine = day
        phone.does(wanted, "submit", "09:10", leads_to="reported", text="东村12号后墙")
        phone.does(done, "verify", "09:40", passed=True, text="干净了")
        phone.does(undone, "verify", "10:05", passed=False, text="墙角还有")
        phone.does(mine, "comment", "10:30", text="又堆了两袋")
        phone.reports("沟里有淤泥", "11:00")

        clock.to("2026-11-25 12:00")
        stories.act(undone, "verify", by=cast.officer, text="看着可以")
        stories.act(mine, "comment", by=cast.operator, text="已催")

        clock.to("2026-11-25 17:30")
        assert phone.sends() == [200, 200, 202, 200, 201]
        phone.sync()
        states = {pk: one["case"]["state"] for pk, one in phone.store.items()}
        report = Case.objects.get(description="沟里有淤泥")
        assert states == {
            wanted.pk: "reported",
            done.pk: "verified",
            undone.pk: "verified",
            mine.pk: "processing",
            report.pk: "reported",
        }
        assert report.reported_at.isoformat() == "2026-11-25T03:00:00+00:00"
        assert phone.store[undone.pk]["case"]["conflicts"] == 1
        sent = CaseEvent.objects.filter(actor=cast.worker, at__gte=clock()).exclude(act="report")
        assert {event.data["device_time"][11:16] for event in sent} == {"01:10", "01:40", "02:05", "02:30"}

    def test_everything_sent_twice_is_there_once(self, day, stories, cast, clock):
        """The net broke off after the server had it all and before the phone knew."""
        phone, wanted, done, undone, mine = day
        phone.does(wanted, "submit", "09:10", leads_to="reported", text="东村12号后墙")
        phone.does(done, "verify", "09:40", passed=True)
        phone.does(undone, "verify", "10:05", passed=False, text="墙角还有")
        phone.does(mine, "comment", "10:30", text="又堆了两袋")
        phone.reports("沟里有淤泥", "11:00")
        stories.act(undone, "verify", by=cast.officer)
        clock.to("2026-11-25 17:30")
        first = phone.sends()
        before = (events(), Case.objects.count(), CaseConflict.objects.count())
        assert phone.sends() == [*first[:4], 200]
        assert (events(), Case.objects.count(), CaseConflict.objects.count()) == before

    def test_the_second_sync_fetches_what_changed_and_nothing_else(self, day, stories, cast):
        phone, _wanted, done, _undone, mine = day
        assert phone.sync() == 0
        stories.act(mine, "comment", by=cast.operator)
        stories.act(done, "verify", by=cast.officer)
        assert phone.sync() == 2
        assert phone.sync() == 0


class TestHandler:
    def test_taken_and_done_without_signal(self, stories, cast, clock, units):
        """Two acts in a row on one case, the second on what the phone itself made of the first."""
        case = stories.case_in("assigned")
        phone = Outbox(cast.handler)
        phone.sync()
        phone.does(case, "acknowledge", "10:10", leads_to="processing")
        phone.does(case, "feedback", "11:20", leads_to="awaiting_verify", text="已清运干净")
        assert "feedback" not in {act["act"] for act in phone.store[case.pk]["case"]["acts"]}
        clock.to("2026-11-25 18:00")
        assert phone.sends() == [200, 200]
        case.refresh_from_db()
        assert (case.state, case.assignee) == ("awaiting_verify", cast.handler)

    def test_though_the_center_changed_its_mind_and_changed_it_back(self, stories, cast, clock, units):
        case = stories.case_in("assigned")
        phone = Outbox(cast.handler)
        phone.sync()
        phone.does(case, "acknowledge", "10:10", leads_to="processing")
        phone.does(case, "feedback", "11:20", leads_to="awaiting_verify", text="已清运干净")
        for unit in (units.services, units.enforcement):
            stories.act(case, "assign", by=cast.head, organisation=unit.pk, text="另派")
        clock.to("2026-11-25 18:00")
        assert phone.sends() == [200, 200]
        rebased = CaseEvent.objects.filter(case=case, data__has_key="rebased_from").values_list("act", flat=True)
        assert list(rebased) == ["acknowledge", "feedback"]

    def test_given_to_others_meanwhile_both_acts_wait_for_the_center(self, stories, cast, clock, units):
        case = stories.case_in("assigned")
        phone = Outbox(cast.handler)
        phone.sync()
        phone.does(case, "acknowledge", "10:10", leads_to="processing")
        phone.does(case, "feedback", "11:20", leads_to="awaiting_verify", text="已清运干净")
        stories.act(case, "assign", by=cast.head, organisation=units.services.pk, text="另派")
        clock.to("2026-11-25 18:00")
        assert phone.sends() == [202, 202]
        assert phone.sync() == 0
        assert phone.store == {}, "out of sight, and off the phone"
        assert CaseConflict.objects.get(act="feedback").given == {"text": "已清运干净"}

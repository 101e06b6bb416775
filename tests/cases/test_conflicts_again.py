"""What a phone sends later, with both times; what it sends again, what arrives at once, and the photos that follow."""

from __future__ import annotations

import uuid

import pytest

from cases.models import Case, CaseConflict, CaseEvent, CaseFile
from cases.services.acts import ActInput
from cases.services.acts.offline import Offline
from cases.services.conflicts import perform_kept
from cases.workflow import Act
from staff.models import User
from tests.database import at_once
from tests.phone import ID, Phone

pytestmark = pytest.mark.usefixtures("every_record_holds")

OTHER_ID = "55555555-5555-4555-8555-555555555555"


def last(case: Case) -> CaseEvent:
    return CaseEvent.objects.filter(case=case).latest("seq")


class TestTimes:
    def test_both_times_are_on_record(self, stories, worker, clock):
        case = stories.case_in("awaiting_verify")
        phone = Phone.of(worker).sees(case)
        clock.to("2026-11-25 17:00")
        phone.did(case, "verify", passed=True, done_at="2026-11-25T11:30:00+08:00")
        event = last(case)
        assert event.at.isoformat() == "2026-11-25T09:00:00+00:00"
        assert event.data["device_time"] == "2026-11-25T03:30:00+00:00"
        assert event.data["received"] == "2026-11-25T09:00:00+00:00"
        assert "clock_wrong" not in event.data

    @pytest.mark.parametrize(
        "wrong", ["2026-11-25T22:00:00+08:00", "1970-01-01T08:00:00+08:00", "2026-11-24T10:00:00+08:00"]
    )
    def test_a_clock_wrong_by_hours_is_noted_and_nothing_is_refused_for_it(self, stories, worker, clock, wrong):
        """Ahead, reset to 1970, or a day before the case was reported."""
        case = stories.case_in("awaiting_verify")
        phone = Phone.of(worker).sees(case)
        clock.to("2026-11-25 17:00")
        assert phone.did(case, "verify", passed=True, done_at=wrong).status_code == 200
        assert last(case).data["clock_wrong"] is True
        assert last(case).data["device_time"][:4] == wrong[:4]

    def test_a_conflict_keeps_the_time_as_the_device_said_it(self, stories, officer, clock):
        case = stories.case_in("awaiting_verify")
        phone = Phone.of(officer).sees(case)
        stories.act(case, "verify")
        clock.to("2026-11-25 17:00")
        conflict = phone.did(case, "verify", passed=True, done_at="2026-11-25T23:00:00+08:00").json()["conflict"]
        assert (conflict["done_at"], conflict["received_at"]) == ("2026-11-25T15:00:00Z", "2026-11-25T09:00:00Z")
        assert last(case).data["clock_wrong"] is True

    def test_what_is_done_with_signal_says_nothing_of_it(self, stories, worker):
        case = stories.report()
        stories.act(case, "comment")
        assert last(case).data == {}


class TestAgain:
    """The answer was lost, and the phone sends the same once more: at every point the same comes back."""

    def test_after_it_was_done(self, stories, handler):
        case = stories.case_in("processing")
        phone = Phone.of(handler).sees(case)
        first = phone.did(case, "feedback", text="已清运干净")
        stories.walk(case, "verify close")
        again = phone.did(case, "feedback", text="已清运干净")
        assert (first.status_code, again.status_code, again.json()["state"]) == (200, 200, "closed")
        assert CaseEvent.objects.filter(case=case, act="feedback").count() == 1

    def test_after_it_was_kept(self, stories, officer):
        case = stories.case_in("awaiting_verify")
        phone = Phone.of(officer).sees(case)
        stories.act(case, "verify")
        first = phone.did(case, "verify", passed=False, text="还有", done_at="2026-11-25T09:30:00+08:00")
        for _ in range(2):
            again = phone.did(case, "verify", passed=False, text="还有", done_at="2026-11-25T09:30:00+08:00")
            assert (again.status_code, again.json()) == (202, first.json())
        assert CaseConflict.objects.count() == CaseEvent.objects.filter(act="conflict").count() == 1

    def test_after_it_was_decided(self, stories, officer, operator):
        case = stories.case_in("awaiting_verify")
        phone = Phone.of(officer).sees(case)
        stories.act(case, "verify")
        conflict = phone.did(case, "verify", passed=False, text="还有").json()["conflict"]
        Phone.of(operator).decides(case, conflict, "keep", "已现场复看，确实干净")
        again = phone.did(case, "verify", passed=False, text="还有")
        assert again.status_code == 202
        told = again.json()["conflict"]
        assert (told["state"], told["words"], told["decided_by"]["name"]) == (
            "kept_first",
            "已现场复看，确实干净",
            "值班",
        )

    def test_after_it_was_done_and_the_case_went_out_of_sight(self, stories, handler):
        """It was done: that is all there is to tell, and no reason to keep it as a conflict."""
        case = stories.case_in("processing")
        phone = Phone.of(handler).sees(case)
        assert phone.did(case, "return", text="不属于本单位职责").status_code == 200
        assert phone.did(case, "return", text="不属于本单位职责").status_code == 200
        stories.act(case, "comment", text="与该单位无关的话")
        again = phone.did(case, "return", text="不属于本单位职责")
        assert (again.status_code, again.json()) == (202, {"conflict": None})
        assert CaseConflict.objects.count() == 0

    def test_the_id_of_somebody_elses_conflict_is_refused(self, stories, officer, neighbour, worker):
        case = stories.case_in("awaiting_verify")
        first, second = Phone.of(officer).sees(case), Phone.of(worker).sees(case)
        stories.act(case, "verify", by=stories.cast.operator)
        assert first.did(case, "verify", passed=False, text="还有").status_code == 202
        answer = second.did(case, "verify", passed=False, text="还有")
        assert (answer.status_code, answer.json()["code"]) == (409, "client_id_conflict")


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def doing(self, case, by: User, client_id: str, passed: bool):
        def do():
            person = User.objects.get(pk=by.pk)
            return perform_kept(
                case_id=case.pk,
                act=Act.VERIFY,
                by=person,
                given=ActInput(passed=passed, text="看过了"),
                version=case.version,
                client_id=uuid.UUID(client_id),
                offline=Offline(kept=True),
            )

        return do

    def test_two_verdicts_at_once_are_one_done_and_one_kept(self, stories, cast):
        case = stories.case_in("awaiting_verify")
        results = at_once(self.doing(case, cast.worker, ID, True), self.doing(case, cast.officer, OTHER_ID, False))
        assert sorted(type(one).__name__ for one in results) == ["Case", "CaseConflict"]

    def test_the_same_late_act_twice_at_once_is_one_conflict(self, stories, cast):
        case = stories.case_in("awaiting_verify")
        stories.act(case, "verify")
        late = self.doing(case, cast.officer, ID, False)
        results = at_once(late, late, late)
        assert {one.pk for one in results if isinstance(one, CaseConflict)} == {CaseConflict.objects.get().pk}
        assert CaseEvent.objects.filter(case=case, act="conflict").count() == 1


class TestPhotos:
    def test_the_photo_of_what_was_kept_is_kept_too(self, stories, handler, units):
        """Out of sight by now: the photo goes in, and nothing of the case comes out."""
        case = stories.case_in("processing")
        phone = Phone.of(handler).sees(case)
        stories.act(case, "assign", by=stories.cast.head, organisation=units.services.pk, text="另派")
        assert phone.sends_photo(case).status_code == 404
        phone.did(case, "feedback", text="今早已清运完")
        assert phone.sends_photo(case).status_code == 201
        assert phone.sends_photo(case).status_code == 200
        file = CaseFile.objects.get(case=case)
        assert phone.browser.get(f"files/{file.pk}/").status_code == 404

    def test_also_when_the_case_has_ended(self, stories, officer):
        case = stories.case_in("awaiting_verify")
        phone = Phone.of(officer).sees(case)
        stories.walk(case, "verify close")
        assert phone.sends_photo(case).status_code == 409
        phone.did(case, "verify", passed=False, text="还有")
        assert phone.sends_photo(case).status_code == 201

    def test_no_more_once_it_is_decided(self, stories, handler, units, operator):
        case = stories.case_in("processing")
        phone = Phone.of(handler).sees(case)
        stories.act(case, "assign", by=stories.cast.head, organisation=units.services.pk, text="另派")
        conflict = phone.did(case, "feedback", text="今早已清运完").json()["conflict"]
        Phone.of(operator).decides(case, conflict, "both")
        assert phone.sends_photo(case).status_code == 404

    def test_another_persons_conflict_opens_nothing(self, stories, handler, other_handler, units):
        case = stories.case_in("processing")
        phone = Phone.of(handler).sees(case)
        stories.act(case, "assign", by=stories.cast.head, organisation=units.committee.pk, text="另派")
        phone.did(case, "feedback", text="今早已清运完")
        assert Phone.of(other_handler).sends_photo(case).status_code == 404

"""More time or a pause asked for without signal: in time on the phone, too late when it arrives, and never lost."""

from __future__ import annotations

import pytest

from cases.models import Case, CaseConflict, CaseEvent
from notices.models import Reminder
from notices.services import take_events
from staff.models import Post, User
from tests.phone import ID, Phone, sides
from tests.town import SINCE, at

pytestmark = pytest.mark.usefixtures("every_record_holds")

IN_TIME = "2026-12-02T16:00:00+08:00"
ASKED = {"text": "车辆检修", "amount": 2}


@pytest.fixture
def case(stories) -> Case:
    return stories.case_in("processing")


@pytest.fixture
def phone(handler, case) -> Phone:
    """王工's, with the case as it stood before the signal went."""
    return Phone.of(handler).sees(case)


@pytest.fixture
def colleague(units) -> User:
    person = User.objects.create(username="colleague", display_name="赵工")
    Post.objects.create(
        user=person, role="handler", area_id=units.enforcement.area_id, organisation=units.enforcement, valid_from=SINCE
    )
    return person


def kept(answer) -> CaseConflict:
    assert answer.status_code == 202, answer.content
    return CaseConflict.objects.get(pk=answer.json()["conflict"]["id"])


class TestPastTheDueTime:
    def test_asked_in_time_and_late_on_arrival_waits_for_a_person_with_all_that_was_typed(self, case, phone, clock):
        clock.to("2026-12-03 08:30")
        conflict = kept(phone.did(case, "ask_extension", done_at=IN_TIME, **ASKED))
        assert (conflict.reason, conflict.given) == ("past_due", ASKED)
        case.refresh_from_db()
        assert (case.asked_for, case.open_conflicts) == ("", 1)

    def test_let_count_it_stands_as_asked_and_the_head_gives_the_time(self, stories, case, phone, clock, operator):
        clock.to("2026-12-03 08:30")
        conflict = kept(phone.did(case, "ask_extension", done_at=IN_TIME, **ASKED))
        assert Phone.of(operator).decides(case, conflict.pk, "take").status_code == 200
        event = CaseEvent.objects.get(case=case, act="ask_extension")
        assert (event.data["author_name"], event.data["amount"], event.text) == ("王工", 2, "车辆检修")
        case = stories.act(case, "extend")
        assert case.due_at == at("2026-12-04 17:30"), "two working days from the due time, not from the decision"

    def test_the_head_is_told_that_time_is_asked_for(self, case, phone, clock, operator):
        clock.to("2026-12-03 08:30")
        conflict = kept(phone.did(case, "ask_extension", done_at=IN_TIME, **ASKED))
        Phone.of(operator).decides(case, conflict.pk, "take")
        take_events(now=clock())
        assert [one.recipient.username for one in Reminder.objects.filter(event__act="ask_extension")] == ["head"]

    def test_asked_when_it_was_late_already_is_refused_and_says_what_to_do(self, case, phone, clock):
        clock.to("2026-12-03 08:30")
        answer = phone.did(case, "ask_extension", done_at="2026-12-02T17:30:00+08:00", **ASKED)
        assert (answer.status_code, answer.json()["code"]) == (400, "late")
        assert "意见" in answer.json()["message"]
        assert CaseConflict.objects.count() == 0

    @pytest.mark.parametrize("wrong", ["1970-01-01T08:00:00+08:00", "2026-12-09T09:00:00+08:00"])
    def test_nobody_is_refused_for_a_clock_that_is_wrong(self, case, phone, clock, wrong):
        clock.to("2026-12-03 08:30")
        assert kept(phone.did(case, "ask_extension", done_at=wrong, **ASKED)).reason == "past_due"

    def test_more_than_can_ever_be_given_is_refused_at_once(self, case, phone, clock):
        clock.to("2026-12-03 08:30")
        answer = phone.did(case, "ask_extension", done_at=IN_TIME, text="车辆检修", amount=6)
        assert (answer.status_code, answer.json()["field"]) == (400, "amount")

    def test_a_pause_until_a_day_that_has_passed(self, case, phone, clock, operator):
        clock.to("2026-11-27 09:00")
        pause = {"text": "等待鉴定报告", "until": "2026-11-27", "done_at": "2026-11-26T11:00:00+08:00"}
        conflict = kept(phone.did(case, "ask_suspension", **pause))
        assert (conflict.reason, conflict.given) == ("past_due", {"text": "等待鉴定报告", "until": "2026-11-27"})
        refused = Phone.of(operator).decides(case, conflict.pk, "take").json()
        assert refused["code"] == "cannot_take"
        assert "之后的日期" in refused["message"], "the day cannot count; the center can stop the clock until another"
        assert "suspend" in refused["possible"]

    def test_a_pause_that_was_past_on_the_phone_too_is_wrong_input(self, case, phone, clock):
        clock.to("2026-11-27 09:00")
        pause = {"text": "等待鉴定报告", "until": "2026-11-26", "done_at": "2026-11-26T11:00:00+08:00"}
        assert phone.did(case, "ask_suspension", **pause).json()["field"] == "until"


class TestOthersMeanwhile:
    def test_a_colleagues_request_waits_already_both_are_shown(self, stories, case, phone, colleague, clock):
        stories.act(case, "ask_extension", by=colleague, amount=1, text="人手不足")
        conflict = phone.did(case, "ask_extension", **ASKED).json()["conflict"]
        assert (conflict["reason"], sides(conflict)) == ("stale", {"text": ("车辆检修", "人手不足"), "amount": (2, 1)})

    def test_the_second_counts_once_the_first_is_answered(self, stories, case, phone, colleague, operator):
        stories.act(case, "ask_extension", by=colleague, amount=1)
        conflict = kept(phone.did(case, "ask_extension", **ASKED))
        refused = Phone.of(operator).decides(case, conflict.pk, "take")
        assert (refused.status_code, refused.json()["code"]) == (409, "cannot_take")
        assert "等待答复" in refused.json()["message"]
        stories.act(case, "refuse_extension")
        assert Phone.of(operator).decides(case, conflict.pk, "take").status_code == 200
        case.refresh_from_db()
        assert (case.asked_for, case.asked_amount) == ("extension", 2)

    def test_more_time_was_given_meanwhile_it_is_not_asked_for_twice(self, stories, case, phone, colleague, clock):
        """王工 counted from the old due time."""
        clock.to("2026-11-26 11:00")
        stories.act(case, "ask_extension", by=colleague, amount=3)
        stories.act(case, "extend", amount=3)
        conflict = phone.did(case, "ask_extension", done_at="2026-11-26T09:00:00+08:00", **ASKED).json()["conflict"]
        assert (conflict["reason"], sides(conflict)["amount"]) == ("stale", (2, 3))
        case.refresh_from_db()
        assert case.asked_for == ""

    def test_more_time_given_before_it_was_asked_stands_in_nobodys_way(self, stories, case, phone, colleague, clock):
        """The request is put as ever: the head sees what was given and says yes or no."""
        stories.act(case, "ask_extension", by=colleague)
        stories.act(case, "extend")
        clock.to("2026-11-26 11:00")
        assert phone.did(case, "ask_extension", done_at="2026-11-26T09:00:00+08:00", **ASKED).status_code == 200

    def test_the_work_was_reported_as_done_meanwhile(self, stories, case, phone, colleague):
        stories.act(case, "feedback", by=colleague)
        assert kept(phone.did(case, "ask_extension", **ASKED)).reason == "not_now"

    def test_the_case_is_another_units_by_now_and_nobody_asks_in_its_place(self, stories, case, phone, units, operator):
        stories.act(case, "assign", by=stories.cast.head, organisation=units.services.pk, text="另派")
        conflict = kept(phone.did(case, "ask_extension", **ASKED))
        assert conflict.reason == "out_of_sight"
        stories.act(case, "acknowledge", by=stories.cast.other_handler)
        assert Phone.of(operator).decides(case, conflict.pk, "take").json()["code"] == "cannot_take"

    def test_what_follows_on_the_phone_is_not_held_up(self, stories, case, phone, clock, handler):
        """A refused request would hold back the feedback that was given after it."""
        clock.to("2026-12-03 08:30")
        kept(phone.did(case, "ask_extension", done_at=IN_TIME, **ASKED))
        after = {"client_id": stories.client_id(), "after": [ID], "text": "已清运干净"}
        assert phone.did(case, "feedback", **after).json()["state"] == "awaiting_verify"


class TestAgain:
    def test_the_same_request_again_gives_the_same(self, case, phone, clock):
        clock.to("2026-12-03 08:30")
        first, again = (phone.did(case, "ask_extension", done_at=IN_TIME, **ASKED) for _ in range(2))
        assert (again.status_code, again.json()) == (202, first.json())
        assert CaseConflict.objects.count() == 1

    def test_done_in_time_and_sent_again_after_the_due_time_is_still_done(self, case, phone, clock):
        assert phone.did(case, "ask_extension", **ASKED).status_code == 200
        clock.to("2026-12-03 08:30")
        assert phone.did(case, "ask_extension", **ASKED).status_code == 200
        assert CaseEvent.objects.filter(case=case, act="ask_extension").count() == 1

    def test_the_id_of_another_conflict_is_refused(self, stories, case, phone, handler, clock):
        clock.to("2026-12-03 08:30")
        kept(phone.did(case, "ask_extension", done_at=IN_TIME, **ASKED))
        other = stories.case_in("processing", at=at("2026-11-25 09:00"))
        clock.to("2026-12-10 18:00")
        answer = Phone.of(handler).sees(other).did(other, "ask_extension", done_at="2026-12-08T10:00:00+08:00", **ASKED)
        assert (answer.status_code, answer.json()["code"]) == (409, "client_id_conflict")


class TestWhose:
    @pytest.mark.parametrize(("name", "status"), [("worker", 403), ("other_handler", 404), ("outsider", 404)])
    def test_who_never_could_ask_is_refused_as_ever(self, stories, case, cast, clock, name, status):
        clock.to("2026-12-03 08:30")
        assert Phone.of(getattr(cast, name)).did(case, "ask_extension", done_at=IN_TIME, **ASKED).status_code == status
        assert CaseConflict.objects.count() == 0

    def test_the_center_cannot_ask_in_the_units_place_without_a_conflict(self, case, operator):
        answer = Phone.of(operator).did(case, "ask_extension", **ASKED)
        assert answer.status_code == 403

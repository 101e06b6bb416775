"""Done without signal and sent later: done if nothing that matters changed, kept whole if it did, never thrown away."""

from __future__ import annotations

import uuid
from datetime import date, datetime

import pytest

from cases.models import Case, CaseConflict, CaseEvent
from cases.selectors.moves import CaseMove
from cases.services.territory import hand_on
from staff.models import Post
from tests.phone import ID, Phone, sides
from tests.town import CELL_A, CELL_B

pytestmark = pytest.mark.usefixtures("every_record_holds")

OTHER_ID = "55555555-5555-4555-8555-555555555555"


def last(case: Case) -> CaseEvent:
    return CaseEvent.objects.filter(case=case).latest("seq")


class TestDone:
    def test_what_nobody_touched_meanwhile_is_done_as_ever(self, stories, handler):
        case = stories.case_in("processing")
        answer = Phone.of(handler).sees(case).did(case, "feedback", text="已清运干净")
        assert (answer.status_code, answer.json()["state"]) == (200, "awaiting_verify")
        assert "rebased_from" not in last(case).data
        assert CaseConflict.objects.count() == 0

    def test_what_was_changed_and_changed_back_is_no_reason_to_refuse(self, stories, handler, clock):
        """The center gave it a pause and ended it: state, unit and person are as the handler saw them."""
        case = stories.case_in("processing")
        phone = Phone.of(handler).sees(case)
        stories.walk(case, "suspend resume")
        answer = phone.did(case, "feedback", text="已清运干净")
        assert (answer.status_code, answer.json()["state"]) == (200, "awaiting_verify")
        assert last(case).data["rebased_from"] == case.version

    def test_comments_and_photos_of_others_do_not_stand_in_the_way(self, stories, handler):
        case = stories.case_in("processing")
        phone = Phone.of(handler).sees(case)
        stories.act(case, "comment")
        stories.photo(case)
        assert phone.did(case, "feedback", text="已清运干净").status_code == 200

    def test_a_comment_is_always_done(self, stories, worker):
        case = stories.case_in("assigned")
        phone = Phone.of(worker).sees(case)
        stories.walk(case, "acknowledge feedback verify close")
        assert phone.did(case, "comment", text="路边还有两袋").status_code == 200

    def test_the_next_act_is_told_by_what_the_phone_showed(self, stories, handler, units):
        case = stories.case_in("assigned")
        phone = Phone.of(handler).sees(case)
        stories.act(case, "assign", by=stories.cast.head, organisation=units.services.pk, text="另派")
        stories.act(case, "assign", by=stories.cast.head, organisation=units.enforcement.pk, text="还是你们")
        assert phone.did(case, "acknowledge", client_id=uuid.uuid4()).status_code == 200
        seen = {"state": "processing", "lead_org": units.enforcement.pk, "assignee": handler.pk}
        guessed = {"version": case.version + 1, "seen": seen}
        answer = phone.did(case, "feedback", text="已清运干净", **guessed)
        assert (answer.status_code, answer.json()["state"]) == (200, "awaiting_verify")
        assert last(case).data["rebased_from"] == case.version + 1

    def test_without_kept_an_older_version_is_refused_as_ever(self, stories, browser, handler):
        case = stories.case_in("processing")
        stories.walk(case, "suspend resume")
        body = {"version": case.version, "client_id": ID, "text": "已清运", "done_at": "2026-11-25T09:00:00+08:00"}
        answer = browser(handler).post(f"cases/{case.pk}/acts/feedback/", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "stale_version")
        assert CaseConflict.objects.count() == 0


class TestKept:
    def test_two_checkers_with_opposite_verdicts(self, stories, worker, officer):
        """Both were on the spot without signal: the first to arrive counts, the second is kept and shown beside it."""
        case = stories.case_in("awaiting_verify")
        first, second = Phone.of(worker).sees(case), Phone.of(officer).sees(case)
        assert first.did(case, "verify", passed=True, text="干净了", client_id=OTHER_ID).status_code == 200
        answer = second.did(case, "verify", passed=False, text="墙角还有", done_at="2026-11-25T09:40:00+08:00")
        assert answer.status_code == 202
        conflict = answer.json()["conflict"]
        assert (conflict["act"], conflict["reason"], conflict["state"]) == ("verify", "stale", "open")
        assert conflict["given"] == {"passed": False, "text": "墙角还有"}
        assert sides(conflict) == {
            "state": ("processing", "verified"),
            "passed": (False, True),
            "text": ("墙角还有", "干净了"),
        }
        (passed,) = [row for row in conflict["fields"] if row["name"] == "passed"]
        assert (passed["mine"]["by"]["name"], passed["theirs"]["by"]["name"]) == ("村长", "阿珍")
        assert (passed["mine"]["at"][:16], passed["theirs"]["at"][:16]) == ("2026-11-25T01:40", "2026-11-25T02:00")
        assert (passed["mine"]["shown"], passed["theirs"]["shown"]) == ("否", "是")
        case.refresh_from_db()
        assert (case.state, case.open_conflicts) == ("verified", 1)

    def test_the_same_state_again_is_not_the_same_matter(self, stories, officer):
        """Failed by one, done again by the unit, waiting again: the other verdict was on the first attempt."""
        case = stories.case_in("awaiting_verify")
        phone = Phone.of(officer).sees(case)
        stories.act(case, "verify", passed=False, text="没有清完")
        stories.act(case, "feedback")
        answer = phone.did(case, "verify", passed=True)
        assert answer.status_code == 202
        assert sides(answer.json()["conflict"])["passed"] == (True, False)

    def test_somebody_did_the_same_meanwhile(self, stories, handler, units):
        """The unit took it, lost it and got it back: whether it is taken anew is for the center to say."""
        case = stories.case_in("assigned")
        phone = Phone.of(handler).sees(case)
        stories.act(case, "acknowledge")
        for unit in (units.services, units.enforcement):
            stories.act(case, "assign", by=stories.cast.head, organisation=unit.pk, text="另派")
        assert phone.did(case, "acknowledge").status_code == 202

    def test_feedback_of_a_handler_who_was_relieved_meanwhile(self, stories, handler, units):
        case = stories.case_in("processing")
        phone = Phone.of(handler).sees(case)
        stories.act(case, "assign", by=stories.cast.head, organisation=units.services.pk, text="另派")
        answer = phone.did(case, "feedback", text="今早已清运完")
        assert answer.status_code == 202
        conflict = CaseConflict.objects.get()
        assert (conflict.reason, conflict.by, conflict.given) == ("out_of_sight", handler, {"text": "今早已清运完"})
        assert {row["name"]: row["theirs"] and row["theirs"]["value"] for row in conflict.fields} == {
            "state": "assigned",
            "lead_org": units.services.pk,
            "assignee": None,
            "text": None,
        }

    def test_who_lost_sight_of_it_reads_their_own_words_and_nothing_else(self, stories, handler, units):
        case = stories.case_in("processing")
        phone = Phone.of(handler).sees(case)
        stories.act(case, "assign", by=stories.cast.head, organisation=units.services.pk, text="另派他们")
        answer = phone.did(case, "feedback", text="今早已清运完").json()
        assert [row["theirs"] for row in answer["conflict"]["fields"]] == [None] * 4
        assert "另派" not in str(answer)
        assert "公共服务" not in str(answer)
        assert phone.conflicts(case) == [answer["conflict"]]
        assert phone.browser.get(f"cases/{case.pk}/").status_code == 404
        assert phone.browser.get(f"cases/{case.pk}/events/").status_code == 404

    def test_a_comment_on_what_went_to_another_unit(self, stories, handler, units):
        case = stories.case_in("processing")
        stories.act(case, "assign", by=stories.cast.head, organisation=units.services.pk, text="另派")
        answer = Phone.of(handler).did(case, "comment", text="钥匙在门卫处")
        assert (answer.status_code, answer.json()["conflict"]["given"]) == (202, {"text": "钥匙在门卫处"})

    def test_whoever_never_touched_it_but_whose_unit_had_it(self, stories, handler, units):
        case = stories.case_in("assigned")
        phone = Phone.of(handler).sees(case)
        stories.act(case, "assign", by=stories.cast.head, organisation=units.services.pk, text="另派")
        assert phone.did(case, "acknowledge").status_code == 202

    def test_an_opinion_of_a_unit_that_helps_no_more(self, stories, mediator, units):
        case = stories.case_in("accepted")
        stories.act(case, "assign", assistants=(units.mediation.pk,))
        phone = Phone.of(mediator).sees(case)
        stories.act(case, "assign", by=stories.cast.head, organisation=units.services.pk, text="另派")
        answer = phone.did(case, "opine", text="两家都同意")
        assert (answer.status_code, answer.json()["conflict"]["given"]["text"]) == (202, "两家都同意")

    def test_verified_on_ground_that_is_another_cells_by_now(self, stories, neighbour, clock):
        case = stories.case_in("awaiting_verify", point=(118.015, 22.005))
        phone = Phone.of(neighbour).sees(case)
        hand_on(moves=[CaseMove(case.pk, case.number, CELL_B, CELL_A)], change_id=1, now=clock())
        answer = phone.did(case, "verify", passed=True)
        assert answer.status_code == 202
        assert CaseConflict.objects.get().reason == "out_of_sight"

    def test_by_somebody_whose_post_ended_before_there_was_signal(self, stories, officer, clock):
        case = stories.case_in("awaiting_verify")
        phone = Phone.of(officer).sees(case)
        clock.to("2026-11-27 10:00")
        Post.objects.filter(user=officer).update(valid_to=date(2026, 11, 26))
        answer = phone.did(case, "verify", passed=False, text="还有", done_at="2026-11-25T11:00:00+08:00")
        assert answer.status_code == 202
        assert CaseConflict.objects.get().given == {"passed": False, "text": "还有"}

    def test_what_is_not_possible_at_all_any_more(self, stories, leader):
        case = stories.case_in("processing")
        phone = Phone.of(leader).sees(case)
        stories.walk(case, "feedback verify close")
        answer = phone.did(case, "instruct", text="请抓紧")
        assert (answer.status_code, answer.json()["conflict"]["reason"]) == (202, "not_now")

    def test_everything_that_was_typed_is_kept(self, stories, operator, units, handler):
        case = stories.case_in("accepted")
        phone = Phone.of(operator).sees(case)
        stories.act(case, "assign", by=stories.cast.head, organisation=units.services.pk)
        typed = {
            "organisation": units.enforcement.pk,
            "assignee": handler.pk,
            "assistants": [units.mediation.pk],
            "due_at": "2026-11-26T12:00:00Z",
            "text": "请当面说明",
        }
        conflict = phone.did(case, "assign", **typed).json()["conflict"]
        kept = conflict["given"]
        assert datetime.fromisoformat(kept.pop("due_at")) == datetime.fromisoformat(typed.pop("due_at"))
        assert kept == typed
        shown = {row["name"]: row["mine"]["shown"] for row in conflict["fields"]}
        assert (shown["organisation"], shown["assignee"], shown["assistants"]) == (
            "综合行政执法办公室",
            "王工",
            "人民调解委员会",
        )

    def test_it_is_on_record_and_a_change_of_it_would_show(self, stories, officer):
        case = stories.case_in("awaiting_verify")
        phone = Phone.of(officer).sees(case)
        stories.act(case, "verify")
        phone.did(case, "verify", passed=False, text="墙角还有")
        event, conflict = last(case), CaseConflict.objects.get()
        assert (event.act, event.actor, event.to_state) == ("conflict", officer, "verified")
        assert event.data["conflict"] == conflict.pk
        assert {len(event.data[name]) for name in ("given", "fields")} == {64}
        assert "墙角" not in str(event.data) + event.text


class TestNeverTheirs:
    @pytest.mark.parametrize(
        ("name", "status"),
        [("outsider", 404), ("admin", 404), ("other_handler", 404), ("neighbour", 404), ("auditor", 403)],
    )
    def test_who_had_no_part_in_it_is_answered_as_ever(self, stories, cast, name, status):
        case = stories.case_in("processing")
        stories.walk(case, "suspend resume")
        person = getattr(cast, name)
        for act in ("comment", "feedback"):
            answer = Phone.of(person).did(case, act, text="x", version=None if act == "comment" else case.version + 2)
            assert answer.status_code == status
        assert CaseConflict.objects.count() == 0

    def test_an_act_that_never_was_theirs_is_refused_and_not_kept(self, stories, worker):
        """阿珍 reported it and sees it; to handle it was the unit's."""
        case = stories.case_in("processing")
        phone = Phone.of(worker).sees(case)
        stories.walk(case, "suspend resume")
        assert phone.did(case, "feedback", text="我来报告").status_code == 403
        assert phone.did(case, "feedback", text="我来报告", version=99).status_code == 409
        assert CaseConflict.objects.count() == 0

    def test_nobody_makes_it_theirs_by_saying_they_saw_it_so(self, stories, neighbour, units):
        case = stories.case_in("processing")
        seen = {"state": "processing", "lead_org": units.enforcement.pk, "assignee": neighbour.pk}
        assert Phone.of(neighbour).did(case, "feedback", text="x", version=1, seen=seen).status_code == 404

    def test_strangers_sign_in_first(self, stories, browser):
        case = stories.case_in("processing")
        body = {"kept": True, "client_id": ID, "text": "x"}
        assert browser(None).post(f"cases/{case.pk}/acts/comment/", body).status_code == 401

    def test_a_case_that_never_was(self, worker):
        assert (
            Phone.of(worker)
            .browser.post("cases/999999/acts/comment/", {"kept": True, "client_id": ID, "text": "x"})
            .status_code
            == 404
        )


class TestWrongInput:
    def test_what_is_kept_needs_an_id(self, stories, browser, worker):
        case = stories.report()
        answer = browser(worker).post(f"cases/{case.pk}/acts/comment/", {"kept": True, "text": "x"})
        assert (answer.status_code, answer.json()["field"], answer.json()["code"]) == (400, "client_id", "required")

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({}, "passed"),
            ({"passed": False}, "text"),
            ({"passed": True, "done_at": "昨天"}, "done_at"),
            ({"passed": True, "done_at": "0001-01-01T00:00:00+08:00"}, "done_at"),
            ({"passed": True, "seen": {"state": "lost"}}, "seen.state"),
            ({"passed": True, "kept": "perhaps"}, "kept"),
        ],
    )
    def test_bad_input_is_told_at_once_also_when_it_is_late(self, stories, officer, more, field):
        case = stories.case_in("awaiting_verify")
        phone = Phone.of(officer).sees(case)
        stories.act(case, "verify")
        answer = phone.did(case, "verify", **more)
        assert (answer.status_code, answer.json()["field"]) == (400, field)
        assert CaseConflict.objects.count() == 0

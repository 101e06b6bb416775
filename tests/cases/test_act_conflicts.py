"""Two people, two windows, two tries: only one wins, and the other is told why."""

from __future__ import annotations

import uuid

import pytest

from cases.models import Case, CaseEvent
from cases.services.acts import ActInput, perform_act
from cases.services.errors import NotAllowedNowError, StaleVersionError
from cases.services.evidence import verify_chain
from cases.workflow import Act
from staff.models import User
from tests.database import at_once

ID = "22222222-2222-4222-8222-222222222222"


class TestStale:
    def test_who_looked_at_an_older_version_is_told_who_changed_what(self, stories, browser, cast, clock):
        case = stories.report()
        clock.to("2026-11-25 10:30")
        stories.act(case, "accept", by=cast.head)
        answer = browser(cast.operator).post(f"cases/{case.pk}/acts/accept/", {"version": 1})
        told = answer.json()
        assert (answer.status_code, told["code"], told["field"]) == (409, "stale_version", "version")
        assert (told["current_version"], told["changed_by"], told["act"]) == (2, "主任", "accept")
        assert told["changed_at"] == "2026-11-25T02:30:00Z"
        assert "主任" in told["message"]
        assert "受理" in told["message"]

    def test_a_comment_in_between_does_not_make_it_stale(self, stories, browser, cast):
        case = stories.report()
        stories.act(case, "comment", by=cast.worker)
        assert browser(cast.operator).post(f"cases/{case.pk}/acts/accept/", {"version": 1}).status_code == 200

    def test_a_comment_needs_no_version(self, stories, browser, worker):
        case = stories.case_in("accepted")
        assert browser(worker).post(f"cases/{case.pk}/acts/comment/", {"text": "还在"}).status_code == 200
        assert browser(worker).post(f"cases/{case.pk}/acts/comment/", {"text": "在", "version": 1}).status_code == 200

    def test_what_moves_a_case_needs_the_version(self, stories, browser, operator):
        case = stories.report()
        answer = browser(operator).post(f"cases/{case.pk}/acts/accept/", {})
        assert (answer.status_code, answer.json()["field"], answer.json()["code"]) == (400, "version", "required")

    @pytest.mark.parametrize("version", [0, -1, 99, 2**31, "x", 1.5])
    def test_a_version_nobody_saw_is_refused(self, stories, browser, operator, version):
        case = stories.report()
        answer = browser(operator).post(f"cases/{case.pk}/acts/accept/", {"version": version})
        assert answer.status_code in (400, 409)
        assert Case.objects.get(pk=case.pk).state == "reported"


class TestTwiceInARow:
    def test_with_a_client_id_the_second_changes_nothing(self, stories, browser, operator):
        case, phone = stories.report(), browser(operator)
        body = {"version": 1, "client_id": ID}
        first = phone.post(f"cases/{case.pk}/acts/accept/", body)
        again = phone.post(f"cases/{case.pk}/acts/accept/", body)
        assert (first.status_code, again.status_code) == (200, 200)
        assert again.json() == first.json()
        assert CaseEvent.objects.filter(case=case).count() == 2

    def test_a_comment_with_a_client_id_is_written_once(self, stories, browser, worker):
        case = stories.report()
        for _ in range(3):
            browser(worker).post(f"cases/{case.pk}/acts/comment/", {"text": "还在", "client_id": ID})
        assert CaseEvent.objects.filter(case=case, act="comment").count() == 1

    def test_without_one_the_second_is_told_that_it_is_done(self, stories, browser, operator):
        case, phone = stories.report(), browser(operator)
        phone.post(f"cases/{case.pk}/acts/accept/", {"version": 1})
        answer = phone.post(f"cases/{case.pk}/acts/accept/", {"version": 1})
        assert (answer.status_code, answer.json()["code"]) == (409, "stale_version")
        answer = phone.post(f"cases/{case.pk}/acts/accept/", {"version": 2})
        assert (answer.status_code, answer.json()["code"]) == (409, "not_allowed_now")
        assert CaseEvent.objects.filter(case=case).count() == 2

    def test_the_id_of_another_act_case_or_person_is_refused(self, stories, browser, cast):
        case, other = stories.report(), stories.report()
        browser(cast.operator).post(f"cases/{case.pk}/acts/accept/", {"version": 1, "client_id": ID})
        tries = [
            (cast.operator, case, "comment", {"text": "x"}),
            (cast.operator, other, "accept", {"version": 1}),
            (cast.head, case, "accept", {"version": 2}),
        ]
        for person, where, act, body in tries:
            answer = browser(person).post(f"cases/{where.pk}/acts/{act}/", {**body, "client_id": ID})
            assert (answer.status_code, answer.json()["code"]) == (409, "client_id_conflict")

    def test_who_sends_it_back_is_answered_though_it_is_theirs_no_more(self, stories, browser, handler):
        case, phone = stories.case_in("processing"), browser(handler)
        body = {"version": case.version, "client_id": ID, "text": "不属于本单位职责"}
        first = phone.post(f"cases/{case.pk}/acts/return/", body)
        again = phone.post(f"cases/{case.pk}/acts/return/", body)
        for answer in (first, again):
            assert (answer.status_code, answer.json()["state"], answer.json()["acts"]) == (200, "accepted", [])
        assert phone.get(f"cases/{case.pk}/").status_code == 404
        assert CaseEvent.objects.filter(case=case, act="return").count() == 1

    def test_a_retry_shows_nothing_of_what_happened_after_it_was_sent_back(self, stories, browser, handler):
        case, phone = stories.case_in("processing"), browser(handler)
        body = {"version": case.version, "client_id": ID, "text": "不属于本单位职责"}
        phone.post(f"cases/{case.pk}/acts/return/", body)
        stories.act(case, "comment", text="与本单位无关的话")
        assert phone.post(f"cases/{case.pk}/acts/return/", body).status_code == 404

    def test_a_retry_after_others_went_on_still_gets_its_answer(self, stories, browser, cast):
        case = stories.report()
        body = {"version": 1, "client_id": ID}
        browser(cast.operator).post(f"cases/{case.pk}/acts/accept/", body)
        stories.walk(case, "assign acknowledge")
        answer = browser(cast.operator).post(f"cases/{case.pk}/acts/accept/", body)
        assert (answer.status_code, answer.json()["state"]) == (200, "processing")


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def doing(self, case, act: str, by: User, client_id: uuid.UUID | None = None, **given):
        def do():
            person = User.objects.get(pk=by.pk)
            words = {"case_id": case.pk, "act": Act(act), "by": person, "given": ActInput(**given)}
            return perform_act(**words, version=case.version, client_id=client_id)

        return do

    def won(self, results) -> list[Case]:
        return [result for result in results if isinstance(result, Case)]

    def test_two_accept_at_once_and_one_wins(self, stories, cast):
        case = stories.report()
        results = at_once(self.doing(case, "accept", cast.operator), self.doing(case, "accept", cast.head))
        assert len(self.won(results)) == 1
        (lost,) = (result for result in results if not isinstance(result, Case))
        assert isinstance(lost, StaleVersionError)
        assert CaseEvent.objects.filter(case=case, act="accept").count() == 1

    def test_one_cancels_while_another_accepts(self, stories, cast):
        case = stories.report()
        cancel = self.doing(case, "cancel", cast.worker, text="误报")
        results = at_once(cancel, self.doing(case, "accept", cast.operator))
        assert len(self.won(results)) == 1
        case.refresh_from_db()
        assert case.state == self.won(results)[0].state
        assert (case.version, case.event_count) == (2, 2)
        assert list(verify_chain(case=case)) == []

    def test_the_same_retry_twice_at_once_is_one_event(self, stories, cast):
        case = stories.report()
        accept = self.doing(case, "accept", cast.operator, client_id=uuid.UUID(ID))
        results = at_once(accept, accept)
        assert len(self.won(results)) == 2
        assert CaseEvent.objects.filter(case=case, act="accept").count() == 1

    def test_many_comments_at_once_all_stand_in_one_chain(self, stories, cast):
        case = stories.report()
        results = at_once(*(self.doing(case, "comment", cast.worker, text=f"第{n}次") for n in range(5)))
        assert len(self.won(results)) == 5
        case.refresh_from_db()
        assert case.event_count == 6
        assert list(verify_chain(case=case)) == []

    def test_two_units_cannot_both_be_given_the_case(self, stories, cast, units):
        case = stories.case_in("accepted")
        works = (
            self.doing(case, "assign", cast.operator, organisation=units.enforcement.pk),
            self.doing(case, "assign", cast.head, organisation=units.services.pk),
        )
        results = at_once(*works)
        (winner,) = self.won(results)
        case.refresh_from_db()
        assert case.lead_org_id == winner.lead_org_id
        assert any(isinstance(result, StaleVersionError | NotAllowedNowError) for result in results)

"""One act on many cases: an answer for each, and a retry that does nothing twice."""

from __future__ import annotations

import uuid

import pytest

from cases.models import Case, CaseEvent
from tests.statements import statements

ONE_ID = uuid.UUID(int=7, version=4)


def sent(phone, act, cases, **more):
    rows = [{"id": case.pk, "version": case.version} for case in cases]
    return phone.post(f"cases/many/{act}/", {"client_id": str(ONE_ID), "cases": rows, **more})


def fresh(*cases: Case) -> list[Case]:
    return [Case.objects.get(pk=case.pk) for case in cases]


class TestEachForItself:
    def test_all_are_accepted(self, stories, browser, operator):
        cases = [stories.report() for _ in range(3)]
        answer = sent(browser(operator), "accept", cases)
        assert answer.status_code == 200
        assert [(one["id"], one["ok"], one["case"]["state"]) for one in answer.json()["results"]] == [
            (case.pk, True, "accepted") for case in cases
        ]
        assert [case.state for case in fresh(*cases)] == ["accepted"] * 3
        assert CaseEvent.objects.filter(act="accept", actor=operator).count() == 3

    def test_one_that_cannot_be_done_holds_up_no_other(self, stories, browser, cast):
        good, gone, last = stories.report(), stories.case_in("accepted"), stories.report()
        foreign = Case(pk=10**9, version=1)
        stale = Case(pk=stories.report().pk, version=99)
        answer = sent(browser(cast.operator), "accept", [good, *fresh(gone), foreign, stale, last]).json()["results"]
        assert [(one["ok"], one["code"]) for one in answer] == [
            (True, None),
            (False, "not_allowed_now"),
            (False, "not_found"),
            (False, "stale_version"),
            (True, None),
        ]
        assert all(one["message"] for one in answer if not one["ok"])
        assert answer[2]["case"] is None
        assert answer[3]["field"] == "version"
        assert [case.state for case in fresh(good, last)] == ["accepted", "accepted"]

    def test_what_is_missing_is_said_for_each(self, stories, browser, operator):
        (one,) = sent(browser(operator), "assign", fresh(stories.case_in("accepted"))).json()["results"]
        assert (one["ok"], one["code"], one["field"]) == (False, "required", "organisation")

    def test_the_common_input_is_for_all(self, stories, browser, operator, units):
        cases = fresh(stories.case_in("accepted"), stories.case_in("accepted"))
        answer = sent(browser(operator), "assign", cases, organisation=units.services.pk, text="请办理").json()
        assert {one["case"]["lead_org"]["id"] for one in answer["results"]} == {units.services.pk}

    @pytest.mark.parametrize(
        ("act", "state", "said"),
        [("nudge", "processing", {}), ("comment", "reported", {"text": "看过"}), ("archive", "closed", {})],
    )
    def test_the_other_acts(self, stories, browser, operator, act, state, said):
        (one,) = sent(browser(operator), act, fresh(stories.case_in(state)), **said).json()["results"]
        assert one["ok"], one


class TestAgain:
    def test_a_retry_answers_the_same_and_does_nothing(self, stories, browser, operator):
        cases = [stories.report(), stories.report()]
        phone = browser(operator)
        first = sent(phone, "accept", cases).json()
        events = CaseEvent.objects.count()
        assert sent(phone, "accept", cases).json() == first
        assert CaseEvent.objects.count() == events

    def test_a_retry_does_what_the_first_try_did_not_reach(self, stories, browser, operator):
        done, left = stories.report(), stories.report()
        phone = browser(operator)
        sent(phone, "accept", [done])
        answer = sent(phone, "accept", [done, left]).json()["results"]
        assert [one["ok"] for one in answer] == [True, True]
        assert CaseEvent.objects.filter(act="accept").count() == 2

    def test_the_same_id_for_another_act_is_refused(self, stories, browser, operator):
        (case,) = fresh(stories.report())
        phone = browser(operator)
        sent(phone, "accept", [case])
        (one,) = sent(phone, "comment", fresh(case), text="别的").json()["results"]
        assert one["code"] == "client_id_conflict"


class TestWho:
    def test_nobody_does_by_the_hundred_what_is_not_theirs(self, stories, browser, cast):
        case = stories.report()
        codes = {
            person.username: sent(browser(person), "accept", [case]).json()["results"][0]["code"]
            for person in (cast.worker, cast.leader, cast.auditor, cast.handler, cast.outsider, cast.admin)
        }
        assert codes == {
            "worker": "permission_denied",
            "leader": "permission_denied",
            "auditor": "permission_denied",
            "handler": "not_found",
            "outsider": "not_found",
            "admin": "not_found",
        }
        assert sent(browser(None), "accept", [case]).status_code == 401
        assert fresh(case)[0].state == "reported"


class TestShape:
    def test_other_acts_are_not_done_by_the_hundred(self, stories, browser, operator):
        for act in ("close", "reject", "report", "nothing"):
            assert sent(browser(operator), act, [stories.report()]).status_code == 404

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"cases": []}, "cases"),
            ({"cases": [{"id": 1, "version": 1}] * 2}, "cases"),
            ({"cases": [{"id": n + 1, "version": 1} for n in range(101)]}, "cases"),
            ({"cases": [{"id": 1}]}, "cases.0.version"),
            ({"cases": [{"id": "x", "version": 1}]}, "cases.0.id"),
            ({"cases": [1]}, "cases.0"),
            ({"cases": "all"}, "cases"),
            ({"cases": [{"id": 1, "version": 1}], "client_id": None}, "client_id"),
        ],
        ids=lambda value: str(value)[:40],
    )
    def test_what_makes_no_sense_is_named(self, browser, operator, body, field):
        answer = browser(operator).post("cases/many/accept/", {"client_id": str(ONE_ID), **body})
        assert answer.status_code == 400
        assert answer.json()["field"].startswith(field)

    def test_the_answer_reads_all_rows_at_once(self, stories, browser, operator, monkeypatch):
        monkeypatch.setattr("grid.names.KEPT", 3600.0)
        cases = [stories.report() for _ in range(4)]
        phone = browser(operator)
        sent(phone, "nudge", cases)
        each = [
            ("the case, locked", r'FROM "cases_case".*FOR UPDATE'),
            ("whether it was done before", r'FROM "cases_caseevent"'),
            ("and back", "^ROLLBACK TO SAVEPOINT"),
        ]
        with statements(
            [
                ("who is signed in", 'FROM "staff_user"'),
                ("their posts", 'FROM "staff_post"'),
                *each * 4,
                ("all rows", r'FROM "cases_case".*IN \('),
            ]
        ):
            # nothing to nudge in this state: refused before anything is written
            sent(phone, "nudge", cases)

"""Two did the same without knowing of each other: both are shown side by side, and a person of the center decides."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from cases.labels import act_name
from cases.models import Case, CaseConflict, CaseEvent
from grid.names import Names
from notices.models import Reminder
from notices.services import take_events
from staff.models import User
from tests.database import at_once
from tests.phone import Phone, sides
from tests.statements import statements

pytestmark = pytest.mark.usefixtures("every_record_holds")


@pytest.fixture
def verdicts(stories, cast):
    """A case that 阿珍 found done while the village officer, without signal, found that it was not."""

    def make(**late) -> Case:
        case = stories.case_in("awaiting_verify")
        phone = Phone.of(cast.officer).sees(case)
        stories.act(case, "verify", text="干净了")
        said = {"passed": False, "text": "墙角还有", **late}
        assert phone.did(case, "verify", client_id=stories.client_id(), **said).status_code == 202
        case.refresh_from_db()
        return case

    return make


@pytest.fixture
def relieved(stories, cast, units):
    """A case whose handler did the work without signal while the center gave it to another unit."""
    case = stories.case_in("processing")
    phone = Phone.of(cast.handler).sees(case)
    stories.act(case, "assign", by=cast.head, organisation=units.services.pk, text="另派")
    assert phone.did(case, "feedback", text="今早已清运完").status_code == 202
    return case


@pytest.fixture
def desk(operator):
    return Phone.of(operator)


def conflict_of(case: Case) -> CaseConflict:
    return CaseConflict.objects.get(case=case)


def acts_of(case: Case) -> list[str]:
    return list(CaseEvent.objects.filter(case=case).order_by("seq").values_list("act", flat=True))


def waiting(desk: Phone) -> dict[str, list[str]]:
    """The watch list: numbers by kind."""
    rows = desk.browser.get("watch/").json()["people"]
    return {row["kind"]: [one["number"] for one in row["results"]] for row in rows if row["count"]}


class TestShown:
    def test_the_center_reads_both_sides(self, verdicts, desk):
        case = verdicts()
        answer = desk.browser.get(f"cases/{case.pk}/conflicts/").json()
        assert answer["may_decide"] is True
        (conflict,) = answer["results"]
        assert sides(conflict)["text"] == ("墙角还有", "干净了")
        assert conflict["by"]["name"] == "村长"
        assert desk.browser.get(f"cases/{case.pk}/").json()["conflicts"] == 1

    @pytest.mark.parametrize("name", ["worker", "officer", "handler", "leader", "auditor"])
    def test_whoever_sees_the_case_reads_them_and_decides_nothing(self, verdicts, cast, name):
        case = verdicts()
        phone = Phone.of(getattr(cast, name))
        answer = phone.browser.get(f"cases/{case.pk}/conflicts/").json()
        assert (len(answer["results"]), answer["may_decide"]) == (1, False)
        assert sides(answer["results"][0])["passed"] == (False, True)
        assert phone.decides(case, answer["results"][0], "both").status_code == 403
        assert conflict_of(case).state == "open"

    @pytest.mark.parametrize("name", ["neighbour", "other_handler", "mediator", "admin", "outsider"])
    def test_whoever_does_not_see_the_case_sees_no_conflict(self, verdicts, cast, name):
        case = verdicts()
        phone = Phone.of(getattr(cast, name))
        assert phone.browser.get(f"cases/{case.pk}/conflicts/").status_code == 404
        assert phone.decides(case, conflict_of(case).pk, "both").status_code == 404

    def test_strangers_sign_in_first(self, verdicts, browser):
        case = verdicts()
        assert browser(None).get(f"cases/{case.pk}/conflicts/").status_code == 401
        assert browser(None).post(f"cases/{case.pk}/conflicts/1/", {"decision": "both"}).status_code == 401

    def test_of_a_case_out_of_sight_only_ones_own(self, verdicts, stories, relieved, units, cast):
        """The other unit's handler came too late as well: neither reads the other's."""
        phone = Phone.of(cast.other_handler).sees(relieved)
        stories.act(relieved, "assign", by=cast.head, organisation=units.committee.pk, text="再派")
        stories.act(relieved, "assign", by=cast.head, organisation=units.center.pk, text="再派")
        phone.did(relieved, "acknowledge", client_id=stories.client_id())
        for name in ("handler", "other_handler"):
            person = getattr(cast, name)
            (own,) = Phone.of(person).conflicts(relieved)
            assert own["by"]["id"] == person.pk
            assert all(row["theirs"] is None for row in own["fields"])

    def test_the_list_is_narrowed_to_them(self, verdicts, stories, desk):
        case = verdicts()
        stories.case_in("verified")
        assert [row["id"] for row in desk.browser.get("cases/", conflict="true").json()["results"]] == [case.pk]
        assert case.pk not in [row["id"] for row in desk.browser.get("cases/", conflict="false").json()["results"]]

    def test_what_waits_longer_than_a_day_is_on_the_watch_list(self, verdicts, desk, clock):
        case = verdicts()
        clock.to("2026-11-26 09:59")
        assert "conflict" not in waiting(desk)
        clock.to("2026-11-26 10:01")
        assert waiting(desk)["conflict"] == [case.number]
        desk.decides(case, conflict_of(case).pk, "both")
        assert "conflict" not in waiting(desk)

    def test_the_center_hears_of_it_by_mail(self, verdicts, clock):
        case = verdicts()
        take_events(now=clock())
        told = Reminder.objects.filter(event__act="conflict", event__case=case, recipient__isnull=False)
        assert [one.recipient.username for one in told] == ["operator"]

    def test_in_english_too(self, verdicts, operator):
        case = verdicts()
        desk = Phone.of(operator)
        desk.browser.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        (conflict,) = desk.conflicts(case)
        (passed,) = [row for row in conflict["fields"] if row["name"] == "passed"]
        assert (conflict["state_name"], passed["mine"]["shown"]) == ("to be decided", "no")


class TestKeepTheFirst:
    def test_nothing_changes_but_the_record_and_the_author_reads_why(self, verdicts, desk, officer):
        case = verdicts()
        before = acts_of(case)
        answer = desk.decides(case, conflict_of(case).pk, "keep", "已复看，确实干净")
        assert (answer.status_code, answer.json()["state"]) == (200, "kept_first")
        case.refresh_from_db()
        assert (case.state, case.open_conflicts) == ("verified", 0)
        assert acts_of(case) == [*before, "settle_conflict"]
        (read,) = Phone.of(officer).conflicts(case)
        assert (read["state"], read["words"], read["decided_by"]["name"]) == ("kept_first", "已复看，确实干净", "值班")
        event = CaseEvent.objects.filter(case=case).latest("seq")
        assert (event.text, event.data["decision"], event.data["author_name"]) == ("已复看，确实干净", "keep", "村长")

    def test_it_needs_its_reason(self, verdicts, desk):
        case = verdicts()
        answer = desk.decides(case, conflict_of(case).pk, "keep")
        assert (answer.status_code, answer.json()["field"]) == (400, "text")
        assert conflict_of(case).state == "open"

    def test_an_author_without_sight_reads_the_outcome(self, relieved, desk, handler):
        desk.decides(relieved, conflict_of(relieved).pk, "keep", "新单位已另行处理")
        (read,) = Phone.of(handler).conflicts(relieved)
        assert (read["state"], read["words"]) == ("kept_first", "新单位已另行处理")


class TestTakeTheSecond:
    def test_not_done_after_all_goes_back_to_work(self, verdicts, desk, clock):
        """As if the second verdict had come alone: its words, its author, and the clock goes on."""
        case = verdicts()
        clock.to("2026-11-25 11:00")
        answer = desk.decides(case, conflict_of(case).pk, "take", "墙角确有遗漏")
        assert (answer.status_code, answer.json()["state"]) == (200, "took_second")
        case.refresh_from_db()
        assert (case.state, case.rework_count, case.verified_at) == ("processing", 1, None)
        assert case.due_at == case.handle_due_at
        verdict, settled = CaseEvent.objects.filter(case=case).order_by("-seq")[:2][::-1]
        assert (verdict.act, verdict.actor.username, verdict.text) == ("verify", "operator", "墙角还有")
        assert (verdict.data["author_name"], verdict.data["passed"]) == ("村长", False)
        assert (settled.act, settled.text) == ("settle_conflict", "墙角确有遗漏")
        clocks = desk.browser.get(f"cases/{case.pk}/deadlines/").json()["clocks"]
        assert all(one["agrees"] for one in clocks)

    def test_done_after_all_counts_once_it_waits_again(self, stories, cast, desk):
        """The first verdict was “not done”. While the unit works on it no verdict is possible; afterwards it is."""
        case = stories.case_in("awaiting_verify")
        phone = Phone.of(cast.officer).sees(case)
        stories.act(case, "verify", passed=False, text="没清完")
        phone.did(case, "verify", passed=True, text="看着可以")
        refused = desk.decides(case, conflict_of(case).pk, "take")
        told = refused.json()
        assert (refused.status_code, told["code"], told["field"]) == (409, "cannot_take", "decision")
        assert "suspend" in told["possible"]
        with override("zh-hans"):
            assert act_name("suspend") in told["message"]
        assert conflict_of(case).state == "open"
        stories.act(case, "feedback")
        assert desk.decides(case, conflict_of(case).pk, "take").status_code == 200
        case.refresh_from_db()
        assert case.state == "verified"

    def test_whoever_decides_needs_the_right_to_the_act_themselves(self, relieved, desk):
        """The handler's feedback is a unit's to give, not the center's: what can be done is told."""
        answer = desk.decides(relieved, conflict_of(relieved).pk, "take")
        assert (answer.status_code, answer.json()["code"]) == (409, "cannot_take")
        assert "assign" in answer.json()["possible"]
        assert acts_of(relieved)[-1] == "conflict"

    def test_whose_work_is_taken_does_not_verify_it(self, stories, cast, units, desk):
        """The center's own unit leads; 主任 did the work without signal after 值班 had given feedback that failed."""
        case = stories.case_in("accepted")
        stories.act(case, "assign", by=cast.head, organisation=units.center.pk)
        stories.act(case, "acknowledge", by=cast.operator)
        phone = Phone.of(cast.head).sees(case)
        stories.act(case, "feedback", by=cast.operator)
        stories.act(case, "verify", passed=False, text="没清完")
        phone.did(case, "feedback", text="今早已清运完")
        assert desk.decides(case, conflict_of(case).pk, "take").status_code == 200
        case.refresh_from_db()
        assert (case.state, case.handled_by) == ("awaiting_verify", [cast.operator.pk, cast.head.pk])

    def test_a_comment_that_came_too_late_is_one_now(self, stories, relieved, cast, desk):
        Phone.of(cast.handler).did(relieved, "comment", text="钥匙在门卫处", client_id=stories.client_id())
        conflict = CaseConflict.objects.get(case=relieved, act="comment")
        assert desk.decides(relieved, conflict.pk, "take").status_code == 200
        event = CaseEvent.objects.get(case=relieved, act="comment")
        assert (event.text, event.data["author_name"]) == ("钥匙在门卫处", "王工")


class TestKeepBoth:
    def test_its_words_stand_with_the_case_under_the_name_of_their_author(self, relieved, desk):
        answer = desk.decides(relieved, conflict_of(relieved).pk, "both")
        assert (answer.status_code, answer.json()["state"]) == (200, "both")
        event = CaseEvent.objects.get(case=relieved, act="comment")
        assert (event.text, event.actor.username) == ("王工：今早已清运完", "operator")
        assert event.data["author_name"] == "王工"
        assert acts_of(relieved)[-2:] == ["comment", "settle_conflict"]

    def test_without_words_the_act_is_named(self, stories, cast, units, desk):
        case = stories.case_in("assigned")
        phone = Phone.of(cast.handler).sees(case)
        stories.act(case, "assign", by=cast.head, organisation=units.services.pk, text="另派")
        phone.did(case, "acknowledge")
        assert desk.decides(case, conflict_of(case).pk, "both").status_code == 200
        assert CaseEvent.objects.get(case=case, act="comment").text == "王工：签收"

    def test_also_of_a_case_that_was_closed_meanwhile(self, stories, verdicts, desk):
        case = verdicts()
        stories.act(case, "close")
        assert desk.decides(case, conflict_of(case).pk, "take").status_code == 409
        assert desk.decides(case, conflict_of(case).pk, "both").status_code == 200


class TestTwice:
    def test_the_same_decision_again_changes_nothing(self, verdicts, desk):
        case = verdicts()
        first = desk.decides(case, conflict_of(case).pk, "both", "都有道理")
        again = desk.decides(case, conflict_of(case).pk, "both", "都有道理")
        assert (again.status_code, again.json()) == (200, first.json())
        assert acts_of(case).count("settle_conflict") == acts_of(case).count("comment") == 1

    def test_another_decision_is_told_who_was_first(self, verdicts, desk, head):
        case = verdicts()
        desk.decides(case, conflict_of(case).pk, "both")
        answer = Phone.of(head).decides(case, conflict_of(case).pk, "keep", "以先报为准")
        assert (answer.status_code, answer.json()["code"]) == (409, "settled")
        assert "值班" in answer.json()["message"]

    @pytest.mark.parametrize("body", [{}, {"decision": "dance"}, {"decision": "both", "text": 5 * [1]}])
    def test_what_is_no_decision_is_refused(self, verdicts, desk, body):
        case = verdicts()
        assert desk.browser.post(f"cases/{case.pk}/conflicts/{conflict_of(case).pk}/", body).status_code == 400

    def test_a_conflict_of_another_case_is_not_found(self, verdicts, stories, desk):
        case, other = verdicts(), stories.report()
        assert desk.decides(other, conflict_of(case).pk, "both").status_code == 404
        assert desk.decides(case, 999_999, "both").status_code == 404

    @pytest.mark.django_db(transaction=True)
    def test_two_decide_at_once_and_one_wins(self, verdicts, cast):
        case = verdicts()
        conflict = conflict_of(case).pk

        def deciding(person: User, decision: str):
            return lambda: Phone.of(person).decides(case, conflict, decision, "看过两边")

        results = at_once(deciding(cast.operator, "keep"), deciding(cast.head, "both"))
        assert sorted(one.status_code for one in results) == [200, 409]
        assert acts_of(case).count("settle_conflict") == 1


PERSON, POSTS = ("who is signed in", r'FROM "staff_user"'), ("their posts", r'FROM "staff_post"')


class TestBudget:
    @pytest.fixture(autouse=True)
    def _names_are_kept(self, monkeypatch):
        monkeypatch.setattr("grid.names.KEPT", 3600.0)

    @pytest.mark.parametrize("more", [0, 9])
    def test_reading_them_does_not_grow_with_their_number(self, stories, verdicts, desk, cast, more):
        case = verdicts()
        for _ in range(more):
            phone = Phone.of(cast.officer)
            phone.seen[case.pk] = Case(pk=case.pk, version=case.version - 1)
            assert phone.did(case, "verify", passed=True, client_id=stories.client_id()).status_code == 202
        Names.forget_all()
        desk.conflicts(case)
        with statements(
            [PERSON, POSTS, ("the case", r'FROM "cases_case"'), ("its conflicts", r'FROM "cases_caseconflict"')]
        ):
            assert len(desk.conflicts(case)) == more + 1

"""What a phone holds for a person: their own work and their own ground, and only what they may see."""

from __future__ import annotations

from datetime import date

import pytest

from cases.models import Case
from cases.selectors import sync
from cases.services.scan import mark_due
from staff.models import Post
from tests.phone import Phone
from tests.statements import statements
from tests.stories import ROADS
from tests.town import IN_A, IN_B, IN_C

PERSON, POSTS = ("who is signed in", r'FROM "staff_user"'), ("their posts", r'FROM "staff_post"')


@pytest.fixture
def held(browser):
    """Ids of the cases a person's phone should hold, newest first."""

    def ask(person) -> list[int]:
        return [pk for pk, _count in browser(person).get("sync/").json()["held"]]

    return ask


class TestWhatIsHeld:
    def test_a_worker_holds_the_open_cases_of_the_own_cell(self, stories, held, cast):
        mine = stories.report(by=cast.operator, point=IN_A)
        other = stories.report(by=cast.operator, point=IN_B)
        assert held(cast.worker) == [mine.pk]
        assert held(cast.neighbour) == [other.pk]

    def test_and_what_they_reported_elsewhere(self, stories, held, worker):
        case = stories.report(by=worker, point=IN_C)
        assert held(worker) == [case.pk]

    def test_a_handler_holds_what_is_theirs_or_the_units_to_take(self, stories, held, cast, units):
        to_take = stories.case_in("assigned")
        own = stories.case_in("processing")
        stories.act(stories.case_in("accepted"), "assign", organisation=units.services.pk)
        assert held(cast.handler) == [own.pk, to_take.pk]

    def test_not_what_a_colleague_has_in_hand(self, stories, held, cast, units):
        case = stories.case_in("processing")
        colleague = cast.other_handler
        Post.objects.filter(user=colleague).update(organisation=units.enforcement)
        assert Case.objects.visible_to(colleague).filter(pk=case.pk).exists()
        assert held(colleague) == []

    def test_a_village_officer_holds_what_can_be_verified_on_the_spot(self, stories, held, officer):
        case = stories.case_in("awaiting_verify")
        stories.case_in("processing")
        assert held(officer) == [case.pk]

    def test_never_what_the_own_unit_handled(self, stories, held, cast, units):
        case = stories.case_in("accepted")
        stories.act(case, "assign", organisation=units.committee.pk)
        stories.act(case, "acknowledge", by=cast.officer)
        stories.act(case, "feedback", by=cast.officer)
        colleague = cast.other_handler
        village = cast.officer.posts.get()
        Post.objects.filter(user=colleague).update(
            role="village_officer", area=village.area, organisation=units.committee
        )
        assert Case.objects.visible_to(colleague).filter(pk=case.pk).exists()
        assert held(colleague) == []
        assert held(cast.worker) == [case.pk]

    @pytest.mark.parametrize("state", ["closed", "rejected", "cancelled", "merged", "transferred"])
    def test_what_one_reported_stays_for_thirty_days_after_it_ended(self, stories, held, worker, clock, state):
        case = stories.report(point=IN_C)
        for act in ROADS[state].split():
            stories.act(case, act, **({"by": stories.cast.operator} if act == "verify" else {}))
        clock.to("2026-12-25 09:00")
        assert case.pk in held(worker)
        clock.to("2026-12-26 09:00")
        assert case.pk not in held(worker)

    def test_what_one_handled_stays_too(self, stories, held, handler, clock):
        case = stories.case_in("closed")
        assert held(handler) == [case.pk]
        clock.to("2026-12-26 09:00")
        assert held(handler) == []

    def test_others_ended_cases_of_the_own_cell_go(self, stories, held, cast):
        case = stories.report(by=cast.operator, point=IN_A)
        assert held(cast.worker) == [case.pk]
        stories.act(case, "reject")
        assert held(cast.worker) == []

    @pytest.mark.parametrize("name", ["admin", "outsider", "auditor", "leader", "mediator", "other_handler"])
    def test_whose_work_it_is_not_holds_nothing(self, stories, held, cast, name):
        for state in ("reported", "processing", "awaiting_verify", "closed"):
            stories.case_in(state)
        assert held(getattr(cast, name)) == []

    def test_newest_first(self, stories, held, worker, clock):
        first, second = stories.report(), stories.report()
        assert held(worker) == [second.pk, first.pk]
        clock.to("2026-11-25 11:00")
        stories.act(first, "accept")
        assert held(worker) == [first.pk, second.pk]

    def test_at_most_five_hundred_and_it_says_so(self, stories, browser, worker, monkeypatch):
        monkeypatch.setattr(sync, "HELD_AT_MOST", 3)
        cases = [stories.report() for _ in range(4)]
        answer = browser(worker).get("sync/").json()
        assert [pk for pk, _ in answer["held"]] == [case.pk for case in reversed(cases[1:])]
        assert answer["truncated"] is True

    def test_an_empty_phone_has_the_newest_cases_with_the_first_answer(self, stories, browser, worker, monkeypatch):
        monkeypatch.setattr("cases.api.sync.AT_ONCE", 2)
        for _ in range(3):
            stories.report(by=worker)
        phone = browser(worker)
        answer = phone.get("sync/", first="1").json()
        newest = [pk for pk, _count in answer["held"]][:2]
        assert [bundle["case"]["id"] for bundle in answer["first"]] == newest
        assert answer["first"] == phone.get("sync/cases/", ids=",".join(map(str, newest))).json()["results"]
        assert "first" not in phone.get("sync/").json()
        assert "first" not in phone.get("sync/", first="1", cursor=answer["cursor"]).json()

    def test_strangers_sign_in_first(self, stories, browser):
        assert browser(None).get("sync/").status_code == 401
        assert browser(None).get("sync/cases/", ids="1").status_code == 401


class TestLeaving:
    """Each way a case leaves what a phone holds; a phone drops what is no longer in the list."""

    def test_given_to_another_unit(self, stories, held, cast, units):
        case = stories.case_in("processing")
        assert case.pk in held(cast.handler)
        stories.act(case, "assign", by=cast.head, organisation=units.services.pk, text="另派")
        assert case.pk not in held(cast.handler)
        assert case.pk in held(cast.other_handler)

    def test_sent_back(self, stories, held, handler):
        case = stories.case_in("processing")
        stories.act(case, "return")
        assert case.pk not in held(handler)

    def test_verified_by_somebody_else(self, stories, held, cast):
        case = stories.case_in("awaiting_verify")
        stories.act(case, "verify")
        assert case.pk not in held(cast.officer)

    def test_handed_to_another_cell(self, stories, held, cast, units):
        case = stories.report(by=cast.operator, point=IN_B)
        Case.objects.filter(pk=case.pk).update(duty_cell_code=cast.worker.posts.get().area.code)
        assert (held(cast.neighbour), held(cast.worker)) == ([], [case.pk])

    def test_a_post_that_ended(self, stories, held, worker, clock):
        stories.report(by=stories.cast.operator, point=IN_A)
        assert len(held(worker)) == 1
        Post.objects.filter(user=worker).update(valid_to=date(2026, 11, 25))
        assert held(worker) == []

    def test_handled_once_and_ended_by_others_out_of_sight(self, stories, held, cast, units):
        case = stories.case_in("processing")
        stories.act(case, "assign", by=cast.head, organisation=units.services.pk, text="另派")
        for act in ("acknowledge", "feedback"):
            stories.act(case, act, by=cast.other_handler)
        stories.walk(case, "verify close")
        assert held(cast.other_handler) == [case.pk]
        assert held(cast.handler) == []

    def test_a_case_out_of_sight_is_gone_whatever_the_phone_asks_for(self, stories, browser, cast, units):
        case = stories.case_in("processing")
        stories.act(case, "assign", by=cast.head, organisation=units.services.pk, text="另派")
        answer = browser(cast.handler).get("sync/cases/", ids=f"{case.pk},999999").json()
        assert answer == {"results": [], "gone": [case.pk, 999999]}


class TestDeltas:
    def test_nothing_changed(self, stories, browser, worker):
        stories.report()
        phone = browser(worker)
        first = phone.get("sync/").json()
        again = phone.get("sync/", cursor=first["cursor"]).json()
        assert again == {"unchanged": True, "cursor": first["cursor"], "server_time": first["server_time"]}

    def test_an_unchanged_answer_is_small(self, stories, browser, worker):
        """Headers and all; nginx adds a few of its own."""
        for _ in range(30):
            stories.report()
        phone = browser(worker)
        cursor = phone.get("sync/").json()["cursor"]
        answer = phone.get("sync/", cursor=cursor)
        headers = sum(len(f"{name}: {value}\r\n") for name, value in answer.headers.items())
        cookies = sum(len(f"Set-Cookie: {one.OutputString()}\r\n") for one in answer.cookies.values())
        assert len("HTTP/1.1 200 OK\r\n\r\n") + headers + cookies + len(answer.content) <= 2048 - 300

    @pytest.mark.parametrize("act", ["comment", "accept"])
    def test_every_event_shows(self, stories, browser, worker, act):
        case, other = stories.report(), stories.report()
        phone = browser(worker)
        before = phone.get("sync/").json()
        stories.act(case, act)
        after = phone.get("sync/", cursor=before["cursor"]).json()
        assert after["unchanged"] is False
        known = dict(before["held"])
        assert [pk for pk, count in after["held"] if known.get(pk) != count] == [case.pk]
        assert known[other.pk] == dict(after["held"])[other.pk]

    def test_a_photo_and_a_conflict_show(self, stories, browser, cast):
        case = stories.case_in("awaiting_verify")
        phone = Phone.of(cast.officer).sees(case)
        stories.act(case, "verify")
        cursors = {browser(cast.worker).get("sync/").json()["cursor"]}
        stories.photo(case)
        cursors.add(browser(cast.worker).get("sync/").json()["cursor"])
        phone.did(case, "verify", passed=False, text="还有")
        cursors.add(browser(cast.worker).get("sync/").json()["cursor"])
        assert len(cursors) == 3

    def test_a_reminder_of_the_clock_shows(self, stories, browser, worker, clock):
        stories.report()
        cursor = browser(worker).get("sync/").json()["cursor"]
        day = clock.moment
        clock.to("2026-12-25 10:00")
        mark_due(now=clock())
        clock.moment = day
        assert browser(worker).get("sync/", cursor=cursor).json()["unchanged"] is False

    def test_another_person_language_or_day_is_another_cursor(self, stories, browser, cast, clock):
        stories.report(by=cast.worker)
        mine = browser(cast.worker).get("sync/").json()["cursor"]
        assert browser(cast.worker, **{"accept-language": "en"}).get("sync/", cursor=mine).json()["unchanged"] is False
        clock.to("2026-11-26 00:30")
        assert browser(cast.worker).get("sync/", cursor=mine).json()["unchanged"] is False

    @pytest.mark.parametrize("cursor", ["", "x", "0" * 100, "';--"])
    def test_a_cursor_nobody_gave_is_a_first_sync(self, stories, browser, worker, cursor):
        stories.report()
        assert browser(worker).get("sync/", cursor=cursor).json()["unchanged"] is False

    def test_one_too_long_is_refused(self, browser, worker):
        assert browser(worker).get("sync/", cursor="0" * 101).status_code == 400


class TestBudget:
    @pytest.mark.parametrize("rows", [1, 40])
    def test_one_statement_for_any_number_of_cases(self, stories, browser, worker, rows):
        for _ in range(rows):
            stories.report()
        phone = browser(worker)
        phone.get("session/")
        with statements([PERSON, POSTS, ("what to hold", r'FROM "cases_case".*UNION ALL.*LIMIT 501')]):
            assert len(phone.get("sync/").json()["held"]) == rows

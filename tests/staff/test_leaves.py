"""Leave: who may enter it, what is refused, and what becomes of the substitute's post."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import pytest

from grid.models import Area
from staff.models import Leave, Post, User
from staff.scope import scope_of
from staff.selectors.responsible import responsible_for
from staff.services.leaves import enter_leave
from tests.database import at_once
from tests.town import CELL_A, at


@pytest.fixture
def post_a(worker) -> Post:
    return Post.objects.get(user=worker)


def days(first: str = "2026-11-26", last: str = "2026-11-28", substitute: User | None = None) -> dict:
    return {"first_day": first, "last_day": last, "substitute": substitute and substitute.pk}


@pytest.fixture
def enter(browser, operator, post_a):
    """值班 enters leave for 阿珍 unless told otherwise."""

    def send(body: dict, by: User = operator, post: Post = post_a):
        return browser(by).post(f"posts/{post.pk}/leaves/", body)

    return send


@pytest.fixture
def withdraw(browser, operator):
    def send(leave: int, by: User = operator):
        return browser(by).delete(f"leaves/{leave}/")

    return send


def who(moment: str) -> list[str]:
    hour = moment if " " in moment else f"{moment} 12:00"
    return [one.name for one in responsible_for(code=CELL_A, at=at(hour))]


class TestEntering:
    @pytest.mark.parametrize("by", ["operator", "head", "officer"])
    def test_the_center_and_the_village_officer_enter_it(self, cast, enter, by):
        answer = enter(days(), by=getattr(cast, by))
        assert answer.status_code == 201
        leave = Leave.objects.get()
        assert answer.json() == {
            "id": leave.pk,
            "first_day": "2026-11-26",
            "last_day": "2026-11-28",
            "substitute": None,
        }
        assert leave.made_by == getattr(cast, by)

    def test_the_substitute_gets_the_same_post_for_these_days(self, enter, neighbour, post_a):
        answer = enter(days(substitute=neighbour))
        assert answer.json()["substitute"] == {"id": neighbour.pk, "name": "邻格", "phone": ""}
        post = Post.objects.get(stands_in_for=post_a)
        assert (post.user, post.role, post.area, post.organisation) == (neighbour, "grid_worker", post_a.area, None)
        assert (post.valid_from, post.valid_to) == (date(2026, 11, 26), date(2026, 11, 29))
        assert [who(day) for day in ("2026-11-25", "2026-11-26", "2026-11-28 23:59", "2026-11-29")] == [
            ["阿珍"],
            ["邻格"],
            ["邻格"],
            ["阿珍"],
        ]

    def test_the_substitute_sees_the_cell_in_these_days_only(self, enter, neighbour):
        enter(days(substitute=neighbour))
        seen = [
            scope_of(User.objects.get(pk=neighbour.pk), on=date(2026, 11, day)).covers(CELL_A) for day in range(25, 30)
        ]
        assert seen == [False, True, True, True, False]

    def test_one_day_is_enough(self, enter):
        assert enter(days("2026-11-25", "2026-11-25")).status_code == 201

    def test_leave_that_has_begun_can_still_be_entered(self, enter):
        assert enter(days("2026-11-20", "2026-11-25")).status_code == 201

    def test_leave_after_leave_is_fine(self, enter):
        assert enter(days("2026-11-26", "2026-11-28")).status_code == 201
        assert enter(days("2026-11-29", "2026-11-30")).status_code == 201

    @pytest.mark.parametrize("by", ["worker", "handler", "mediator", "leader", "auditor", "admin"])
    def test_whoever_only_sees_the_post_may_not(self, cast, enter, by):
        answer = enter(days(), by=getattr(cast, by))
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
        assert not Leave.objects.exists()

    @pytest.mark.parametrize("by", ["neighbour", "outsider"])
    def test_whoever_does_not_see_the_post_finds_none(self, cast, enter, by):
        assert enter(days(), by=getattr(cast, by)).status_code == 404

    def test_a_stranger_may_not(self, browser, post_a):
        assert browser(None).post(f"posts/{post_a.pk}/leaves/", days()).status_code == 401

    def test_an_officer_enters_nothing_for_the_next_village(self, enter, officer, post_a):
        area = Area.objects.get(code="990000009202001")
        Post.objects.filter(pk=post_a.pk).update(area=area)
        assert enter(days(), by=officer).status_code == 404

    def test_posts_at_the_center_have_no_leave_here(self, enter, head, cast):
        answer = enter(days(), by=head, post=Post.objects.get(user=cast.operator))
        assert (answer.status_code, answer.json()["code"]) == (400, "not_on_the_ground")


class TestRefusals:
    @pytest.mark.parametrize(
        ("first", "last", "field", "code"),
        [
            ("2026-11-28", "2026-11-26", "last_day", "ends_before_it_begins"),
            ("2026-11-26", "2027-11-27", "last_day", "too_long"),
            ("2026-11-20", "2026-11-24", "last_day", "over"),
            ("2023-12-31", "2024-01-05", "last_day", "over"),
            ("soon", "2026-11-24", "first_day", "invalid"),
        ],
    )
    def test_days_that_make_no_sense(self, enter, first, last, field, code):
        answer = enter(days(first, last))
        assert (answer.status_code, answer.json()["field"], answer.json()["code"]) == (400, field, code)

    def test_a_leap_year_is_the_longest(self, enter):
        assert enter(days("2026-11-26", "2027-11-26")).status_code == 201

    def test_overlapping_leave_names_the_other_days(self, enter):
        enter(days())
        answer = enter(days("2026-11-28", "2026-12-02"))
        assert (answer.status_code, answer.json()["field"], answer.json()["code"]) == (400, "first_day", "overlaps")
        assert "2026-11-26" in answer.json()["message"]
        assert "2026-11-28" in answer.json()["message"]
        assert Leave.objects.count() == 1

    def test_withdrawn_leave_is_not_in_the_way(self, enter, withdraw):
        withdraw(enter(days()).json()["id"])
        assert enter(days()).status_code == 201

    def test_days_outside_the_post(self, enter, post_a):
        Post.objects.filter(pk=post_a.pk).update(valid_to=date(2026, 11, 28))
        answer = enter(days())
        assert (answer.json()["field"], answer.json()["code"]) == ("first_day", "outside_the_post")
        assert enter(days("2026-11-26", "2026-11-27")).status_code == 201

    def test_nobody_stands_in_for_themselves(self, enter, worker):
        answer = enter(days(substitute=worker))
        assert (answer.json()["field"], answer.json()["code"]) == ("substitute", "same_person")

    def test_a_closed_account_a_foreigner_and_nobody_are_the_same_refusal(self, enter, neighbour, outsider):
        User.objects.filter(pk=neighbour.pk).update(is_active=False)
        answers = [enter(days(substitute=person)).json() for person in (neighbour, outsider)]
        answers.append(enter({**days(), "substitute": 999_999_999}).json())
        assert {(answer["field"], answer["code"], answer["message"]) for answer in answers} == {
            ("substitute", "not_a_colleague", answers[0]["message"])
        }
        assert not Leave.objects.exists()

    def test_a_substitute_who_is_away_too(self, enter, neighbour):
        Leave.objects.create(
            post=Post.objects.get(user=neighbour), first_day=date(2026, 11, 28), last_day=date(2026, 11, 30)
        )
        answer = enter(days(substitute=neighbour))
        assert (answer.json()["field"], answer.json()["code"]) == ("substitute", "substitute_on_leave")
        assert "邻格" in answer.json()["message"]

    def test_a_substitutes_post_has_no_leave_of_its_own(self, enter, neighbour, post_a):
        enter(days("2026-11-25", "2026-11-28", substitute=neighbour))
        answer = enter(days(), post=Post.objects.get(stands_in_for=post_a))
        assert (answer.status_code, answer.json()["code"]) == (400, "substitute_post")


class TestWithdrawing:
    def test_a_substitutes_post_that_never_began_is_gone(self, enter, withdraw, neighbour, post_a):
        leave = enter(days(substitute=neighbour)).json()["id"]
        assert withdraw(leave).status_code == 204
        assert Leave.objects.get().cancelled
        assert not Post.objects.filter(stands_in_for=post_a).exists()
        assert who("2026-11-26") == ["阿珍"]

    def test_begun_leave_ends_yesterday_and_stays_on_record(self, clock, enter, withdraw, neighbour, post_a):
        leave = enter(days("2026-11-25", "2026-11-30", substitute=neighbour)).json()["id"]
        clock.to("2026-11-27 09:00")
        assert withdraw(leave).status_code == 204
        kept = Leave.objects.get()
        assert (kept.cancelled, kept.last_day) == (False, date(2026, 11, 26))
        assert Post.objects.get(stands_in_for=post_a).valid_to == date(2026, 11, 27)
        assert (who("2026-11-26"), who("2026-11-27")) == (["邻格"], ["阿珍"])

    def test_withdrawn_on_its_first_day_the_holder_answers_at_once(self, enter, withdraw, neighbour, post_a):
        leave = enter(days("2026-11-25", "2026-11-30", substitute=neighbour)).json()["id"]
        assert who("2026-11-25 10:00") == ["邻格"]
        assert withdraw(leave).status_code == 204
        assert who("2026-11-25 10:00") == ["阿珍"]
        assert Post.objects.get(stands_in_for=post_a).valid_to == date(2026, 11, 26)

    def test_other_leave_keeps_its_substitute(self, enter, withdraw, neighbour, post_a):
        first = enter(days("2026-11-26", "2026-11-27", substitute=neighbour)).json()["id"]
        enter(days("2026-11-28", "2026-11-29", substitute=neighbour))
        withdraw(first)
        assert Post.objects.get(stands_in_for=post_a).valid_from == date(2026, 11, 28)

    def test_twice_is_as_good_as_once(self, enter, withdraw):
        leave = enter(days()).json()["id"]
        assert [withdraw(leave).status_code for _ in range(2)] == [204, 204]

    def test_leave_that_is_over_cannot_be_undone(self, clock, enter, withdraw):
        leave = enter(days()).json()["id"]
        clock.to("2026-11-29 00:00")
        answer = withdraw(leave)
        assert (answer.status_code, answer.json()["code"]) == (400, "over")
        assert not Leave.objects.get().cancelled

    @pytest.mark.parametrize(
        ("by", "status"), [("worker", 403), ("auditor", 403), ("neighbour", 404), ("outsider", 404)]
    )
    def test_others_may_not(self, cast, enter, withdraw, by, status):
        leave = enter(days()).json()["id"]
        assert withdraw(leave, by=getattr(cast, by)).status_code == status
        assert not Leave.objects.get().cancelled

    def test_the_officer_may(self, enter, withdraw, officer):
        assert withdraw(enter(days()).json()["id"], by=officer).status_code == 204

    def test_a_stranger_may_not(self, browser, enter):
        leave = enter(days()).json()["id"]
        assert browser(None).delete(f"leaves/{leave}/").status_code == 401

    def test_unknown_leave_is_404(self, withdraw):
        assert withdraw(999_999).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_people_entering_leave_at_once_make_one(cast, post_a, monkeypatch):
    def slowly(*args: Any, **kwargs: Any) -> None:
        time.sleep(0.3)  # both would have found the days free by now

    monkeypatch.setattr("staff.services.leaves._substitute", slowly)

    def enter(by: User) -> Leave:
        return enter_leave(
            post=post_a, first_day=date(2026, 11, 26), last_day=date(2026, 11, 28), substitute_id=None, by=by
        )

    results = at_once(lambda: enter(cast.operator), lambda: enter(cast.head))
    assert sorted(type(result).__name__ for result in results) == ["Leave", "ValidationError"]
    assert Leave.objects.count() == 1

"""Nobody decides between themselves and another, where their center has somebody else for it."""

from __future__ import annotations

import pytest

from cases.models import Case, CaseConflict, CaseEvent
from notices.models import Reminder
from notices.services import take_events
from staff.models import Post, User
from tests.phone import Phone

pytestmark = pytest.mark.usefixtures("every_record_holds")


@pytest.fixture
def late(stories, cast):
    """A case that 阿珍 found done, and `author`, without signal, found not done; then who may decide."""

    def make(author: User, *, first: User | None = None) -> Case:
        case = stories.case_in("awaiting_verify")
        phone = Phone.of(author).sees(case)
        stories.act(case, "verify", by=first or cast.worker)
        assert phone.did(case, "verify", passed=False, text="墙角还有").status_code == 202
        return case

    return make


def seen_by(person: User, case: Case) -> tuple[bool, bool]:
    """Whether this person is one of the two, and whether it is theirs to decide."""
    (row,) = Phone.of(person).conflicts(case)
    return row["is_side"], row["may_decide"]


def settled(case: Case) -> CaseEvent:
    return CaseEvent.objects.get(case=case, act="settle_conflict")


class TestSomebodyElseMay:
    def test_the_author_leaves_it_to_a_colleague(self, late, cast):
        case = late(cast.operator)
        assert (seen_by(cast.operator, case), seen_by(cast.head, case)) == ((True, False), (False, True))
        answer = Phone.of(cast.operator).decides(case, CaseConflict.objects.get().pk, "take")
        assert (answer.status_code, answer.json()["code"]) == (403, "party_to_it")
        assert "其他人" in answer.json()["message"]
        assert Phone.of(cast.head).decides(case, CaseConflict.objects.get().pk, "take").status_code == 200
        assert CaseConflict.objects.get().decided_by_side is False
        assert "by_side" not in settled(case).data

    def test_so_does_whoever_was_first(self, late, cast):
        case = late(cast.officer, first=cast.operator)
        assert (seen_by(cast.operator, case), seen_by(cast.head, case)) == ((True, False), (False, True))
        assert Phone.of(cast.operator).decides(case, CaseConflict.objects.get().pk, "keep", "对").status_code == 403

    def test_the_head_is_no_exception(self, late, cast):
        case = late(cast.head)
        assert Phone.of(cast.head).decides(case, CaseConflict.objects.get().pk, "take").status_code == 403
        assert Phone.of(cast.operator).decides(case, CaseConflict.objects.get().pk, "take").status_code == 200

    def test_nobody_who_is_neither_is_held_up(self, late, cast):
        case = late(cast.officer)
        assert seen_by(cast.operator, case) == seen_by(cast.head, case) == (False, True)
        assert seen_by(cast.worker, case) == (True, False)

    def test_whoever_can_decide_is_told(self, late, cast, clock):
        """The operator is the author: without the head nobody who may decide would hear of it."""
        late(cast.operator)
        take_events(now=clock())
        told = Reminder.objects.filter(event__act="conflict", recipient__isnull=False)
        assert [one.recipient.username for one in told] == ["head"]


class TestNobodyElseMay:
    def test_alone_in_the_center_one_decides_and_it_is_on_record(self, late, cast):
        case = late(cast.operator)
        Post.objects.filter(user=cast.head).delete()
        assert seen_by(cast.operator, case) == (True, True)
        answer = Phone.of(cast.operator).decides(case, CaseConflict.objects.get().pk, "take", "本人复看")
        assert (answer.status_code, answer.json()["decided_by_side"]) == (200, True)
        assert settled(case).data["by_side"] is True
        assert Phone.of(cast.worker).conflicts(case)[0]["decided_by_side"] is True

    def test_also_when_both_people_of_the_center_are_the_two(self, late, cast):
        case = late(cast.operator, first=cast.head)
        assert seen_by(cast.operator, case) == seen_by(cast.head, case) == (True, True)

    @pytest.mark.parametrize("gone", [{"is_active": False}, None])
    def test_a_colleague_who_is_gone_is_nobody(self, late, cast, clock, gone):
        case = late(cast.operator)
        if gone:
            User.objects.filter(pk=cast.head.pk).update(**gone)
        else:
            Post.objects.filter(user=cast.head).update(valid_to=clock().date())
        assert seen_by(cast.operator, case) == (True, True)

    def test_another_towns_center_is_not_their_colleague(self, late, cast):
        """外镇 could not decide it."""
        case = late(cast.operator)
        Post.objects.filter(user=cast.head).delete()
        assert Phone.of(cast.outsider).decides(case, CaseConflict.objects.get().pk, "keep", "x").status_code == 404
        assert seen_by(cast.operator, case) == (True, True)

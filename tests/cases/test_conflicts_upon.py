"""Two acts of one person waited on a phone, the second built upon the first; meanwhile somebody else went on."""

from __future__ import annotations

import pytest

from cases.models import CaseConflict, CaseEvent
from tests.phone import ID, Phone, sides

pytestmark = pytest.mark.usefixtures("every_record_holds")

NEXT_ID = "66666666-6666-4666-8666-666666666666"


@pytest.fixture
def assigned(stories):
    return stories.case_in("assigned")


def seen(case) -> dict[str, object]:
    return {"state": case.state, "lead_org": case.lead_org_id, "assignee": case.assignee_id}


class Offline:
    """A handler who takes a case and gives feedback, all without signal."""

    def __init__(self, handler, case) -> None:
        self.phone, self.case, self.seen = Phone.of(handler).sees(case), case, seen(case)

    def takes(self):
        return self.phone.did(self.case, "acknowledge", seen=self.seen)

    def gives_feedback(self, after=(ID,)):
        body = {"text": "已清运干净", "seen": self.seen, "after": list(after)}
        return self.phone.did(self.case, "feedback", client_id=NEXT_ID, **body)


def test_both_are_kept_if_the_first_came_too_late(stories, handler, units, assigned):
    """The second was theirs on what the first would have made of the case: it is no less kept."""
    offline = Offline(handler, assigned)
    stories.act(assigned, "assign", by=stories.cast.head, organisation=units.services.pk, text="另派")
    assert (offline.takes().status_code, offline.gives_feedback().status_code) == (202, 202)
    assert list(CaseConflict.objects.order_by("pk").values_list("act", flat=True)) == ["acknowledge", "feedback"]


def test_both_are_done_if_nothing_that_matters_came_between(stories, handler, assigned):
    offline = Offline(handler, assigned)
    offline.takes()
    stories.walk(assigned, "suspend resume")
    answer = offline.gives_feedback()
    assert (answer.status_code, answer.json()["state"]) == (200, "awaiting_verify")
    assert CaseEvent.objects.get(act="feedback").data["rebased_from"] == 4


def test_the_second_is_kept_if_somebody_came_between(stories, handler, assigned, units):
    """Also when the answer to the first told of a case that was another by then: its author had not seen that."""
    offline = Offline(handler, assigned)
    offline.takes()
    stories.act(assigned, "suspend")
    conflict = offline.gives_feedback().json()["conflict"]
    assert sides(conflict)["state"] == ("awaiting_verify", "suspended")


def test_acts_of_others_and_unknown_ones_are_no_ground_to_build_upon(stories, handler, operator, assigned):
    offline = Offline(handler, assigned)
    Phone.of(operator).sees(assigned).did(assigned, "comment", client_id=ID, text="看过")
    assert offline.gives_feedback(after=(ID, "77777777-7777-4777-8777-777777777777")).status_code == 409


def test_an_act_that_moves_nothing_says_nothing_of_what_was_seen(stories, handler, assigned):
    """A word went in after others had gone on: that does not mean that its author saw it."""
    offline = Offline(handler, assigned)
    stories.walk(assigned, "acknowledge suspend")
    assert offline.phone.did(assigned, "comment", text="路上").status_code == 200
    late = offline.phone.did(assigned, "acknowledge", client_id=NEXT_ID, seen=offline.seen, after=[ID])
    assert (late.status_code, sides(late.json()["conflict"])["state"]) == (202, ("processing", "suspended"))

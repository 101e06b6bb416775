"""A verdict stands until a person has decided otherwise: the second one never counts by coming later."""

from __future__ import annotations

import pytest

from cases.models import Case, CaseConflict, CaseEvent, Category
from tests.phone import Phone

pytestmark = pytest.mark.usefixtures("every_record_holds")

FAILED = {"passed": False, "text": "墙角还有"}


def verdicts(case: Case) -> list[bool]:
    events = CaseEvent.objects.filter(case=case, act="verify").order_by("seq")
    return [event.data["passed"] for event in events]


@pytest.mark.parametrize("name", ["operator", "head", "officer", "worker"])
def test_nobody_overrules_a_verdict_by_giving_another(stories, browser, cast, name):
    """Also whoever looks at the case as it is, and whoever gave the first one."""
    case = stories.case_in("verified")
    answer = browser(getattr(cast, name)).post(f"cases/{case.pk}/acts/verify/", {"version": case.version, **FAILED})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_allowed_now")
    case.refresh_from_db()
    assert (case.state, verdicts(case)) == ("verified", [True])


def test_it_is_not_offered_either(stories, browser, cast):
    case = stories.case_in("verified")
    for name in ("operator", "head", "officer", "worker"):
        offered = browser(getattr(cast, name)).get(f"cases/{case.pk}/").json()["acts"]
        assert "verify" not in {act["act"] for act in offered}


@pytest.mark.parametrize("first", [True, False])
def test_two_without_signal_and_of_two_minds_whichever_comes_first(stories, worker, officer, first):
    case = stories.case_in("awaiting_verify")
    one, other = Phone.of(worker).sees(case), Phone.of(officer).sees(case)
    assert one.did(case, "verify", passed=first, text="甲", client_id=stories.client_id()).status_code == 200
    assert other.did(case, "verify", passed=not first, text="乙").status_code == 202
    assert verdicts(case) == [first]
    assert CaseConflict.objects.get().given == {"passed": not first, "text": "乙"}


def test_a_phone_that_guessed_the_version_of_the_first_verdict_does_not_slip_past(stories, officer):
    """With acts of its own before it the phone guesses; by chance it names the version that the other verdict made."""
    case = stories.case_in("awaiting_verify")
    phone = Phone.of(officer).sees(case)
    seen = {"state": "awaiting_verify", "lead_org": case.lead_org_id, "assignee": case.assignee_id}
    stories.act(case, "verify")
    assert phone.did(case, "verify", **{**FAILED, "version": case.version + 1, "seen": seen}).status_code == 202
    assert verdicts(case) == [True]


def test_solved_on_the_spot_and_of_two_minds_the_center_takes_it_up_once_decided(stories, operator, officer):
    """No unit leads: overruled, it is a report again."""
    Category.objects.filter(code="C01").update(sample_percent=100)
    case = stories.report(self_handled=True)
    phone = Phone.of(officer).sees(case)
    stories.act(case, "verify", by=stories.cast.head)
    conflict = phone.did(case, "verify", **FAILED).json()["conflict"]
    assert Phone.of(operator).decides(case, conflict, "take", "确未解决").status_code == 200
    case.refresh_from_db()
    assert (case.state, verdicts(case)) == ("reported", [True, False])

"""Whoever did something without signal that came too late hears what was decided, and nothing they may not know."""

from __future__ import annotations

import pytest

from cases.models import Case, CaseConflict
from notices.models import Message
from notices.services import take_events, write_digests
from staff.models import Post, User
from tests.phone import Phone

WORDS = {"keep": "以先到的为准", "take": "以您的为准", "both": "两份都保留"}


@pytest.fixture
def mails(clock):
    """What the minute's run tells; the mails by person."""

    def run(moment: str | None = None) -> dict[str, Message]:
        now = clock.to(moment) if moment else clock.moment
        before = Message.objects.count()
        take_events(now=now)
        write_digests(now=now)
        return {mail.recipient.username: mail for mail in Message.objects.order_by("pk")[before:]}

    return run


@pytest.fixture
def case(stories, cast, mails) -> Case:
    """阿珍 found it done, the village officer, without signal, found that it was not; the center knows."""
    case = stories.case_in("awaiting_verify")
    phone = Phone.of(cast.officer).sees(case)
    stories.act(case, "verify")
    phone.did(case, "verify", passed=False, text="墙角还有")
    mails()
    return case


def decide(person: User, case: Case, decision: str, text: str = "已复看") -> None:
    assert Phone.of(person).decides(case, CaseConflict.objects.get(case=case).pk, decision, text).status_code == 200


@pytest.mark.parametrize("decision", WORDS)
def test_its_author_alone_gets_one_line_that_says_what_was_decided(case, cast, mails, decision):
    decide(cast.operator, case, decision)
    told = mails()
    assert set(told) == {"officer"}
    text = told["officer"].text
    assert text.count(case.number) == 1
    assert [one for one in WORDS if WORDS[one] in text] == [decision]


def test_a_reader_of_english_reads_english(case, cast, mails):
    User.objects.filter(pk=cast.officer.pk).update(language="en")
    decide(cast.operator, case, "take")
    assert "decided: yours counts" in mails()["officer"].text


def test_once_and_without_the_words_of_anybody(case, cast, mails):
    decide(cast.operator, case, "keep", "王某说确实干净")
    mail = mails()["officer"]
    assert "王某" not in mail.subject + mail.text + mail.html
    assert mails("2026-11-25 11:30") == {}


def test_whoever_decided_on_their_own_is_not_told_of_it(stories, cast, mails):
    case = stories.case_in("awaiting_verify")
    phone = Phone.of(cast.operator).sees(case)
    stories.act(case, "verify")
    phone.did(case, "verify", passed=False, text="墙角还有")
    Post.objects.filter(user=cast.head).delete()
    mails()
    decide(cast.operator, case, "keep")
    assert mails() == {}


def test_who_lost_sight_of_the_case_hears_the_outcome_and_nothing_of_how_it_stands(stories, cast, units, mails):
    case = stories.case_in("processing")
    phone = Phone.of(cast.handler).sees(case)
    stories.act(case, "assign", by=cast.head, organisation=units.services.pk, text="另派")
    phone.did(case, "feedback", text="今早已清运完")
    mails()
    decide(cast.operator, case, "both")
    mail = mails()["handler"]
    assert case.number in mail.text
    assert WORDS["both"] in mail.text
    case.refresh_from_db()
    due = case.due_at.astimezone(stories.clock.moment.tzinfo)
    for words in (f"{due:%Y-%m-%d}", "办理", f"/cases/{case.pk}"):
        assert words not in mail.text.replace("离线办理", "")
        assert words not in mail.html.replace("离线办理", "")
    assert "/m/outbox" in mail.text

"""What was done to a case reaches whoever it concerns, by mail, once, and never the one who did it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.translation import override

from cases.models import CaseEvent
from notices.models import Horizon, Message, Reminder
from notices.selectors import events_to_tell, horizon
from notices.services import take_events, write_digests
from notices.telling import TELLINGS
from staff.models import User
from tests.database import at_once

MORNING = "2026-11-25 10:30"


@pytest.fixture
def tell(clock):
    """What the minute's run does with what happened, at a moment; the mails per person."""

    def run(moment: str | None = None) -> dict[str, int]:
        now = clock.to(moment) if moment else clock.moment
        before = Message.objects.count()
        take_events(now=now)
        write_digests(now=now)
        names = list(Message.objects.order_by("pk").values_list("recipient__username", flat=True)[before:])
        return {name: names.count(name) for name in names}

    return run


def text_for(username: str) -> str:
    return Message.objects.filter(recipient__username=username).latest("pk").text


@pytest.fixture
def quiet(stories, tell):
    """A case in a state, of whose way there everybody was told."""

    def made(state: str):
        case = stories.case_in(state)
        tell()
        return case

    return made


class TestWhom:
    @pytest.mark.parametrize(
        ("state", "act", "told", "word"),
        [
            ("processing", "nudge", "handler", "催"),
            ("processing", "supervise", "handler", "督办"),
            ("processing", "instruct", "handler", "批示"),
            ("accepted", "assign", "handler", "签收"),
            ("processing", "return", "operator", "退回"),
            ("closed", "reopen", "handler", "复开"),
            ("processing", "ask_extension", "head", "延期"),
            ("reported", "return_for_info", "worker", "补充"),
            ("reported", "reject", "worker", "不予受理"),
            ("reported", "merge", "worker", "并"),
        ],
    )
    def test_whoever_it_concerns_gets_one_mail_that_says_so(self, stories, quiet, tell, state, act, told, word):
        case = quiet(state)
        stories.act(case, act)
        assert tell(MORNING) == {told: 1}
        assert case.number in text_for(told)
        assert word in text_for(told)

    def test_a_pause_asked_for_is_told_the_center_and_its_refusal_the_unit(self, stories, quiet, tell):
        case = quiet("processing")
        stories.act(case, "ask_suspension")
        assert tell(MORNING) == {"operator": 1}
        stories.act(case, "refuse_suspension")
        assert tell("2026-11-25 10:40") == {"handler": 1}

    def test_more_time_given_or_refused_is_told_the_unit(self, stories, quiet, tell):
        for answer in ("extend", "refuse_extension"):
            case = quiet("processing")
            stories.act(case, "ask_extension")
            tell()
            stories.act(case, answer)
            assert tell() == {"handler": 1}

    def test_who_did_it_is_not_told_of_it(self, stories, quiet, tell, cast):
        case = quiet("awaiting_verify")
        stories.act(case, "nudge", by=cast.operator)
        assert tell(MORNING) == {}, "the operator would have reminded only themselves"

    def test_the_other_town_hears_of_nothing(self, stories, tell):
        stories.case_in("assigned")
        stories.act(stories.case_in("processing"), "supervise")
        assert "outsider" not in tell(MORNING)


class TestMeanwhile:
    def test_a_handover_that_was_taken_by_the_morning_is_not_told(self, stories, clock, tell):
        clock.to("2026-11-24 21:00")
        case = stories.case_in("assigned")
        assert tell() == {}
        stories.act(case, "acknowledge")
        assert tell("2026-11-25 08:00") == {}

    def test_a_supervision_that_was_answered_is_not_told(self, stories, quiet, tell, clock):
        case = quiet("processing")
        clock.to("2026-11-25 21:00")
        stories.act(case, "supervise")
        assert tell() == {}
        stories.act(case, "supervision_reply")
        assert tell("2026-11-26 08:00") == {}

    def test_information_that_was_given_by_then_is_not_asked_for(self, stories, quiet, tell, clock):
        case = quiet("reported")
        clock.to("2026-11-25 21:00")
        stories.act(case, "return_for_info")
        assert tell() == {}
        stories.act(case, "submit")
        assert tell("2026-11-26 08:00") == {}


class TestTogether:
    def test_all_that_happened_to_a_case_is_one_line_the_gravest_first(self, stories, quiet, tell):
        case = quiet("processing")
        stories.act(case, "nudge")
        stories.act(case, "supervise")
        assert tell(MORNING) == {"handler": 1}
        text = text_for("handler")
        assert text.count(case.number) == 1
        assert text.index("督办") < text.index("催")

    def test_supervised_cases_stand_before_new_ones(self, stories, quiet, tell):
        supervised = quiet("processing")
        new = stories.case_in("assigned")
        stories.act(supervised, "supervise")
        tell(MORNING)
        text = text_for("handler")
        assert text.index(supervised.number) < text.index(new.number)

    def test_nobodys_words_are_in_it(self, stories, quiet, tell):
        stories.act(quiet("processing"), "instruct", text="王某的事要快办")
        tell(MORNING)
        message = Message.objects.latest("pk")
        assert "王某" not in message.subject + message.text + message.html

    def test_a_reader_of_english_reads_english(self, stories, quiet, tell, cast):
        User.objects.filter(pk=cast.handler.pk).update(language="en")
        stories.act(quiet("processing"), "supervise")
        tell(MORNING)
        assert "a reply is wanted" in text_for("handler")
        assert "1 to look at" in text_for("handler")

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_every_kind_has_its_words_in_both_languages(self, language):
        with override(language):
            told = [telling.words for telling in TELLINGS.values()]
            words = [str(text) for words in told for text in (words.values() if isinstance(words, dict) else [words])]
        assert all(text.isascii() == (language == "en") for text in words)


class TestOnce:
    def test_what_was_told_is_not_told_again(self, stories, quiet, tell):
        stories.act(quiet("processing"), "instruct")
        assert tell(MORNING) == {"handler": 1}
        assert tell("2026-11-25 11:30") == {}

    @pytest.mark.django_db(transaction=True)
    def test_two_runs_at_once_tell_once(self, stories, clock):
        for _ in range(3):
            stories.act(stories.case_in("processing"), "instruct")
        now = clock.to(MORNING)
        at_once(*[lambda: take_events(now=now)] * 3)
        at_once(*[lambda: write_digests(now=now)] * 3)
        write_digests(now=now)
        mails = Message.objects.filter(recipient__username="handler")
        assert sum(mail.text.count("/cases/") for mail in mails) == 3


class TestHorizon:
    """Looking for what to tell does not go through the events of years, and passes none by."""

    def test_it_follows_an_hour_behind(self, stories, clock, tell):
        stories.case_in("assigned")
        assigned = CaseEvent.objects.get(act="assign")
        tell()
        assert horizon() < assigned.pk
        tell("2026-11-25 11:30")
        assert horizon() == assigned.pk

    def test_an_event_that_was_committed_late_is_still_told(self, stories, clock, tell):
        """Its number was drawn before that of another event, which was told meanwhile."""
        case = stories.case_in("processing")
        tell()
        stories.act(case, "instruct")
        late = CaseEvent.objects.get(act="instruct")
        Reminder.objects.filter(event=late).delete()
        stories.act(case, "nudge")
        take_events(now=clock.moment + timedelta(minutes=59))
        assert late in events_to_tell(limit=10) or Reminder.objects.filter(event=late).exists()
        assert horizon() < late.pk

    def test_nothing_up_to_it_is_looked_at(self, stories, tell, django_assert_num_queries):
        stories.case_in("assigned")
        Horizon.objects.update_or_create(id=1, defaults={"event_id": CaseEvent.objects.latest("pk").pk})
        with django_assert_num_queries(2):
            assert list(events_to_tell(limit=10)) == []

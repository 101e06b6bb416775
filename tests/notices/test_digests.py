"""Reminders: one mail per responsible person, once per case and stage, at decent hours, with nobody's words in it."""

from __future__ import annotations

import pytest

from cases.models import CaseEvent
from cases.services.scan import mark_due
from grid.models import Area
from notices.models import Message, Reminder
from notices.services import take_events, write_digests
from staff.models import Post, User
from tests.database import at_once
from tests.town import SINCE, TOWN

OFFICE_HOURS = "2026-11-27 09:00"


@pytest.fixture
def scan(clock):
    """Everything the minute's scan does, at a moment; how many mails were written."""

    def run(moment: str | None = None) -> int:
        now = clock.to(moment) if moment else clock.moment
        mark_due(now=now)
        take_events(now=now)
        return write_digests(now=now)

    return run


def told() -> dict[str, int]:
    """Mails per person."""
    names = list(Message.objects.values_list("recipient__username", flat=True))
    return {name: names.count(name) for name in names}


class TestWhom:
    def test_before_assignment_the_center_is_told(self, stories, scan):
        stories.report()
        scan(OFFICE_HOURS)
        assert told() == {"operator": 1}

    def test_without_an_operator_the_head_is_told(self, stories, scan, operator):
        stories.report()
        Post.objects.filter(user=operator).delete()
        scan(OFFICE_HOURS)
        assert told() == {"head": 1}

    def test_every_handler_of_the_unit_until_somebody_takes_it(self, stories, scan, units):
        colleague = User.objects.create(username="colleague", display_name="同事", email="colleague@town.invalid")
        area = Area.objects.get(code=TOWN)
        Post.objects.create(user=colleague, role="handler", area=area, organisation=units.enforcement, valid_from=SINCE)
        case = stories.case_in("assigned")
        scan("2026-12-03 09:00")
        assert told() == {"handler": 1, "colleague": 1}
        assert Reminder.objects.filter(event__case=case, event__act="overdue").count() == 2

    def test_once_somebody_took_it_only_they(self, stories, scan):
        stories.case_in("processing")
        scan("2026-12-03 09:00")
        assert told() == {"handler": 1}

    def test_awaiting_the_verdict_the_center_is_told(self, stories, scan):
        stories.case_in("awaiting_verify")
        scan("2026-11-30 09:00")
        assert told() == {"operator": 1}

    def test_another_towns_center_is_not(self, stories, scan):
        stories.report()
        scan(OFFICE_HOURS)
        assert "outsider" not in told()

    def test_who_left_yesterday_is_told_no_more(self, stories, scan, handler, clock):
        stories.case_in("assigned")
        Post.objects.filter(user=handler).update(valid_to="2026-12-03")
        scan("2026-12-03 09:00")
        assert told() == {"operator": 1}, "the unit has nobody left: the center answers"

    def test_with_nobody_responsible_the_event_is_done_with(self, stories, scan, cast):
        stories.report()
        Post.objects.filter(user__in=[cast.operator, cast.head]).delete()
        scan(OFFICE_HOURS)
        assert told() == {}
        assert Reminder.objects.get().recipient is None
        assert take_events(now=stories.clock.moment) == 0

    def test_who_has_no_address_gets_none_and_holds_up_nobody(self, stories, scan, operator, head):
        User.objects.filter(pk=operator.pk).update(email="")
        area = Area.objects.get(code=TOWN)
        Post.objects.create(user=head, role="center_operator", area=area, valid_from=SINCE)
        stories.report()
        stories.report()
        scan(OFFICE_HOURS)
        assert told() == {"head": 1}
        assert scan("2026-11-27 09:05") == 0


class TestOnce:
    def test_many_cases_are_one_mail(self, stories, scan):
        cases = [stories.report() for _ in range(3)]
        assert scan(OFFICE_HOURS) == 1
        text = Message.objects.get().text
        assert all(case.number in text for case in cases)

    def test_never_twice_for_the_same_stage(self, stories, scan):
        stories.report()
        for moment in (OFFICE_HOURS, "2026-11-27 09:05", "2026-11-30 09:00", "2026-12-24 09:00"):
            scan(moment)
        assert told() == {"operator": 1}

    def test_due_soon_and_overdue_are_two_mails(self, stories, scan):
        stories.report()
        assert scan("2026-11-26 10:00") == 1
        assert scan("2026-11-27 08:00") == 1
        assert scan("2026-11-27 08:05") == 0

    def test_the_next_stage_is_told_anew(self, stories, scan):
        case = stories.report()
        scan(OFFICE_HOURS)
        stories.walk(case, "accept assign acknowledge")
        scan("2026-12-07 09:00")
        assert told() == {"operator": 1, "handler": 1}

    def test_taking_the_same_events_twice_makes_no_second_reminder(self, stories, clock):
        stories.report()
        mark_due(now=clock.to(OFFICE_HOURS))
        assert (take_events(now=clock.moment), take_events(now=clock.moment)) == (1, 0)
        assert Reminder.objects.count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_two_workers_at_once_write_one_mail(self, stories, clock):
        for _ in range(4):
            stories.report()
        now = clock.to(OFFICE_HOURS)
        at_once(*[lambda: mark_due(now=now)] * 2)
        at_once(*[lambda: take_events(now=now)] * 3)
        at_once(*[lambda: write_digests(now=now)] * 3)
        write_digests(now=now)
        assert Reminder.objects.count() == CaseEvent.objects.filter(act="overdue").count() == 4
        numbers = [message.text.count("/cases/") for message in Message.objects.all()]
        assert sum(numbers) == 4
        assert not Reminder.objects.filter(message=None).exists()


class TestHours:
    @pytest.mark.parametrize(
        ("asleep", "awake"),
        [
            ("2026-11-26 20:00", "2026-11-27 08:00"),
            ("2026-11-27 07:59", "2026-11-27 08:00"),
            ("2026-11-28 12:00", "2026-11-30 08:00"),
            ("2026-11-29 23:00", "2026-11-30 08:00"),
        ],
        ids=["evening", "early morning", "saturday", "sunday night"],
    )
    def test_at_night_and_on_rest_days_it_waits_and_is_not_forgotten(self, stories, scan, asleep, awake):
        stories.report()
        assert scan(asleep) == 0
        assert scan(awake) == 1

    def test_over_a_holiday_it_waits_for_the_first_working_day(self, stories, scan, clock):
        clock.to("2026-09-28 10:00")
        stories.report()
        clock.to("2026-09-30 20:30")
        assert scan() == 0
        for day in range(1, 8):
            assert scan(f"2026-10-0{day} 12:00") == 0
        assert scan("2026-10-08 08:00") == 1

    def test_on_a_make_up_saturday_it_goes_out(self, stories, scan, clock):
        clock.to("2026-10-08 10:00")
        stories.report()
        assert scan("2026-10-10 09:00") == 1

    def test_an_emergency_goes_out_at_night(self, stories, scan, clock):
        clock.to("2026-11-28 02:00")
        stories.report(category="J03")
        assert scan("2026-11-28 03:01") == 1

    def test_at_night_the_emergency_goes_alone(self, stories, scan, clock):
        usual = stories.report()
        clock.to("2026-11-28 02:00")
        urgent = stories.report(category="J03")
        scan("2026-11-28 03:01")
        (night,) = Message.objects.all()
        assert urgent.number in night.text
        assert usual.number not in night.text
        assert scan("2026-11-30 08:00") == 1
        assert usual.number in Message.objects.latest("pk").text


class TestMeanwhile:
    @pytest.mark.parametrize("act", ["accept", "cancel"])
    def test_what_was_dealt_with_before_the_morning_is_not_told(self, stories, scan, clock, act):
        case = stories.report()
        assert scan("2026-11-26 21:00") == 0
        stories.act(case, act)
        assert scan("2026-11-27 08:00") == 0
        assert told() == {}

    def test_what_is_left_is_told(self, stories, scan):
        done, left = stories.report(), stories.report()
        scan("2026-11-26 21:00")
        stories.act(done, "accept")
        scan("2026-11-27 08:00")
        text = Message.objects.get().text
        assert left.number in text
        assert done.number not in text

    def test_soon_and_overdue_of_one_night_are_one_line(self, stories, scan):
        case = stories.report(category="J03")  # due within the hour
        stories.clock.to("2026-11-25 10:46")
        mark_due(now=stories.clock.moment)
        scan("2026-11-25 11:01")
        assert Message.objects.get().text.count(case.number) == 1


class TestContent:
    @pytest.fixture
    def mail(self, stories, scan) -> Message:
        self.case = stories.report(description="秘密的描述里有张三的名字")
        scan(OFFICE_HOURS)
        return Message.objects.get()

    def test_it_names_number_category_village_stage_time_and_link(self, mail):
        for part in (mail.text, mail.html):
            for wanted in (self.case.number, "垃圾堆放", "东村", "受理", "2026-11-26 17:30", f"/cases/{self.case.pk}"):
                assert wanted in part, wanted

    def test_nobodys_words_and_nobodys_name_but_the_readers(self, mail, cast):
        for part in (mail.subject, mail.text, mail.html):
            assert "秘密" not in part
            assert "张三" not in part
            assert cast.worker.display_name not in part

    def test_it_speaks_the_readers_language(self, stories, scan, operator):
        User.objects.filter(pk=operator.pk).update(language="en")
        stories.report()
        scan(OFFICE_HOURS)
        mail = Message.objects.get()
        assert mail.subject == "1 case needs you"
        assert "1 overdue" in mail.text
        assert "Waste" in mail.text
        assert 'lang="en"' in mail.html

    def test_in_chinese_the_frame_is_chinese(self, mail):
        assert "1" in mail.subject
        assert "case" not in mail.subject
        assert 'lang="zh-hans"' in mail.html

    def test_a_demo_says_so_in_every_part(self, stories, scan, settings):
        settings.DEMO = True
        stories.report()
        scan(OFFICE_HOURS)
        mail = Message.objects.get()
        for part in (mail.subject, mail.text, mail.html):
            assert "演示数据" in part

    def test_an_ordinary_site_does_not(self, mail):
        assert "演示" not in mail.subject + mail.text + mail.html

    def test_a_very_long_list_is_cut_and_the_rest_counted(self, stories, scan):
        for _ in range(35):
            stories.report()
        scan(OFFICE_HOURS)
        mail = Message.objects.get()
        assert mail.text.count("/cases/") == 30
        assert "5" in mail.text.split("/cases/")[-1]
        assert "35" in mail.subject

    def test_overdue_stands_before_due_soon(self, stories, scan, clock):
        soon = stories.report(at=stories.clock.to("2026-11-26 10:00"))
        late = stories.report(at=stories.clock.to("2026-11-25 09:00"))
        scan("2026-11-27 10:00")
        text = Message.objects.get().text
        assert 0 < text.index(late.number) < text.index(soon.number)

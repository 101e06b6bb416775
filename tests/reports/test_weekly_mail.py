"""The weekly mail: once per week, area and person, whatever is repeated, with the same numbers in every part."""

from __future__ import annotations

import html
import io
import re

import pytest
from PIL import Image

from grid.models import Area
from notices.models import Message
from reports.models import Subscription, WeeklyReport
from reports.periods import Week
from reports.services import WeekNotOverError, percent, render_weekly
from staff.models import User
from tests.database import at_once
from tests.town import EAST, TOWN, at
from workers.weekly import send_weekly

MONDAY = at("2026-11-30 08:00")


@pytest.fixture
def subscribers(cast) -> None:
    town = Area.objects.get(code=TOWN)
    for person in (cast.head, cast.leader):
        Subscription.objects.create(user=person, area=town)


@pytest.fixture
def a_week(stories, subscribers) -> None:
    """Three reported, one closed, one overdue."""
    stories.report()
    stories.report(category="A02")
    stories.case_in("closed")


class TestOnce:
    def test_every_subscriber_gets_one(self, a_week):
        assert send_weekly(now=MONDAY) == 2
        assert set(Message.objects.values_list("recipient__username", flat=True)) == {"head", "leader"}

    def test_run_again_it_is_not_queued_again(self, a_week, clock):
        clock.moment = MONDAY
        send_weekly(now=MONDAY)
        clock.to("2026-11-30 09:00")
        assert send_weekly(now=clock.moment) == 0
        clock.to("2026-12-02 09:00")
        assert send_weekly(now=clock.moment) == 0
        assert (Message.objects.count(), WeeklyReport.objects.count()) == (2, 1)

    def test_the_next_week_is_another_mail(self, a_week, clock):
        send_weekly(now=MONDAY)
        assert send_weekly(now=clock.to("2026-12-07 08:00")) == 2

    def test_a_subscriber_of_two_areas_gets_both(self, a_week, head):
        Subscription.objects.create(user=head, area=Area.objects.get(code=EAST))
        assert send_weekly(now=MONDAY) == 3

    def test_what_a_killed_run_left_the_next_one_does(self, a_week, clock):
        send_weekly(now=MONDAY)
        Message.objects.filter(recipient__username="leader").delete()
        clock.to("2026-11-30 09:00")
        send_weekly(now=clock.moment)
        assert Message.objects.count() == 2

    @pytest.mark.django_db(transaction=True)
    def test_two_at_once_queue_each_once_with_the_same_figures(self, a_week):
        results = at_once(*[lambda: send_weekly(now=MONDAY)] * 3)
        assert all(isinstance(result, int) for result in results), results
        assert (Message.objects.count(), WeeklyReport.objects.count()) == (2, 1)
        assert len(set(Message.objects.values_list("text", flat=True))) == 1

    def test_a_week_that_is_not_over_is_refused(self, a_week):
        with pytest.raises(WeekNotOverError):
            send_weekly(now=MONDAY, week=Week.named("2026-W49"))
        assert Message.objects.count() == 0

    @pytest.mark.parametrize("change", [{"is_active": False}, {"email": ""}])
    def test_who_left_or_has_no_address_gets_none(self, a_week, head, change):
        User.objects.filter(pk=head.pk).update(**change)
        assert send_weekly(now=MONDAY) == 1

    def test_who_unsubscribed_gets_none(self, a_week, head):
        Subscription.objects.filter(user=head).update(active=False)
        assert send_weekly(now=MONDAY) == 1


def words(markup: str) -> str:
    """The text of an HTML mail."""
    return html.unescape(re.sub(r"<[^>]+>", " ", markup))


class TestContent:
    @pytest.fixture
    def report(self, a_week) -> WeeklyReport:
        send_weekly(now=MONDAY)
        return WeeklyReport.objects.get()

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_text_and_html_carry_the_frozen_numbers(self, report, language):
        mail = render_weekly(figures=report.figures, language=language)
        totals = report.figures["totals"]
        assert (totals["reported"]["value"], totals["closed"]["value"], totals["overdue_now"]["value"]) == (3, 1, 2)
        plain, rich = mail.text, words(mail.html)
        for key in ("reported", "closed", "overdue_now"):
            for pair in totals[key].values():
                assert str(pair) in plain
                assert str(pair) in rich
        for key in ("closure_rate", "on_time_rate"):
            for part in (plain, rich):
                assert percent(totals[key]["value"]) in part
                assert percent(totals[key]["previous"]) in part

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_every_village_and_category_stands_in_both(self, report, language):
        mail = render_weekly(figures=report.figures, language=language)
        name = "name_en" if language == "en" else "name_zh"
        wanted = [row["name"] for row in report.figures["by_village"]]
        wanted += [row[name] for row in report.figures["by_category"]]
        for each in wanted:
            assert each in mail.text
            assert each in words(mail.html)

    def test_the_rows_of_the_text_are_the_rows_of_the_figures(self, report):
        mail = render_weekly(figures=report.figures, language="en")
        for row in report.figures["by_village"]:
            before = row["previous"]
            line = f"{row['name']}: {row['reported']} / {row['closed']} / {row['overdue_now']}  ("
            found = next(each for each in mail.text.splitlines() if each.startswith(line))
            assert f"{before['reported']} / {before['closed']} / {before['overdue_now']}" in found

    def test_the_chart_is_a_picture(self, report):
        mail = render_weekly(figures=report.figures, language="zh-hans")
        picture = Image.open(io.BytesIO(mail.chart))
        assert (picture.format, picture.size) == ("PNG", (1120, 440))
        assert "cid:chart" in mail.html
        assert bytes(Message.objects.first().image).startswith(b"\x89PNG")

    def test_each_reader_gets_their_language(self, a_week, cast):
        User.objects.filter(pk=cast.leader.pk).update(language="en")
        send_weekly(now=MONDAY)
        english = Message.objects.get(recipient=cast.leader)
        chinese = Message.objects.get(recipient=cast.head)
        assert english.subject == "样板镇 weekly report 2026-W48"
        assert "closure rate" in english.text
        assert "weekly" not in chinese.subject
        assert "办结率" in chinese.text

    def test_no_english_is_left_in_the_chinese_mail(self, report):
        mail = render_weekly(figures=report.figures, language="zh-hans")
        for part in (mail.subject, mail.text, words(mail.html)):
            left = set(re.findall(r"[A-Za-z]{3,}", re.sub(r"http\S+", "", part)))
            assert left <= {"TOP"}, left

    def test_a_demo_says_so(self, a_week, settings):
        settings.DEMO = True
        send_weekly(now=MONDAY)
        message = Message.objects.first()
        for part in (message.subject, message.text, message.html):
            assert "演示数据" in part

    def test_the_link_leads_to_the_week(self, report, settings):
        mail = render_weekly(figures=report.figures, language="en")
        for part in (mail.text, mail.html):
            assert f"{settings.PUBLIC_URL}/reports/weekly?week=2026-W48" in part

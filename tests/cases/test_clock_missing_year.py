"""A year nobody entered: the apps' banner, and one mail a week to the administrators."""

from __future__ import annotations

from datetime import date

import pytest

from cases.models import Workday
from cases.selectors.calendar import coverage
from notices.calendar import tell_missing_years
from notices.models import Message
from staff.models import User
from tests.town import at


def enter(year: int, *days: str, town: str = "") -> None:
    for day in days:
        Workday.objects.create(date=date.fromisoformat(f"{year}-{day}"), town_code=town, working=False, name="放假")


@pytest.mark.django_db
class TestCoverage:
    @pytest.mark.parametrize(
        ("today", "missing", "until"),
        [
            ("2026-10-31", (), "2026-12-31"),
            ("2026-11-01", (2027,), "2026-12-31"),
            ("2027-01-01", (2027,), "2026-12-31"),
            ("2027-11-01", (2027, 2028), "2026-12-31"),
            ("2025-11-25", (), "2026-12-31"),
        ],
    )
    def test_this_year_always_and_the_next_from_november(self, today, missing, until):
        found = coverage(today=date.fromisoformat(today))
        assert (found.missing, found.until) == (missing, date.fromisoformat(until))

    def test_entered_it_is_complete(self):
        enter(2027, "01-01", "02-08", "10-01")
        found = coverage(today=date(2026, 11, 25))
        assert (found.complete, found.until) == (True, date(2027, 12, 31))

    def test_a_day_of_the_sites_own_is_no_notice(self):
        enter(2027, "06-10", "01-01")
        enter(2027, "01-02", "10-01", town="990000009")
        assert coverage(today=date(2026, 11, 25)).missing == (2027,)


class TestTheBanner:
    def test_everybody_signed_in_reads_it_in_their_language(self, browser, cast):
        for person in (cast.worker, cast.leader, cast.admin, cast.outsider):
            answer = browser(person).get("calendar/")
            assert answer.status_code == 200
            said = answer.json()
            assert (said["complete"], said["until"], said["missing_years"]) == (False, "2026-12-31", [2027])
            assert "2027" in said["banner"]

    def test_a_stranger_does_not(self, browser):
        assert browser(None).get("calendar/").status_code == 401

    def test_complete_there_is_none(self, browser, worker):
        enter(2027, "01-01", "10-01")
        assert browser(worker).get("calendar/").json() == {
            "complete": True,
            "until": "2027-12-31",
            "missing_years": [],
            "banner": "",
        }

    def test_it_is_one_statement(self, cast, django_assert_num_queries):
        with django_assert_num_queries(1):
            coverage(today=date(2026, 11, 25))


class TestTheMail:
    def test_once_a_week_to_each_administrator_while_it_is_missing(self, cast, clock):
        assert tell_missing_years(now=clock.moment) == 1
        (mail,) = Message.objects.all()
        assert mail.recipient == cast.admin
        assert "2027" in mail.subject
        assert "/admin/cases/workday/" in mail.text
        for moment in ("2026-11-25 10:01", "2026-11-26 09:00", "2026-11-29 09:00"):
            assert tell_missing_years(now=clock.to(moment)) == 0
        assert tell_missing_years(now=clock.to("2026-11-30 09:00")) == 1

    def test_complete_nobody_is_told(self, cast, clock):
        enter(2027, "01-01", "10-01")
        assert tell_missing_years(now=clock.moment) == 0

    def test_before_november_nobody_is_told(self, cast):
        assert tell_missing_years(now=at("2026-10-30 09:00")) == 0

    def test_nor_is_who_has_no_address_or_left(self, cast, clock):
        User.objects.filter(pk=cast.admin.pk).update(email="")
        assert tell_missing_years(now=clock.moment) == 0
        User.objects.filter(pk=cast.admin.pk).update(email="a@town.invalid", is_active=False)
        assert tell_missing_years(now=clock.moment) == 0

    def test_in_their_language(self, cast, clock):
        User.objects.filter(pk=cast.admin.pk).update(language="en")
        tell_missing_years(now=clock.moment)
        assert Message.objects.get().subject == "The working calendar of 2027 is missing"

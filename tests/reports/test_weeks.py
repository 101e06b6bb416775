"""Weeks are Monday to Monday in Shanghai, named as ISO 8601 names them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.periods import Week
from tests.town import at


@pytest.mark.parametrize(
    ("moment", "name"),
    [
        ("2026-11-25 10:00", "2026-W48"),
        ("2026-11-23 00:00", "2026-W48"),
        ("2026-11-22 23:59", "2026-W47"),
        ("2025-12-29 00:00", "2026-W01"),
        ("2025-12-28 23:59", "2025-W52"),
        ("2027-01-03 12:00", "2026-W53"),
        ("2027-01-04 00:00", "2027-W01"),
        ("2021-01-01 12:00", "2020-W53"),
    ],
)
def test_every_moment_has_its_week_also_around_new_year(moment, name):
    assert Week.of(at(moment)).name == name


def test_sunday_evening_in_utc_is_monday_in_shanghai():
    assert Week.of(datetime(2026, 11, 22, 16, 0, tzinfo=UTC)).name == "2026-W48"


def test_a_week_is_seven_days_from_midnight_in_shanghai():
    week = Week.named("2026-W48")
    assert (week.start, week.end) == (at("2026-11-23 00:00"), at("2026-11-30 00:00"))
    assert (week.previous.name, week.next.name) == ("2026-W47", "2026-W49")


def test_before_the_first_week_of_a_year_comes_the_last_of_the_one_before():
    assert Week.named("2027-W01").previous.name == "2026-W53"
    assert Week.named("2026-W01").previous.name == "2025-W52"


@pytest.mark.parametrize(
    "name", ["2026-W54", "2025-W53", "2026-W00", "2026-48", "W48", "", "2026-W4", "2026-W480", "0005-W24"]
)
def test_what_is_no_week_is_refused(name):
    with pytest.raises(ValueError, match=r".+"):
        Week.named(name)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_the_weeks_follow_one_another_without_gap(day):
    week = Week.of(at(f"{day} 12:00"))
    assert week.start <= at(f"{day} 12:00") < week.end
    assert Week.named(week.name) == week
    assert week.next.previous == week
    assert week.next.start == week.end
    assert week.end - week.start == timedelta(days=7)

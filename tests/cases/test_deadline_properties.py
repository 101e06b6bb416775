"""What holds for every term, whatever the start, the limit and the pauses."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cases.deadlines import CLOSING, ZONE, DayKind, Light, Limit, Pause, Unit, due, is_working, light, sending_time
from cases.services.defaults import exceptions_of

CALENDAR = {row.date: DayKind(row.working, row.name) for year in (2025, 2026) for row in exceptions_of(year)}

starts = st.datetimes(datetime(2025, 1, 1), datetime(2026, 11, 30)).map(lambda m: m.replace(tzinfo=ZONE))  # noqa: DTZ001
amounts = st.integers(1, 40)
units = st.sampled_from(list(Unit))
limits = st.builds(Limit, amounts, units)


@st.composite
def pauses(draw, after: datetime) -> tuple[Pause, ...]:
    """Up to three spans one after another, as a case can have them."""
    found, moment = [], after
    for _ in range(draw(st.integers(0, 3))):
        moment += timedelta(minutes=draw(st.integers(1, 5 * 1440)))
        begin = moment
        moment += timedelta(minutes=draw(st.integers(1, 20 * 1440)))
        found.append(Pause(begin, moment))
    return tuple(found)


@given(starts, limits)
def test_a_term_ends_after_it_starts(start, limit):
    assert due(start=start, limit=limit, calendar=CALENDAR).at > start


@given(starts, limits)
def test_a_longer_limit_never_ends_earlier(start, limit):
    longer = Limit(limit.amount + 1, limit.unit)
    first, second = (due(start=start, limit=one, calendar=CALENDAR).at for one in (limit, longer))
    assert second >= first


@given(starts, amounts)
def test_a_later_start_never_ends_earlier(start, amount):
    limit = Limit(amount, Unit.WORKING_DAY)
    later = due(start=start + timedelta(days=1), limit=limit, calendar=CALENDAR)
    assert later.at >= due(start=start, limit=limit, calendar=CALENDAR).at


@given(st.data(), starts, limits)
def test_a_pause_never_shortens(data, start, limit):
    taken = data.draw(pauses(start))
    paused = due(start=start, limit=limit, calendar=CALENDAR, pauses=taken)
    assert paused.at >= due(start=start, limit=limit, calendar=CALENDAR).at


@given(st.data(), starts, limits)
def test_the_counted_days_add_up_to_the_limit(data, start, limit):
    term = due(start=start, limit=limit, calendar=CALENDAR, pauses=data.draw(pauses(start)))
    if limit.unit is not Unit.HOUR:
        assert sum(note.counted for note in term.days) == limit.amount
        days = [note.day for note in term.days]
        assert days == [days[0] + timedelta(days=n) for n in range(len(days))], "no day is missing"


@given(starts, amounts, st.sampled_from([Unit.WORKING_DAY, Unit.CALENDAR_DAY]))
def test_a_term_of_days_ends_at_closing_time_of_a_working_day(start, amount, unit):
    end = due(start=start, limit=Limit(amount, unit), calendar=CALENDAR).at
    assert end.time() == CLOSING
    assert is_working(day=end.date(), calendar=CALENDAR)


@given(starts, limits)
def test_it_turns_yellow_before_it_is_due(start, limit):
    term = due(start=start, limit=limit, calendar=CALENDAR)
    assert start < term.soon_at < term.at


@given(starts, limits, st.lists(st.integers(0, 100_000), min_size=2, max_size=5))
def test_the_light_only_ever_gets_darker(start, limit, minutes):
    term = due(start=start, limit=limit, calendar=CALENDAR)
    order = [Light.GREEN, Light.YELLOW, Light.RED, Light.DARK_RED]
    moments = [start + timedelta(minutes=m) for m in sorted(minutes)]
    seen = [order.index(light(start=start, soon_at=term.soon_at, due_at=term.at, now=now)) for now in moments]
    assert seen == sorted(seen)


@given(starts)
def test_mails_never_leave_at_night_nor_on_a_rest_day_nor_before_they_are_wanted(wanted):
    moment = sending_time(wanted=wanted, calendar=CALENDAR)
    assert moment >= wanted
    assert 8 <= moment.hour < 20
    assert is_working(day=moment.date(), calendar=CALENDAR)

"""What holds for every term, whatever the start, the limit and the pauses."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cases.deadlines import (
    CLOSING,
    ZONE,
    DayKind,
    Half,
    Light,
    Limit,
    Pause,
    Step,
    Unit,
    closing_of,
    due,
    handle_due,
    is_working,
    light,
    sending_time,
)
from cases.services.defaults import exceptions_of

# A typhoon's afternoon, and the eve of 春节 of which a town works the morning.
HALVES = {
    date(2025, 9, 24): DayKind(True, "台风半天停工", morning=True, afternoon=False),
    date(2026, 2, 14): DayKind(True, "半天值班", morning=True, afternoon=False),
    date(2026, 6, 10): DayKind(True, "停水半天", morning=False, afternoon=True),
}
CALENDAR = {row.date: DayKind(row.working, row.name) for year in (2025, 2026) for row in exceptions_of(year)} | HALVES

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


@given(st.data(), starts, limits, st.integers(1, 20 * 1440))
def test_a_later_start_never_ends_earlier(data, start, limit, minutes):
    taken = data.draw(pauses(start))
    first, later = (
        due(start=moment, limit=limit, calendar=CALENDAR, pauses=taken).at
        for moment in (start, start + timedelta(minutes=minutes))
    )
    assert later >= first


@given(st.data(), starts, limits)
def test_a_term_is_never_negative_whatever_pauses_it(data, start, limit):
    term = due(start=start, limit=limit, calendar=CALENDAR, pauses=data.draw(pauses(start)))
    assert start <= term.soon_at <= term.at
    assert term.at > start


@given(st.data(), starts, limits)
def test_worked_out_again_it_is_the_same(data, start, limit):
    taken = data.draw(pauses(start))
    first, again = (
        due(start=start.astimezone(zone), limit=limit, calendar=dict(CALENDAR), pauses=list(taken))
        for zone in (ZONE, UTC)
    )
    assert first == again


@given(starts, amounts, st.integers(0, 40), st.sampled_from(list(Unit)), st.integers(0, 20 * 1440), st.booleans())
def test_an_extension_never_shortens_and_shows_what_it_gave(start, amount, extra, unit, minutes, fixed):
    moment = start + timedelta(minutes=minutes)
    steps = [
        Step("accept", start),
        Step("assign", start, fixed=start + timedelta(days=1) if fixed else None),
        Step("suspend", moment),
        Step("resume", moment + timedelta(days=2)),
    ]
    limit = Limit(amount, unit)
    plain = handle_due(steps=steps, limit=limit, calendar=CALENDAR)
    given_more = [*steps, Step("extend", moment + timedelta(days=3), amount=extra)]
    longer = handle_due(steps=given_more, limit=limit, calendar=CALENDAR)
    assert longer.at >= plain.at
    if unit is not Unit.HOUR:
        assert sum(note.extension for note in longer.days) == extra
        assert sum(note.counted and not note.extension for note in longer.days) >= (
            0 if fixed and not extra else amount
        )


@given(starts, amounts)
def test_a_term_of_halves_ends_at_noon_or_at_closing_time_and_counts_only_worked_halves(start, amount):
    term = due(start=start, limit=Limit(amount, Unit.HALF_DAY), calendar=CALENDAR)
    assert term.at.strftime("%H:%M") in ("12:00", "17:30")
    for note in term.days:
        kind = CALENDAR.get(note.day, DayKind(note.day.weekday() < 5))
        if note.counted:
            assert kind.works(note.half)
    assert [n.half for n in term.days if n.counted][-1] is (Half.MORNING if term.at.hour == 12 else Half.AFTERNOON)


@given(starts, amounts)
def test_two_halves_are_never_longer_than_a_day(start, amount):
    """A half begins to count at once, a day only on the next."""
    halves, days = (
        due(start=start, limit=limit, calendar=CALENDAR).at
        for limit in (Limit(2 * amount, Unit.HALF_DAY), Limit(amount, Unit.WORKING_DAY))
    )
    whole = not any(start.date() < day <= days.date() for day in HALVES)
    assert not whole or halves <= days


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
        days = list(dict.fromkeys(note.day for note in term.days))
        assert days == [days[0] + timedelta(days=n) for n in range(len(days))], "no day is missing"


@given(starts, amounts, st.sampled_from([Unit.WORKING_DAY, Unit.CALENDAR_DAY]))
def test_a_term_of_days_ends_at_closing_time_of_a_working_day(start, amount, unit):
    end = due(start=start, limit=Limit(amount, unit), calendar=CALENDAR).at
    assert end == closing_of(end.date(), CALENDAR)
    assert end.time() == CLOSING or end.date() in HALVES
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

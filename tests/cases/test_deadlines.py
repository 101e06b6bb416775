"""When something is due: examples worked out by hand on the calendar of 2026."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from cases.deadlines import (
    Calendar,
    DayKind,
    DayReason,
    EndlessTermError,
    Light,
    Limit,
    Pause,
    Step,
    Unit,
    closing_of,
    due,
    handle_due,
    light,
    pauses_of,
    sending_time,
)
from cases.services.defaults import exceptions_of
from tests.town import at


def calendar_of(*years: int) -> Calendar:
    return {row.date: DayKind(row.working, row.name) for year in years for row in exceptions_of(year)}


CALENDAR = calendar_of(2025, 2026)


def days(amount: int) -> Limit:
    return Limit(amount, Unit.WORKING_DAY)


def end(start: str, limit: Limit, pauses: tuple[Pause, ...] = (), calendar: Calendar = CALENDAR) -> datetime | None:
    return due(start=at(start), limit=limit, calendar=calendar, pauses=pauses).at


WORKING_DAYS = [
    ("2026-11-25 10:00", 1, "2026-11-26 17:30", "Wednesday morning: Thursday"),
    ("2026-11-25 23:59", 1, "2026-11-26 17:30", "the last minute of Wednesday: still Thursday"),
    ("2026-11-26 00:00", 1, "2026-11-27 17:30", "the first minute of Thursday: Friday"),
    ("2026-11-27 09:00", 1, "2026-11-30 17:30", "Friday: Monday"),
    ("2026-11-28 09:00", 1, "2026-11-30 17:30", "reported on Saturday: Monday is the first day"),
    ("2026-11-25 10:00", 5, "2026-12-02 17:30", "five days over one weekend"),
    ("2026-09-30 09:00", 1, "2026-10-08 17:30", "国庆: 1 to 7 October are off"),
    ("2026-09-28 09:00", 5, "2026-10-10 17:30", "29, 30, 8, 9 and the make-up Saturday 10 October"),
    ("2026-10-01 09:00", 2, "2026-10-09 17:30", "reported on the holiday itself"),
    ("2026-09-18 09:00", 1, "2026-09-20 17:30", "the make-up Sunday before 国庆 counts"),
    ("2026-09-24 09:00", 1, "2026-09-28 17:30", "中秋: 25 to 27 September are off"),
    ("2025-12-31 09:00", 1, "2026-01-04 17:30", "元旦: 1 to 3 January are off, Sunday 4 January is worked"),
    ("2026-02-13 16:00", 2, "2026-02-24 17:30", "春节: Saturday 14 is worked, 15 to 23 February are off"),
]


@pytest.mark.parametrize(("start", "amount", "wanted", "why"), WORKING_DAYS, ids=[row[3] for row in WORKING_DAYS])
def test_working_days(start, amount, wanted, why):
    assert end(start, days(amount)) == at(wanted)


def test_the_notes_say_why_each_day_was_counted_or_not():
    notes = due(start=at("2026-09-28 09:00"), limit=days(5), calendar=CALENDAR).days
    assert [(note.day.isoformat()[5:], note.counted, note.reason.value, note.name) for note in notes] == [
        ("09-28", False, "start_day", ""),
        ("09-29", True, "working_day", ""),
        ("09-30", True, "working_day", ""),
        ("10-01", False, "holiday", "国庆节"),
        ("10-02", False, "holiday", "国庆节"),
        ("10-03", False, "holiday", "国庆节"),
        ("10-04", False, "holiday", "国庆节"),
        ("10-05", False, "holiday", "国庆节"),
        ("10-06", False, "holiday", "国庆节"),
        ("10-07", False, "holiday", "国庆节"),
        ("10-08", True, "working_day", ""),
        ("10-09", True, "working_day", ""),
        ("10-10", True, "make_up_day", "国庆节调休上班"),
    ]


def test_a_year_nobody_entered_follows_the_week():
    assert exceptions_of(2031) == []
    assert end("2030-12-31 09:00", days(1)) == at("2031-01-01 17:30")
    assert end("2031-01-03 09:00", days(1)) == at("2031-01-06 17:30")


def test_a_moment_in_utc_is_counted_from_its_day_in_shanghai():
    start = datetime.fromisoformat("2026-11-25T16:30:00+00:00")  # Thursday 00:30 in Shanghai
    assert due(start=start, limit=days(1), calendar=CALENDAR).at == at("2026-11-27 17:30")


class TestCalendarDays:
    limit = Limit(7, Unit.CALENDAR_DAY)

    def test_rest_days_count(self):
        assert end("2026-11-25 10:00", self.limit) == at("2026-12-02 17:30")

    def test_a_term_that_would_end_on_a_rest_day_ends_on_the_next_working_day(self):
        assert end("2026-11-21 10:00", self.limit) == at("2026-11-30 17:30"), "28 November is a Saturday"
        assert end("2026-09-24 10:00", self.limit) == at("2026-10-08 17:30"), "1 October begins 国庆"

    def test_a_make_up_saturday_is_a_day_to_end_on(self):
        assert end("2026-10-03 10:00", self.limit) == at("2026-10-10 17:30")

    def test_the_days_it_waits_for_are_noted_but_not_counted(self):
        notes = due(start=at("2026-11-21 10:00"), limit=self.limit, calendar=CALENDAR).days
        assert sum(note.counted for note in notes) == 7
        assert [note.counted for note in notes[-2:]] == [False, False]


class TestHours:
    limit = Limit(24, Unit.HOUR)

    def test_they_run_through_nights_and_rest_days(self):
        assert end("2026-11-27 22:15", self.limit) == at("2026-11-28 22:15")
        assert end("2026-10-01 03:00", self.limit) == at("2026-10-02 03:00")

    def test_they_stand_still_while_paused(self):
        pause = Pause(at("2026-11-27 23:00"), at("2026-11-28 05:00"))
        assert end("2026-11-27 22:15", self.limit, (pause,)) == at("2026-11-29 04:15")

    def test_a_pause_after_the_end_changes_nothing(self):
        pause = Pause(at("2026-11-29 23:00"), at("2026-11-30 05:00"))
        assert end("2026-11-27 22:15", self.limit, (pause,)) == at("2026-11-28 22:15")

    def test_a_second_pause_reached_only_through_the_first_counts_too(self):
        pauses = (
            Pause(at("2026-11-28 00:00"), at("2026-11-28 06:00")),
            Pause(at("2026-11-29 00:00"), at("2026-11-29 02:00")),
        )
        assert end("2026-11-27 22:15", self.limit, pauses) == at("2026-11-29 06:15")


class TestHalfDays:
    limit = Limit(1, Unit.HALF_DAY)

    def test_a_day_of_which_the_morning_is_worked_ends_at_noon(self):
        calendar = {**CALENDAR, date(2026, 11, 26): DayKind(True, "下午停电", afternoon=False)}
        assert end("2026-11-25 10:00", days(1), calendar=calendar) == at("2026-11-26 12:00")
        assert end("2026-11-25 10:00", days(2), calendar=calendar) == at("2026-11-27 17:30"), "it counts as a day"

    def test_a_day_of_which_the_afternoon_is_worked_ends_at_closing_time(self):
        calendar = {**CALENDAR, date(2026, 11, 26): DayKind(True, "上午停电", morning=False)}
        assert end("2026-11-25 10:00", days(1), calendar=calendar) == at("2026-11-26 17:30")

    @pytest.mark.parametrize(
        ("start", "wanted"),
        [
            ("2026-11-25 08:00", "2026-11-25 12:00"),
            ("2026-11-25 08:30", "2026-11-25 17:30"),
            ("2026-11-25 10:00", "2026-11-25 17:30"),
            ("2026-11-25 12:00", "2026-11-25 17:30"),
            ("2026-11-25 14:30", "2026-11-26 12:00"),
            ("2026-11-25 19:00", "2026-11-26 12:00"),
            ("2026-11-27 16:00", "2026-11-30 12:00"),
            ("2026-11-28 10:00", "2026-11-30 12:00"),
            ("2026-09-30 16:00", "2026-10-08 12:00"),
        ],
    )
    def test_the_half_in_which_it_starts_is_not_counted(self, start, wanted):
        assert end(start, self.limit) == at(wanted)

    def test_each_half_says_why_it_was_counted_or_not(self):
        calendar = {**CALENDAR, date(2026, 11, 27): DayKind(True, "台风", afternoon=False)}
        notes = due(start=at("2026-11-26 10:00"), limit=Limit(3, Unit.HALF_DAY), calendar=calendar).days
        assert [(note.day.day, note.half and note.half.value, note.counted, note.reason.value) for note in notes] == [
            (26, "morning", False, "start_day"),
            (26, "afternoon", True, "working_day"),
            (27, "morning", True, "working_day"),
            (27, "afternoon", False, "holiday"),
            (28, None, False, "weekend"),
            (29, None, False, "weekend"),
            (30, "morning", True, "working_day"),
        ]

    def test_a_pause_takes_the_halves_that_end_in_it(self):
        pause = Pause(at("2026-11-25 11:00"), at("2026-11-25 15:00"))
        assert end("2026-11-24 16:00", self.limit, (pause,)) == at("2026-11-25 17:30")

    def test_it_turns_yellow_when_two_halves_are_left(self):
        term = due(start=at("2026-11-25 10:00"), limit=Limit(6, Unit.HALF_DAY), calendar=CALENDAR)
        assert (term.at, term.soon_at) == (at("2026-11-30 12:00"), at("2026-11-27 12:00"))


class TestPauses:
    def test_a_day_that_closes_inside_a_pause_is_not_counted(self):
        pause = Pause(at("2026-11-26 17:00"), at("2026-11-30 09:00"))
        assert end("2026-11-25 10:00", days(2), (pause,)) == at("2026-12-01 17:30")

    def test_a_pause_within_one_day_takes_no_day(self):
        pause = Pause(at("2026-11-26 09:00"), at("2026-11-26 17:29"))
        assert end("2026-11-25 10:00", days(2), (pause,)) == at("2026-11-27 17:30")

    def test_a_pause_that_ends_at_closing_time_takes_no_day(self):
        pause = Pause(at("2026-11-26 09:00"), at("2026-11-26 17:30"))
        assert end("2026-11-25 10:00", days(1), (pause,)) == at("2026-11-26 17:30")

    def test_a_pause_that_begins_at_closing_time_takes_the_day(self):
        pause = Pause(at("2026-11-26 17:30"), at("2026-11-26 18:00"))
        assert end("2026-11-25 10:00", days(1), (pause,)) == at("2026-11-27 17:30")

    def test_a_pause_over_a_holiday_takes_only_working_days(self):
        pause = Pause(at("2026-09-30 10:00"), at("2026-10-09 10:00"))
        assert end("2026-09-28 09:00", days(3), (pause,)) == at("2026-10-10 17:30"), "29; then 9 and 10 October"

    def test_while_a_pause_lasts_the_days_until_it_are_told(self):
        term = due(
            start=at("2026-11-25 10:00"),
            limit=days(5),
            calendar=CALENDAR,
            pauses=(Pause(at("2026-11-27 10:00"), None),),
        )
        assert [note.reason.value for note in term.days] == ["start_day", "working_day", "paused"]

    def test_while_a_pause_lasts_there_is_no_end(self):
        assert end("2026-11-25 10:00", days(2), (Pause(at("2026-11-26 10:00"), None),)) is None

    def test_paused_days_are_noted_as_such(self):
        pause = Pause(at("2026-11-26 10:00"), at("2026-11-27 10:00"))
        notes = due(start=at("2026-11-25 10:00"), limit=days(1), calendar=CALENDAR, pauses=(pause,)).days
        assert [note.reason for note in notes] == [DayReason.START, DayReason.PAUSED, DayReason.WORKING]

    def test_suspension_and_waiting_for_the_verdict_are_the_pauses(self):
        moments = [at(f"2026-11-{day} 10:00") for day in range(16, 24)]
        steps = [
            Step("accept", moments[0]),
            Step("assign", moments[1]),
            Step("suspend", moments[2]),
            Step("resume", moments[3]),
            Step("feedback", moments[4]),
            Step("verify", moments[5], passed=False),
            Step("feedback", moments[6]),
        ]
        assert pauses_of(steps) == (
            Pause(moments[2], moments[3]),
            Pause(moments[4], moments[5]),
            Pause(moments[6], None),
        )


class TestFixedDate:
    accept = Step("accept", at("2026-11-25 10:00"))

    def ends(self, *more: Step) -> datetime | None:
        return handle_due(steps=[self.accept, *more], limit=days(5), calendar=CALENDAR).at

    def test_an_earlier_date_set_when_assigning_counts(self):
        fixed = at("2026-11-27 12:00")
        assert self.ends(Step("assign", at("2026-11-25 11:00"), fixed=fixed)) == fixed

    def test_the_last_assignment_decides(self):
        first = Step("assign", at("2026-11-25 11:00"), fixed=at("2026-11-27 12:00"))
        assert self.ends(first, Step("assign", at("2026-11-26 11:00"))) == at("2026-12-02 17:30")

    def test_it_moves_on_by_the_pauses_after_it(self):
        steps = (
            Step("assign", at("2026-11-25 11:00"), fixed=at("2026-11-27 12:00")),
            Step("suspend", at("2026-11-26 10:00")),
            Step("resume", at("2026-11-27 10:00")),
        )
        assert self.ends(*steps) == at("2026-11-28 12:00")

    def test_it_is_never_later_than_the_rule(self):
        fixed = at("2026-12-20 12:00")
        assert self.ends(Step("assign", at("2026-11-25 11:00"), fixed=fixed)) == at("2026-12-02 17:30")

    def test_a_case_never_accepted_has_no_handle_clock(self):
        with pytest.raises(ValueError, match="acceptance"):
            handle_due(steps=[Step("assign", at("2026-11-25 11:00"))], limit=days(5), calendar=CALENDAR)


class TestLight:
    start, soon, until = at("2026-11-25 10:00"), at("2026-11-26 17:30"), at("2026-11-27 17:30")

    @pytest.mark.parametrize(
        ("now", "wanted"),
        [
            ("2026-11-25 10:00", Light.GREEN),
            ("2026-11-26 17:29", Light.GREEN),
            ("2026-11-26 17:30", Light.YELLOW),
            ("2026-11-27 17:29", Light.YELLOW),
            ("2026-11-27 17:30", Light.RED),
            ("2026-11-30 00:59", Light.RED),
            ("2026-11-30 01:00", Light.DARK_RED),
        ],
    )
    def test_green_yellow_red_and_dark_red_after_as_much_again(self, now, wanted):
        assert light(start=self.start, soon_at=self.soon, due_at=self.until, now=at(now)) == wanted

    def test_a_clock_that_stands_has_no_light(self):
        assert light(start=self.start, soon_at=None, due_at=None, now=self.until) == Light.NONE

    def test_yellow_begins_with_the_last_counted_day_or_after_three_quarters(self):
        two = due(start=at("2026-11-25 10:00"), limit=days(2), calendar=CALENDAR)
        assert two.soon_at == at("2026-11-26 17:30"), "one day is left"
        one = due(start=at("2026-11-25 17:30"), limit=days(1), calendar=CALENDAR)
        assert one.soon_at == at("2026-11-26 11:30"), "three quarters of a day"
        hours = due(start=at("2026-11-25 00:00"), limit=Limit(24, Unit.HOUR), calendar=CALENDAR)
        assert hours.soon_at == at("2026-11-25 18:00")

    def test_a_pause_does_not_make_it_yellow(self):
        """Of five days one is used; the 20 the clock stood are nobody's to use."""
        pause = Pause(at("2026-11-26 18:00"), at("2026-12-16 18:00"))
        term = due(start=at("2026-11-25 10:00"), limit=days(5), calendar=CALENDAR, pauses=(pause,))
        assert term.at == at("2026-12-22 17:30")
        assert term.soon_at == at("2026-12-20 21:37:30"), "three quarters of the 175.5 hours it ran"

    def test_an_extension_moves_the_yellow_too(self):
        steps = [Step("accept", at("2026-11-25 10:00")), Step("extend", at("2026-12-01 10:00"), amount=5)]
        term = handle_due(steps=steps, limit=days(5), calendar=CALENDAR)
        assert (term.at, term.soon_at) == (at("2026-12-09 17:30"), at("2026-12-06 03:37:30"))

    def test_calendar_days_turn_yellow_when_one_working_day_is_left(self):
        term = due(start=at("2026-09-28 10:00"), limit=Limit(7, Unit.CALENDAR_DAY), calendar=CALENDAR)
        assert term.at == at("2026-10-08 17:30")
        assert term.soon_at == at("2026-09-30 17:30"), "all of 国庆 is before it, and no office is open"

    def test_a_fixed_date_turns_yellow_when_one_working_day_is_left(self):
        steps = [
            Step("accept", at("2026-11-25 10:00")),
            Step("assign", at("2026-11-25 10:00"), fixed=at("2026-11-30 12:00")),
        ]
        assert handle_due(steps=steps, limit=days(5), calendar=CALENDAR).soon_at == at("2026-11-27 17:30")

    def test_hours_that_stood_are_not_used(self):
        pause = Pause(at("2026-11-25 06:00"), at("2026-11-26 06:00"))
        term = due(start=at("2026-11-25 00:00"), limit=Limit(24, Unit.HOUR), calendar=CALENDAR, pauses=(pause,))
        assert (term.at, term.soon_at) == (at("2026-11-27 00:00"), at("2026-11-26 18:00"))


class TestSendingTime:
    @pytest.mark.parametrize(
        ("wanted", "sent"),
        [
            ("2026-11-25 08:00", "2026-11-25 08:00"),
            ("2026-11-25 19:59", "2026-11-25 19:59"),
            ("2026-11-25 20:00", "2026-11-26 08:00"),
            ("2026-11-25 07:59", "2026-11-25 08:00"),
            ("2026-11-27 21:00", "2026-11-30 08:00"),
            ("2026-11-28 12:00", "2026-11-30 08:00"),
            ("2026-09-30 20:00", "2026-10-08 08:00"),
            ("2026-10-10 07:00", "2026-10-10 08:00"),
        ],
    )
    def test_mails_go_out_between_eight_and_eight_on_working_days(self, wanted, sent):
        assert sending_time(wanted=at(wanted), calendar=CALENDAR) == at(sent)


class TestRefusals:
    @pytest.mark.parametrize("amount", [0, -1])
    def test_a_limit_is_at_least_one(self, amount):
        with pytest.raises(ValueError, match="at least one"):
            end("2026-11-25 10:00", days(amount))

    def test_a_calendar_without_working_days_is_an_error_not_a_hang(self):
        never = {date(2026, 1, 1) + timedelta(days=n): DayKind(False) for n in range(2000)}
        with pytest.raises(EndlessTermError):
            end("2026-11-25 10:00", days(1), calendar=never)
        with pytest.raises(EndlessTermError):
            sending_time(wanted=at("2026-11-25 21:00"), calendar=never)

    def test_closing_time_is_half_past_five_in_shanghai(self):
        assert closing_of(date(2026, 11, 25)).isoformat() == "2026-11-25T17:30:00+08:00"

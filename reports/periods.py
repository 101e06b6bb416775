"""Weeks: Monday 00:00 to Monday 00:00, Asia/Shanghai, named as in ISO 8601 (2026-W47). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from cases.deadlines import ZONE

_NAME = re.compile(r"^(\d{4})-W(\d{2})$")
_FIRST_YEAR = 1950
"""Until 1901 Shanghai kept local mean time: its moments lie seconds off and cannot be written as RFC 3339 has them."""


@dataclass(frozen=True, slots=True)
class Week:
    """[start, end): aware moments in Asia/Shanghai."""

    monday: date

    @classmethod
    def named(cls, name: str) -> Week:
        """Raises ValueError for what is no week."""
        match = _NAME.match(name)
        if match is None or int(match[1]) < _FIRST_YEAR:
            raise ValueError(f"{name!r} is not a week such as 2026-W47")
        return cls(date.fromisocalendar(int(match[1]), int(match[2]), 1))

    @classmethod
    def of(cls, moment: datetime) -> Week:
        day = moment.astimezone(ZONE).date()
        return cls(day - timedelta(days=day.weekday()))

    @property
    def name(self) -> str:
        year, week, _ = self.monday.isocalendar()
        return f"{year}-W{week:02d}"

    @property
    def start(self) -> datetime:
        return datetime.combine(self.monday, time(0), tzinfo=ZONE)

    @property
    def end(self) -> datetime:
        return self.next.start

    @property
    def previous(self) -> Week:
        return Week(self.monday - timedelta(days=7))

    @property
    def next(self) -> Week:
        return Week(self.monday + timedelta(days=7))

"""Counts for the map, the head of the page and the queue, over the cases a person may see."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, Final

from django.db.models import Count, Q
from django.utils.timezone import localtime

from cases.deadlines import ZONE
from cases.models import CaseQuerySet
from cases.workflow import UNCOUNTED

_COLUMN: Final = {"cell": "duty_cell_code", "village": "village_code"}


def counts_by(*, cases: CaseQuerySet, by: str, now: datetime) -> list[dict[str, Any]]:
    """Open and overdue cases per cell or village; places without any are left out. One statement."""
    column = _COLUMN[by]
    rows = (
        cases.filter(is_open=True)
        .exclude(**{column: ""})
        .values(column)
        .annotate(open=Count("pk"), overdue=Count("pk", filter=Q(due_at__lt=now)))
        .order_by(column)
        .values_list(column, "open", "overdue")
    )
    return [{"code": code, "open": count, "overdue": late} for code, count, late in rows]


def week_start(now: datetime) -> datetime:
    """Monday 00:00 (Asia/Shanghai) of the week of `now`."""
    day = localtime(now, ZONE).date()
    return datetime.combine(day - timedelta(days=day.weekday()), time(0), tzinfo=ZONE)


def summary(*, cases: CaseQuerySet, now: datetime) -> dict[str, Any]:
    """The figures at the head of the page; one statement over open cases and one over this week's."""
    midnight = datetime.combine(localtime(now, ZONE).date() + timedelta(days=1), time(0), tzinfo=ZONE)
    monday = week_start(now)
    running = cases.filter(is_open=True).aggregate(
        open=Count("pk"),
        overdue=Count("pk", filter=Q(due_at__lt=now)),
        due_today=Count("pk", filter=Q(due_at__gte=now, due_at__lt=midnight)),
        due_soon=Count("pk", filter=Q(due_at__gte=now, soon_at__lte=now)),
    )
    week = cases.filter(Q(reported_at__gte=monday) | Q(closed_at__gte=monday)).aggregate(
        reported_week=Count("pk", filter=Q(reported_at__gte=monday) & ~Q(state__in=sorted(UNCOUNTED))),
        closed_week=Count("pk", filter=Q(closed_at__gte=monday)),
    )
    return {**running, **week, "as_of": now}

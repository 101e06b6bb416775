"""Figures straight from the cases of a week, dates as bound parameters. Read only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cases.models import CaseQuerySet, Category, in_area
from cases.workflow import UNCOUNTED
from grid.models import Area
from grid.selectors.areas import valid_areas, within
from reports.models import Subscription, WeeklyReport
from reports.periods import Week

FORMULAS: Final = {
    "reported": _("Cases reported in the week, without those not accepted, merged or cancelled."),
    "closed": _("Cases closed in the week, whenever they were reported."),
    "closure_rate": _("Of the cases reported in the week, those closed by its end."),
    "on_time_rate": _("Of the cases closed in the week, those accepted, handled and verified within each limit."),
    "overdue_now": _("Open cases past the limit of their stage at the end of the week (so far: now)."),
}

_COUNTED = ~Q(state__in=sorted(UNCOUNTED))
_ON_TIME = Q(
    accepted_at__lte=F("accept_due_at"),
    feedback_at__lte=F("handle_due_at"),
    closed_at__lte=F("verify_due_at"),
)


def late_at(moment: datetime) -> Q:
    """Cases open and past the limit of their stage at `moment`, from the times they carry; for now, what lists show."""
    accept = Q(accept_due_at__lt=moment) & (Q(accepted_at__isnull=True) | Q(accepted_at__gte=moment))
    handle = Q(handle_due_at__lt=moment, accepted_at__lt=moment) & (
        Q(feedback_at__isnull=True) | Q(feedback_at__gte=moment)
    )
    verify = Q(verify_due_at__lt=moment, feedback_at__lt=moment) & (
        Q(closed_at__isnull=True) | Q(closed_at__gte=moment)
    )
    still_open = Q(closed_at__isnull=True) | Q(closed_at__gte=moment)
    return _COUNTED & Q(reported_at__lt=moment) & still_open & (accept | handle | verify)


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted of a group; rates are made of counts, never of rates."""

    reported: int = 0
    reported_closed: int = 0
    closed: int = 0
    on_time: int = 0
    overdue_now: int = 0

    @property
    def closure_rate(self) -> float | None:
        return round(self.reported_closed / self.reported, 4) if self.reported else None

    @property
    def on_time_rate(self) -> float | None:
        return round(self.on_time / self.closed, 4) if self.closed else None

    def figures(self) -> dict[str, Any]:
        return {
            "reported": self.reported,
            "closed": self.closed,
            "closure_rate": self.closure_rate,
            "on_time_rate": self.on_time_rate,
            "overdue_now": self.overdue_now,
            "reported_closed": self.reported_closed,
            "on_time": self.on_time,
        }


def count_week(*, cases: CaseQuerySet, week: Week, now: datetime, by: str) -> dict[str, Counts]:
    """Counts of the week per value of the column `by`; one statement."""
    end = min(week.end, now)
    inside = Q(reported_at__gte=week.start, reported_at__lt=end) & _COUNTED
    closed = Q(closed_at__gte=week.start, closed_at__lt=end)
    late = late_at(end)
    rows = (
        cases.filter(inside | closed | late)
        .values(by)
        .annotate(
            n_reported=Count("pk", filter=inside),
            n_reported_closed=Count("pk", filter=inside & Q(closed_at__lt=end)),
            n_closed=Count("pk", filter=closed),
            n_on_time=Count("pk", filter=closed & _ON_TIME),
            n_late=Count("pk", filter=late),
        )
        .order_by(by)
    )
    return {
        row[by]: Counts(row["n_reported"], row["n_reported_closed"], row["n_closed"], row["n_on_time"], row["n_late"])
        for row in rows
    }


def total(counts: Iterable[Counts]) -> Counts:
    together = list(counts)
    return Counts(*(sum(getattr(c, name) for c in together) for name in Counts.__slots__))


_ZERO: Final = Counts()


def figures_of(*, cases: CaseQuerySet, area: Area, week: Week, now: datetime) -> dict[str, Any]:
    """All figures of `area` for the week, with the week before beside each, ready to be frozen as JSON.

    Four statements for the counts and two for the names, whatever the number of cases. Without rows a village shows
    zeros: "0" is a figure that was counted.
    """
    here = cases.filter(in_area(area.code))
    villages, categories = _pair(here, week, now, "village_code"), _pair(here, week, now, "category_code")
    names = dict(
        valid_areas(on=week.monday).filter(within([area.code]), level=Area.Level.VILLAGE).values_list("code", "name")
    )
    kinds = {c.code: c for c in Category.objects.filter(code__in={code[:1] for pair in categories for code in pair})}
    return {
        "week": week.name,
        "area": {"code": area.code, "name": area.name},
        "from": week.start.isoformat(),
        "to": week.end.isoformat(),
        "as_of": min(week.end, now).isoformat(),
        "totals": _beside(total(villages[0].values()), total(villages[1].values())),
        "by_village": [{"code": code, "name": name, **_row(villages, code)} for code, name in sorted(names.items())],
        "by_category": [
            {
                "code": code,
                "name_zh": kind.name_zh,
                "name_en": kind.name_en,
                **_row(_level_one(categories), code),
            }
            for code, kind in sorted(kinds.items())
        ],
    }


Pair = tuple[dict[str, Counts], dict[str, Counts]]


def _pair(cases: CaseQuerySet, week: Week, now: datetime, by: str) -> Pair:
    return (
        count_week(cases=cases, week=week, now=now, by=by),
        count_week(cases=cases, week=week.previous, now=now, by=by),
    )


def _level_one(pair: Pair) -> Pair:
    """Counts of A01, A02 … together as A."""
    this, last = (
        {code: total(c for k, c in counts.items() if k[:1] == code) for code in {k[:1] for k in counts}}
        for counts in pair
    )
    return this, last


def _row(pair: Pair, code: str) -> dict[str, Any]:
    this, last = pair[0].get(code, _ZERO), pair[1].get(code, _ZERO)
    return {**this.figures(), "previous": last.figures()}


def _beside(this: Counts, last: Counts) -> dict[str, Any]:
    now, before = this.figures(), last.figures()
    return {name: {"value": now[name], "previous": before[name]} for name in now}


def frozen(*, area: Area, week: Week) -> WeeklyReport | None:
    return WeeklyReport.objects.filter(area=area, week=week.name).first()


def subscriptions() -> QuerySet[Subscription]:
    """Whom the weekly mail goes to, with their area."""
    return (
        Subscription.objects.filter(active=True, user__is_active=True)
        .exclude(user__email="")
        .select_related("user", "area")
        .order_by("area_id", "pk")
    )

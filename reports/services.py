"""Freeze the figures of a week, and write the mail that carries them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from cases.models import Case, DayHead
from grid.models import Area
from reports.chart import weekly_chart
from reports.models import WeeklyReport
from reports.periods import Week
from reports.selectors import FORMULAS, figures_of, frozen


class WeekNotOverError(ValueError):
    """Figures are frozen when the week is over, not before."""


@transaction.atomic
def freeze_week(*, area: Area, week: Week, now: datetime) -> WeeklyReport:
    """The frozen figures of the week, made now if there are none yet. Raises WeekNotOverError.

    Two processes at once get the same row: the second insert gives way to the first.
    """
    if now < week.end:
        raise WeekNotOverError(week.name)
    if (known := frozen(area=area, week=week)) is not None:
        return known
    figures = figures_of(cases=Case.objects.all(), area=area, week=week, now=now)
    if (seal := DayHead.objects.order_by("-day").first()) is not None:
        figures["seal"] = {"day": seal.day.isoformat(), "events": seal.events, "head": seal.head}
    WeeklyReport.objects.bulk_create(
        [WeeklyReport(area=area, week=week.name, figures=figures, frozen_at=now)], ignore_conflicts=True
    )
    return WeeklyReport.objects.get(area=area, week=week.name)


@dataclass(frozen=True, slots=True)
class WeeklyMail:
    subject: str
    text: str
    html: str
    chart: bytes


def render_weekly(*, figures: dict[str, Any], language: str) -> WeeklyMail:
    """The mail in the language: HTML with a chart (cid:chart), and the same figures as plain text."""
    with translation.override(language):
        context = {
            "demo": settings.DEMO,
            "public_url": settings.PUBLIC_URL,
            "figures": figures,
            "start": Week.named(figures["week"]).monday,
            "end": Week.named(figures["week"]).monday + timedelta(days=6),
            "totals": _totals(figures),
            "villages": [_shown(row) for row in figures["by_village"]],
            "categories": [_shown({**row, "name": _category_name(row, language)}) for row in figures["by_category"]],
        }
        return WeeklyMail(
            subject=_("%(area)s weekly report %(week)s") % {"area": figures["area"]["name"], "week": figures["week"]},
            text=render_to_string("reports/weekly.txt", context),
            html=render_to_string("reports/weekly.html", context),
            chart=weekly_chart(figures=figures),
        )


def _category_name(row: dict[str, Any], language: str) -> str:
    return str(row["name_en"] if language.startswith("en") else row["name_zh"])


def percent(value: float | None) -> str:
    """A rate as people read it; a dash where there was nothing to divide by."""
    return "—" if value is None else f"{value * 100:.1f} %"


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "closure_rate": percent(row["closure_rate"]),
        "on_time_rate": percent(row["on_time_rate"]),
    }


def _totals(figures: dict[str, Any]) -> list[dict[str, Any]]:
    names = {
        "reported": _("reported"),
        "closed": _("closed"),
        "closure_rate": _("closure rate"),
        "on_time_rate": _("on-time rate"),
        "overdue_now": _("overdue now"),
    }
    rows = []
    for key, name in names.items():
        pair = figures["totals"][key]
        shown = {k: percent(v) if key.endswith("rate") else v for k, v in pair.items()}
        rows.append({"key": key, "name": name, "formula": str(FORMULAS[key]), **shown})
    return rows

"""How every due time of a case came about, worked out again from its events."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from cases.deadlines import DayNote
from cases.labels import DAY_REASONS, LEVEL_NAMES, STAGES
from cases.models import Case, CaseEvent, LimitRule
from cases.selectors.clocks import Clock, clocks_of
from cases.selectors.rules import Rule, RuleBook, calendar_from
from cases.workflow import Level


def explain_clocks(*, case: Case) -> list[dict[str, Any]]:
    """The clocks of the case, in the order they began; a running one ends when the case says.

    Each by the category, level and unit the case had then. Three statements, however long its life was.
    """
    events = list(CaseEvent.objects.filter(case=case).order_by("seq"))
    calendar = calendar_from(case.reported_at, town_code=case.town_code)
    clocks = clocks_of(case=case, events=events, calendar=calendar, rules=RuleBook.read())
    return [_clock(clock) for clock in clocks]


def _clock(clock: Clock) -> dict[str, Any]:
    limit = clock.rule.limit
    return {
        "stage": clock.stage.value,
        "stage_name": str(STAGES[clock.stage]),
        "started_at": clock.start,
        "due_at": clock.term.at,
        "done_at": clock.done_at,
        "limit_amount": limit.amount,
        "limit_unit": limit.unit.value,
        "limit_unit_name": str(LimitRule.Unit(limit.unit.value).label),
        "basis": limit.basis,
        "rule": _rule(clock.rule),
        "extension": clock.extension,
        "fixed": clock.fixed,
        "on_the_spot": clock.on_the_spot,
        "standing": clock.term.at is None,
        "recorded_due_at": clock.recorded,
        "agrees": clock.agrees,
        "days": [_day(note) for note in clock.term.days],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "valid_from": rule.valid_from,
        "category": rule.category_code,
        "level": rule.level,
        "level_name": str(LEVEL_NAMES[Level(rule.level)]) if rule.level else "",
        "organisation": {"id": rule.organisation_id, "name": rule.organisation_name} if rule.organisation_id else None,
        "amount": rule.limit.amount,
        "unit": rule.limit.unit.value,
        "unit_name": str(LimitRule.Unit(rule.limit.unit.value).label),
        "basis": rule.limit.basis,
    }


def _day(note: DayNote) -> dict[str, Any]:
    name = note.name or str(DAY_REASONS[note.reason.value])
    return {
        "date": note.day,
        "half": note.half.value if note.half else None,
        "counted": note.counted,
        "reason": note.reason.value,
        "reason_name": _("%(reason)s (more time given)") % {"reason": name} if note.extension else name,
        "extension": note.extension,
    }

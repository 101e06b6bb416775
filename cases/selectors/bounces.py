"""Which category sent to which unit bounces most in a month."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db.models import IntegerField, OuterRef, Q, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils import timezone

from cases.models import CaseEvent, CaseQuerySet, Category
from cases.workflow import Act, State
from staff.selectors.people import staff_names

PAIRS: Final = 50
NUMBERS: Final = 50
"""Most cases listed of a pair; `cases_count` says how many there are."""


def month_of(day: date) -> tuple[datetime, datetime]:
    """From midnight of the first day to midnight of the next month's (Asia/Shanghai)."""
    first = datetime(day.year, day.month, 1, tzinfo=timezone.get_current_timezone())
    after = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    return first, datetime(*after, 1, tzinfo=timezone.get_current_timezone())


@dataclass(slots=True)
class _Pair:
    counts: dict[str, int] = field(default_factory=lambda: {"returned": 0, "moved": 0, "within": 0})
    cases: dict[int, str] = field(default_factory=dict)


_KIND: Final = {Act.RETURN.value: "returned", Act.ASSIGN.value: "moved", Act.REASSIGN.value: "within"}


def bounce_rows(*, cases: CaseQuerySet, month: date) -> list[dict[str, Any]]:
    """Pairs of category and unit by hops in the month, most first; over `cases` only. Three statements.

    A hop is a return, an assignment to another unit (counted for the one that had it), or another person of the unit
    once work had begun. The category is the case's of today.
    """
    since, until = month_of(month)
    unit = Cast(KT("data__organisation"), IntegerField())
    before = CaseEvent.objects.filter(case=OuterRef("case_id"), seq__lt=OuterRef("seq"), act=Act.ASSIGN)
    hops = CaseEvent.objects.filter(
        Q(act__in=[Act.RETURN, Act.REASSIGN]) | Q(act=Act.ASSIGN, from_state__in=[State.ASSIGNED, State.PROCESSING]),
        # Whatever happened in the month has touched its case since: spares the events of all that lie still.
        case__in=cases.filter(hop_count__gt=0, reported_at__lt=until, updated_at__gte=since),
        data__has_key="hop",
        at__gte=since,
        at__lt=until,
    ).annotate(named=unit, had=Subquery(before.order_by("-seq").annotate(named=unit).values("named")[:1]))
    pairs: dict[tuple[int, int], _Pair] = defaultdict(_Pair)
    for act, named, had, case_id, number, category in hops.order_by("pk").values_list(
        "act", "named", "had", "case_id", "case__number", "case__category_id"
    ):
        pair = pairs[category, had if act == Act.ASSIGN else named]
        pair.counts[_KIND[act]] += 1
        pair.cases[case_id] = number
    return _rows(pairs)


def _rows(pairs: dict[tuple[int, int], _Pair]) -> list[dict[str, Any]]:
    worst = sorted(pairs.items(), key=lambda one: (-sum(one[1].counts.values()), one[0]))[:PAIRS]
    categories = Category.objects.in_bulk({category for (category, _unit), _pair in worst})
    names = staff_names(people=[], units=[unit for (_category, unit), _pair in worst])
    return [
        {
            "category": {"code": categories[category].code, "name": categories[category].name},
            "organisation": {"id": unit, "name": names.unit(unit)},
            "hops": sum(pair.counts.values()),
            **pair.counts,
            "cases_count": len(pair.cases),
            "cases": [{"id": pk, "number": number} for pk, number in list(pair.cases.items())[:NUMBERS]],
        }
        for (category, unit), pair in worst
    ]

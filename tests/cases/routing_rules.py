"""Rules for the tests of routing."""

from __future__ import annotations

from typing import Any

from cases.models import Category, RoutingRule
from staff.models import Organisation
from tests.town import SINCE


def make_rule(order: int, category: str | None = None, unit: Organisation | None = None, **more: Any) -> RoutingRule:
    """`make_rule(10, "C", units.enforcement)`: in force, for the whole town unless it says otherwise."""
    return RoutingRule.objects.create(
        order=order,
        category=Category.objects.get(code=category) if category else None,
        organisation=unit,
        role=more.get("role", ""),
        area_code=more.get("area", ""),
        level=more.get("level", ""),
        basis=f"镇派单目录第{order}条",
        active=more.get("active", True),
        valid_from=more.get("since", SINCE),
        valid_to=more.get("until"),
    )

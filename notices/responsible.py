"""Who answers for a case on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from cases.models import Case
from cases.workflow import State
from staff.models import Post
from staff.selectors.people import posts_on

_CENTER_STATES: Final = frozenset({State.REPORTED, State.ACCEPTED, State.AWAITING_VERIFY, State.VERIFIED})


class Responsible:
    """Who answers for a case on a day: the assignee, else the lead unit's handlers, else the town's center.

    Reads the day's posts once for many cases.
    """

    def __init__(self, *, day: date, cases: Iterable[Case]) -> None:
        towns = {case.town_code for case in cases}
        self._center: dict[str, list[int]] = {}
        self._unit: dict[int, list[int]] = {}
        center = (Post.Role.CENTER_OPERATOR, Post.Role.CENTER_HEAD)
        posts = posts_on(day=day).filter(
            role__in=(*center, Post.Role.HANDLER, Post.Role.MEDIATOR, Post.Role.VILLAGE_OFFICER)
        )
        self._heads: dict[str, list[int]] = {}
        for role, code, unit, user in posts.order_by("pk").values_list(
            "role", "area__code", "organisation_id", "user_id"
        ):
            if role == Post.Role.CENTER_OPERATOR and code in towns:
                self._center.setdefault(code, []).append(user)
            elif role == Post.Role.CENTER_HEAD and code in towns:
                self._heads.setdefault(code, []).append(user)
            elif unit is not None and role not in center:
                self._unit.setdefault(unit, []).append(user)
        for code, people in self._heads.items():
            self._center.setdefault(code, people)

    def of(self, case: Case) -> list[int]:
        """Ids of the responsible people, without duplicates; empty when no post covers it."""
        if case.state in _CENTER_STATES:
            return self.center_of(case)
        if case.assignee_id is not None:
            return [case.assignee_id]
        return list(dict.fromkeys(self._unit.get(case.lead_org_id or 0, []))) or self.center_of(case)

    def center_of(self, case: Case) -> list[int]:
        """The operators of the town's center, or its head where there is none."""
        return list(dict.fromkeys(self._center.get(case.town_code, [])))

    def heads_of(self, case: Case) -> list[int]:
        """Whoever decides for the town's center."""
        return list(dict.fromkeys(self._heads.get(case.town_code, [])))

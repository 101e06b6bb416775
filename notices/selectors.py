"""Who is responsible for a case now, and which messages wait."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Exists, OuterRef, QuerySet

from cases.models import Case, CaseEvent
from cases.workflow import Act, State
from notices.models import Message, Reminder
from staff.models import Post
from staff.selectors.people import posts_on

_CENTER_STATES = frozenset({State.REPORTED, State.ACCEPTED, State.AWAITING_VERIFY, State.VERIFIED})


def events_to_tell(*, limit: int) -> QuerySet[CaseEvent]:
    """Due-soon and overdue events nobody has looked at yet, oldest first."""
    seen = Reminder.objects.filter(event=OuterRef("pk"))
    return (
        CaseEvent.objects.filter(act__in=(Act.DUE_SOON, Act.OVERDUE))
        .filter(~Exists(seen))
        .select_related("case")
        .order_by("pk")[:limit]
    )


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
        heads: dict[str, list[int]] = {}
        for role, code, unit, user in posts.order_by("pk").values_list(
            "role", "area__code", "organisation_id", "user_id"
        ):
            if role == Post.Role.CENTER_OPERATOR and code in towns:
                self._center.setdefault(code, []).append(user)
            elif role == Post.Role.CENTER_HEAD and code in towns:
                heads.setdefault(code, []).append(user)
            elif unit is not None and role not in center:
                self._unit.setdefault(unit, []).append(user)
        for code, people in heads.items():
            self._center.setdefault(code, people)

    def of(self, case: Case) -> list[int]:
        """Ids of the responsible people, without duplicates; empty when no post covers it."""
        if case.state in _CENTER_STATES:
            return list(dict.fromkeys(self._center.get(case.town_code, [])))
        if case.assignee_id is not None:
            return [case.assignee_id]
        unit = self._unit.get(case.lead_org_id or 0, [])
        return list(dict.fromkeys(unit or self._center.get(case.town_code, [])))


def messages_due(*, now: datetime) -> QuerySet[Message]:
    """Unsent messages whose time has come, oldest first."""
    return Message.objects.filter(sent_at__isnull=True, next_try_at__lte=now).order_by("next_try_at", "pk")

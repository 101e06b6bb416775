"""Who decides a conflict: the center, and of it somebody who is none of the two, where there is one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from cases.models import Case, CaseConflict
from cases.policy import CENTER_ROLES, codes_of, open_moves
from cases.workflow import Act
from staff.scope import Scope
from staff.selectors.people import posts_on


def sides_of(conflict: CaseConflict) -> frozenset[int]:
    """Ids of its author and of those whose acts stand on the other side."""
    others = (row["theirs"]["by"] for row in conflict.fields if row["theirs"])
    return frozenset({conflict.by_id, *(pk for pk in others if pk is not None)})


def decidable(*, case: Case, scope: Scope, conflicts: Iterable[CaseConflict], day: date) -> frozenset[int]:
    """Ids of the open ones of this case that are this person's to decide: where they are one of the two, only if their
    center has nobody else. One statement where they are, else none.
    """
    if not open_moves(case=case, scope=scope, act=Act.SETTLE_CONFLICT):
        return frozenset()
    waiting = [one for one in conflicts if one.state == CaseConflict.State.OPEN]
    own = [one for one in waiting if scope.user_id in sides_of(one)]
    center = _center_of(case=case, scope=scope, day=day) if own else frozenset()
    return frozenset(one.pk for one in waiting if one not in own or not center - sides_of(one))


def _center_of(*, case: Case, scope: Scope, day: date) -> frozenset[int]:
    """Ids of everybody of this person's center for the case: with a post like theirs in the same area."""
    posts = (post for post in scope.posts if post.role in CENTER_ROLES)
    areas = [post.area_id for post in posts if _covers((post.area_code, *post.former_codes), case)]
    people = posts_on(day=day).filter(area__in=areas, role__in=CENTER_ROLES)
    return frozenset(people.values_list("user_id", flat=True))


def _covers(prefixes: Iterable[str], case: Case) -> bool:
    return any(code.startswith(prefix) for prefix in prefixes for code in codes_of(case))

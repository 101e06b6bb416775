"""What a scope sees of the ground: whose phones, which registers, which patrols. What it may do there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db.models import Q

from grid.sealed import masked
from staff.models import Post
from staff.scope import Scope

GROUND_ROLES: Final = (Post.Role.GRID_WORKER, Post.Role.VILLAGE_OFFICER)
"""Whoever holds one of these answers for an area, walks it, and can be on leave from it."""
CENTER_ROLES: Final = (Post.Role.CENTER_OPERATOR, Post.Role.CENTER_HEAD)
OVERSEERS: Final = (*CENTER_ROLES, Post.Role.LEADER, Post.Role.AUDITOR, Post.Role.VILLAGE_OFFICER)
"""Roles that see where nobody answers and where nobody has been."""
LEAVE_ENTERERS: Final = (*CENTER_ROLES, Post.Role.VILLAGE_OFFICER)
PHONE_READERS: Final = (*GROUND_ROLES, *CENTER_ROLES, Post.Role.ADMIN)
"""Roles that call people: they see whole numbers in the area of their post, everybody else masked ones."""
REGISTER_READERS: Final = tuple(role for role in Post.Role if role != Post.Role.ADMIN)
_CELL_DIGITS: Final = 15
_TOWN_DIGITS: Final = 9


def phone_seen(*, scope: Scope, code: str, phone: str) -> str:
    """The number as this scope sees it for somebody who answers for the area with this code."""
    return phone if scope.covers(code, *PHONE_READERS) else masked(phone)


def is_neighbourly(*, scope: Scope, code: str) -> bool:
    """Whether the person works in the town of the area: colleagues know who answers where."""
    return any(code.startswith(own[:_TOWN_DIGITS]) for own in scope.codes())


def lies_in(codes: Iterable[str], *, village: str = "village_code", cell: str = "cell_code") -> Q:
    """Rows with a copied village and cell code that lie in one of the areas."""
    wanted = Q(pk__in=())
    for code in codes:
        wanted |= Q(**({cell: code} if len(code) == _CELL_DIGITS else {f"{village}__startswith": code}))
    return wanted


def register_codes(scope: Scope, *, whole_village: bool = False) -> tuple[str, ...]:
    """Areas whose places and cameras the person sees; none for whoever only administers.

    `whole_village`: what is registered by village (waters, patrol areas) is also seen by those with a cell in it.
    """
    codes = scope.codes(*REGISTER_READERS)
    return tuple(dict.fromkeys(code[:12] for code in codes)) if whole_village else codes

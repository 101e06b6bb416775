"""The counts of open cases per cell that wide views of the map are made of, and how old they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.core.cache import cache
from django.db.models import Q

from cases.models import AREA_READERS, in_area, visible_q
from staff.scope import Scope

COUNTED_AT: Final = "cases:open_counts:counted_at"
"""Key in the cache: the moment of the last count (ISO), written by the background job."""
STALE: Final = timedelta(minutes=2)
"""Counts older than this are not used: the background workers stand still, so the cases themselves are asked."""

COUNTED_UNDER: Final = """
CASE WHEN village_code = '' THEN town_code
     WHEN starts_with(duty_cell_code, village_code) THEN duty_cell_code
     ELSE village_code END"""
"""SQL: the code under which a case is counted. It lies in the town and village of the case, whatever was redrawn since,
so that counts with a prefix are exactly the cases whose town or village has that code.
"""


def counted_at() -> datetime | None:
    kept = cache.get(COUNTED_AT)
    return datetime.fromisoformat(kept) if kept else None


def fresh_counts(*, now: datetime) -> bool:
    at = counted_at()
    return at is not None and now - at < STALE


def wide_codes(scope: Scope) -> tuple[str, ...]:
    """Areas, villages at least, of which the person sees every case: there the counts are what they see."""
    return tuple(code for code in scope.codes(*AREA_READERS) if len(code) < 15)


def counts_within(codes: tuple[str, ...]) -> Q:
    """Rows of OpenCount for the cases of the areas with these codes."""
    wanted = Q(pk__in=())
    for code in codes:
        column = {6: "town_code__startswith", 9: "town_code"}.get(len(code), "cell_code__startswith")
        wanted |= Q(**{column: code})
    return wanted


def beyond(*, scope: Scope, codes: tuple[str, ...]) -> Q:
    """What the person sees outside the areas with these codes: narrows rows that passed `visible_to`, never widens.

    Other posts, and the cases reported by or assigned to the person. Said apart from `visible_to`, so that PostgreSQL
    need not read all cases of the areas to drop them.
    """
    if not codes:
        return Q()
    narrow = Scope(
        user_id=scope.user_id,
        posts=tuple(p for p in scope.posts if p.role not in AREA_READERS or p.area_code not in codes),
    )
    rest = Q(reporter_id=scope.user_id) | Q(assignee_id=scope.user_id) | visible_q(narrow)
    for code in codes:
        rest &= ~in_area(code)
    return rest

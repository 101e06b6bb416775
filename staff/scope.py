"""What a person's posts of a day amount to: roles, area codes and organisations.

Pure look-up; what a role may do with cases is `cases.policy`, with reports `reports.policy`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils import timezone

from staff.models import Post, User


@dataclass(frozen=True, slots=True)
class PostScope:
    role: str
    area_id: int
    area_code: str
    area_name: str
    area_level: str
    organisation_id: int | None
    organisation_name: str | None
    former_codes: tuple[str, ...] = ()
    """Codes the same ground had before: cases from then keep them, and stay in sight of whoever has the ground now."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The posts a person holds on one day. Empty for anonymous and inactive people: deny by default."""

    user_id: int | None
    posts: tuple[PostScope, ...] = field(default=())

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(post.role for post in self.posts)

    def codes(self, *roles: str) -> tuple[str, ...]:
        """Area codes of the posts with one of `roles` (all posts without any), former ones last, none twice."""
        posts = [p for p in self.posts if not roles or p.role in roles]
        return tuple(dict.fromkeys([*(p.area_code for p in posts), *(code for p in posts for code in p.former_codes)]))

    def organisation_ids(self, *roles: str) -> tuple[int, ...]:
        found = (p.organisation_id for p in self.posts if (not roles or p.role in roles) and p.organisation_id)
        return tuple(dict.fromkeys(found))

    def covers(self, code: str, *roles: str) -> bool:
        """Whether a post with one of `roles` has an area that `code` lies in."""
        return any(code.startswith(prefix) for prefix in self.codes(*roles))


def today() -> date:
    """The date in Asia/Shanghai."""
    return timezone.localdate()


_BEFORE = "area__predecessor__"
_FORMER = (
    "area__valid_from",
    *(f"{_BEFORE}{name}" for name in ("code", "valid_to", "valid_from")),
    *(f"{_BEFORE}predecessor__{name}" for name in ("code", "valid_to")),
)


def _former(row: tuple[date | str | None, ...]) -> tuple[str, ...]:
    """Codes of the areas that ended on the day the next one began: the same ground under another code.

    A cell that was split off has a predecessor too, but that one goes on (or ends another day) and is somebody else's.
    """
    begun, code, ended, begun_before, older_code, older_ended = row
    if not isinstance(code, str) or ended != begun:
        return ()
    return (code, older_code) if isinstance(older_code, str) and older_ended == begun_before else (code,)


def _post(row: tuple[Any, ...]) -> PostScope:
    role, area_id, code, name, level, organisation_id, organisation_name, *former = row
    return PostScope(role, area_id, code, name, level, organisation_id, organisation_name, _former(tuple(former)))


def scope_of(user: User | AnonymousUser, *, on: date | None = None) -> Scope:
    """The person's scope on the day (default: today); one statement the first time, then kept on `user`.

    The kept scope lives as long as the request's user object.
    """
    if not isinstance(user, User) or not user.is_active:
        return Scope(user_id=None)
    day = on or today()
    kept: tuple[date, Scope] | None = getattr(user, "_scope", None)
    if kept is not None and kept[0] == day:
        return kept[1]
    rows = (
        Post.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), user=user, valid_from__lte=day)
        .order_by("pk")
        .values_list(
            "role",
            "area_id",
            "area__code",
            "area__name",
            "area__level",
            "organisation_id",
            "organisation__name",
            *_FORMER,
        )
    )
    scope = Scope(user_id=user.pk, posts=tuple(_post(row) for row in rows))
    user._scope = (day, scope)  # type: ignore[attr-defined]
    return scope

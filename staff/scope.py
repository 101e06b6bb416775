"""What a person's posts of a day amount to: roles, area codes and organisations.

Pure look-up; what a role may do with cases is `cases.policy`, with reports `reports.policy`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

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


@dataclass(frozen=True, slots=True)
class Scope:
    """The posts a person holds on one day. Empty for anonymous and inactive people: deny by default."""

    user_id: int | None
    posts: tuple[PostScope, ...] = field(default=())

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(post.role for post in self.posts)

    def codes(self, *roles: str) -> tuple[str, ...]:
        """Area codes of the posts with one of `roles` (all posts without any), without duplicates."""
        return tuple(dict.fromkeys(p.area_code for p in self.posts if not roles or p.role in roles))

    def organisation_ids(self, *roles: str) -> tuple[int, ...]:
        found = (p.organisation_id for p in self.posts if (not roles or p.role in roles) and p.organisation_id)
        return tuple(dict.fromkeys(found))

    def covers(self, code: str, *roles: str) -> bool:
        """Whether a post with one of `roles` has an area that `code` lies in."""
        return any(code.startswith(prefix) for prefix in self.codes(*roles))


def today() -> date:
    """The date in Asia/Shanghai."""
    return timezone.localdate()


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
        )
    )
    scope = Scope(user_id=user.pk, posts=tuple(PostScope(*row) for row in rows))
    user._scope = (day, scope)  # type: ignore[attr-defined]
    return scope

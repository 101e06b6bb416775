"""Read leave, and the posts and areas it is entered for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from django.db.models import F, Q

from grid.models import Area
from staff.models import Leave, Post
from staff.scope import Scope, today
from staff.sight import phone_seen

CODE: Final = re.compile(r"[0-9]{6}([0-9]{3}){0,3}")
"""An area's code."""


def area_known(*, code: str) -> bool:
    """Whether there is or was an area with this code."""
    return Area.objects.filter(code=code).exists()


def _covered(scope: Scope, prefix: str) -> Q:
    wanted = Q(pk__in=())
    for code in scope.codes():
        wanted |= Q(**{f"{prefix}__startswith": code})
    return wanted


def post_in_sight(*, pk: int, scope: Scope) -> Post | None:
    """The post if it lies in an area of the person's own posts."""
    return Post.objects.filter(_covered(scope, "area__code"), pk=pk).select_related("area").first()


def leave_in_sight(*, pk: int, scope: Scope) -> Leave | None:
    """The leave if its post lies in an area of the person's own posts."""
    return Leave.objects.filter(_covered(scope, "post__area__code"), pk=pk).first()


def leaves_of(*, post_ids: Sequence[int], code: str, scope: Scope) -> dict[int, list[dict[str, Any]]]:
    """Leave of the posts that is not over, as the API shows it for the area, by post; two statements."""
    leaves = Leave.objects.filter(post__in=post_ids, cancelled=False, last_day__gte=today()).order_by("first_day")
    rows = list(leaves.values("id", "post_id", "first_day", "last_day"))
    standing = Post.objects.filter(stands_in_for__in={row["post_id"] for row in rows}).order_by("pk")
    posts = list(
        standing.values(
            "stands_in_for_id", "valid_from", "user_id", name=F("user__display_name"), phone=F("user__phone")
        )
    )
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        substitute = None
        for post in posts:
            if post["stands_in_for_id"] == row["post_id"] and row["first_day"] <= post["valid_from"] <= row["last_day"]:
                phone = phone_seen(scope=scope, code=code, phone=post["phone"])
                substitute = {"id": post["user_id"], "name": post["name"], "phone": phone}
        found[row["post_id"]].append(
            {
                "id": row["id"],
                "first_day": row["first_day"],
                "last_day": row["last_day"],
                "substitute": substitute,
            }
        )
    return found

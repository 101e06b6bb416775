"""Read people and organisations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q, QuerySet

from grid.names import Names
from staff.models import Organisation, Post, User
from staff.scope import Scope


def _load_names(keys: set[int]) -> dict[int, str]:
    """People under their id, units under their id below zero; both in one statement."""
    people = User.objects.filter(pk__in=[key for key in keys if key > 0]).values_list("pk", "display_name")
    units = Organisation.objects.filter(pk__in=[-key for key in keys if key < 0])
    return dict(people.union(units.annotate(key=-F("pk")).values_list("key", "name"), all=True))


_names = Names(_load_names)


@dataclass(frozen=True, slots=True)
class StaffNames:
    """Names of the people and units asked for; unknown ids have none."""

    known: Mapping[int, str]

    def person(self, pk: int) -> str:
        return self.known.get(pk, "")

    def unit(self, pk: int) -> str:
        return self.known.get(-pk, "")


def staff_names(*, people: Iterable[int | None], units: Iterable[int | None] = ()) -> StaffNames:
    """At most one statement, none for names seen in the last seconds."""
    return StaffNames(_names.of([*people, *(-pk for pk in units if pk is not None)]))


def posts_on(*, day: date) -> QuerySet[Post]:
    return Post.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day, user__is_active=True
    )


def organisations_for(*, scope: Scope) -> QuerySet[Organisation]:
    """Units in the towns of the person's posts: whom a case there can be assigned to."""
    wanted = Q(pk__in=())
    for code in scope.codes():
        wanted |= Q(area__code__startswith=code[:9])
    return Organisation.objects.filter(wanted, active=True).select_related("area").order_by("name")


def members_of(*, organisation_ids: list[int], day: date) -> dict[int, list[User]]:
    """People whose post of the day names the organisation and lets them work on its cases; one statement."""
    working = (Post.Role.HANDLER, Post.Role.MEDIATOR, Post.Role.VILLAGE_OFFICER, Post.Role.CENTER_OPERATOR)
    members: dict[int, list[User]] = defaultdict(list)
    posts = posts_on(day=day).filter(organisation__in=organisation_ids, role__in=working)
    for post in posts.select_related("user").order_by("user__display_name", "pk"):
        people = members[post.organisation_id or 0]
        if post.user not in people:
            people.append(post.user)
    return members


def is_member(*, user_id: int, organisation_id: int, day: date) -> bool:
    return posts_on(day=day).filter(user_id=user_id, organisation_id=organisation_id).exists()


def holders(*, role: str, area_code: str, day: date) -> QuerySet[User]:
    """People with `role` in the area with this code or one it lies in."""
    prefixes = [area_code[:length] for length in (6, 9, 12, 15) if length <= len(area_code)]
    posts = posts_on(day=day).filter(role=role, area__code__in=prefixes)
    return User.objects.filter(pk__in=posts.values("user_id"), is_active=True).order_by("pk")

"""Lists people come back to: their own and those of their units."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from cases.models import SavedView
from staff.models import User
from staff.scope import scope_of


def seen_views(*, user: User) -> QuerySet[SavedView]:
    """One's own, and those shared with a unit one has a post in today; one statement with their names."""
    seen = Q(owner=user) | Q(organisation__in=scope_of(user).organisation_ids())
    return SavedView.objects.filter(seen).select_related("owner", "organisation").order_by("name", "pk")


def view_row(view: SavedView, *, user: User) -> dict[str, Any]:
    unit = view.organisation
    return {
        "id": view.pk,
        "name": view.name,
        "query": view.query,
        "organisation": {"id": unit.pk, "name": unit.name} if unit else None,
        "owner": {"id": view.owner_id, "name": view.owner.display_name},
        "mine": view.owner_id == user.pk,
    }

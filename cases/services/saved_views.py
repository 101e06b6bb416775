"""Keep, change and drop saved views. Only their owner does."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils.translation import gettext as _

from cases.models import SavedView
from cases.selectors.saved_views import seen_views
from staff.models import Organisation, Post, User
from staff.scope import scope_of

MOST: Final = 50
"""Views of one person."""


def create_view(*, by: User, name: str, query: dict[str, Any], organisation: int | None) -> SavedView:
    """Raises PermissionDenied for whoever sees no cases, and ValidationError naming the field."""
    if not scope_of(by).roles - {Post.Role.ADMIN}:
        raise PermissionDenied
    if SavedView.objects.filter(owner=by).count() >= MOST:
        message = _("You have %(most)d views. Delete one first.") % {"most": MOST}
        raise ValidationError(ValidationError(message, "too_many"))
    view = SavedView(owner=by, name=name.strip(), query=query, organisation=_shared_with(by, organisation))
    _save(view)
    return view


def change_view(*, view_id: int, by: User, changes: dict[str, Any]) -> SavedView:
    """`changes` has some of name, query, organisation. Raises Http404, PermissionDenied, ValidationError."""
    view = _owned(view_id=view_id, by=by)
    if "organisation" in changes:
        view.organisation = _shared_with(by, changes["organisation"])
    view.name = changes.get("name", view.name).strip()
    view.query = changes.get("query", view.query)
    _save(view, changed=["name", "query", "organisation"])
    return view


def delete_view(*, view_id: int, by: User) -> None:
    """Raises Http404 for one that is not seen, PermissionDenied for a colleague's."""
    _owned(view_id=view_id, by=by).delete()


def _owned(*, view_id: int, by: User) -> SavedView:
    view = seen_views(user=by).filter(pk=view_id).first()
    if view is None:
        raise Http404
    if view.owner_id != by.pk:
        raise PermissionDenied
    return view


def _shared_with(by: User, organisation: int | None) -> Organisation | None:
    """A unit one works in today: nobody fills the lists of others."""
    if organisation is None:
        return None
    if organisation not in scope_of(by).organisation_ids():
        message = _("Share it with a unit you work in.")
        raise ValidationError({"organisation": ValidationError(message, "not_yours")})
    return Organisation.objects.get(pk=organisation)


def _save(view: SavedView, *, changed: list[str] | None = None) -> None:
    """A new row, or the columns that were changed."""
    if not view.name:
        raise ValidationError({"name": ValidationError(_("Give it a name."), "required")})
    try:
        with transaction.atomic():
            if changed is None:
                view.save(force_insert=True)
            else:
                view.save(update_fields=changed)
    except IntegrityError as error:
        message = _("You have a view of this name. Choose another.")
        raise ValidationError({"name": ValidationError(message, "taken")}) from error

"""Keep the routing rules: make one, switch it on and off, put them in order, end it. None vanishes."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Category, RoutingRule
from grid.models import Area
from staff.models import Organisation, Post, User
from staff.scope import Scope, scope_of
from staff.selectors.people import organisations_for

logger = logging.getLogger(__name__)

KEEPERS: Final = (Post.Role.CENTER_HEAD, Post.Role.ADMIN)
STEP: Final = 10
"""Between two rules in order: room for one more."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule as somebody words it. Exactly one of `organisation_id` and `role`."""

    basis: str
    category_code: str | None = None
    area_code: str = ""
    level: str = ""
    organisation_id: int | None = None
    role: str = ""
    order: int = 100
    valid_from: date | None = None


def keeper_codes(*, by: User) -> tuple[str, ...]:
    """Areas within which the person keeps the rules. Raises PermissionDenied without any."""
    codes = scope_of(by).codes(*KEEPERS)
    if not codes:
        raise PermissionDenied
    return codes


def _wrong(field: str, message: str, code: str = "unknown") -> ValidationError:
    return ValidationError({field: ValidationError(message, code)})


def draft_rule(*, by: User, draft: Draft) -> RoutingRule:
    """The rule, unsaved and switched off. Raises PermissionDenied, or ValidationError naming the field."""
    codes = keeper_codes(by=by)
    return RoutingRule(
        order=draft.order,
        category=_category(draft.category_code),
        area_code=_area(draft.area_code, codes=codes),
        level=draft.level,
        organisation=_unit(draft, scope=scope_of(by)),
        role=draft.role,
        basis=draft.basis.strip(),
        active=False,
        valid_from=draft.valid_from or timezone.localdate(),
        made_by=by,
    )


def _category(code: str | None) -> Category | None:
    if not code:
        return None
    category = Category.objects.filter(code=code, active=True).first()
    if category is None:
        raise _wrong("category", _("Unknown category. Choose one from the list."))
    return category


def _area(code: str, *, codes: Sequence[str]) -> str:
    """Without a code, all of the person's own area: rules for everywhere are the site's, made in the admin."""
    wanted = code or min(codes, key=len)
    if not any(wanted.startswith(own) for own in codes):
        raise _wrong("area", _("This area is not yours. Choose one within your own."), "outside")
    if not Area.objects.filter(code=wanted).exists():
        raise _wrong("area", _("Unknown area. Choose one from the list."))
    return wanted


def _unit(draft: Draft, *, scope: Scope) -> Organisation | None:
    if (draft.organisation_id is None) == (not draft.role):
        raise _wrong("organisation", _("Name either a unit or a post."), "required")
    if draft.organisation_id is None:
        return None
    unit = organisations_for(scope=scope).filter(pk=draft.organisation_id).first()
    if unit is None:
        raise _wrong("organisation", _("Choose a unit from the list."))
    return unit


def create_rule(*, by: User, draft: Draft) -> RoutingRule:
    """A new rule, switched off: the preview comes first. Raises as `draft_rule`."""
    rule = draft_rule(by=by, draft=draft)
    if not rule.basis:
        raise _wrong("basis", _("Say what the rule rests on: it is shown with every proposal."), "required")
    rule.save(force_insert=True)
    logger.info("routing_rule_made rule=%s by=%s", rule.pk, by.pk)
    return rule


def change_rule(*, rule: RoutingRule, by: User, changes: dict[str, Any]) -> RoutingRule:
    """Switch it on or off (`active`), move it (`order`), or name its last day (`valid_to`, first day without it).

    What it says does not change: old cases tell where they went by it. Raises PermissionDenied, ValidationError.
    """
    _check_kept(rule, by=by)
    if _is_over(rule) and (changes.get("active") or "valid_to" in changes):
        field = "active" if changes.get("active") else "valid_to"
        raise _wrong(field, _("This rule has ended. Make a new one."), "over")
    valid_to = changes.get("valid_to")
    if valid_to is not None and valid_to < timezone.localdate():
        raise _wrong("valid_to", _("Choose today or a later day: what it did until now stands."), "past")
    named = [name for name in ("active", "order", "valid_to") if name in changes]
    for name in named:
        setattr(rule, name, changes[name])
    rule.save(update_fields=named)
    logger.info("routing_rule_changed rule=%s by=%s what=%s", rule.pk, by.pk, ",".join(named))
    return rule


def _is_over(rule: RoutingRule) -> bool:
    return rule.valid_to is not None and rule.valid_to <= timezone.localdate()


def _check_kept(rule: RoutingRule, *, by: User) -> None:
    """Rules for everywhere are changed in the admin: they are other towns' too."""
    if not rule.area_code or not any(rule.area_code.startswith(code) for code in keeper_codes(by=by)):
        raise PermissionDenied


def end_rule(*, rule: RoutingRule, by: User) -> RoutingRule:
    """It holds no longer from today on; the row stays. Ending it twice changes nothing."""
    if _is_over(rule):
        _check_kept(rule, by=by)
        return rule
    return change_rule(rule=rule, by=by, changes={"valid_to": timezone.localdate()})


@transaction.atomic
def reorder_rules(*, by: User, ids: Sequence[int]) -> None:
    """Put these rules in this order, all of them or none. Raises PermissionDenied, ValidationError naming `ids`."""
    codes = keeper_codes(by=by)
    rules = {rule.pk: rule for rule in RoutingRule.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    mine = {pk for pk, rule in rules.items() if rule.area_code and rule.area_code.startswith(codes)}
    if len(set(ids)) != len(ids) or set(ids) - mine:
        raise _wrong("ids", _("Name each of your rules once, and only those."))
    for place, pk in enumerate(ids, 1):
        RoutingRule.objects.filter(pk=pk).update(order=place * STEP)
    logger.info("routing_rules_ordered by=%s count=%s", by.pk, len(ids))

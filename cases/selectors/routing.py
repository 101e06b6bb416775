"""Which unit a case goes to by the rules, and why: the first rule in order that fits and leads somewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, RoutingRule
from staff.models import Leave
from staff.selectors.people import posts_on


class Why(StrEnum):
    """Why a rule for the category was passed over."""

    AREA = "area"
    LEVEL = "level"
    VACANT = "vacant"
    CLOSED = "closed"
    LATER = "later"


def why_name(why: str) -> str:
    names = {
        Why.AREA: _("for another area"),
        Why.LEVEL: _("for another level"),
        Why.VACANT: _("nobody holds the post there now"),
        Why.CLOSED: _("the unit is no longer active"),
        Why.LATER: _("fits too, but stands further down"),
    }
    return names[Why(why)]


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules look at. `codes` are those of the case's ground, narrowest first."""

    category_code: str
    level: str
    codes: tuple[str, ...]

    @property
    def town_code(self) -> str:
        return self.codes[-1]


def facts(*, category_code: str, level: str, cell: str, village: str, town: str) -> Facts:
    return Facts(category_code, level, tuple(code for code in (cell, village, town) if code))


def facts_of(case: Case) -> Facts:
    return facts(
        category_code=case.category_code,
        level=case.level,
        cell=case.duty_cell_code,
        village=case.village_code,
        town=case.town_code,
    )


@dataclass(frozen=True, slots=True)
class Destination:
    organisation_id: int
    organisation_name: str
    handles: str
    person_id: int | None = None
    person_name: str = ""


@dataclass(frozen=True, slots=True)
class Passed:
    rule_id: int
    basis: str
    why: Why


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the rules say, with the rule, what of it matched, and the rules for the category that were passed over."""

    rule_id: int
    basis: str
    category_code: str
    area_code: str
    level: str
    role: str
    to: Destination
    passed: tuple[Passed, ...] = field(default=())

    def record(self) -> dict[str, Any]:
        """For the event of the assignment: codes, names and ids only, as they were at that moment."""
        return {
            "rule": self.rule_id,
            "basis": self.basis,
            "organisation": self.to.organisation_id,
            "organisation_name": self.to.organisation_name,
            "person": self.to.person_id,
            "person_name": self.to.person_name,
            "matched": {
                "category": self.category_code,
                "area": self.area_code,
                "level": self.level,
                "role": self.role,
            },
            "passed": [{"rule": one.rule_id, "basis": one.basis, "why": one.why.value} for one in self.passed],
        }


@dataclass(frozen=True, slots=True)
class _PostRow:
    pk: int
    role: str
    area_code: str
    backup: bool
    stands_in_for_id: int | None
    away: bool
    to: Destination


_POST_COLUMNS: Final = (
    *("pk", "role", "area__code", "backup", "stands_in_for_id", "away", "organisation_id", "organisation__name"),
    *("organisation__handles", "user_id", "user__display_name"),
)


def _post_row(pk: int, role: str, code: str, backup: bool, stands_in_for: int | None, away: bool, *to: Any) -> _PostRow:
    return _PostRow(pk, role, code, backup, stands_in_for, away, Destination(*to))


class Posts:
    """Who holds the posts rules may name, in one town on one day; asked once, and only if a rule needs it."""

    def __init__(self, *, town_code: str, day: date) -> None:
        self.town_code = town_code
        self.day = day

    @cached_property
    def _rows(self) -> list[_PostRow]:
        away = Leave.objects.filter(
            post=OuterRef("pk"), cancelled=False, first_day__lte=self.day, last_day__gte=self.day
        )
        posts = posts_on(day=self.day).filter(
            area__code__startswith=self.town_code,
            role__in=[value for value, _label in RoutingRule._meta.get_field("role").choices or ()],
            organisation__active=True,
        )
        rows = posts.annotate(away=Exists(away)).order_by("valid_from", "pk").values_list(*_POST_COLUMNS)
        return [_post_row(*row) for row in rows]

    def find(self, *, role: str, codes: Sequence[str]) -> Destination | None:
        """Where whoever holds the post belongs: the narrowest area first, backups only when nobody else is there."""
        for code in codes:
            there = [row for row in self._rows if (row.role, row.area_code) == (role, code)]
            present = [row for row in there if self._present(row, there)]
            acting = [row.to for row in present if not row.backup] or [row.to for row in present]
            if acting:
                return _one_of(acting)
        return None

    @staticmethod
    def _present(row: _PostRow, there: Sequence[_PostRow]) -> bool:
        """At work; whoever stands in for a colleague rests while the colleague is there."""
        if row.away:
            return False
        return not any(other.pk == row.stands_in_for_id and not other.away for other in there)


def _one_of(acting: Sequence[Destination]) -> Destination:
    """Among several people of a unit nobody is named: the unit shares its work out itself."""
    first = acting[0]
    if len({one.person_id for one in acting}) == 1:
        return first
    return Destination(first.organisation_id, first.organisation_name, first.handles)


def rules_of_town(*, town_code: str) -> QuerySet[RoutingRule]:
    """Rules that can touch a case of the town, in order; ended ones and those switched off too."""
    prefixes = [town_code[:6], town_code[:9]]
    ground = Q(area_code="") | Q(area_code__in=prefixes) | Q(area_code__startswith=town_code)
    unit = Q(organisation__isnull=True) | Q(organisation__area__code__startswith=town_code)
    return RoutingRule.objects.filter(ground, unit).select_related("category", "organisation").order_by("order", "pk")


def in_force(rules: QuerySet[RoutingRule], *, day: date) -> QuerySet[RoutingRule]:
    return rules.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), active=True, valid_from__lte=day)


def _covers_category(rule: RoutingRule, code: str) -> bool:
    return rule.category is None or code.startswith(rule.category.code)


def _misfit(rule: RoutingRule, asked: Facts) -> Why | None:
    if rule.area_code and not any(code.startswith(rule.area_code) for code in asked.codes):
        return Why.AREA
    return Why.LEVEL if rule.level not in ("", asked.level) else None


def destination(*, rule: RoutingRule, asked: Facts, posts: Posts) -> Destination | None:
    """Where the rule leads for these facts; None when nobody is there."""
    if rule.organisation is None:
        return posts.find(role=rule.role, codes=asked.codes)
    unit = rule.organisation
    return Destination(unit.pk, unit.name, unit.handles) if unit.active else None


def first_fit(*, rules: Iterable[RoutingRule], asked: Facts, posts: Posts) -> tuple[RoutingRule, Destination] | None:
    for rule in rules:
        if _covers_category(rule, asked.category_code) and _misfit(rule, asked) is None:
            to = destination(rule=rule, asked=asked, posts=posts)
            if to is not None:
                return rule, to
    return None


def _passed(*, rules: Iterable[RoutingRule], chosen: RoutingRule | None, asked: Facts) -> Iterable[Passed]:
    """Rules of other categories are not named: they were never meant."""
    before = True
    for rule in rules:
        if chosen is not None and rule.pk == chosen.pk:
            before = False
        elif _covers_category(rule, asked.category_code):
            misfit = _misfit(rule, asked)
            if misfit is None:
                misfit = (Why.VACANT if rule.role else Why.CLOSED) if before else Why.LATER
            yield Passed(rule.pk, rule.basis, misfit)


def route(*, case: Case) -> tuple[Proposal | None, tuple[Passed, ...]]:
    """What the rules of today say of the case, and the rules for its category that were passed over.

    One statement, and one more if a rule names a post.
    """
    day, asked = timezone.localdate(), facts_of(case)
    rules = list(in_force(rules_of_town(town_code=asked.town_code), day=day))
    found = first_fit(rules=rules, asked=asked, posts=Posts(town_code=asked.town_code, day=day))
    passed = tuple(_passed(rules=rules, chosen=found[0] if found else None, asked=asked))
    if found is None:
        return None, passed
    rule, to = found
    proposal = Proposal(
        rule_id=rule.pk,
        basis=rule.basis,
        category_code=rule.category.code if rule.category else "",
        area_code=rule.area_code,
        level=rule.level,
        role=rule.role,
        to=to,
        passed=passed,
    )
    return proposal, passed


def propose(*, case: Case) -> Proposal | None:
    """The unit, and for a post the person, that the rules of today name for the case; None when no rule fits."""
    return route(case=case)[0]


def recorded(data: Mapping[str, Any]) -> tuple[Mapping[str, Any] | None, bool | None]:
    """What an assignment's particulars keep of the proposal, and whether the unit is the proposed one.

    None, None for an assignment for which no rule fitted, or from before there were rules.
    """
    proposal = data.get("route")
    if not isinstance(proposal, dict):
        return None, None
    return proposal, proposal.get("organisation") == data.get("organisation")

"""Routing as the API shows it: the proposal for a case, why it is where it is, the rules, and a preview of a rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from cases.models import Case, CaseEvent, CaseQuerySet, RoutingRule, in_area
from cases.selectors.lists import EXCERPT
from cases.selectors.routing import (
    Destination,
    Facts,
    Passed,
    Posts,
    destination,
    facts,
    first_fit,
    in_force,
    recorded,
    route,
    rules_of_town,
    why_name,
)
from cases.workflow import Act
from grid.models import Area
from staff.scope import Scope
from staff.selectors.people import staff_names

PREVIEW_DAYS: Final = 90
SAMPLE: Final = 20
_FACTS: Final = ("category_code", "level", "duty_cell_code", "village_code", "town_code")


def _named(pk: int | None, name: str) -> dict[str, Any] | None:
    return None if pk is None else {"id": pk, "name": name}


def _passed_rows(passed: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**one, "why_name": why_name(one["why"])} for one in passed]


def _proposal_row(said: Mapping[str, Any], *, handles: str = "") -> dict[str, Any]:
    """From what `Proposal.record` gives, now or then."""
    return {
        "rule": said["rule"],
        "basis": said["basis"],
        "organisation": {"id": said["organisation"], "name": said["organisation_name"]},
        "handles": handles,
        "person": _named(said["person"], said["person_name"]),
        "matched": dict(said["matched"]),
        "passed": _passed_rows(said["passed"]),
    }


def proposal_rows(*, case: Case) -> dict[str, Any]:
    """What the rules of today say, and which were passed over even if none of them fits."""
    proposal, passed = route(case=case)
    return {
        "proposal": _proposal_row(proposal.record(), handles=proposal.to.handles) if proposal else None,
        "passed": _passed_rows([_passed_record(one) for one in passed]),
    }


def _passed_record(one: Passed) -> dict[str, Any]:
    return {"rule": one.rule_id, "basis": one.basis, "why": one.why.value}


def last_assignment(*, case: Case) -> CaseEvent | None:
    """The assignment that brought the case where it is; None while no unit leads. One statement."""
    if case.lead_org_id is None:
        return None
    return CaseEvent.objects.filter(case=case, act=Act.ASSIGN).select_related("actor").order_by("-seq").first()


def assignment_row(event: CaseEvent) -> dict[str, Any]:
    """Why this unit: what was proposed then, whether it was followed, and the words given."""
    said, followed = recorded(event.data)
    names = staff_names(people=[event.data.get("assignee")])
    person = event.data.get("assignee")
    return {
        "at": event.at,
        "by": _named(event.actor_id, event.actor.display_name if event.actor else ""),
        "organisation": {"id": event.data["organisation"], "name": event.data["organisation_name"]},
        "person": _named(person, names.person(person) if person else ""),
        "proposal": _proposal_row(said) if said is not None else None,
        "followed": followed,
        "text": event.text,
    }


def rules_seen(*, scope: Scope, roles: Sequence[str]) -> QuerySet[RoutingRule]:
    """Rules that can touch a case in the towns of the posts with one of `roles`."""
    wanted = RoutingRule.objects.none()
    for code in scope.codes(*roles):
        wanted = wanted | rules_of_town(town_code=code[:9])
    return wanted.distinct()


def rule_rows(rules: Sequence[RoutingRule], *, codes: Sequence[str], day: date) -> list[dict[str, Any]]:
    """As the API shows them; `codes` are the areas within which this person keeps the rules."""
    names = dict(Area.objects.filter(code__in={rule.area_code for rule in rules}).values_list("code", "name"))
    return [_rule_row(rule, names=names, codes=codes, day=day) for rule in rules]


def _rule_row(rule: RoutingRule, *, names: Mapping[str, str], codes: Sequence[str], day: date) -> dict[str, Any]:
    return {
        "id": rule.pk,
        "order": rule.order,
        "category": {"code": rule.category.code, "name": rule.category.name} if rule.category else None,
        "area": {"code": rule.area_code, "name": names.get(rule.area_code, "")} if rule.area_code else None,
        "level": rule.level or None,
        "organisation": _named(rule.organisation_id, rule.organisation.name if rule.organisation else ""),
        "role": rule.role or None,
        "role_name": rule.get_role_display() if rule.role else None,
        "basis": rule.basis,
        "active": rule.active,
        "valid_from": rule.valid_from,
        "valid_to": rule.valid_to,
        "ended": rule.valid_to is not None and rule.valid_to <= day,
        "may_change": bool(rule.area_code) and any(rule.area_code.startswith(code) for code in codes),
    }


def _caught_by(rule: RoutingRule) -> Q:
    """Cases the rule is meant for."""
    wanted = Q()
    if rule.category is not None:
        wanted &= Q(category_code__startswith=rule.category.code)
    if rule.area_code:
        wanted &= in_area(rule.area_code)
    return wanted & Q(level=rule.level) if rule.level else wanted


class _Trial:
    """The draft among the rules in force before it, town by town."""

    def __init__(self, *, draft: RoutingRule, day: date) -> None:
        self.draft = draft
        self.day = day
        self._towns: dict[str, tuple[list[RoutingRule], Posts]] = {}

    def _town(self, code: str) -> tuple[list[RoutingRule], Posts]:
        if code not in self._towns:
            rules = in_force(rules_of_town(town_code=code), day=self.day).exclude(pk=self.draft.pk)
            place = (self.draft.order, self.draft.pk or 2**63)
            before = [rule for rule in rules if (rule.order, rule.pk) < place]
            self._towns[code] = before, Posts(town_code=code, day=self.day)
        return self._towns[code]

    def where(self, asked: Facts) -> tuple[RoutingRule | None, Destination | None]:
        """The rule that takes such a case first, and where it leads; None, None when the draft leads nowhere."""
        before, posts = self._town(asked.town_code)
        if (found := first_fit(rules=before, asked=asked, posts=posts)) is not None:
            return found
        to = destination(rule=self.draft, asked=asked, posts=posts)
        return (self.draft, to) if to is not None else (None, None)


def _facts(row: Mapping[str, Any]) -> Facts:
    return facts(
        category_code=row["category_code"],
        level=row["level"],
        cell=row["duty_cell_code"],
        village=row["village_code"],
        town=row["town_code"],
    )


def preview(*, draft: RoutingRule, cases: CaseQuerySet, now: datetime) -> dict[str, Any]:
    """What the unsaved or switched-off rule would have done with `cases` of the last 90 days. Writes nothing.

    Two statements over cases, two per town for the rules before it and the posts, one for names.
    """
    trial = _Trial(draft=draft, day=timezone.localdate(now))
    fitting = cases.filter(_caught_by(draft), reported_at__gte=now - timedelta(days=PREVIEW_DAYS), reported_at__lte=now)
    groups = fitting.order_by().values(*_FACTS, "lead_org_id").annotate(count=Count("pk"))
    counts = {"fit": 0, "caught": 0, "taken_before": 0, "nowhere": 0, "agree": 0, "differ": 0, "unassigned": 0}
    went: dict[int | None, int] = {}
    for group in groups:
        number, rule_to = group["count"], trial.where(_facts(group))
        counts["fit"] += number
        kind = _kind(rule_to, draft)
        counts[kind] += number
        if kind == "caught":
            went[group["lead_org_id"]] = went.get(group["lead_org_id"], 0) + number
            counts[_outcome(group["lead_org_id"], rule_to[1])] += number
    newest = fitting.order_by("-reported_at", "-pk")
    rows = list(newest.values("id", "number", "description", "reported_at", "lead_org_id", *_FACTS)[:SAMPLE])
    tried = [(row, trial.where(_facts(row))) for row in rows]
    names = staff_names(people=[], units=[*went, *(row["lead_org_id"] for row in rows)])
    return {
        "days": PREVIEW_DAYS,
        **counts,
        "went": [
            {"organisation": _named(pk, names.unit(pk) if pk else ""), "count": count}
            for pk, count in sorted(went.items(), key=lambda one: -one[1])
        ],
        "sample": [
            {
                "id": row["id"],
                "number": row["number"],
                "description": row["description"][:EXCERPT],
                "reported_at": row["reported_at"],
                "went": _named(row["lead_org_id"], names.unit(row["lead_org_id"]) if row["lead_org_id"] else ""),
                "would": _named(to.organisation_id, to.organisation_name) if to and rule is draft else None,
                "taken_by": rule.pk if rule is not None and rule is not draft else None,
                "agrees": to.organisation_id == row["lead_org_id"] if to and rule is draft else None,
            }
            for row, (rule, to) in tried
        ],
    }


def _kind(found: tuple[RoutingRule | None, Destination | None], draft: RoutingRule) -> str:
    rule, _to = found
    if rule is None:
        return "nowhere"
    return "caught" if rule is draft else "taken_before"


def _outcome(went: int | None, to: Destination | None) -> str:
    if went is None:
        return "unassigned"
    return "agree" if to is not None and to.organisation_id == went else "differ"

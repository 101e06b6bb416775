"""Bring rules, calendar and events from the database to the pure functions of `cases.deadlines`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.timezone import localdate

from cases.deadlines import Calendar, DayKind, Due, Limit, Step, Unit, begins_handling, due, handle_due
from cases.models import Case, CaseEvent, LimitRule, Workday
from cases.workflow import Act, Level, Stage

CLOCK_ACTS = (
    *(Act.ACCEPT, Act.ASSIGN, Act.FEEDBACK, Act.VERIFY, Act.SUSPEND, Act.RESUME),
    *(Act.EXTEND, Act.ESCALATE, Act.ANSWER, Act.REOPEN),
)


@dataclass(frozen=True, slots=True)
class Matter:
    """What a limit may depend on: category, level, the unit that leads, and the town whose calendar holds."""

    category_code: str
    level: str = Level.GENERAL
    organisation_id: int | None = None
    town_code: str = ""


def matter_of(case: Case) -> Matter:
    return Matter(case.category_code, case.level, case.lead_org_id, case.town_code)


class NoLimitError(LookupError):
    """No rule covers this stage on this day: the limits were not loaded, or the last one has ended."""


def calendar_from(start: datetime, *, town_code: str = "") -> Calendar:
    """Days off, make-up days and half days from the day before `start` on; a town's own rows stand above all.

    One statement. As far as it was entered: a term that stands for a year ends in another calendar than it began.
    """
    first = localdate(start) - timedelta(days=1)
    rows = Workday.objects.filter(date__gte=first, town_code__in=["", town_code] if town_code else [""])
    ordered = rows.order_by("town_code").values_list("date", "working", "name", "morning", "afternoon")
    return {row[0]: DayKind(*row[1:]) for row in ordered}


@dataclass(frozen=True, slots=True)
class Rule:
    """A limit as the site set it: which row it is, since when it holds, and whom it is for."""

    id: int
    limit: Limit
    stage: str
    valid_from: date
    valid_to: date | None
    category_code: str
    level: str
    organisation_id: int | None
    organisation_name: str

    def fits(self, *, stage: Stage, matter: Matter, on: date) -> bool:
        return (
            self.stage == stage
            and self.valid_from <= on
            and (self.valid_to is None or self.valid_to > on)
            and self.category_code in ("", matter.category_code, matter.category_code[:1])
            and self.level in ("", matter.level)
            and self.organisation_id in (None, matter.organisation_id)
        )

    @property
    def closeness(self) -> tuple[bool, int, bool, date]:
        """For the unit stands above for the category (A01, A, any), and that above for the level."""
        return self.organisation_id is not None, len(self.category_code), self.level != "", self.valid_from


class RuleBook:
    """All limits, read once, for many clocks."""

    def __init__(self, rows: Iterable[LimitRule]) -> None:
        self._rules = [_rule(row) for row in rows]

    @classmethod
    def read(cls) -> RuleBook:
        """One statement."""
        return cls(LimitRule.objects.select_related("category", "organisation"))

    def rule_for(self, *, stage: Stage, matter: Matter, on: date) -> Rule:
        """The rule of the day that fits best. Raises NoLimitError."""
        fitting = [rule for rule in self._rules if rule.fits(stage=stage, matter=matter, on=on)]
        if not fitting:
            raise NoLimitError(f"no limit for {stage} of {matter} on {on}")
        return max(fitting, key=lambda rule: rule.closeness)


def _rule(row: LimitRule) -> Rule:
    return Rule(
        id=row.pk,
        limit=Limit(row.amount, Unit(row.unit), row.basis),
        stage=row.stage,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        category_code=row.category.code if row.category else "",
        level=row.level,
        organisation_id=row.organisation_id,
        organisation_name=row.organisation.name if row.organisation else "",
    )


def limit_for(*, stage: Stage, matter: Matter, on: date) -> Limit:
    """The rule of the day that fits best: for the unit, then for the category (A01, A, any), then for the level.

    One statement. Raises NoLimitError.
    """
    rows = LimitRule.objects.filter(
        Q(category__code__in=[matter.category_code, matter.category_code[:1]]) | Q(category__isnull=True),
        Q(organisation=matter.organisation_id) | Q(organisation__isnull=True),
        Q(valid_to__isnull=True) | Q(valid_to__gt=on),
        level__in=["", matter.level],
        stage=stage,
        valid_from__lte=on,
    )
    book = RuleBook(rows.select_related("category", "organisation"))
    return book.rule_for(stage=stage, matter=matter, on=on).limit


def term(*, stage: Stage, matter: Matter, start: datetime, calendar: Calendar | None = None) -> Due:
    """The end of a stage without pauses that starts at `start`."""
    limit = limit_for(stage=stage, matter=matter, on=localdate(start))
    days = calendar if calendar is not None else calendar_from(start, town_code=matter.town_code)
    return in_utc(due(start=start, limit=limit, calendar=days))


def in_utc(term: Due) -> Due:
    """Moments as the database gives them back, so that an answer made before and after reading is the same."""
    return replace(
        term,
        at=term.at.astimezone(UTC) if term.at else None,
        soon_at=term.soon_at.astimezone(UTC) if term.soon_at else None,
    )


def step_of(event: CaseEvent) -> Step:
    fixed = event.data.get("due_at")
    return Step(
        act=event.act,
        at=event.at,
        passed=event.data.get("passed"),
        fixed=parse_datetime(fixed) if isinstance(fixed, str) and event.act == Act.ASSIGN else None,
        amount=event.data.get("amount", 0) if event.act == Act.EXTEND else 0,
    )


def steps_of(events: Iterable[CaseEvent]) -> list[Step]:
    return [step_of(event) for event in events if event.act in CLOCK_ACTS]


def handle_start(events: Iterable[CaseEvent]) -> datetime | None:
    """When the handle clock that runs now began: with the acceptance, or anew with the reopening."""
    return begins_handling(steps_of(events))


def handle_limit(*, case: Case) -> Limit:
    """The limit of the handle clock that runs now, without extensions."""
    start = handle_start(CaseEvent.objects.filter(case=case).order_by("seq"))
    assert start is not None, "a unit handles only what was accepted"
    return limit_for(stage=Stage.HANDLE, matter=matter_of(case), on=localdate(start))


def handle_term(*, events: Sequence[CaseEvent], matter: Matter) -> Due:
    """The handle clock from the case's events, oldest first, the newest perhaps not saved yet."""
    steps = steps_of(events)
    start = begins_handling(steps)
    if start is None:
        raise ValueError("the handle clock starts with the acceptance")
    limit = limit_for(stage=Stage.HANDLE, matter=matter, on=localdate(start))
    calendar = calendar_from(start, town_code=matter.town_code)
    return in_utc(handle_due(steps=steps, limit=limit, calendar=calendar))

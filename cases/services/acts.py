"""Move a case on: one door for every act, one small function for what each act changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, CaseEvent, Category
from cases.policy import open_moves
from cases.selectors import rules as clocks
from cases.services.errors import (
    CaseNotFoundError,
    ClientIdConflictError,
    NotAllowedNowError,
    NotYoursError,
    StaleVersionError,
)
from cases.services.evidence import next_event
from cases.workflow import ENDED, OPEN, Act, Move, Outcome, Stage, State, moves
from staff.models import User
from staff.scope import scope_of
from staff.selectors.people import is_member, organisations_for


@dataclass(frozen=True, slots=True)
class ActInput:
    """What a person typed with an act; each act reads its own fields and leaves the rest."""

    text: str = ""
    category: str | None = None
    organisation: int | None = None
    assignee: int | None = None
    due_at: datetime | None = None
    passed: bool | None = None
    outcome: str | None = None
    until: date | None = None
    into: str | None = None


@dataclass(slots=True)
class Doing:
    """One act in progress on a locked case."""

    case: Case
    by: User
    at: datetime
    given: ActInput
    move: Move
    from_state: str
    data: dict[str, Any] = field(default_factory=dict)
    events: list[CaseEvent] = field(default_factory=list)


def invalid(name: str, message: str, code: str = "invalid") -> ValidationError:
    return ValidationError({name: ValidationError(message, code=code)})


@transaction.atomic
def perform_act(
    *,
    case_id: int,
    act: Act,
    by: User,
    given: ActInput,
    version: int | None = None,
    client_id: UUID | None = None,
    at: datetime | None = None,
) -> Case:
    """Do `act` on the case, with its event, in one transaction; the case as it is then.

    `at` is given only when past records are brought in (the demo town); people's acts happen now.

    `version` is what the person saw; acts that move the case need it. The same `client_id` again changes nothing.
    Raises CaseNotFoundError, StaleVersionError, NotAllowedNowError, NotYoursError, ClientIdConflictError, and
    ValidationError naming the field.
    """
    visible = Case.objects.visible_to(by)
    case = visible.select_for_update(of=("self",)).filter(pk=case_id).first()
    if case is None:
        return _just_given_away(case_id=case_id, act=act, by=by, client_id=client_id)
    if client_id is not None and _done_before(case=case, act=act, by=by, client_id=client_id):
        return case
    move = _choose(case=case, act=act, by=by, given=given, version=version)
    _check_needs(move=move, given=given)
    doing = Doing(case=case, by=by, at=at or timezone.now(), given=given, move=move, from_state=case.state)
    if move.to is not None:
        case.state = move.to
        case.is_open = move.to in OPEN
        case.version += 1
    EFFECTS.get(act, _nothing)(doing)
    _record(doing, client_id=client_id)
    return case


def _just_given_away(*, case_id: int, act: Act, by: User, client_id: UUID | None) -> Case:
    """The case this person sent back, for a retry whose first answer was lost; only until anything else happens to it.

    Raises CaseNotFoundError for everything else.
    """
    same = CaseEvent.objects.filter(case_id=case_id, act=act, actor=by, client_id=client_id, seq=F("case__event_count"))
    event = same.select_related("case").first() if client_id is not None else None
    if event is None:
        raise CaseNotFoundError
    return event.case


def _done_before(*, case: Case, act: Act, by: User, client_id: UUID) -> bool:
    event = CaseEvent.objects.filter(client_id=client_id).first()
    if event is None:
        return False
    if event.case_id != case.pk or event.act != act or event.actor_id != by.pk:
        raise ClientIdConflictError(client_id)
    return True


def _choose(*, case: Case, act: Act, by: User, given: ActInput, version: int | None) -> Move:
    """The one move of the table that this act means here."""
    there = moves(state=State(case.state), act=act)
    if version is not None and version != case.version and any(m.to is not None for m in moves_of(act)):
        raise _stale(case)
    if not there:
        raise NotAllowedNowError(act=act, state=case.state)
    mine = open_moves(case=case, scope=scope_of(by), act=act)
    if not mine:
        raise NotYoursError(act=act)
    if any(m.to is not None for m in mine) and version is None:
        raise invalid("version", _("Send the version of the case that you saw."), "required")
    if act is Act.VERIFY:
        if given.passed is None:
            raise invalid("passed", _("Say whether it is done."), "required")
        wanted = State.VERIFIED if given.passed else State.PROCESSING
        return next(m for m in mine if m.to is wanted)
    return mine[0]


def moves_of(act: Act) -> Iterable[Move]:
    return (m for state in State for m in moves(state=state, act=act))


def _stale(case: Case) -> StaleVersionError:
    last = CaseEvent.objects.filter(case=case).exclude(act__in=(Act.COMMENT, Act.ATTACH)).order_by("-seq").first()
    assert last is not None, "a case has an event from its first moment"
    return StaleVersionError(current=case.version, act=last.act, by=str(last.actor) if last.actor else "", at=last.at)


_MISSING: Final[dict[str, Callable[[], str]]] = {
    "text": lambda: _("Write a sentence: it is kept with the case."),
    "organisation": lambda: _("Choose the unit that leads."),
    "passed": lambda: _("Say whether it is done."),
    "outcome": lambda: _("Say how it ended."),
    "until": lambda: _("Give the day the wait ends."),
    "into": lambda: _("Give the number of the case it belongs to."),
}


def _check_needs(*, move: Move, given: ActInput) -> None:
    for name in move.needs:
        value = getattr(given, name, None)
        if value is None or (isinstance(value, str) and not value.strip()):
            raise invalid(name, _MISSING[name](), "required")


def _record(doing: Doing, *, client_id: UUID | None) -> None:
    """Append the event and write the case, once."""
    case = doing.case
    event = next_event(
        case=case,
        act=doing.move.act,
        actor_id=doing.by.pk,
        at=doing.at,
        from_state=doing.from_state,
        text=doing.given.text.strip(),
        data=doing.data,
        client_id=client_id,
    )
    CaseEvent.objects.bulk_create([event])
    case.save(update_fields=CHANGED)


CHANGED: Final = [
    "state",
    "is_open",
    "outcome",
    "category",
    "category_code",
    "emergency",
    "lead_org",
    "assignee",
    "handled_by",
    "merged_into",
    "handle_due_at",
    "verify_due_at",
    "stage_started_at",
    "soon_at",
    "due_at",
    "accepted_at",
    "assigned_at",
    "acknowledged_at",
    "feedback_at",
    "verified_at",
    "suspended_until",
    "closed_at",
    "rework_count",
    "hop_count",
    "version",
    "event_count",
    "event_hash",
    "updated_at",
]


def _nothing(doing: Doing) -> None:
    """A comment changes nothing but the record."""


def _event_so_far(doing: Doing) -> CaseEvent:
    """The event of this act as the clock will find it, before it has its hash."""
    return CaseEvent(act=doing.move.act, at=doing.at, data=doing.data)


def _run_handle_clock(doing: Doing) -> None:
    """Set the handle clock from all events, this one included."""
    case = doing.case
    past = [] if doing.move.act is Act.ACCEPT else list(CaseEvent.objects.filter(case=case).order_by("seq"))
    due = clocks.handle_term(events=[*past, _event_so_far(doing)], category_code=case.category_code)
    case.handle_due_at, case.due_at, case.soon_at = due.at, due.at, due.soon_at
    case.stage_started_at = case.accepted_at or doing.at
    doing.data["handle_due_at"] = due.at.isoformat() if due.at else None


def _accept(doing: Doing) -> None:
    case, given = doing.case, doing.given
    if given.category is not None and given.category != case.category_code:
        category = Category.objects.filter(code=given.category, active=True).first()
        if category is None:
            raise invalid("category", _("Unknown category. Choose one from the list."), "unknown")
        doing.data["category_before"], doing.data["category"] = case.category_code, category.code
        case.category, case.category_code, case.emergency = category, category.code, category.emergency
    case.accepted_at = doing.at
    _run_handle_clock(doing)


def _assign(doing: Doing) -> None:
    case, given = doing.case, doing.given
    unit = organisations_for(scope=scope_of(doing.by)).filter(pk=given.organisation or 0).first()
    if unit is None:
        raise invalid("organisation", _("Choose a unit from the list."), "unknown")
    day = timezone.localdate(doing.at)
    if given.assignee is not None and not is_member(user_id=given.assignee, organisation_id=unit.pk, day=day):
        raise invalid("assignee", _("This person does not belong to the unit. Choose one of its members."), "unknown")
    case.lead_org, case.assignee_id = unit, given.assignee
    case.assigned_at, case.acknowledged_at = doing.at, None
    doing.data.update(organisation=unit.pk, organisation_name=unit.name, assignee=given.assignee)
    _run_handle_clock(doing)
    if given.due_at is not None:
        _fix_due(doing, fixed=given.due_at)
        _run_handle_clock(doing)


def _fix_due(doing: Doing, *, fixed: datetime) -> None:
    """An earlier date than the rule's; never a later one: that is an extension, and asks for a reason."""
    limit = doing.case.handle_due_at
    if fixed <= doing.at or (limit is not None and fixed > limit):
        raise invalid("due_at", _("Choose a time after now and not after the limit of this category."))
    doing.data["due_at"] = fixed.isoformat()


def _acknowledge(doing: Doing) -> None:
    doing.case.acknowledged_at = doing.at
    # From here one person answers for it.
    if doing.case.assignee_id is None:
        doing.case.assignee = doing.by
    _note_handler(doing)
    doing.data["assignee"] = doing.case.assignee_id


def _note_handler(doing: Doing) -> None:
    if doing.by.pk not in doing.case.handled_by:
        doing.case.handled_by = [*doing.case.handled_by, doing.by.pk]


def _return(doing: Doing) -> None:
    case = doing.case
    doing.data.update(organisation=case.lead_org_id, assignee=case.assignee_id, hop=case.hop_count + 1)
    case.lead_org = case.assignee = None
    case.assigned_at = case.acknowledged_at = None
    case.hop_count += 1


def _feedback(doing: Doing) -> None:
    case = doing.case
    case.feedback_at = case.stage_started_at = doing.at
    _note_handler(doing)
    due = clocks.term(stage=Stage.VERIFY, category_code=case.category_code, start=doing.at)
    case.verify_due_at, case.due_at, case.soon_at = due.at, due.at, due.soon_at
    doing.data["verify_due_at"] = due.at.isoformat() if due.at else None


def _verify(doing: Doing) -> None:
    case = doing.case
    doing.data["passed"] = doing.given.passed
    if doing.given.passed:
        case.verified_at = doing.at
        return
    case.rework_count += 1
    case.feedback_at = case.verify_due_at = None
    _run_handle_clock(doing)


def _close(doing: Doing) -> None:
    if doing.given.outcome not in set(Outcome):
        raise invalid("outcome", _("Say how it ended."), "invalid_choice")
    doing.case.outcome = doing.given.outcome
    doing.case.closed_at = doing.at
    doing.data["outcome"] = doing.given.outcome


def _suspend(doing: Doing) -> None:
    case, until = doing.case, doing.given.until
    if until is None or until <= timezone.localdate(doing.at):
        raise invalid("until", _("Choose a day after today."))
    case.suspended_until = until
    case.handle_due_at = case.due_at = case.soon_at = None
    doing.data["until"] = until.isoformat()


def _resume(doing: Doing) -> None:
    doing.case.suspended_until = None
    _run_handle_clock(doing)


def _merge(doing: Doing) -> None:
    case = doing.case
    target = (
        Case.objects.visible_to(doing.by)
        .filter(number=(doing.given.into or "").strip())
        .exclude(pk=case.pk)
        .exclude(state__in=[s for s in ENDED if s is not State.CLOSED])
        .first()
    )
    if target is None:
        raise invalid("into", _("There is no other case with this number that could take it."), "unknown")
    case.merged_into = target
    doing.data.update(into=target.pk, into_number=target.number)


EFFECTS: Final[dict[Act, Callable[[Doing], None]]] = {
    Act.ACCEPT: _accept,
    Act.ASSIGN: _assign,
    Act.ACKNOWLEDGE: _acknowledge,
    Act.RETURN: _return,
    Act.FEEDBACK: _feedback,
    Act.VERIFY: _verify,
    Act.CLOSE: _close,
    Act.SUSPEND: _suspend,
    Act.RESUME: _resume,
    Act.MERGE: _merge,
}

"""The one door: find and lock the case, choose the move, check what it needs, change, record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, CaseEvent
from cases.policy import holds_on, open_moves
from cases.services.acts import after, handling, intake, watch
from cases.services.acts.doing import ActInput, Doing, invalid
from cases.services.acts.offline import ONLINE, Behalf, Offline, can_follow, times_of
from cases.services.errors import (
    CaseNotFoundError,
    ClientIdConflictError,
    NotAllowedNowError,
    NotYoursError,
    StaleVersionError,
)
from cases.services.evidence import next_event
from cases.workflow import DECIDED, OPEN, Act, Move, State, When, moves
from staff.models import User
from staff.scope import scope_of

EFFECTS: Final[dict[Act, Callable[[Doing], None]]] = {
    **intake.EFFECTS,
    **handling.EFFECTS,
    **after.EFFECTS,
    **watch.EFFECTS,
}


ASKING: Final = frozenset({Act.ASK_EXTENSION, Act.ASK_SUSPENSION})
"""Acts that put a question to the center and decide nothing."""


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
    offline: Offline = ONLINE,
    behalf: Behalf | None = None,
) -> Case:
    """Do `act` on the case, with its event, in one transaction; the case as it is then.

    `at` is given only when past records are brought in (the demo town); people's acts happen now. `offline` says when
    and on what it was done if that was before it arrived; `behalf`, whose act it was if a person lets it count later.

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
    rebased = _is_rebased(case=case, act=act, version=version, offline=offline)
    # To ask takes no power from anybody: whoever lets a late request count needs no right to ask themselves.
    whose = behalf.author if behalf is not None and act in ASKING else by
    move = _choose(
        case=case,
        act=act,
        by=whose,
        given=given,
        version=case.version if rebased else version,
        deciding=behalf is not None,
    )
    check_needs(needs=move.needs, given=given)
    now = at or timezone.now()
    doing = Doing(case=case, by=by, at=now, given=given, move=move, from_state=case.state)
    doing.data.update(times_of(offline=offline, case=case, now=now))
    if rebased:
        doing.data["rebased_from"] = version
    if behalf is not None:
        doing.author = behalf.author
        doing.data.update(behalf.data())
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


def _is_rebased(*, case: Case, act: Act, version: int | None, offline: Offline) -> bool:
    """Whether an act done without signal is done on a later version than its author saw, because nothing that matters
    to it is different there.
    """
    if not offline.kept or not _is_stale(case=case, act=act, version=version):
        return False
    return version is not None and can_follow(case=case, act=act, version=version, offline=offline)


def _is_stale(*, case: Case, act: Act, version: int | None) -> bool:
    return version is not None and version != case.version and any(m.to is not None for m in moves_of(act))


def _choose(*, case: Case, act: Act, by: User, given: ActInput, version: int | None, deciding: bool) -> Move:
    """The one move of the table that this act means here."""
    there = [move for move in moves(state=State(case.state), act=act) if deciding or move.when not in DECIDED]
    if _is_stale(case=case, act=act, version=version):
        raise _stale(case)
    if not there:
        raise NotAllowedNowError(act=act, state=case.state)
    mine = open_moves(case=case, scope=scope_of(by), act=act, deciding=deciding)
    if not mine:
        raise NotYoursError(act=act)
    if any(m.to is not None for m in mine) and version is None:
        raise invalid("version", _("Send the version of the case that you saw."), "required")
    _check_choice(mine, given)
    move = _which(mine, case, given)
    if move is None:
        raise NotAllowedNowError(act=act, state=case.state)
    return move


def _which(ways: Iterable[Move], case: Case, given: ActInput) -> Move | None:
    return next((move for move in ways if _holds(move, case, given)), None)


def _check_choice(mine: tuple[Move, ...], given: ActInput) -> None:
    """What decides between the moves has to be said first."""
    for name in frozenset.intersection(*(frozenset(m.needs) for m in mine)):
        if len(mine) > 1 and getattr(given, name) is None:
            raise invalid(name, _MISSING[name](), "required")


_SAID: Final[dict[When, Callable[[ActInput], bool]]] = {
    When.PASSED: lambda given: given.passed is True,
    **dict.fromkeys((When.FAILED, When.FAILED_UNASSIGNED, *DECIDED), lambda given: given.passed is False),
    When.TAKEN_OVER: lambda given: given.taken_over is True,
    **dict.fromkeys((When.GIVEN_BACK, When.GIVEN_BACK_UNASSIGNED), lambda given: given.taken_over is False),
    When.NOT_SOLVED: lambda given: given.satisfaction == "not_solved",
    When.SAID_SOLVED: lambda given: given.satisfaction != "not_solved",
}


def _holds(move: Move, case: Case, given: ActInput) -> bool:
    said = move.when not in _SAID or _SAID[move.when](given)
    return said and holds_on(case=case, when=move.when)


def meant(*, case: Case, act: Act, given: ActInput) -> Move | None:
    """The move that was meant where `case` is; None if there is none."""
    return _which(moves(state=State(case.state), act=act), case, given)


def moves_of(act: Act) -> Iterable[Move]:
    """Everywhere in the table."""
    return (m for state in State for m in moves(state=state, act=act))


def _stale(case: Case) -> StaleVersionError:
    last = CaseEvent.objects.filter(case=case).exclude(act__in=BESIDE).order_by("-seq").first()
    assert last is not None, "a case has an event from its first moment"
    return StaleVersionError(current=case.version, act=last.act, by=str(last.actor) if last.actor else "", at=last.at)


BESIDE: Final = (
    *(Act.COMMENT, Act.ATTACH, Act.PARTY_ADDED, Act.PARTY_REMOVED),
    *(Act.CONFLICT, Act.SETTLE_CONFLICT),
)
"""Acts that leave the version as it was: they are not what somebody was overtaken by."""

_MISSING: Final[dict[str, Callable[[], str]]] = {
    "text": lambda: _("Write a sentence: it is kept with the case."),
    "organisation": lambda: _("Choose the unit that leads."),
    "assignee": lambda: _("Choose who takes it."),
    "passed": lambda: _("Say whether it is done."),
    "outcome": lambda: _("Say how it ended."),
    "until": lambda: _("Give the day the wait ends."),
    "into": lambda: _("Give the number of the case it belongs to."),
    "amount": lambda: _("Say how much more time."),
    "authority": lambda: _("Name the authority."),
    "taken_over": lambda: _("Say whether the higher center keeps the matter."),
    "supervision": lambda: _("Choose how sharply it is put."),
    "satisfaction": lambda: _("Say what was answered."),
}


def check_needs(*, needs: Iterable[str], given: ActInput) -> None:
    """Raises ValidationError naming the first of `needs` that was left out."""
    for name in needs:
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
    *("state", "is_open", "outcome", "category", "category_code", "emergency", "level"),
    *("lead_org", "assignee", "assistants", "first_responsible", "handled_by", "authority", "merged_into", "parent"),
    *(
        "accept_due_at",
        "handle_due_at",
        "verify_due_at",
        "take_due_at",
        "archive_due_at",
        "stage_started_at",
        "soon_at",
        "due_at",
    ),
    *("accepted_at", "assigned_at", "acknowledged_at", "feedback_at", "verified_at", "closed_at", "archived_at"),
    *("suspended_until", "asked_for", "asked_amount", "asked_until"),
    *("rework_count", "hop_count", "extension_count", "reopen_count", "satisfaction"),
    *("supervision", "supervised_by", "supervised_from", "supervision_due_at", "supervision_replied_at"),
    *("version", "event_count", "event_hash", "updated_at"),
]


def _nothing(doing: Doing) -> None:
    """A comment changes nothing but the record."""

"""What was done without signal and came too late: nothing is thrown away, and a person decides.

`perform_kept` is the door for such acts: done if it may be, else kept whole. `settle_conflict` is the decision.
"""

from __future__ import annotations

import copy
import hashlib
import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from cases.models import AREA_READERS, Case, CaseConflict, CaseEvent
from cases.policy import UNIT_ROLES, open_moves
from cases.selectors.standing import Standing, Version, version_at, versions_of
from cases.services.acts import ActInput, perform_act
from cases.services.acts.door import ASKING, check_needs, meant, moves_of
from cases.services.acts.offline import Offline, base_of, believed_time, events_of, times_of
from cases.services.errors import (
    CaseNotFoundError,
    ClientIdConflictError,
    NotAllowedNowError,
    NotYoursError,
    StaleVersionError,
)
from cases.services.evidence import next_event
from cases.services.requests import GIVEN, overtaken
from cases.services.sides import Sides, packed
from cases.services.upon import built_upon
from cases.workflow import OPEN, Act, State
from staff.models import Post, User
from staff.scope import Scope, scope_of

logger = logging.getLogger(__name__)

Reason = CaseConflict.Reason
TOO_LATE: Final[dict[type[Exception], Reason]] = {
    StaleVersionError: Reason.STALE,
    NotAllowedNowError: Reason.NOT_NOW,
    NotYoursError: Reason.NOT_YOURS,
    CaseNotFoundError: Reason.OUT_OF_SIGHT,
}


@transaction.atomic
def perform_kept(
    *,
    case_id: int,
    act: Act,
    by: User,
    given: ActInput,
    version: int | None,
    client_id: UUID,
    offline: Offline,
) -> Case | CaseConflict | None:
    """The case after the act; or the conflict, with everything that was typed, if it cannot be done any more; None if
    it was done before and the case is out of this person's sight since.

    The same `client_id` again gives the same. Raises what `perform_act` raises for acts that never were this person's,
    CaseNotFoundError for cases they never had a part in, and ValidationError for wrong input.
    """
    # Locked before anybody asks whose it is: between the refusal and its record nothing may change.
    case = Case.objects.select_for_update().filter(pk=case_id).first()
    if case is None:
        raise CaseNotFoundError
    known = CaseConflict.objects.filter(client_id=client_id).first()
    if known is not None and (known.case_id, known.act, known.by_id) == (case_id, act, by.pk):
        return known
    check_needs(needs=frozenset.intersection(*(frozenset(m.needs) for m in moves_of(act))), given=given)
    version, offline = built_upon(case=case, by=by, version=version, offline=offline)
    if act in ASKING and open_moves(case=case, scope=scope_of(by), act=act):
        late = _Late(case=case, act=act, by=by, given=given, version=version, offline=offline)
        if (reason := late.is_overtaken(client_id)) is not None:
            return late.keep(client_id=client_id, reason=reason)
    try:
        return perform_act(
            case_id=case_id, act=act, by=by, given=given, version=version, client_id=client_id, offline=offline
        )
    except tuple(TOO_LATE) as error:
        late = _Late(case=case, act=act, by=by, given=given, version=version, offline=offline)
        if isinstance(error, CaseNotFoundError) and late.was_done(client_id):
            return None
        if not late.was_theirs(out_of_sight=isinstance(error, CaseNotFoundError)):
            raise
        return late.keep(client_id=client_id, reason=TOO_LATE[type(error)])


class _Late:
    """An act that was refused, on its locked case. One statement for the events, two for the posts of the day."""

    def __init__(
        self, *, case: Case, act: Act, by: User, given: ActInput, version: int | None, offline: Offline
    ) -> None:
        self.case, self.act, self.by, self.given, self.version, self.offline = case, act, by, given, version, offline
        self.now = timezone.now()
        self.events = events_of(case)
        self.versions = versions_of(self.events)
        self.seen_version: Version | None = version_at(self.versions, version)
        self.base: Standing | None = base_of(offline=offline, base=self.seen_version)

    def was_done(self, client_id: UUID) -> bool:
        mine = (event for event in self.events if event.client_id == client_id)
        return any((event.act, event.actor_id) == (self.act, self.by.pk) for event in mine)

    def is_overtaken(self, client_id: UUID) -> Reason | None:
        """Of a request: why it cannot stand as it was typed."""
        if self.was_done(client_id):
            return None
        return overtaken(
            case=self.case,
            act=self.act,
            given=self.given,
            offline=self.offline,
            since=self._after_seen(),
            now=self.now,
        )

    def was_theirs(self, *, out_of_sight: bool) -> bool:
        """Whether the act was this person's to do on what they saw, or ever, if nobody knows what they saw."""
        scopes = self._scopes()
        if out_of_sight and not any(had_part(case=self.case, scope=s, by=self.by, events=self.events) for s in scopes):
            return False
        standings = [self.base] if self.base else [version.standing for version in self.versions]
        ways = ((self._as_seen(standing), scope) for standing in standings for scope in scopes)
        return any(open_moves(case=seen, scope=scope, act=self.act) for seen, scope in ways)

    def _as_seen(self, standing: Standing) -> Case:
        """The case as its author had it before them; never saved."""
        seen = copy.copy(self.case)
        seen.state, seen.is_open = standing.state, State(standing.state) in OPEN
        seen.lead_org_id, seen.assignee_id = standing.lead_org, standing.assignee
        handed = [event.data["from_cell"] for event in self._after_seen() if event.act == Act.CELL_CHANGED]
        seen.duty_cell_code = handed[0] if handed else self.case.duty_cell_code
        helpers = [event.data.get("assistants", []) for event in self.events if event.act == Act.ASSIGN]
        seen.assistants = sorted({*seen.assistants, *(pk for units in helpers for pk in units)})
        return seen

    @property
    def _since(self) -> int:
        """The number of the last event the author had seen; 0 if nobody knows."""
        return self.seen_version.event.seq if self.seen_version else 0

    def _after_seen(self) -> list[CaseEvent]:
        return [event for event in self.events if event.seq > self._since]

    def _scopes(self) -> list[Scope]:
        """With the posts of today, and with those of the day it was done: somebody may have left since."""
        said = believed_time(offline=self.offline, case=self.case, now=self.now)
        then = scope_of(self.by, on=timezone.localdate(said)) if said is not None else None
        today = scope_of(self.by)
        return [today] if then is None or then == today else [today, then]

    def keep(self, *, client_id: UUID, reason: Reason) -> CaseConflict:
        if CaseConflict.objects.filter(client_id=client_id).exists():
            raise ClientIdConflictError(client_id)
        case, typed = self.case, packed(self.given)
        at = self.offline.done_at or self.now
        move = meant(case=self._as_seen(self.base), act=self.act, given=self.given) if self.base else None
        check_needs(needs=move.needs if move else (), given=self.given)
        sides = Sides(case=case, act=self.act, by=self.by.pk, at=at, base=self.base).of(
            given=typed,
            meant=move.to if move else None,
            same=[event for event in self._after_seen() if event.act in self._rivals()],
            moved=[version for version in self.versions if version.event.seq > self._since],
        )
        conflict = CaseConflict.objects.create(
            case=case,
            client_id=client_id,
            act=self.act,
            reason=reason,
            by=self.by,
            done_at=at.astimezone(UTC) if self.offline.done_at else None,
            received_at=self.now,
            base_version=self.version,
            given=typed,
            fields=sides,
        )
        times = times_of(offline=self.offline, case=case, now=self.now)
        data = {"conflict": conflict.pk, "act": self.act.value, "reason": reason.value, "base_version": self.version}
        record(case=case, act=Act.CONFLICT, by=self.by, at=self.now, data={**data, **digests(conflict), **times})
        case.open_conflicts += 1
        case.save(update_fields=RECORDED)
        logger.info("conflict_kept conflict=%s case=%s act=%s reason=%s", conflict.pk, case.pk, self.act, reason)
        return conflict

    def _rivals(self) -> frozenset[Act]:
        """What leaves no room for this act beside it. Of acts that move nothing any number may stand together."""
        if self.act in ASKING:
            return GIVEN
        return frozenset({self.act} if any(move.to for move in moves_of(self.act)) else ())


RECORDED: Final = ("open_conflicts", "event_count", "event_hash", "updated_at")


def record(*, case: Case, act: Act, by: User, at: datetime, data: dict[str, Any], text: str = "") -> None:
    """Append to the chain of the locked case; the case itself is saved by the caller."""
    event = next_event(case=case, act=act, actor_id=by.pk, at=at, from_state=case.state, text=text, data=data)
    CaseEvent.objects.bulk_create([event])


def digests(conflict: CaseConflict) -> dict[str, str]:
    """SHA-256 (hex) of what was typed and of both sides, so that a later change of the row shows."""
    return {"given": _digest(conflict.given), "fields": _digest(conflict.fields)}


def _digest(kept: Any) -> str:
    return hashlib.sha256(json.dumps(kept, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def had_part(*, case: Case, scope: Scope, by: User, events: Sequence[CaseEvent]) -> bool:
    """Whether the case was this person's business before it left their sight: they did something on it, it was given
    to them or their unit, or it lies on ground they have or had to answer for.
    """
    if case.reporter_id == by.pk or by.pk in case.handled_by or any(event.actor_id == by.pk for event in events):
        return True
    return _was_given(events, scope=scope, by=by) or _lay_on_ground(case, events, scope=scope)


def _was_given(events: Sequence[CaseEvent], *, scope: Scope, by: User) -> bool:
    units = set(scope.organisation_ids(*UNIT_ROLES))
    given = [event.data for event in events if event.act in (Act.ASSIGN, Act.REASSIGN, Act.ACKNOWLEDGE)]
    people = {said.get(name) for said in given for name in ("assignee", "assignee_before")}
    led = {pk for said in given for pk in (said.get("organisation"), *said.get("assistants", ()))}
    return by.pk in people or bool(units & led)


def _lay_on_ground(case: Case, events: Sequence[CaseEvent], *, scope: Scope) -> bool:
    handed = [event.data.get("from_cell", "") for event in events if event.act == Act.CELL_CHANGED]
    codes = [code for code in (case.town_code, case.village_code, case.cell_code, *handed) if code]
    roles = [*AREA_READERS, *([Post.Role.MEDIATOR] if case.category_code.startswith("A") else [])]
    return any(scope.covers(code, *roles) for code in codes)

"""Write down who the parties of a case are, take one out, and look at a whole name for a purpose."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, CaseParty, CasePartyLook, digits_of, name_key, phone_key
from cases.selectors.parties import sight_of
from cases.services.errors import CaseNotFoundError, ClientIdConflictError, NotAllowedNowError, NotYoursError
from cases.services.evidence import next_event
from cases.workflow import Act, State, moves
from staff.models import User
from staff.scope import scope_of

logger = logging.getLogger(__name__)

MOST: Final = 200
"""Parties of one case; wages owed to a whole workshop fit in."""


@dataclass(frozen=True, slots=True)
class PartyEntry:
    """A party as somebody names it. A phone is optional."""

    client_id: UUID
    kind: str
    side: str
    name: str
    phone: str = ""

    @property
    def keys(self) -> tuple[str, str, str]:
        """What makes two entries the same party: side, and the blind indexes of name and phone."""
        return self.side, name_key(self.name), phone_key(self.phone)

    def record(self) -> dict[str, str]:
        """What the chain of events keeps: enough to prove the row, nothing to read a name from.

        Over the keyed indexes, not over the words: a plain hash of a phone number is found by trying all of them.
        """
        said = json.dumps([str(self.client_id), self.kind, *self.keys])
        digest = hashlib.sha256(said.encode()).hexdigest()
        return {"party": str(self.client_id), "kind": self.kind, "side": self.side, "digest": digest}


def entry_of(party: CaseParty) -> PartyEntry:
    return PartyEntry(party.client_id, party.kind, party.side, party.name, party.phone)


def check_entries(entries: Sequence[PartyEntry]) -> None:
    """Raises ValidationError naming `parties` for what cannot be one report's parties; ClientIdConflictError for an id
    that was used before.
    """
    problem = ""
    if len({entry.keys for entry in entries}) != len(entries) or len({e.client_id for e in entries}) != len(entries):
        problem = _("Name each party once.")
    elif any(not entry.keys[1] for entry in entries):
        problem = _("Give the name.")
    elif any(_is_no_number(entry) for entry in entries):
        problem = _("A phone number has at least five digits.")
    if problem:
        raise ValidationError({"parties": ValidationError(problem, "invalid")})
    check_ids(entries)


def check_ids(entries: Sequence[PartyEntry]) -> None:
    """Raises ClientIdConflictError for an id that was used before. No statement without entries."""
    used = CaseParty.objects.filter(client_id__in=[entry.client_id for entry in entries]).first() if entries else None
    if used is not None:
        raise ClientIdConflictError(used.client_id)


def _is_no_number(entry: PartyEntry) -> bool:
    return bool(entry.phone.strip()) and len(digits_of(entry.phone)) < 5


def new_parties(*, case: Case, entries: Sequence[PartyEntry], by: User, at: datetime) -> None:
    """The parties of a report that becomes a case in this transaction; its first event keeps their records."""
    CaseParty.objects.bulk_create([_row(case=case, entry=entry, by=by, at=at) for entry in entries])


def _row(*, case: Case, entry: PartyEntry, by: User, at: datetime) -> CaseParty:
    _side, name_index, phone_index = entry.keys
    return CaseParty(
        case=case,
        client_id=entry.client_id,
        kind=entry.kind,
        side=entry.side,
        name=" ".join(entry.name.split()),
        phone=" ".join(entry.phone.split()),
        name_index=name_index,
        phone_index=phone_index,
        added_by=by,
        added_at=at,
    )


def add_party(*, case_id: int, by: User, entry: PartyEntry, at: datetime | None = None) -> tuple[CaseParty, bool]:
    """The party of this entry, and whether it is new; the same id again gives the same party.

    Raises CaseNotFoundError, NotAllowedNowError, NotYoursError, ClientIdConflictError, or ValidationError naming the
    field. `at` is given only when past records are brought in.
    """
    try:
        return _add(case_id=case_id, by=by, entry=entry, at=at or timezone.now())
    except IntegrityError:
        # The same id for another case, quicker by a moment.
        check_ids([entry])
        raise


@transaction.atomic
def _add(*, case_id: int, by: User, entry: PartyEntry, at: datetime) -> tuple[CaseParty, bool]:
    case = _locked(case_id=case_id, by=by)
    if (known := _known(case=case, by=by, entry=entry)) is not None:
        return known, False
    if not moves(state=State(case.state), act=Act.PARTY_ADDED):
        raise NotAllowedNowError(act=Act.PARTY_ADDED, state=case.state)
    if not sight_of(case=case, scope=scope_of(by)).add:
        raise NotYoursError(act=Act.PARTY_ADDED)
    _check_new(case=case, entry=entry)
    party = _row(case=case, entry=entry, by=by, at=at)
    party.save(force_insert=True)
    _record(case=case, act=Act.PARTY_ADDED, by=by, at=at, data=entry.record())
    return party, True


def _locked(*, case_id: int, by: User) -> Case:
    case = Case.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=case_id).first()
    if case is None:
        raise CaseNotFoundError
    return case


def _known(*, case: Case, by: User, entry: PartyEntry) -> CaseParty | None:
    """The party made from this id before."""
    known = CaseParty.objects.filter(client_id=entry.client_id).select_related("added_by").first()
    if known is None:
        return None
    if (known.case_id, known.added_by_id) != (case.pk, by.pk) or entry_of(known).record() != entry.record():
        raise ClientIdConflictError(entry.client_id)
    return known


def _check_new(*, case: Case, entry: PartyEntry) -> None:
    side, name_index, phone_index = entry.keys
    there = CaseParty.objects.filter(case=case, removed_at__isnull=True)
    if not name_index:
        raise _wrong("name", _("Give the name."), "required")
    if _is_no_number(entry):
        raise _wrong("phone", _("A phone number has at least five digits."), "invalid")
    if there.filter(side=side, name_index=name_index, phone_index=phone_index).exists():
        raise _wrong("name", _("This party is written down already."), "already_there")
    if there.count() >= MOST:
        raise _wrong("name", _("A case has at most %(most)d parties.") % {"most": MOST}, "too_many")


def _wrong(name: str, message: str, code: str) -> ValidationError:
    return ValidationError({name: ValidationError(message, code)})


def _record(*, case: Case, act: Act, by: User, at: datetime, data: dict[str, Any], text: str = "") -> None:
    event = next_event(case=case, act=act, actor_id=by.pk, at=at, from_state=case.state, text=text, data=data)
    event.save(force_insert=True)
    case.save(update_fields=["event_count", "event_hash", "updated_at"])


@transaction.atomic
def remove_party(*, case_id: int, party_id: int, by: User, reason: str) -> None:
    """Take a party out of the list; the sealed row stays, with who and when. Again it changes nothing.

    Raises CaseNotFoundError, also for a party that is not of this case; NotAllowedNowError; NotYoursError; or
    ValidationError naming `reason`.
    """
    case = _locked(case_id=case_id, by=by)
    # Whoever may not know the parties does not learn from the answer which ids there are.
    sight = sight_of(case=case, scope=scope_of(by))
    if not sight.names:
        raise NotYoursError(act=Act.PARTY_REMOVED)
    party = CaseParty.objects.filter(pk=party_id, case=case).first()
    if party is None:
        raise CaseNotFoundError
    if not sight.may_remove(party, by.pk):
        raise NotYoursError(act=Act.PARTY_REMOVED)
    if party.removed_at is not None:
        return
    if not reason.strip():
        raise _wrong("reason", _("Write a sentence: it is kept with the case."), "required")
    party.removed_by, party.removed_at = by, timezone.now()
    party.save(update_fields=["removed_by", "removed_at"])
    record = entry_of(party).record()
    _record(case=case, act=Act.PARTY_REMOVED, by=by, at=party.removed_at, data=record, text=reason.strip())


@transaction.atomic
def look_at_party(*, case_id: int, party_id: int, by: User, purpose: str, words: str = "") -> CaseParty:
    """The party with its whole name and phone, once it is on record who looked and what for.

    Raises CaseNotFoundError, or PermissionDenied for whoever may see the case but not this.
    """
    case = Case.objects.visible_to(by).filter(pk=case_id).first()
    if case is None:
        raise CaseNotFoundError
    if not sight_of(case=case, scope=scope_of(by)).whole:
        raise PermissionDenied
    party = CaseParty.objects.filter(pk=party_id, case=case, removed_at__isnull=True).first()
    if party is None:
        raise CaseNotFoundError
    look = CasePartyLook(party=party, case=case, by=by, at=timezone.now(), purpose=purpose, words=words.strip())
    look.save(force_insert=True)
    logger.info("party_looked_at party=%s case=%s by=%s", party.pk, case.pk, by.pk)
    return party

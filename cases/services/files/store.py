"""Add a file to a case."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Final
from uuid import UUID

from django.conf import settings
from django.contrib.gis.geos import Point
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from cases.models import Case, CaseEvent, CaseFile
from cases.policy import may_see, open_moves
from cases.selectors.conflicts import has_open_conflict
from cases.selectors.deliveries import WITH_ACT, may_deliver
from cases.services.errors import CaseNotFoundError, ClientIdConflictError, NotAllowedNowError, NotYoursError
from cases.services.evidence import next_event
from cases.services.files.intake import take_in
from cases.services.files.kinds import Kept
from cases.services.files.trouble import check_moment
from cases.workflow import Act, State, moves
from staff.models import User
from staff.scope import scope_of

NAME: Final = 150
UNSHOWN: Final = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff<>:\"|?*]")
"""Characters that a file name cannot have, or that make it look like another."""


@dataclass(frozen=True, slots=True)
class Taken:
    """When and where a photo was taken, as the phone read it before it made the photo small (degrees, WGS-84)."""

    at: datetime | None = None
    lon: float | None = None
    lat: float | None = None

    @property
    def point(self) -> Point | None:
        return None if self.lon is None or self.lat is None else Point(self.lon, self.lat, srid=4326)


def add_file(
    *,
    case_id: int,
    by: User,
    client_id: UUID,
    upload: IO[bytes],
    caption: str = "",
    moment: str = "",
    taken: Taken = Taken(),
    act: UUID | None = None,
    at: datetime | None = None,
) -> tuple[CaseFile, bool]:
    """The file of this upload, and whether it is new; the same id again gives the same file.

    Raises CaseNotFoundError, NotAllowedNowError, NotYoursError, ClientIdConflictError, or ValidationError naming
    `file`.
    The file is opened and cleaned before anything is locked; its thumbnail and the scan come later, in the background.
    `taken` counts where the file itself says nothing. `act` is the client id of the person's own act it belongs to: it
    lets the file in when the case is out of their sight by now. `at` is given only when past records are brought in.
    """
    in_sight = Case.objects.visible_to(by).filter(pk=case_id).exists()
    if not in_sight and not _belongs(case_id=case_id, by=by, act=act):
        raise CaseNotFoundError
    kept, sent = take_in(upload)
    check_moment(kind=kept.kind, moment=moment)
    row = CaseFile(
        case_id=case_id,
        client_id=client_id,
        kind=kept.kind,
        check_state=CaseFile.Check.WAITING if settings.CLAMD else CaseFile.Check.NONE,
        # Documents are found by their names; those of photos and recordings say nothing, or too much.
        name=_clean_name(getattr(upload, "name", "")) if kept.kind == CaseFile.Kind.DOCUMENT else "",
        caption=caption,
        moment=moment,
        content_type=kept.content_type,
        size=len(kept.data),
        width=kept.width,
        height=kept.height,
        seconds=kept.seconds,
        taken_at=kept.taken_at or taken.at,
        taken_point=kept.taken_point or taken.point,
        sha256=hashlib.sha256(kept.data).hexdigest(),
        uploaded_by=by,
        uploaded_at=at or timezone.now(),
    )
    return _store(row, kept, hashlib.sha256(sent).hexdigest(), act)


def _belongs(*, case_id: int, by: User, act: UUID | None) -> bool:
    """To something of theirs that waits for a decision, or to an act they made."""
    if has_open_conflict(case_id=case_id, by=by):
        return True
    return act is not None and may_deliver(case_id=case_id, by=by, act=act, now=timezone.now())


def _clean_name(name: str | None) -> str:
    """The last part of the name, without what could mislead; its ending is made of the content."""
    last = re.split(r"[/\\]", name or "")[-1]
    stem = re.sub(r"\.pdf$", "", UNSHOWN.sub("", last).strip(" ."), flags=re.IGNORECASE)
    return f"{stem[: NAME - 4]}.pdf" if stem else ""


@transaction.atomic
def _store(row: CaseFile, kept: Kept, sent_sha256: str, act: UUID | None) -> tuple[CaseFile, bool]:
    """Write the row, its bytes and its event, unless the same upload arrived before."""
    case = Case.objects.select_for_update().get(pk=row.case_id)
    known = CaseFile.objects.filter(client_id=row.client_id).select_related("uploaded_by").first()
    if known is not None:
        if (known.case_id, known.uploaded_by_id) != (row.case_id, row.uploaded_by_id):
            raise ClientIdConflictError(row.client_id)
        known.case = case
        return known, False
    late = _check_may_attach(case=case, by=row.uploaded_by, act=act)
    row.case = case
    row.file = ContentFile(kept.data, name=f"{row.sha256}.{kept.extension}")
    row.save(force_insert=True)
    event = next_event(
        case=case,
        act=Act.ATTACH,
        actor_id=row.uploaded_by_id,
        at=row.uploaded_at,
        from_state=case.state,
        text=row.caption,
        # Two hashes: of what is kept, and of what was sent, so that whoever has the original can show that it is it.
        data={"file": row.pk, "sha256": row.sha256, "sent_sha256": sent_sha256, **late},
    )
    event.save(force_insert=True)
    case.save(update_fields=["event_count", "event_hash", "updated_at"])
    return row, True


def _check_may_attach(*, case: Case, by: User, act: UUID | None) -> dict[str, str]:
    """What the event says of a file that came in by its act only.

    Out of sight or ended meanwhile: the photo of what was done without signal is no less kept than its words.

    A report that was solved on the spot ends the case before its photos can arrive, and a feedback may be verified and
    the case closed before: whoever did something on it may still send the photo of it.
    """
    belongs_here = moves(state=State(case.state), act=Act.ATTACH)
    scope = scope_of(by)
    if belongs_here and may_see(case=case, scope=scope) and open_moves(case=case, scope=scope, act=Act.ATTACH):
        return {}
    if _belongs(case_id=case.pk, by=by, act=act):
        return {WITH_ACT: str(act)} if act is not None else {}
    if belongs_here:
        raise NotYoursError(act=Act.ATTACH)
    if not CaseEvent.objects.filter(case=case, actor=by).exists():
        raise NotAllowedNowError(act=Act.ATTACH, state=case.state)
    return {}

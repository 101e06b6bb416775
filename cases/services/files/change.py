"""Say what a file shows: caption, before or after, and which file shows the same at the other moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, CaseFile
from cases.policy import parties
from cases.services.errors import CaseNotFoundError, NotAllowedNowError, NotYoursError
from cases.services.evidence import next_event
from cases.services.files.trouble import check_moment
from cases.workflow import Act, Party, State, moves
from staff.models import User
from staff.scope import scope_of


@dataclass(frozen=True, slots=True)
class FileChange:
    """What is to be changed; None leaves it as it is. `unpair` takes it out of its pair."""

    caption: str | None = None
    moment: str | None = None
    pair: int | None = None
    unpair: bool = False


@transaction.atomic
def change_file(*, file_id: int, by: User, change: FileChange) -> CaseFile:
    """By whoever sent it, or by the center, while files may be added to the case; put on record when it changes.

    Raises CaseNotFoundError, NotAllowedNowError, NotYoursError, or ValidationError naming `moment` or `pair`.
    """
    case = Case.objects.visible_to(by).select_for_update(of=("self",)).filter(files=file_id).first()
    if case is None:
        raise CaseNotFoundError
    file = CaseFile.objects.select_related("uploaded_by").get(pk=file_id)
    file.case = case
    _check_may(file, case, by)
    before = _said(file)
    _apply(file, change)
    after = _said(file)
    changed = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
    if not changed:
        return file
    file.save(update_fields=["caption", "moment", "pair"])
    event = next_event(
        case=case,
        act=Act.ATTACH,
        actor_id=by.pk,
        at=timezone.now(),
        from_state=case.state,
        text=file.caption,
        data={"file": file.pk, "sha256": file.sha256, "changed": changed},
    )
    event.save(force_insert=True)
    case.save(update_fields=["event_count", "event_hash", "updated_at"])
    return file


def _check_may(file: CaseFile, case: Case, by: User) -> None:
    if not moves(state=State(case.state), act=Act.ATTACH):
        raise NotAllowedNowError(act=Act.ATTACH, state=case.state)
    who = parties(case=case, scope=scope_of(by))
    if Party.CENTER not in who and not (file.uploaded_by_id == by.pk and Party.READER in who):
        raise NotYoursError(act=Act.ATTACH)


def _said(file: CaseFile) -> dict[str, Any]:
    return {"caption": file.caption, "moment": file.moment, "pair": file.pair_id}


def _apply(file: CaseFile, change: FileChange) -> None:
    if change.caption is not None:
        file.caption = change.caption
    if change.moment is not None:
        file.moment = change.moment
    if change.unpair:
        file.pair = None
    elif change.pair is not None:
        file.pair = _other(file, change.pair)
    _check_moments(file)


def _other(file: CaseFile, pk: int) -> CaseFile:
    """The file to pair with; one of another case is as unknown as one that does not exist."""
    other = CaseFile.objects.filter(pk=pk, case_id=file.case_id).exclude(pk=file.pk).first()
    if other is None:
        message = _("There is no such file in this case. Choose one of its files.")
        raise ValidationError({"pair": ValidationError(message, code="does_not_exist")})
    return other


def _check_moments(file: CaseFile) -> None:
    """A pair is one file from before and one from after, whichever of the two names the other."""
    check_moment(kind=file.kind, moment=file.moment)
    others = [*([file.pair] if file.pair else []), *file.pairs.all()]
    for other in others:
        if {file.moment, other.moment} != set(CaseFile.Moment.values):
            message = _("A pair is one picture from before and one from after. Say first which of the two it is.")
            raise ValidationError({"pair": ValidationError(message, code="same_moment")})

"""Decide a conflict: the first stays, the second counts after all, or both are kept."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.labels import act_name
from cases.models import Case, CaseConflict
from cases.policy import open_moves
from cases.selectors.deciders import decidable, sides_of
from cases.selectors.forms import acts_for
from cases.services.acts import ActInput, perform_act
from cases.services.acts.doing import invalid
from cases.services.acts.offline import Behalf
from cases.services.conflicts import RECORDED, record
from cases.services.errors import (
    CannotTakeError,
    CaseNotFoundError,
    ConflictSettledError,
    NotAllowedNowError,
    NotYoursError,
    PartyToItError,
)
from cases.services.sides import unpacked
from cases.workflow import Act
from staff.models import User
from staff.scope import scope_of

logger = logging.getLogger(__name__)

Decision = Literal["keep", "take", "both"]
BECOMES: Final[dict[Decision, CaseConflict.State]] = {
    "keep": CaseConflict.State.KEPT_FIRST,
    "take": CaseConflict.State.TOOK_SECOND,
    "both": CaseConflict.State.BOTH,
}


@transaction.atomic
def settle_conflict(*, case_id: int, conflict_id: int, by: User, decision: Decision, text: str = "") -> CaseConflict:
    """The conflict as decided. The same decision by the same person again changes nothing.

    Whoever is one of the two decides only where nobody else of their center may; that stands with the decision.
    Raises CaseNotFoundError, NotYoursError, PartyToItError, ConflictSettledError, CannotTakeError, and ValidationError:
    whoever sets another's work aside says why.
    """
    case = Case.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=case_id).first()
    conflict = CaseConflict.objects.filter(pk=conflict_id, case_id=case_id).select_related("by").first()
    if case is None or conflict is None:
        raise CaseNotFoundError
    if not open_moves(case=case, scope=scope_of(by), act=Act.SETTLE_CONFLICT):
        raise NotYoursError(act=Act.SETTLE_CONFLICT)
    if conflict.state != CaseConflict.State.OPEN:
        return _decided(conflict, by=by, decision=decision)
    if conflict.pk not in decidable(case=case, scope=scope_of(by), conflicts=[conflict], day=timezone.localdate()):
        raise PartyToItError(act=Act.SETTLE_CONFLICT)
    if decision == "keep" and not text.strip():
        raise invalid("text", _("Say why the other one is set aside: its author reads this."), "required")
    now = timezone.now()
    case = _WAYS[decision](case, conflict, by)
    _close(case, conflict, by=by, decision=decision, text=text.strip(), at=now)
    return conflict


def _decided(conflict: CaseConflict, *, by: User, decision: Decision) -> CaseConflict:
    if (conflict.state, conflict.decided_by_id) == (BECOMES[decision], by.pk):
        return conflict
    raise ConflictSettledError(by=str(conflict.decided_by), at=conflict.decided_at or conflict.received_at)


def _keep(case: Case, conflict: CaseConflict, by: User) -> Case:
    return case


def _take(case: Case, conflict: CaseConflict, by: User) -> Case:
    """The act is done now, by right of whoever decides, in the name of its author."""
    act = Act(conflict.act)
    try:
        return perform_act(
            case_id=case.pk,
            act=act,
            by=by,
            given=unpacked(conflict.given),
            version=case.version,
            behalf=Behalf(author=conflict.by, conflict_id=conflict.pk),
        )
    except (NotAllowedNowError, NotYoursError, ValidationError) as error:
        # What its author typed is nobody else's to correct.
        why = " ".join(error.messages) if isinstance(error, ValidationError) else ""
        possible = tuple(offered["act"] for offered in acts_for(case=case, scope=scope_of(by)))
        raise CannotTakeError(act=act, state=case.state, possible=possible, why=why) from error


def _both(case: Case, conflict: CaseConflict, by: User) -> Case:
    """What the second one said stands with the case, under its author's name."""
    words = str(conflict.given.get("text", "")).strip() or act_name(conflict.act)
    return perform_act(
        case_id=case.pk,
        act=Act.COMMENT,
        by=by,
        given=ActInput(text=_("%(name)s: %(words)s") % {"name": conflict.by.display_name, "words": words}),
        behalf=Behalf(author=conflict.by, conflict_id=conflict.pk),
    )


_WAYS: Final[dict[Decision, Callable[[Case, CaseConflict, User], Case]]] = {"keep": _keep, "take": _take, "both": _both}


def _close(case: Case, conflict: CaseConflict, *, by: User, decision: Decision, text: str, at: datetime) -> None:
    conflict.state, conflict.decided_by, conflict.decided_at, conflict.words = BECOMES[decision], by, at, text
    conflict.decided_by_side = by.pk in sides_of(conflict)
    conflict.save(update_fields=["state", "decided_by", "decided_by_side", "decided_at", "words"])
    data = {
        **{"conflict": conflict.pk, "act": conflict.act, "decision": decision},
        **{"author": conflict.by.pk, "author_name": conflict.by.display_name},
        **({"by_side": True} if conflict.decided_by_side else {}),
    }
    record(case=case, act=Act.SETTLE_CONFLICT, by=by, at=at, data=data, text=text)
    case.open_conflicts -= 1
    case.save(update_fields=RECORDED)
    logger.info("conflict_settled conflict=%s case=%s decision=%s by=%s", conflict.pk, case.pk, decision, by.pk)

"""One act on many cases: each for itself, so that one that cannot be done holds up no other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError

from cases.services.acts import ActInput, perform_act
from cases.services.errors import (
    CaseNotFoundError,
    ClientIdConflictError,
    NotAllowedNowError,
    NotYoursError,
    StaleVersionError,
)
from cases.workflow import Act
from staff.models import User

MANY_ACTS: Final = (Act.ACCEPT, Act.ASSIGN, Act.NUDGE, Act.COMMENT, Act.ARCHIVE)
"""What can sensibly be said of many cases in the same words."""
MOST: Final = 100
_REFUSALS: Final = (
    CaseNotFoundError,
    ClientIdConflictError,
    NotAllowedNowError,
    NotYoursError,
    StaleVersionError,
    ValidationError,
)
"""What a single act may answer. Anything else is a fault and ends the request."""


@dataclass(frozen=True, slots=True)
class One:
    """A case as the person saw it."""

    case_id: int
    version: int


@dataclass(frozen=True, slots=True)
class Done:
    """What became of it: `refusal` is None where the act was done, now or by an earlier try."""

    case_id: int
    refusal: Exception | None


def act_on_many(*, act: Act, rows: Sequence[One], by: User, given: ActInput, client_id: UUID) -> list[Done]:
    """`act` on each case in a transaction of its own, in the order given. The same `client_id` again does nothing
    twice: every case has an id made from it, so a retry after a lost answer tells what the first try did.
    """
    return [
        Done(row.case_id, _refusal(act=act, row=row, by=by, given=given, client_id=uuid5(client_id, str(row.case_id))))
        for row in rows
    ]


def _refusal(*, act: Act, row: One, by: User, given: ActInput, client_id: UUID) -> Exception | None:
    try:
        perform_act(case_id=row.case_id, act=act, by=by, given=given, version=row.version, client_id=client_id)
    except _REFUSALS as error:
        return error
    return None

"""Whom the demo's disputes are between: 甲某, 乙某 and their like, with numbers that cannot be called."""

from __future__ import annotations

from random import Random
from typing import Final
from uuid import UUID

from cases.models import CaseParty
from cases.services.parties import PartyEntry
from config.demo.people import invented_phone

PEOPLE: Final = ("甲某", "乙某", "丙某", "丁某", "戊某", "己某", "庚某", "辛某", "欧阳某某", "例某某")
WORKSHOP: Final = "示例陶瓷作坊"
"""Few enough that some of them turn up in more than one dispute."""
UNPAID: Final = "A09"


def parties_of(*, client_id: UUID, category: str) -> tuple[PartyEntry, ...]:
    """The two sides of a dispute, as its report told them; nobody for other matters.

    Drawn from the report's own id: the rest of the demo stays as it was told before there were any.
    """
    if not category.startswith("A"):
        return ()
    rng = Random(client_id.int)
    one, other = rng.sample(PEOPLE, 2)
    kind, side = CaseParty.Kind, CaseParty.Side
    applicant = PartyEntry(_id(rng), kind.PERSON.value, side.APPLICANT.value, one, invented_phone(rng))
    if category == UNPAID:
        return applicant, PartyEntry(_id(rng), kind.ORGANISATION.value, side.RESPONDENT.value, WORKSHOP)
    phone = invented_phone(rng) if rng.random() < 0.5 else ""
    return applicant, PartyEntry(_id(rng), kind.PERSON.value, side.RESPONDENT.value, other, phone)


def _id(rng: Random) -> UUID:
    return UUID(int=rng.getrandbits(128), version=4)

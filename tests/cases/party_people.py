"""Invented people for the tests of parties, and how they are written down."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from cases.models import Case, CaseParty
from cases.services.parties import PartyEntry, add_party
from staff.models import User

COMPLAINANT = {"kind": "person", "side": "applicant", "name": "甲某某", "phone": "100 0000 1234"}
NEIGHBOUR = {"kind": "person", "side": "respondent", "name": "欧阳乙某", "phone": ""}
FACTORY = {"kind": "organisation", "side": "concerned", "name": "示例陶瓷厂", "phone": "0768-1234567"}
NUMBER = "10000001234"


def body(number: int = 1, **more: Any) -> dict[str, Any]:
    """What a person sends: the complainant unless said otherwise."""
    return {"client_id": str(UUID(int=number + 9000, version=4)), **COMPLAINANT, **more}


def write_down(case: Case, *, by: User, number: int = 1, **more: Any) -> CaseParty:
    said = {**body(number, **more)}
    entry = PartyEntry(UUID(said.pop("client_id")), **said)
    return add_party(case_id=case.pk, by=by, entry=entry)[0]

"""A phone that was without signal: it did things on the case as it last saw it, and sends them later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile

from cases.models import Case, CaseConflict
from cases.services.evidence import verify_chain
from staff.models import User
from tests.client import Browser
from tests.uploads import jpeg

ID = "33333333-3333-4333-8333-333333333333"


@dataclass
class Phone:
    """`of(worker).sees(case)` before the signal goes; `did(case, "verify", …)` once it is back."""

    browser: Browser
    seen: dict[int, Case]

    @classmethod
    def of(cls, person: User) -> Phone:
        return cls(Browser(User.objects.get(pk=person.pk)), {})

    def sees(self, case: Case) -> Phone:
        self.seen[case.pk] = Case.objects.get(pk=case.pk)
        return self

    def did(self, case: Case, act: str, *, client_id: str | UUID = ID, **more: Any) -> Any:
        """The answer to what was done on the case as this phone saw it."""
        version = self.seen[case.pk].version if case.pk in self.seen else None
        body = {"kept": True, "client_id": str(client_id), "version": version, **more}
        return self.browser.post(f"cases/{case.pk}/acts/{act}/", body)

    def conflicts(self, case: Case) -> list[dict[str, Any]]:
        return self.browser.get(f"cases/{case.pk}/conflicts/").json()["results"]

    def decides(self, case: Case, conflict: dict[str, Any] | int, decision: str, text: str = "") -> Any:
        number = conflict if isinstance(conflict, int) else conflict["id"]
        return self.browser.post(f"cases/{case.pk}/conflicts/{number}/", {"decision": decision, "text": text})

    def sends_photo(
        self, case: Case, client_id: str | UUID = "44444444-4444-4444-8444-444444444444", **more: Any
    ) -> Any:
        """`act`: the client id of the act it belongs to."""
        body = {"file": SimpleUploadedFile("IMG.jpg", jpeg()), "client_id": client_id, **more}
        return self.browser.client.post(f"/api/v1/cases/{case.pk}/files/", body)


def sides(conflict: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """By field: what the author said, and what others made of it."""
    return {row["name"]: (row["mine"]["value"], row["theirs"] and row["theirs"]["value"]) for row in conflict["fields"]}


def records_hold() -> None:
    """Every chain is whole, and every case knows how many conflicts wait."""
    for case in Case.objects.all():
        assert list(verify_chain(case=case)) == []
        assert case.open_conflicts == CaseConflict.objects.filter(case=case, state="open").count()

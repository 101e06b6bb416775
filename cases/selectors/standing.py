"""How a case stood at each of its versions, worked out from its events: what an act done offline was based on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from cases.models import CaseEvent
from cases.workflow import Act, State, moves


@dataclass(frozen=True, slots=True)
class Standing:
    """What an act depends on. `lead_org` and `assignee` are ids."""

    state: str
    lead_org: int | None = None
    assignee: int | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """`event` is the one that brought it about."""

    number: int
    standing: Standing
    event: CaseEvent


def versions_of(events: Iterable[CaseEvent]) -> list[Version]:
    """Every version of a case, from its events, oldest first. No statement."""
    found: list[Version] = []
    for event in events:
        if found and not _counts(event):
            continue
        before = found[-1].standing if found else Standing(event.to_state)
        standing = replace(_led(before, event), state=event.to_state)
        found.append(Version(len(found) + 1, standing, event))
    return found


def version_at(versions: Sequence[Version], number: int | None) -> Version | None:
    """None for one that never was."""
    return versions[number - 1] if number is not None and 1 <= number <= len(versions) else None


def _counts(event: CaseEvent) -> bool:
    """Whether the event moved the case along the table; what leaves the state as it is does not count."""
    frm = State(event.from_state)
    return any(move.to == event.to_state for move in moves(state=frm, act=Act(event.act)))


def _led(before: Standing, event: CaseEvent) -> Standing:
    said: dict[str, Any] = event.data
    named = {name: said[key] for name, key in _NAMES.get(Act(event.act), {}).items() if key in said}
    return Standing(before.state) if event.act == Act.RETURN else replace(before, **named)


_NAMES: Final[dict[Act, dict[str, str]]] = {
    Act.ASSIGN: {"lead_org": "organisation", "assignee": "assignee"},
    Act.REASSIGN: {"assignee": "assignee"},
    Act.ACKNOWLEDGE: {"assignee": "assignee"},
}
"""Where the events of these acts say who has the case from then on."""

"""The two sides of a conflict, field by field: what its author said, and what others made of the case meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from django.utils.dateparse import parse_date, parse_datetime

from cases.models import Case, CaseEvent
from cases.selectors.standing import Standing, Version
from cases.services.acts import ActInput
from cases.services.acts.offline import standing_of
from cases.workflow import Act
from staff.selectors.people import staff_names

Side = dict[str, Any]

_PEOPLE: Final = frozenset({"assignee"})
_UNITS: Final = frozenset({"organisation", "lead_org", "assistants"})
_KEPT_AS: Final = {"into": ("into_number", "parent_number"), "reply_by": ("due_at",)}
"""Where an event keeps what was typed, if not under its own name."""
_DAYS: Final = ("until",)
_MOMENTS: Final = ("due_at", "reply_by")


def packed(given: ActInput) -> dict[str, Any]:
    """What was typed as JSON keeps it; nothing of what was left out."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else list(value) if isinstance(value, tuple) else value
        for name, value in asdict(given).items()
        if value is not None and value != ""
    }


def unpacked(kept: Mapping[str, Any]) -> ActInput:
    """What `packed` kept."""
    given = dict(kept)
    for name in _DAYS:
        if name in given:
            given[name] = parse_date(given[name])
    for name in _MOMENTS:
        if name in given:
            given[name] = parse_datetime(given[name])
    if "assistants" in given:
        given["assistants"] = tuple(given["assistants"])
    return ActInput(**given)


class Sides:
    """Compares one act that came too late with a case. At most one statement, for names."""

    def __init__(self, *, case: Case, act: Act, by: int, at: datetime, base: Standing | None) -> None:
        self.case, self.act, self.by, self.at, self.base = case, act, by, at, base

    def of(
        self, *, given: Mapping[str, Any], meant: str | None, same: Sequence[CaseEvent], moved: Sequence[Version]
    ) -> list[dict[str, Any]]:
        """Rows of name, mine, theirs. `meant` is the state the act would have led to, `same` others doing the same
        since its author saw the case, `moved` its versions since.
        """
        rows = [self._row(name, value, self._said(same[-1], name) if same else None) for name, value in given.items()]
        return [*self._moved(moved, meant), *rows]

    def _moved(self, moved: Sequence[Version], meant: str | None) -> list[dict[str, Any]]:
        """What stands differently than its author saw it."""
        if self.base is None:
            return []
        rows = []
        before, now = asdict(self.base), asdict(standing_of(self.case))
        for name in (name for name in now if now[name] != before[name]):
            mine = meant if name == "state" and meant is not None else before[name]
            rows.append(self._row(name, mine, self._side(name, now[name], self._last_to_change(name, moved))))
        return rows

    def _last_to_change(self, name: str, moved: Sequence[Version]) -> CaseEvent | None:
        last, before = None, getattr(self.base, name)
        for version in moved:
            value = getattr(version.standing, name)
            last = version.event if value != before else last
            before = value
        return last

    def _said(self, event: CaseEvent, name: str) -> Side:
        if name == "text":
            return self._side(name, event.text, event)
        kept = next((key for key in (name, *_KEPT_AS.get(name, ())) if key in event.data), name)
        return self._side(name, event.data.get(kept), event)

    def _row(self, name: str, mine: Any, theirs: Side | None) -> dict[str, Any]:
        own = {"value": mine, "name": _name_of(name, mine), "by": self.by, "at": _utc(self.at)}
        return {"name": name, "mine": own, "theirs": theirs}

    @staticmethod
    def _side(name: str, value: Any, event: CaseEvent | None) -> Side:
        who, at = (event.actor_id, _utc(event.at)) if event else (None, None)
        return {"value": value, "name": _name_of(name, value), "by": who, "at": at}


def _name_of(name: str, value: Any) -> str | None:
    """Of people and units, as they are called now: later the id may say nothing any more."""
    if value is None or name not in _PEOPLE | _UNITS:
        return None
    ids = value if isinstance(value, list) else [value]
    names = staff_names(people=ids if name in _PEOPLE else (), units=ids if name in _UNITS else ())
    return "、".join(names.person(pk) if name in _PEOPLE else names.unit(pk) for pk in ids)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()

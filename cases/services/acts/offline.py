"""An act that was done before it arrived: when, on what, and whether it may still be done on the case as it is now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from cases.models import Case, CaseEvent
from cases.selectors.standing import Standing, Version, version_at, versions_of
from cases.workflow import Act
from staff.models import User

KEPT_AT_MOST: Final = timedelta(days=366)
"""How long a phone may keep something before it finds a net."""
CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""Two clocks that are both right."""


@dataclass(frozen=True, slots=True)
class Offline:
    """`done_at` is the device's clock (aware). `kept` says that its author had no signal: it is never thrown away.

    `seen` is how the case stood for its author, if the phone knows; it counts for more than the version, which a phone
    can only guess while several acts wait in it. `after` are the ids of the acts of the same person that waited there
    before this one, oldest first.
    """

    done_at: datetime | None = None
    kept: bool = False
    seen: Standing | None = None
    after: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Behalf:
    """Whose act it was, when a person decided that what came too late counts after all."""

    author: User
    conflict_id: int

    def data(self) -> dict[str, Any]:
        return {"author": self.author.pk, "author_name": self.author.display_name, "conflict": self.conflict_id}


ONLINE: Final = Offline()


def times_of(*, offline: Offline, case: Case, now: datetime) -> dict[str, Any]:
    """Both moments for the event, and whether the device's clock cannot be right. Nothing for what is done now."""
    said = offline.done_at
    if said is None:
        return {}
    times = {"device_time": said.astimezone(UTC).isoformat(), "received": now.astimezone(UTC).isoformat()}
    believed = believed_time(offline=offline, case=case, now=now) is not None
    return times if believed else {**times, "clock_wrong": True}


def believed_time(*, offline: Offline, case: Case, now: datetime) -> datetime | None:
    """When it was done by the device's clock (aware); None if it did not say, or cannot be right."""
    said = offline.done_at
    if said is None or not case.reported_at - CLOCKS_DIFFER <= said <= now + CLOCKS_DIFFER:
        return None
    return said if said >= now - KEPT_AT_MOST else None


def standing_of(case: Case) -> Standing:
    return Standing(case.state, case.lead_org_id, case.assignee_id)


def events_of(case: Case) -> list[CaseEvent]:
    """Oldest first; one statement."""
    return list(CaseEvent.objects.filter(case=case).select_related("actor").order_by("seq"))


def base_of(*, offline: Offline, base: Version | None) -> Standing | None:
    """What the author had before them; None when neither the phone nor the record knows."""
    return offline.seen or (base.standing if base else None)


def can_follow(*, case: Case, act: Act, version: int, offline: Offline) -> bool:
    """Whether an act on an older `version` may be done on the case as it is: state, unit and person are the same as its
    author saw them, and nobody has done the same since. One statement.
    """
    events = events_of(case)
    versions = versions_of(events)
    base = version_at(versions, version)
    if base is None or len(versions) != case.version:
        return False
    done_since = any(event.act == act and event.seq > base.event.seq for event in events)
    return not done_since and base_of(offline=offline, base=base) == standing_of(case)

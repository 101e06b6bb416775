"""What an act without signal was built upon: the acts of the same person that waited on the phone before it.

The phone cannot know how they end. Here it is known: done, and then their event tells what the author went on from; or
kept as conflicts, and then the author went on from where they would have led.
"""

from __future__ import annotations

import copy
from dataclasses import replace

from cases.models import Case, CaseConflict
from cases.selectors.standing import Standing, versions_of
from cases.services.acts.door import meant
from cases.services.acts.offline import Offline, base_of, events_of
from cases.services.sides import unpacked
from cases.workflow import Act
from staff.models import User


def built_upon(*, case: Case, by: User, version: int | None, offline: Offline) -> tuple[int | None, Offline]:
    """`version` and `offline` as they would be if the phone knew what became of the acts before. Two statements at
    most, none without such acts. Acts that never arrived, and those that move nothing, are passed over.
    """
    if not offline.after:
        return version, offline
    events = events_of(case)
    versions = versions_of(events)
    moved = {one.event.client_id: one for one in versions if one.event.actor_id == by.pk}
    kept = {one.client_id: one for one in CaseConflict.objects.filter(case=case, by=by, client_id__in=offline.after)}
    standing = base_of(offline=offline, base=next((one for one in versions if one.number == version), None))
    for client_id in offline.after:
        if (done := moved.get(client_id)) is not None:
            version, standing = done.number, done.standing
        elif (late := kept.get(client_id)) is not None and standing is not None:
            standing = _as_if_done(case, standing, late)
    return version, replace(offline, seen=standing)


def _as_if_done(case: Case, standing: Standing, late: CaseConflict) -> Standing:
    seen = copy.copy(case)
    seen.state, seen.lead_org_id, seen.assignee_id = standing.state, standing.lead_org, standing.assignee
    move = meant(case=seen, act=Act(late.act), given=unpacked(late.given))
    return replace(standing, state=move.to) if move is not None and move.to is not None else standing

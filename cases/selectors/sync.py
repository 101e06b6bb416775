"""What a phone holds for a person, so that the day goes on without signal: which cases, and what it needs of each."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q
from django.utils.timezone import localdate
from django.utils.translation import get_language

from cases.models import Case, CaseEvent, CaseFile, CaseQuerySet, in_area
from cases.policy import SPOT_ROLES, UNIT_ROLES
from cases.selectors.detail import case_detail, event_row, row_values
from cases.selectors.lists import know_category, row_names
from cases.selectors.search import one_of
from cases.selectors.then import acts_then
from cases.workflow import State
from staff.models import Post, User
from staff.scope import Scope, scope_of

HELD_AT_MOST: Final = 500
ENDED_FOR: Final = timedelta(days=30)
"""How long one's own stay in the phone after they ended."""


@dataclass(frozen=True, slots=True)
class Held:
    """`rows` are id and number of events, newest first. `cursor` stands for them, this person, language and day."""

    rows: list[tuple[int, int]]
    truncated: bool
    cursor: str


def held_by(*, user: User, now: datetime) -> Held:
    """The cases the phone should hold; one statement."""
    scope = scope_of(user)
    cases = _wanted(Case.objects.visible_to(user), scope=scope, now=now)
    rows = list(cases.order_by("-updated_at", "-pk").values_list("pk", "event_count")[: HELD_AT_MOST + 1])
    truncated, rows = len(rows) > HELD_AT_MOST, rows[:HELD_AT_MOST]
    # The day: posts begin and end with it, and with them what may be done. The language: everything sent is in it.
    stands_for = [user.pk, get_language(), localdate(now).isoformat(), truncated, rows]
    digest = hashlib.sha256(json.dumps(stands_for).encode()).hexdigest()
    return Held(rows, truncated, digest[:24])


def _wanted(cases: CaseQuerySet, *, scope: Scope, now: datetime) -> CaseQuerySet:
    """Those of `cases` that are this person's to work on or to hear of.

    Found in parts, each along its own index, before anybody asks who may see them.
    """
    parts = [Case.objects.filter(part).order_by().values("pk") for part in _parts(scope=scope, now=now)]
    return cases.filter(one_of(parts[0].union(*parts[1:], all=True)))


def _parts(*, scope: Scope, now: datetime) -> list[Q]:
    me, units, ended = scope.user_id, scope.organisation_ids(*UNIT_ROLES), now - ENDED_FOR
    handled = Q(handled_by__overlap=[me]) & ~Q(handled_by=[])
    parts = [
        Q(reporter_id=me, is_open=True),
        Q(assignee_id=me, is_open=True),
        *(in_area(code) & Q(is_open=True) for code in scope.codes(Post.Role.GRID_WORKER)),
        *(in_area(code) & _to_verify(scope) for code in scope.codes(*SPOT_ROLES)),
        # Closed: when is written. Ended otherwise: nothing happens to such a case any more.
        Q(reporter_id=me, is_open=False, closed_at__gte=ended),
        Q(reporter_id=me, is_open=False, closed_at__isnull=True, updated_at__gte=ended),
        handled & Q(is_open=False, closed_at__gte=ended),
        handled & Q(is_open=False, closed_at__isnull=True, updated_at__gte=ended),
    ]
    return [*parts, Q(lead_org_id__in=units, assignee__isnull=True, is_open=True)] if units else parts


def _to_verify(scope: Scope) -> Q:
    """Never what one handled oneself, nor one's own unit."""
    waiting = Q(is_open=True, state=State.AWAITING_VERIFY) & ~Q(handled_by__overlap=[scope.user_id])
    units = scope.organisation_ids(*UNIT_ROLES)
    return waiting & (~Q(lead_org_id__in=units) | Q(lead_org_id__isnull=True)) if units else waiting


def bundles(*, user: User, ids: Iterable[int], now: datetime) -> tuple[list[dict[str, Any]], list[int]]:
    """Everything the phone needs of these cases, as they were asked for, and which of them are not to be had.

    Three statements, and three for names not seen lately, whatever the number of cases.
    """
    wanted = list(dict.fromkeys(ids))
    cases = Case.objects.visible_to(user).filter(pk__in=wanted).defer("search")
    found = {case.pk: case for case in cases.select_related("category", "merged_into", "parent")}
    for case in found.values():
        know_category(case.category)
    # All names at once; each case finds them known.
    row_names([row_values(case) for case in found.values()])
    files, events = _files(found), _events(found)
    scope = scope_of(user)
    rows = [
        {
            "case": case_detail(case=found[pk], scope=scope, files=files[pk], now=now),
            "events": [event_row(event) for event in events[pk]],
            "then": acts_then(case=found[pk], scope=scope),
        }
        for pk in wanted
        if pk in found
    ]
    return rows, [pk for pk in wanted if pk not in found]


def _files(found: Mapping[int, Case]) -> dict[int, list[CaseFile]]:
    files: dict[int, list[CaseFile]] = defaultdict(list)
    for file in CaseFile.objects.filter(case__in=found).select_related("uploaded_by").order_by("pk"):
        file.case = found[file.case_id]
        files[file.case_id].append(file)
    return files


def _events(found: Mapping[int, Case]) -> dict[int, list[CaseEvent]]:
    events: dict[int, list[CaseEvent]] = defaultdict(list)
    for event in CaseEvent.objects.filter(case__in=found).select_related("actor").order_by("case", "seq"):
        events[event.case_id].append(event)
    return events

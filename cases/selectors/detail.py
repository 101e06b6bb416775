"""One case: what the case page shows, its files, its events, and what this person may do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.urls import reverse

from cases.labels import LEVEL_NAMES, OUTCOMES, SUPERVISIONS, act_name, state_name
from cases.models import Case, CaseEvent, CaseFile, CaseQuerySet
from cases.selectors.files import metres_away
from cases.selectors.forms import acts_for
from cases.selectors.lists import ROW_COLUMNS, ROW_MOMENTS, RowNames, case_row, know_category, row_names
from cases.workflow import Level, Outcome, Supervision
from staff.scope import Scope


def find(*, cases: CaseQuerySet, pk: int) -> Case | None:
    """The case, in one statement; the names it refers to come from `row_names`."""
    return cases.filter(pk=pk).first()


_ROW: Final = (*ROW_COLUMNS, *ROW_MOMENTS, "reporter_id", "supervised_by_id", "assistants")


def row_values(case: Case) -> dict[str, Any]:
    """What a row is made of, and what names belong to it."""
    values: dict[str, Any] = {name: getattr(case, name) for name in _ROW}
    values["lon"] = case.point.x if case.point else None
    values["lat"] = case.point.y if case.point else None
    return values


def _row(case: Case, now: datetime) -> tuple[dict[str, Any], RowNames]:
    """The row, and the names it took."""
    values = row_values(case)
    if Case.category.is_cached(case):
        know_category(case.category)
    names = row_names([values])
    return case_row(values, names=names, now=now), names


def case_detail(*, case: Case, scope: Scope, files: Iterable[CaseFile], now: datetime) -> dict[str, Any]:
    """The whole case page but its events."""
    row, names = _row(case, now)
    town = names.areas[case.area_id].town
    merged = case.merged_into
    return {
        **row,
        "client_id": case.client_id,
        "description": case.description,
        "town": {"code": case.town_code, "name": town.name if town else ""},
        "accuracy_m": case.accuracy_m,
        "datum_in": case.datum_in,
        "received_at": case.received_at,
        "reporter": {"id": case.reporter_id, "name": names.staff.person(case.reporter_id)},
        "accepted_at": case.accepted_at,
        "assigned_at": case.assigned_at,
        "acknowledged_at": case.acknowledged_at,
        "feedback_at": case.feedback_at,
        "verified_at": case.verified_at,
        "closed_at": case.closed_at,
        "outcome": case.outcome or None,
        "outcome_name": str(OUTCOMES[Outcome(case.outcome)]) if case.outcome else None,
        "merged_into": {"id": merged.pk, "number": merged.number} if merged else None,
        "suspended_until": case.suspended_until,
        "level": case.level,
        "level_name": str(LEVEL_NAMES[Level(case.level)]),
        "self_handled": case.self_handled,
        "answers": case.answers,
        "assistants": [{"id": pk, "name": names.staff.unit(pk)} for pk in case.assistants],
        "first_responsible": case.first_responsible,
        "authority": case.authority,
        "take_due_at": case.take_due_at,
        "archive_due_at": case.archive_due_at,
        "archived_at": case.archived_at,
        "asked": _asked(case),
        "extension_count": case.extension_count,
        "reopen_count": case.reopen_count,
        "satisfaction": case.satisfaction or None,
        "supervision": _supervision(case, names),
        "parent": {"id": case.parent.pk, "number": case.parent.number} if case.parent else None,
        "files": [file_row(file) for file in files],
        "acts": acts_for(case=case, scope=scope),
    }


def _asked(case: Case) -> dict[str, Any] | None:
    """A request of the unit that waits for its answer."""
    if not case.asked_for:
        return None
    return {"for": case.asked_for, "amount": case.asked_amount, "until": case.asked_until}


def _supervision(case: Case, names: RowNames) -> dict[str, Any] | None:
    if not case.supervision or case.supervised_by_id is None:
        return None
    return {
        "level": case.supervision,
        "level_name": str(SUPERVISIONS[Supervision(case.supervision)]),
        "by": {"id": case.supervised_by_id, "name": names.staff.person(case.supervised_by_id)},
        "due_at": case.supervision_due_at,
        "replied_at": case.supervision_replied_at,
    }


def files_of(*, case: Case) -> list[CaseFile]:
    files = list(CaseFile.objects.filter(case=case).select_related("uploaded_by"))
    for file in files:
        # Known already: how far from it the photo was taken needs no further statement.
        file.case = case
    return files


def file_row(file: CaseFile) -> dict[str, Any]:
    return {
        "id": file.pk,
        "client_id": file.client_id,
        "kind": file.kind,
        "name": file.name,
        "caption": file.caption,
        "moment": file.moment or None,
        "pair": file.pair_id,
        "content_type": file.content_type,
        "size": file.size,
        "width": file.width,
        "height": file.height,
        "seconds": file.seconds,
        "taken_at": file.taken_at,
        "taken_metres_away": metres_away(file),
        "check_state": file.check_state,
        "check_name": file.get_check_state_display(),
        "sha256": file.sha256,
        "url": reverse("file", args=[file.pk]),
        "thumbnail_url": reverse("file-thumbnail", args=[file.pk]) if file.thumbnail else None,
        "uploaded_at": file.uploaded_at,
        "by": {"id": file.uploaded_by_id, "name": file.uploaded_by.display_name},
    }


def event_rows(*, case: Case) -> list[dict[str, Any]]:
    """Every event of the case, oldest first; one statement."""
    events = CaseEvent.objects.filter(case=case).select_related("actor").order_by("seq")
    return [event_row(event) for event in events]


def event_row(event: CaseEvent) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "act": event.act,
        "act_name": act_name(event.act),
        "from_state": event.from_state or None,
        "to_state": event.to_state,
        "to_state_name": state_name(event.to_state),
        "actor": {"id": event.actor.pk, "name": event.actor.display_name} if event.actor else None,
        "at": event.at,
        "text": event.text,
        "data": event.data,
        "hash": event.hash,
    }

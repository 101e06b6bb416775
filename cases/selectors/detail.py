"""One case: what the case page shows, its files, its events, and what this person may do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.labels import ACTS, OUTCOMES, act_name, state_name
from cases.models import Case, CaseEvent, CaseFile, CaseQuerySet
from cases.policy import open_moves
from cases.selectors.lists import ROW_COLUMNS, ROW_MOMENTS, RowNames, case_row, know_category, row_names
from cases.workflow import Act, Move, Outcome
from staff.scope import Scope

_PRIMARY: Final = frozenset({Act.ACCEPT, Act.ASSIGN, Act.ACKNOWLEDGE, Act.FEEDBACK, Act.VERIFY, Act.CLOSE, Act.RESUME})
_ORDER: Final = (
    Act.ACCEPT,
    Act.ASSIGN,
    Act.ACKNOWLEDGE,
    Act.FEEDBACK,
    Act.VERIFY,
    Act.CLOSE,
    Act.RESUME,
    Act.SUSPEND,
    Act.RETURN,
    Act.MERGE,
    Act.REJECT,
    Act.CANCEL,
    Act.COMMENT,
)


def find(*, cases: CaseQuerySet, pk: int) -> Case | None:
    """The case, in one statement; the names it refers to come from `row_names`."""
    return cases.filter(pk=pk).first()


_ROW: Final = (*ROW_COLUMNS, *ROW_MOMENTS, "reporter_id")


def _row(case: Case, now: datetime) -> tuple[dict[str, Any], RowNames]:
    """The row, and the names it took."""
    values: dict[str, Any] = {name: getattr(case, name) for name in _ROW}
    values["lon"] = case.point.x if case.point else None
    values["lat"] = case.point.y if case.point else None
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
        "files": [file_row(file) for file in files],
        "acts": acts_for(case=case, scope=scope),
    }


def files_of(*, case: Case) -> list[CaseFile]:
    return list(CaseFile.objects.filter(case=case).select_related("uploaded_by"))


def file_row(file: CaseFile) -> dict[str, Any]:
    return {
        "id": file.pk,
        "client_id": file.client_id,
        "caption": file.caption,
        "content_type": file.content_type,
        "size": file.size,
        "width": file.width,
        "height": file.height,
        "sha256": file.sha256,
        "url": reverse("file", args=[file.pk]),
        "thumbnail_url": reverse("file-thumbnail", args=[file.pk]),
        "uploaded_at": file.uploaded_at,
        "by": {"id": file.uploaded_by_id, "name": file.uploaded_by.display_name},
    }


def event_rows(*, case: Case) -> list[dict[str, Any]]:
    """Every event of the case, oldest first; one statement."""
    events = CaseEvent.objects.filter(case=case).select_related("actor").order_by("seq")
    return [
        {
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
        for event in events
    ]


def _field(name: str, kind: str, label: str, *, required: bool = False, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "label": label, "required": required, "choices": None, **more}


def _text(label: str, *, required: bool) -> dict[str, Any]:
    return _field("text", "text", label, required=required)


def _fields(act: Act, needs: frozenset[str]) -> list[dict[str, Any]]:
    """What the form of this act asks for; the server checks the same again when the act is done."""
    words = _text(_FIELD_LABELS[act]() if act in _FIELD_LABELS else _("Note"), required="text" in needs)
    if act is Act.ASSIGN:
        return [
            _field("organisation", "organisation", _("Lead unit"), required=True),
            _field("assignee", "user", _("Person (optional)")),
            _field("due_at", "datetime", _("Due earlier than the limit (optional)")),
            words,
        ]
    if act is Act.CLOSE:
        choices = [{"value": o.value, "label": str(label)} for o, label in OUTCOMES.items()]
        return [_field("outcome", "choice", _("Outcome"), required=True, choices=choices), words]
    if act is Act.VERIFY:
        return [_field("passed", "boolean", _("Is it done?"), required=True), words]
    if act is Act.SUSPEND:
        return [_field("until", "date", _("Until"), required=True), words]
    if act is Act.MERGE:
        return [_field("into", "case", _("Into case"), required=True), words]
    if act is Act.ACCEPT:
        return [_field("category", "category", _("Category, if it should be another")), words]
    return [] if act is Act.ACKNOWLEDGE else [words]


_FIELD_LABELS: Final = {
    Act.RETURN: lambda: _("Why it is sent back"),
    Act.REJECT: lambda: _("Why it is not accepted (the reporter reads this)"),
    Act.CANCEL: lambda: _("Why it is void"),
    Act.MERGE: lambda: _("Why it is the same matter"),
    Act.FEEDBACK: lambda: _("What was done"),
    Act.SUSPEND: lambda: _("What is waited for"),
    Act.COMMENT: lambda: _("Comment"),
    Act.VERIFY: lambda: _("What was found (needed when it is not done)"),
}


def acts_for(*, case: Case, scope: Scope) -> list[dict[str, Any]]:
    """The acts this person may do now, most likely first, each with the fields of its form."""
    mine: dict[Act, list[Move]] = {}
    for move in open_moves(case=case, scope=scope):
        mine.setdefault(move.act, []).append(move)
    return [
        {
            "act": act.value,
            "name": str(ACTS[act]),
            "primary": act in _PRIMARY,
            "fields": _fields(act, frozenset.intersection(*(frozenset(m.needs) for m in mine[act]))),
        }
        for act in _ORDER
        if act in mine
    ]

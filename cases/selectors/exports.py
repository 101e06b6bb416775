"""Lists of cases taken out as files: who may, who sees that somebody did, and what a row of the file says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.labels import LEVEL_NAMES, OUTCOMES
from cases.models import Case, CaseExport, CaseQuerySet
from cases.policy import UNIT_ROLES
from cases.selectors.filters import Filters, narrowed
from cases.selectors.lists import read_rows, row_names, show_rows
from cases.workflow import Level, Outcome
from staff.models import Post, User
from staff.scope import Scope, scope_of

EXPORTERS: Final = frozenset({*UNIT_ROLES, Post.Role.LEADER, Post.Role.AUDITOR})
"""Roles that may take out what they see. Grid workers work with one case at a time."""
MOST: Final = 50_000
"""Rows of one file."""
SHOWN: Final = 100
"""Exports in a list."""


def may_export(scope: Scope) -> bool:
    return bool(scope.roles & EXPORTERS)


def seen_exports(*, user: User) -> QuerySet[CaseExport]:
    """One's own; for an auditor also those of everybody with a post in the area, to see who took what."""
    seen = Q(made_by=user)
    for code in scope_of(user).codes(Post.Role.AUDITOR):
        there = Post.objects.filter(user=OuterRef("made_by"), area__code__startswith=code)
        seen |= Q(Exists(there))
    return CaseExport.objects.filter(seen).select_related("made_by").order_by("-pk")


def export_row(export: CaseExport, *, user: User, url: Callable[[int], str]) -> dict[str, Any]:
    mine = export.made_by_id == user.pk
    return {
        "id": export.pk,
        "made_by": {"id": export.made_by_id, "name": export.made_by.display_name},
        "mine": mine,
        "made_at": export.made_at,
        "purpose": export.purpose,
        "query": export.query,
        "format": export.format,
        "language": export.language,
        "state": export.state,
        "total": export.total,
        "done": export.done,
        "ready_at": export.ready_at,
        "expires_at": export.expires_at,
        "taken_count": export.taken_count,
        "sha256": export.sha256,
        "file_url": url(export.pk) if mine and export.state == CaseExport.State.READY else None,
    }


# -- what is written


def exported_ids(*, export: CaseExport, now: datetime) -> list[int]:
    """Newest first: at most one more than a file holds. What its maker may see now, not when it was asked for."""
    cases = _seen(export, now).order_by("-reported_at", "-pk")
    return list(cases.values_list("pk", flat=True)[: MOST + 1])


def _seen(export: CaseExport, now: datetime) -> CaseQuerySet:
    user = export.made_by
    return narrowed(
        cases=Case.objects.visible_to(user),
        filters=Filters.unpacked(export.query),
        user=user,
        orgs=scope_of(user).organisation_ids(*UNIT_ROLES),
        now=now,
    )


HEADINGS: Final = (
    gettext_lazy("number"),
    gettext_lazy("state"),
    gettext_lazy("category"),
    gettext_lazy("name of the category"),
    gettext_lazy("level"),
    gettext_lazy("emergency"),
    gettext_lazy("village"),
    gettext_lazy("area"),
    gettext_lazy("description"),
    gettext_lazy("reporter"),
    gettext_lazy("reported at"),
    gettext_lazy("solved on the spot"),
    gettext_lazy("accepted at"),
    gettext_lazy("lead unit"),
    gettext_lazy("assignee"),
    gettext_lazy("assisting units"),
    gettext_lazy("due"),
    gettext_lazy("overdue"),
    gettext_lazy("closed at"),
    gettext_lazy("outcome"),
    gettext_lazy("returned"),
    gettext_lazy("reworked"),
    gettext_lazy("reopened"),
    gettext_lazy("longitude"),
    gettext_lazy("latitude"),
)
_MORE: Final = ("reporter_id", "assistants", "accepted_at", "outcome", "reopen_count")
Cell = str | int | float


def exported_rows(*, export: CaseExport, ids: Sequence[int], now: datetime) -> list[tuple[Cell, ...]]:
    """Rows of the file for these cases in this order, through the maker's sight once more; one statement and names."""
    found = {row["id"]: row for row in read_rows(_seen(export, now).filter(pk__in=ids).order_by(), *_MORE)}
    rows = [found[pk] for pk in ids if pk in found]
    shown = show_rows(rows, now=now)
    names = row_names(rows)
    return [_cells(values, row, names.staff.person, names.staff.unit) for values, row in zip(rows, shown, strict=True)]


def _cells(
    values: Mapping[str, Any], row: Mapping[str, Any], person: Callable[[int], str], unit: Callable[[int], str]
) -> tuple[Cell, ...]:
    return (
        row["number"],
        row["state_name"],
        row["category"]["code"],
        row["category"]["name"],
        str(LEVEL_NAMES[Level(values["level"])]),
        _yes(values["emergency"]),
        row["village"]["name"],
        row["area"]["name"],
        without_phones(values["description"]),
        person(values["reporter_id"]),
        moment(values["reported_at"]),
        _yes(values["self_handled"]),
        moment(values["accepted_at"]),
        row["lead_org"]["name"] if row["lead_org"] else "",
        row["assignee"]["name"] if row["assignee"] else "",
        "、".join(unit(pk) for pk in values["assistants"]),
        moment(values["due_at"]),
        _yes(row["overdue"]),
        moment(values["closed_at"]),
        str(OUTCOMES[Outcome(values["outcome"])]) if values["outcome"] else "",
        values["hop_count"],
        values["rework_count"],
        values["reopen_count"],
        "" if values["lon"] is None else round(values["lon"], 6),
        "" if values["lat"] is None else round(values["lat"], 6),
    )


def _yes(value: bool) -> str:
    return _("yes") if value else ""


def moment(value: datetime | None) -> str:
    """In Asia/Shanghai, to the minute."""
    return timezone.localtime(value).strftime("%Y-%m-%d %H:%M") if value else ""


_PHONE: Final = re.compile(r"(?<!\d)(?:(?:\+?86[- ]?)?1\d{2}[- ]?\d{4}[- ]?\d{4}|0\d{2,3}[- ]?\d{7,8})(?!\d)")


def without_phones(text: str) -> str:
    """The words without numbers somebody could be called on: people type them into descriptions."""
    return _PHONE.sub("***", text)

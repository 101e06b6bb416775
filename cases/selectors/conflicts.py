"""Conflicts of a case as a person may read them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from cases.labels import LEVEL_NAMES, OUTCOMES, SATISFACTIONS, SUPERVISIONS, act_name, state_name
from cases.models import CaseConflict
from cases.selectors.deciders import sides_of
from cases.selectors.forms import field_labels
from cases.workflow import Act
from staff.models import User
from staff.selectors.people import StaffNames, staff_names


def conflicts_of(*, case_id: int, by: User, in_sight: bool) -> list[CaseConflict]:
    """All of a case in sight; of one out of sight those of this person's own. One statement."""
    rows = CaseConflict.objects.filter(case_id=case_id).select_related("case")
    return list(rows if in_sight else rows.filter(by=by))


def has_open_conflict(*, case_id: int, by: User) -> bool:
    """Whether something of theirs waits there for a decision; one statement."""
    return CaseConflict.objects.filter(case_id=case_id, by=by, state=CaseConflict.State.OPEN).exists()


def conflict_rows(
    conflicts: Sequence[CaseConflict], *, in_sight: bool, reader: User, decidable: Collection[int] = ()
) -> list[dict[str, Any]]:
    """As the API shows them to `reader`; `decidable` are those that are theirs to decide. Whoever does not see the case
    any more reads what they said themselves and what was decided, nothing of what others made of it. At most one
    statement, for names.
    """
    sides = [side for one in conflicts for row in one.fields for side in (row["mine"], row["theirs"]) if side]
    names = staff_names(
        people=[side["by"] for side in sides] + [pk for one in conflicts for pk in (one.by_id, one.decided_by_id)]
    )
    return [
        {
            **_row(conflict, names, in_sight=in_sight),
            "is_side": reader.pk in sides_of(conflict),
            "may_decide": conflict.pk in decidable,
        }
        for conflict in conflicts
    ]


def _row(conflict: CaseConflict, names: StaffNames, *, in_sight: bool) -> dict[str, Any]:
    return {
        "id": conflict.pk,
        "case": {"id": conflict.case_id, "number": conflict.case.number},
        "client_id": conflict.client_id,
        "act": conflict.act,
        "act_name": act_name(conflict.act),
        "reason": conflict.reason,
        "reason_name": conflict.get_reason_display(),
        "by": _person(conflict.by_id, names),
        "done_at": conflict.done_at,
        "received_at": conflict.received_at,
        "base_version": conflict.base_version,
        "given": conflict.given,
        "fields": list(_fields(conflict, names, in_sight=in_sight)),
        "state": conflict.state,
        "state_name": conflict.get_state_display(),
        "decided_by": _person(conflict.decided_by_id, names),
        "decided_by_side": conflict.decided_by_side,
        "decided_at": conflict.decided_at,
        "words": conflict.words,
    }


def _fields(conflict: CaseConflict, names: StaffNames, *, in_sight: bool) -> Iterable[dict[str, Any]]:
    labels = {"state": _("State"), "lead_org": _("Lead unit"), "assignee": _("Person")}
    # The form's own words for the text say when it is needed: of no use here.
    labels.update({**field_labels(Act(conflict.act)), "text": _("What was written")})
    for row in conflict.fields:
        name, theirs = row["name"], row["theirs"]
        yield {
            "name": name,
            "label": labels.get(name, name),
            "mine": _side(name, row["mine"], names),
            "theirs": _side(name, theirs, names) if theirs and in_sight else None,
        }


def _side(name: str, side: Mapping[str, Any], names: StaffNames) -> dict[str, Any]:
    value = side["value"]
    return {
        "value": value,
        "shown": side["name"] or ("" if value in (None, "") else _SHOWN.get(name, _plain)(value)),
        "by": _person(side["by"], names),
        "at": side["at"],
    }


def _plain(value: Any) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


def _yes_or_no(value: Any) -> str:
    return _("yes") if value else _("no")


def _of(labels: Mapping[Any, Any]) -> Callable[[Any], str]:
    return lambda value: str(labels.get(value, value))


_SHOWN: Final[dict[str, Callable[[Any], str]]] = {
    "state": state_name,
    "passed": _yes_or_no,
    "taken_over": _yes_or_no,
    "outcome": _of(OUTCOMES),
    "level": _of(LEVEL_NAMES),
    "supervision": _of(SUPERVISIONS),
    "satisfaction": _of(SATISFACTIONS),
}


def _person(pk: int | None, names: StaffNames) -> dict[str, Any] | None:
    return {"id": pk, "name": names.person(pk)} if pk is not None else None

"""What waits too long: on people beyond a clock, and on the background beyond a limit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Value, Window
from django.db.models.expressions import Combinable
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.deadlines import ZONE, Limit, Unit, due
from cases.models import CaseConflict, CaseEvent, CaseExport, CaseFile, CaseQuerySet
from cases.selectors.lists import read_rows, show_rows
from cases.selectors.rules import calendar_from
from cases.workflow import Act, State

SHOWN: Final = 20
"""Rows of each kind; the count says how many there are."""
MACHINE_LIMIT: Final = timedelta(minutes=10)
"""How long the background may take before somebody should look."""
FAILED_FOR: Final = timedelta(days=7)
"""How long what failed for good is still shown."""
UNDECIDED_FOR: Final = timedelta(days=1)
"""How long a conflict may wait for its decision."""
_LOOK_BACK: Final = 60
"""Calendar days within which there is a working day."""


def people_kind_name(kind: str) -> str:
    names = {
        "accept": _("to be accepted"),
        "info": _("information wanted of the reporter"),
        "take": _("handover not taken"),
        "handle": _("to be handled"),
        "verify": _("to be verified and closed"),
        "upper": _("answer of the higher center"),
        "supervision": _("reply to a supervision"),
        "request": _("request for more time or a pause"),
        "resume": _("pause that is over"),
        "archive": _("to be archived"),
        "hops": _("passed on too often"),
        "conflict": _("came too late, not yet decided"),
    }
    return names[kind]


@dataclass(frozen=True, slots=True)
class _Kind:
    """Cases that wait, and since when they are late."""

    name: str
    wanted: Q
    late: str | Combinable = "due_at"
    order: tuple[str, ...] = ("late", "pk")


def _late(*states: State, now: datetime) -> Q:
    return Q(is_open=True, state__in=[state.value for state in states], due_at__lt=now)


def _asked_at() -> Subquery:
    asked = CaseEvent.objects.filter(case=OuterRef("pk"), act__in=[Act.ASK_EXTENSION, Act.ASK_SUSPENSION])
    return Subquery(asked.order_by("-seq").values("at")[:1])


def _undecided_since() -> Subquery:
    waiting = CaseConflict.objects.filter(case=OuterRef("pk"), state=CaseConflict.State.OPEN)
    return Subquery(waiting.order_by("received_at").values("received_at")[:1])


def _kinds(*, now: datetime, asked_before: datetime) -> list[_Kind]:
    return [
        _Kind("accept", _late(State.REPORTED, now=now)),
        _Kind("info", _late(State.DRAFT, now=now)),
        _Kind("take", Q(is_open=True, state=State.ASSIGNED, take_due_at__lt=now), "take_due_at"),
        _Kind("handle", _late(State.ACCEPTED, State.ASSIGNED, State.PROCESSING, now=now)),
        _Kind("verify", _late(State.AWAITING_VERIFY, State.VERIFIED, now=now)),
        _Kind("upper", _late(State.ESCALATED, now=now)),
        _Kind(
            "supervision",
            ~Q(supervision="") & Q(is_open=True, supervision_replied_at__isnull=True, supervision_due_at__lt=now),
            "supervision_due_at",
        ),
        _Kind("request", ~Q(asked_for="") & Q(is_open=True, late__lt=asked_before), _asked_at()),
        _Kind(
            "resume",
            Q(is_open=True, state=State.SUSPENDED, suspended_until__lt=timezone.localdate(now)),
            "stage_started_at",
        ),
        _Kind("archive", Q(state=State.CLOSED, archive_due_at__lt=now), "archive_due_at"),
        _Kind("hops", Q(is_open=True, hop_count__gte=settings.HOPS_AT_MOST), "assigned_at", ("-hop_count", "pk")),
        _Kind("conflict", Q(open_conflicts__gt=0, late__lt=now - UNDECIDED_FOR), _undecided_since()),
    ]


def a_working_day_before(*, now: datetime, town_code: str = "") -> datetime:
    """The first moment from which on one working day has not passed at `now`; one statement."""
    first = now - timedelta(days=_LOOK_BACK)
    calendar, limit = calendar_from(first, town_code=town_code), Limit(1, Unit.WORKING_DAY)
    today = timezone.localdate(now, ZONE)
    for back in range(_LOOK_BACK):
        begin = datetime.combine(today - timedelta(days=back), time(0), tzinfo=ZONE)
        end = due(start=begin, limit=limit, calendar=calendar).at
        if end is not None and end < now:
            return begin + timedelta(days=1)
    return first


def waiting_for_people(*, cases: CaseQuerySet, town_code: str, now: datetime) -> list[dict[str, Any]]:
    """Of `cases`, those late in each way, longest first. Three statements, and three for names not seen lately."""
    kinds = _kinds(now=now, asked_before=a_working_day_before(now=now, town_code=town_code))
    parts = [_part(kind, cases) for kind in kinds]
    found: dict[str, list[tuple[int, datetime | None]]] = {kind.name: [] for kind in kinds}
    counts = dict.fromkeys(found, 0)
    for name, pk, late, total in parts[0].union(*parts[1:], all=True):
        found[name].append((pk, late))
        counts[name] = total
    ids = {pk for rows in found.values() for pk, _late_since in rows}
    shown = {row["id"]: row for row in show_rows(read_rows(cases.filter(pk__in=ids)), now=now)}
    return [
        {
            "kind": name,
            "name": people_kind_name(name),
            "count": counts[name],
            "results": [{**shown[pk], "late_since": late} for pk, late in rows if pk in shown],
        }
        for name, rows in found.items()
    ]


def _part(kind: _Kind, cases: CaseQuerySet) -> QuerySet[Any, tuple[str, int, datetime | None, int]]:
    late = F(kind.late) if isinstance(kind.late, str) else kind.late
    rows = cases.annotate(late=late).filter(kind.wanted).annotate(kind=Value(kind.name), total=Window(Count("pk")))
    return rows.order_by(*kind.order).values_list("kind", "pk", "late", "total")[:SHOWN]


@dataclass(frozen=True, slots=True)
class MachineWait:
    """One thing the background has not done. `what` names it for people; `error` is a word for those who look after
    the machine.
    """

    id: int
    what: str
    since: datetime
    tries: int | None = None
    error: str = ""


def undone_files(*, cases: CaseQuerySet | None, now: datetime) -> QuerySet[CaseFile]:
    """Files without scan or thumbnail after the limit, of `cases`; None: of all."""
    bare = Q(kind=CaseFile.Kind.PHOTO, thumbnail="") & ~Q(check_state=CaseFile.Check.INFECTED)
    undone = bare | Q(check_state=CaseFile.Check.WAITING)
    files = CaseFile.objects.filter(undone, uploaded_at__lt=now - MACHINE_LIMIT)
    return files if cases is None else files.filter(case__in=cases)


def files_waiting(*, cases: CaseQuerySet | None, now: datetime) -> tuple[int, list[MachineWait]]:
    """How many there are, and the oldest. Without case numbers for whoever sees no case (None). One statement."""
    rows = undone_files(cases=cases, now=now).annotate(of_all=Window(Count("pk"))).order_by("pk")
    found = list(rows.values_list("of_all", "pk", "case__number", "uploaded_at", "check_state")[:SHOWN])
    waits = [
        MachineWait(pk, "" if cases is None else number, since, error=_file_error(check))
        for _total, pk, number, since, check in found
    ]
    return (found[0][0] if found else 0), waits


def _file_error(check: str) -> str:
    return "not scanned" if check == CaseFile.Check.WAITING else "no thumbnail"


def undone_exports(*, made_by: QuerySet[Any] | None, now: datetime) -> QuerySet[CaseExport]:
    """Exports that do not get on, and those that failed lately; of these people, None: of all."""
    running = [CaseExport.State.WAITING, CaseExport.State.RUNNING]
    stuck = Q(state__in=running, made_at__lt=now - MACHINE_LIMIT)
    exports = CaseExport.objects.filter(stuck | Q(state=CaseExport.State.FAILED, made_at__gte=now - FAILED_FOR))
    return exports if made_by is None else exports.filter(made_by__in=made_by)


def exports_waiting(*, made_by: QuerySet[Any] | None, now: datetime) -> tuple[int, list[MachineWait]]:
    """How many there are, and the oldest. One statement."""
    rows = undone_exports(made_by=made_by, now=now).annotate(of_all=Window(Count("pk"))).order_by("pk")
    found = list(rows.values_list("of_all", "pk", "made_by__display_name", "made_at", "state")[:SHOWN])
    waits = [MachineWait(pk, who, since, error=state) for _total, pk, who, since, state in found]
    return (found[0][0] if found else 0), waits

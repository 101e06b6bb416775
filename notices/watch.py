"""The watch list: what waits too long on a person or on the background, and another try for the latter.

Here because mails are this package's, and cases may not know of them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet, Window
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case
from cases.policy import CENTER_ROLES
from cases.selectors.watch import (
    MACHINE_LIMIT,
    SHOWN,
    MachineWait,
    exports_waiting,
    files_waiting,
    undone_exports,
    undone_files,
    waiting_for_people,
)
from cases.services.retry import retry_export, retry_file
from grid.services.imports.retry import retry_job, undone_jobs
from notices.models import Message
from staff.models import Post, User
from staff.scope import Scope, scope_of
from staff.selectors.people import posts_on

logger = logging.getLogger(__name__)

WATCHERS: Final = (*CENTER_ROLES, Post.Role.LEADER)
RETRIERS: Final = (Post.Role.CENTER_HEAD, Post.Role.ADMIN)


@dataclass(frozen=True, slots=True)
class _Sight:
    """Whose things somebody looks after: those of colleagues in the area and of the cases one sees, or all (None)."""

    people: QuerySet[Any] | None
    cases: Any


def _sight(*, user: User, scope: Scope, now: datetime) -> _Sight:
    if Post.Role.ADMIN in scope.roles:
        return _Sight(None, None)
    there = Q(pk__in=())
    for code in scope.codes(*WATCHERS):
        there |= Q(area__code__startswith=code)
    colleagues = posts_on(day=timezone.localdate(now)).filter(there).values("user_id")
    return _Sight(colleagues, Case.objects.visible_to(user))


def undone_messages(*, people: QuerySet[Any] | None, now: datetime) -> QuerySet[Message]:
    """Mails that were not sent within the limit; to these people, None: to anybody."""
    late = Message.objects.filter(sent_at__isnull=True, created_at__lt=now - MACHINE_LIMIT)
    return late if people is None else late.filter(recipient__in=people)


def _messages(sight: _Sight, now: datetime) -> tuple[int, list[MachineWait]]:
    rows = undone_messages(people=sight.people, now=now).annotate(of_all=Window(Count("pk"))).order_by("pk")
    columns = ("of_all", "pk", "recipient__display_name", "created_at", "tries", "last_error")
    found = list(rows.values_list(*columns)[:SHOWN])
    waits = [MachineWait(pk, who, since, tries, error) for _total, pk, who, since, tries, error in found]
    return (found[0][0] if found else 0), waits


def _jobs(sight: _Sight, now: datetime) -> tuple[int, list[MachineWait]]:
    jobs = undone_jobs(now=now)
    if sight.people is not None:
        jobs = jobs.filter(made_by__in=sight.people)
    rows = jobs.annotate(of_all=Window(Count("pk"))).order_by("pk")
    found = list(rows.values_list("of_all", "pk", "made_by_name", "changed_at", "state")[:SHOWN])
    waits = [MachineWait(pk, who, since, error=state) for _total, pk, who, since, state in found]
    return (found[0][0] if found else 0), waits


_MACHINE: Final[dict[str, Callable[[_Sight, datetime], tuple[int, list[MachineWait]]]]] = {
    "mail": _messages,
    "file": lambda sight, now: files_waiting(cases=sight.cases, now=now),
    "import": _jobs,
    "export": lambda sight, now: exports_waiting(made_by=sight.people, now=now),
}
MACHINE_KINDS: Final = tuple(_MACHINE)


def _machine_name(kind: str) -> str:
    names = {
        "mail": _("mails not sent"),
        "file": _("files not scanned or without thumbnail"),
        "import": _("imports that do not get on"),
        "export": _("lists not written"),
    }
    return names[kind]


def watch_list(*, user: User, now: datetime) -> dict[str, Any]:
    """Everything that waits too long, for the center and leaders of the area; for the administrator the background
    alone. Raises PermissionDenied for others.

    At most ten statements: four for people's cases and three for names, four for the background.
    """
    scope = scope_of(user)
    codes = scope.codes(*WATCHERS)
    if not codes and Post.Role.ADMIN not in scope.roles:
        raise PermissionDenied
    people = []
    if codes:
        cases = Case.objects.visible_to(user)
        people = waiting_for_people(cases=cases, town_code=max(codes, key=len)[:9], now=now)
    sight = _sight(user=user, scope=scope, now=now)
    machine = []
    for kind, wait in _MACHINE.items():
        count, rows = wait(sight, now)
        shown = [_row(one) for one in rows]
        machine.append({"kind": kind, "name": _machine_name(kind), "count": count, "results": shown})
    return {"people": people, "machine": machine, "may_retry": bool(scope.codes(*RETRIERS)), "as_of": now}


def _row(one: MachineWait) -> dict[str, Any]:
    return {"id": one.id, "what": one.what, "since": one.since, "tries": one.tries, "error": one.error}


def retry(*, kind: str, pk: int, by: User, now: datetime) -> bool:
    """Have the background try it again; False if it is not (or no longer) among what waits there for this person.

    Raises PermissionDenied for whoever may not, and KeyError for an unknown kind.
    """
    scope = scope_of(by)
    if not scope.codes(*RETRIERS):
        raise PermissionDenied
    done = _RETRIES[kind](pk, _sight(user=by, scope=scope, now=now), now)
    logger.info("watch_retried kind=%s id=%s by=%s done=%s", kind, pk, by.pk, done)
    return done


def _retry_mail(pk: int, sight: _Sight, now: datetime) -> bool:
    """Due at once, whatever the pause after its failures."""
    return undone_messages(people=sight.people, now=now).filter(pk=pk).update(next_try_at=now) == 1


def _retry_file(pk: int, sight: _Sight, now: datetime) -> bool:
    found = undone_files(cases=sight.cases, now=now).filter(pk=pk).exists()
    if found:
        retry_file(file_id=pk)
    return found


def _retry_job(pk: int, sight: _Sight, now: datetime) -> bool:
    jobs = undone_jobs(now=now).filter(pk=pk)
    if sight.people is not None:
        jobs = jobs.filter(made_by__in=sight.people)
    return jobs.exists() and retry_job(job_id=pk, now=now)


def _retry_export(pk: int, sight: _Sight, now: datetime) -> bool:
    found = undone_exports(made_by=sight.people, now=now).filter(pk=pk).exists()
    return found and retry_export(export_id=pk, now=now)


_RETRIES: Final[dict[str, Callable[[int, _Sight, datetime], bool]]] = {
    "mail": _retry_mail,
    "file": _retry_file,
    "import": _retry_job,
    "export": _retry_export,
}

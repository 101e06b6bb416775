"""Imports that run apart: a file is checked, somebody looks at what was found, and then it is applied.

waiting → being checked → checked or refused; checked → being applied → applied or refused. One import runs at a
time, for the memory it takes, under a lock of the database session: it is gone with a killed worker, and the next look
at the table takes the job up again. How far a job is stands in the cache, because all it writes is one transaction.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import connection, transaction
from django.utils import timezone

from grid.import_problems import Finding, Findings, Outcome, sentence
from grid.models import ImportJob
from grid.selectors.imports import RUNNING, set_progress
from grid.services.divisions import DivisionList, import_divisions
from grid.services.ground import Actor
from grid.services.imports.features import Fields
from grid.services.imports.outlines import import_outlines
from grid.services.imports.plan import OutlineFile

logger = logging.getLogger(__name__)

State = ImportJob.State

MOST_BYTES: Final = 200 * 1024 * 1024
"""Largest file taken in."""
EVERYWHERE: Final = ("",)
"""The scope of whoever may change every area."""
TRIES: Final = 3
"""A file that kills its worker so often is given up."""
TURN: Final = 60.0
"""Seconds after which no further job is begun in one turn: a worker is ended after nine minutes."""
_LOCK: Final = 0x696D706F7274  # "import"


def create_job(
    *, kind: str, upload: File[bytes], options: Mapping[str, Any], scope: Sequence[str], by: Actor
) -> ImportJob:
    """Keep the file and queue it. `scope` are codes of areas that the person may change. Raises ValidationError."""
    if (upload.size or 0) > MOST_BYTES:
        message = sentence("too_large", {"megabytes": MOST_BYTES >> 20})
        raise ValidationError({"file": ValidationError(message, code="too_large")})
    job = ImportJob(
        kind=kind,
        file_name=(upload.name or "")[:200],
        options=dict(options),
        scope_codes=list(scope),
        made_by=by.id,
        made_by_name=by.name,
    )
    # A name of our own: the sender's may be anything.
    job.file.save(uuid4().hex, upload, save=False)
    job.save(force_insert=True)
    logger.info("import_sent job=%s kind=%s", job.pk, kind)
    return job


def want_applied(*, job_id: int, scope: Sequence[str]) -> bool:
    """Queue a checked job to be applied, within what the person may change now; False if it is in another state."""
    jobs = ImportJob.objects.filter(pk=job_id, state=State.CHECKED)
    now = timezone.now()
    return jobs.update(state=State.APPLYING, apply_wanted=True, scope_codes=list(scope), changed_at=now) == 1


@contextmanager
def _only_one() -> Iterator[bool]:
    """Whether this session alone runs imports."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def run_waiting() -> int:
    """Check or apply what waits, oldest first, and what a killed run left; how many. May run twice and at once."""
    started, done = time.monotonic(), 0
    with _only_one() as mine:
        while mine and time.monotonic() - started < TURN:
            job = ImportJob.objects.filter(state__in=[State.WAITING, *RUNNING]).order_by("made_at", "pk").first()
            if job is None:
                break
            _run(job)
            done += 1
    return done


def _run(job: ImportJob) -> None:
    running = State.APPLYING if job.state == State.APPLYING else State.CHECKING
    # Kept where the outcome will be: it is of interest only until there is one.
    tries = job.summary.get("tries", 0) + 1
    begun = ImportJob.objects.filter(pk=job.pk, state=job.state).update(
        state=running, summary={**job.summary, "tries": tries}, changed_at=timezone.now()
    )
    if begun != 1:
        return
    if tries > TRIES:
        _finish(job, running, State.FAILED, _only(Finding(0, "gave_up")))
        return
    try:
        with transaction.atomic():
            outcome = _work(job, write=running == State.APPLYING)
            good = State.APPLIED if running == State.APPLYING else State.CHECKED
            # With what it wrote, or not at all.
            _finish(job, running, State.REFUSED if outcome.problems.count else good, outcome)
    except Exception:
        # Whatever a file brings about, the person who sent it is told, and the other jobs go on.
        logger.exception("import_failed job=%s", job.pk)
        _finish(job, running, State.FAILED, _only(Finding(0, "failed")))


def _only(finding: Finding) -> Outcome:
    outcome = Outcome(Findings())
    outcome.problems.add(finding)
    return outcome


def _finish(job: ImportJob, running: str, state: str, outcome: Outcome) -> None:
    ImportJob.objects.filter(pk=job.pk, state=running).update(
        state=state,
        done=outcome.total,
        total=outcome.total,
        summary=outcome.summary,
        problems=[finding.row() for finding in outcome.problems.first()],
        problem_count=outcome.problems.count,
        changed_at=timezone.now(),
    )
    logger.info("import_%s job=%s problems=%s", state, job.pk, outcome.problems.count)


def _work(job: ImportJob, *, write: bool) -> Outcome:
    told = 0.0

    def progress(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told >= 1:
            told = time.monotonic()
            set_progress(job.pk, done=done, total=total)

    options, path = job.options, Path(job.file.path)
    day = date.fromisoformat(options["valid_from"]) if options.get("valid_from") else None
    scope = tuple(job.scope_codes)
    if job.kind == ImportJob.Kind.DIVISIONS:
        listed = DivisionList(path, day or timezone.localdate(), encoding=options["encoding"], scope=scope)
        return import_divisions(wanted=listed, write=write, progress=progress)
    wanted = OutlineFile(
        path=path,
        crs=options["crs"],
        level=options["level"],
        fields=Fields(code=options["code_field"], name=options["name_field"], encoding=options["encoding"]),
        valid_from=day,
        reason=options["reason"],
        scope=scope,
    )
    by = Actor(job.made_by, job.made_by_name)
    return import_outlines(wanted=wanted, by=by, now=timezone.now(), write=write, progress=progress)

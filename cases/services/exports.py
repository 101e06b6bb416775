"""A list taken out as a file: asked for by a person, written in the background, removed when its days are over.

waiting → running → ready or failed; ready → gone. One run at a time writes an export, under a lock of the database
session: it is gone with a killed worker, and the next look at the table begins the file anew.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.db import connection
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cases.models import CaseExport
from cases.selectors.exports import HEADINGS, MOST, exported_ids, exported_rows, may_export, moment
from cases.selectors.filters import Filters
from cases.services.sheets import Sheet, open_sheet
from staff.models import User
from staff.scope import scope_of

logger = logging.getLogger(__name__)

State = CaseExport.State
TO_DO: Final = (State.WAITING, State.RUNNING)
BATCH: Final = 1000
AT_ONCE: Final = 3
"""Exports of one person that are not ready yet."""
GIVEN_UP: Final = timedelta(hours=1)
"""An export that is not ready by then kills its workers; it is not tried for ever."""
TURN: Final = 60.0
"""Seconds after which no further export is begun in one turn: a worker is ended after nine minutes."""
DEMO_MARK: Final = "演示数据 · 虚构"
_LOCK: Final = 0x6578706F  # "expo"


def create_export(*, by: User, filters: Filters, purpose: str, format: str, language: str) -> CaseExport:
    """Queue a file of what `filters` keep. Raises PermissionDenied, and ValidationError without a purpose."""
    if not may_export(scope_of(by)):
        raise PermissionDenied
    if not purpose.strip():
        raise ValidationError({"purpose": ValidationError(_("Say what the list is for: it is kept."), "required")})
    if CaseExport.objects.filter(made_by=by, state__in=TO_DO).count() >= AT_ONCE:
        raise ValidationError(ValidationError(_("Wait until one of your lists is ready."), "too_many"))
    export = CaseExport.objects.create(
        made_by=by,
        made_at=timezone.now(),
        purpose=purpose.strip(),
        query=filters.packed(),
        format=format,
        language=language,
    )
    logger.info("export_asked export=%s by=%s", export.pk, by.pk)
    return export


def take_export(*, export_id: int, by: User, now: datetime) -> CaseExport | None:
    """The file, for its maker only and while its days last; each taking is counted. None if there is none."""
    if not may_export(scope_of(by)):
        return None
    ready = CaseExport.objects.filter(pk=export_id, made_by=by, state=State.READY, expires_at__gt=now)
    if ready.update(taken_count=F("taken_count") + 1) != 1:
        return None
    logger.info("export_taken export=%s by=%s", export_id, by.pk)
    return CaseExport.objects.get(pk=export_id)


def run_exports() -> int:
    """Write what waits, oldest first, and remove what is over; how many were written. May run twice and at once."""
    remove_expired(now=timezone.now())
    started, written = time.monotonic(), 0
    for pk in CaseExport.objects.filter(state__in=TO_DO).order_by("pk").values_list("pk", flat=True):
        if time.monotonic() - started > TURN:
            break
        written += write_export(export_id=pk)
    return written


def remove_expired(*, now: datetime) -> int:
    """The file first: a run killed between the two removes it once more, and none is forgotten."""
    removed = 0
    for export in CaseExport.objects.filter(state=State.READY, expires_at__lte=now):
        export.file.storage.delete(str(export.file.name))
        removed += CaseExport.objects.filter(pk=export.pk, state=State.READY).update(state=State.GONE, file="")
        logger.info("export_removed export=%s", export.pk)
    return removed


@contextmanager
def _alone(export_id: int) -> Iterator[bool]:
    """Whether this session alone writes the export."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, export_id % 2**31])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, export_id % 2**31])


def write_export(*, export_id: int) -> bool:
    """Whether this call wrote the file. What another run writes, or has written, is left to it."""
    with _alone(export_id) as mine:
        todo = CaseExport.objects.filter(pk=export_id, state__in=TO_DO)
        if not mine or todo.update(state=State.RUNNING, done=0, total=0) != 1:
            return False
        export = CaseExport.objects.select_related("made_by").get(pk=export_id)
        if timezone.now() - export.made_at > GIVEN_UP or not may_export(scope_of(export.made_by)):
            _fail(export)
            return False
        try:
            with translation.override(export.language), tempfile.TemporaryDirectory() as folder:
                _write(export, Path(folder) / f"{export.pk}.{export.format}")
        except Exception:
            # Whatever it was: the next one in the queue must have its turn, and the log says what happened.
            logger.exception("export_failed export=%s", export.pk)
            _fail(export)
            return False
    return True


def _fail(export: CaseExport) -> None:
    CaseExport.objects.filter(pk=export.pk, state=State.RUNNING).update(state=State.FAILED)


def _write(export: CaseExport, path: Path) -> None:
    now = timezone.now()
    ids = exported_ids(export=export, now=now)
    more, ids = len(ids) > MOST, ids[:MOST]
    CaseExport.objects.filter(pk=export.pk).update(total=len(ids))
    with open_sheet(path=path, format=export.format, mark=mark(export, now=now)) as sheet:
        _fill(sheet, export, ids, now)
        if more:
            sheet.row([_("There are more: a file has %(most)d rows at most.") % {"most": MOST}])
    _keep(export, path, now)


def _fill(sheet: Sheet, export: CaseExport, ids: Sequence[int], now: datetime) -> None:
    sheet.heading([str(heading) for heading in HEADINGS])
    for start in range(0, len(ids), BATCH):
        for row in exported_rows(export=export, ids=ids[start : start + BATCH], now=now):
            sheet.row(row)
        CaseExport.objects.filter(pk=export.pk).update(done=min(start + BATCH, len(ids)))


def mark(export: CaseExport, *, now: datetime) -> str:
    """What every page of the file says: who took it, when, for what, and whether it is invented."""
    demo = [DEMO_MARK] if settings.DEMO else []
    return " · ".join([export.made_by.display_name, moment(now), export.purpose, *demo])


def _keep(export: CaseExport, path: Path, now: datetime) -> None:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with path.open("rb") as stream:
        export.file.save(path.name, File(stream), save=False)
    until = now + timedelta(days=settings.EXPORT_DAYS)
    ready: dict[str, Any] = {"state": State.READY, "file": export.file.name, "sha256": digest}
    CaseExport.objects.filter(pk=export.pk).update(**ready, ready_at=now, expires_at=until)
    logger.info("export_ready export=%s", export.pk)

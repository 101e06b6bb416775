"""Have files looked at by clamd, where the site has one. What is infected is moved out of what is served."""

from __future__ import annotations

import logging
import os
from pathlib import Path, PurePosixPath
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from cases.models import CaseFile
from cases.services.files.clamd import ScannerAwayError, ScannerError, infection_of
from cases.services.files.thumbnails import taken

logger = logging.getLogger(__name__)

Check = CaseFile.Check
QUARANTINE: Final = "quarantine"
"""Folder below MEDIA_ROOT, beside `cases/`, from which nothing is ever handed out."""


def waiting_files() -> QuerySet[CaseFile]:
    """By the index of what is to be scanned."""
    return CaseFile.objects.filter(check_state=Check.WAITING)


def files_to_scan() -> list[int]:
    """Files that wait and were not handed out within the last minute; oldest first."""
    ids = waiting_files().order_by("pk").values_list("pk", flat=True)
    return taken(kind="scan", ids=list(ids[:2000]))


def scan_file(*, file_id: int) -> bool:
    """Whether there is a verdict now. Not inside a transaction: it speaks to a server.

    A scanner that is away or answers anything but a verdict leaves the file waiting. May run twice, also at once: the
    verdict is written by whoever finds it still waiting.
    """
    file = waiting_files().filter(pk=file_id).first()
    if file is None:
        return False
    if not settings.CLAMD:
        # The site gave the scan up: the truth is "not scanned", not "clean".
        return _write(file, Check.NONE)
    if not Path(file.file.path).exists() and _shelter(file).exists():
        # Killed between the move and the commit.
        return _quarantine(file, "known from before")
    try:
        with file.file.open("rb") as stream:
            found = infection_of(stream, address=settings.CLAMD)
    except ScannerAwayError as error:
        logger.error("scanner_away file=%s error=%s", file_id, error)
        return False
    except (ScannerError, OSError) as error:
        logger.error("file_not_scanned file=%s error=%s", file_id, error)
        return False
    return _quarantine(file, found) if found else _write(file, Check.CLEAN)


def _write(file: CaseFile, state: Check) -> bool:
    return waiting_files().filter(pk=file.pk).update(check_state=state) == 1


def _shelter(file: CaseFile) -> Path:
    name = PurePosixPath(file.file.name or "").name
    return Path(file.file.storage.path(f"{QUARANTINE}/{file.pk}-{name}"))


@transaction.atomic
def _quarantine(file: CaseFile, found: str) -> bool:
    """Move the bytes, then say so; the thumbnail goes."""
    row = waiting_files().select_for_update().filter(pk=file.pk).first()
    if row is None:
        return False
    shelter = _shelter(row)
    shelter.parent.mkdir(mode=0o700, exist_ok=True)
    if not shelter.exists():
        os.replace(row.file.path, shelter)
    if row.thumbnail:
        row.thumbnail.delete(save=False)
    row.file.name = f"{QUARANTINE}/{shelter.name}"
    row.check_state = Check.INFECTED
    row.save(update_fields=["file", "thumbnail", "check_state"])
    logger.error("file_infected file=%s case=%s found=%s", row.pk, row.case_id, found)
    return True

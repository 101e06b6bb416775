"""Have the background try once more what it did not finish."""

from __future__ import annotations

import logging
from datetime import datetime

from django.core.cache import cache

from cases.models import CaseExport

logger = logging.getLogger(__name__)


def retry_file(*, file_id: int) -> None:
    """The next sweep, seconds from now, hands the file out again, to the scan and to the thumbnails."""
    cache.delete_many([f"file-{kind}:{file_id}" for kind in ("scan", "thumbnail")])
    logger.info("file_retried file=%s", file_id)


def retry_export(*, export_id: int, now: datetime) -> bool:
    """Queue it as if it had been asked for now: one that was given up for its age has its time again.

    False for one that is ready or gone.
    """
    state = CaseExport.State
    undone = CaseExport.objects.filter(pk=export_id, state__in=[state.WAITING, state.RUNNING, state.FAILED])
    done = undone.update(state=state.WAITING, made_at=now) == 1
    logger.info("export_retried export=%s done=%s", export_id, done)
    return done

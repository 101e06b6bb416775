"""Have an import tried once more that a worker did not finish, or gave up."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet

from grid.models import ImportJob
from grid.selectors.imports import RUNNING

logger = logging.getLogger(__name__)

LIMIT: Final = timedelta(minutes=10)
"""Longer than a worker lives: what is running by then runs no more."""
FAILED_FOR: Final = timedelta(days=7)


def undone_jobs(*, now: datetime) -> QuerySet[ImportJob]:
    """Imports that do not get on, and those that failed lately."""
    stuck = Q(state__in=[ImportJob.State.WAITING, *RUNNING], changed_at__lt=now - LIMIT)
    return ImportJob.objects.filter(stuck | Q(state=ImportJob.State.FAILED, changed_at__gte=now - FAILED_FOR))


def retry_job(*, job_id: int, now: datetime) -> bool:
    """Queue it with all its tries again; False for one that is not stuck.

    What failed is checked anew before anybody can apply it: why it failed is not known.
    """
    failed = ImportJob.objects.filter(pk=job_id, state=ImportJob.State.FAILED)
    anew = {"summary": {}, "problems": [], "problem_count": 0, "changed_at": now}
    if failed.update(state=ImportJob.State.WAITING, apply_wanted=False, **anew) == 1:
        logger.info("import_retried job=%s", job_id)
        return True
    done = undone_jobs(now=now).filter(pk=job_id).update(summary={}, changed_at=now) == 1
    logger.info("import_retried job=%s done=%s", job_id, done)
    return done

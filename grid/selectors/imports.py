"""Read imports: whose, how far they are, and what was found, in the reader's language."""

from __future__ import annotations

from typing import Any, Final

from django.core.cache import cache
from django.db.models import QuerySet

from grid.import_problems import sentence
from grid.models import ImportJob

RUNNING: Final = (ImportJob.State.CHECKING, ImportJob.State.APPLYING)
_KEPT: Final = 600
OPTIONS: Final = ("valid_from", "crs", "level", "code_field", "name_field", "encoding", "reason")
COUNTS: Final = ("created", "renamed", "ended", "unchanged", "drawn", "redrawn")


def set_progress(job_id: int, *, done: int, total: int) -> None:
    """In the cache: the row itself is written once, with all that the job wrote."""
    cache.set(f"import:{job_id}", [done, total], timeout=_KEPT)


def jobs_of(*, user_id: int, everybody: bool) -> QuerySet[ImportJob]:
    """Those the person sent, or all."""
    return ImportJob.objects.all() if everybody else ImportJob.objects.filter(made_by=user_id)


def job_rows(jobs: list[ImportJob], *, problems: bool = True) -> list[dict[str, Any]]:
    """As the API shows them, with or without each problem. How far running ones are is asked of the cache at once."""
    keys = [f"import:{job.pk}" for job in jobs if job.state in RUNNING]
    progress = cache.get_many(keys) if keys else {}
    return [_row(job, progress.get(f"import:{job.pk}"), job.problems if problems else []) for job in jobs]


def _row(job: ImportJob, progress: list[int] | None, problems: list[dict[str, Any]]) -> dict[str, Any]:
    done, total = progress or (job.done, job.total)
    return {
        "id": job.pk,
        "kind": job.kind,
        "kind_name": job.get_kind_display(),
        "state": job.state,
        "state_name": job.get_state_display(),
        "file_name": job.file_name,
        "options": {name: job.options.get(name) for name in OPTIONS},
        "done": done,
        "total": total,
        "summary": _summary(job.summary),
        "problems": [
            {
                "line": one["line"],
                "field": one["field"],
                "code": one["code"],
                "message": sentence(one["code"], one["values"]),
            }
            for one in problems
        ],
        "problem_count": job.problem_count,
        "made_at": job.made_at,
        "made_by": job.made_by_name,
    }


def _summary(summary: dict[str, Any]) -> dict[str, Any]:
    warnings = [
        {"code": one["code"], "message": sentence(one["code"], one["values"])} for one in summary.get("warnings", [])
    ]
    counts = {name: summary.get(name, 0) for name in COUNTS}
    return {**counts, "proposed": summary.get("proposed", []), "warnings": warnings}

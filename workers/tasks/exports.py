"""Write and remove lists that people take out as files."""

from celery import shared_task

from cases.services.exports import run_exports


@shared_task
def run() -> None:
    run_exports()

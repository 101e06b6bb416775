"""Check and apply the lists and boundaries that were sent."""

from celery import shared_task

from grid.services.imports.jobs import run_waiting


@shared_task
def run() -> None:
    run_waiting()

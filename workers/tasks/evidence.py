"""Seal yesterday."""

from celery import shared_task

from cases.services.seal import seal_day


@shared_task
def seal() -> None:
    seal_day()

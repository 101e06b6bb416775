"""On the day a boundary changes, its open cases and places go to the cells they now lie in."""

from celery import shared_task
from django.utils import timezone

from cases.services.territory import settle_changes


@shared_task
def settle() -> None:
    settle_changes(now=timezone.now())

"""Patrols that nobody stopped, and points that are old enough to be forgotten."""

from celery import shared_task
from django.utils import timezone

from staff.services.patrols import purge_points, stop_forgotten


@shared_task
def purge() -> None:
    """First what is still running: its visits are worked out from the points."""
    now = timezone.now()
    stop_forgotten(now=now)
    purge_points(now=now)

"""Patrols that nobody stopped, and what is old enough to be forgotten: their points, phones long signed out."""

from celery import shared_task
from django.utils import timezone

from staff.services.devices import forget_devices
from staff.services.patrols import purge_points, stop_forgotten


@shared_task
def purge() -> None:
    """First what is still running: its visits are worked out from the points."""
    now = timezone.now()
    stop_forgotten(now=now)
    purge_points(now=now)
    forget_devices(now=now)

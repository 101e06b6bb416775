"""Overdue scan: events, then reminders, then one mail per person."""

from celery import shared_task
from django.utils import timezone

from cases.services.scan import mark_due
from notices.services import take_events, write_digests


@shared_task
def scan() -> None:
    """Each step is its own transaction and picks up what an earlier, killed run left."""
    now = timezone.now()
    mark_due(now=now)
    while take_events(now=now):
        pass
    write_digests(now=now)

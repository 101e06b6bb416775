"""Monday morning."""

from celery import shared_task
from django.utils import timezone

from workers.weekly import send_weekly


@shared_task
def send() -> None:
    send_weekly(now=timezone.now())

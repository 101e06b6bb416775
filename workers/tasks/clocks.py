"""What clocks need by themselves: suspensions that end, a calendar that was changed, a year that is missing."""

from celery import shared_task
from django.utils import timezone

from cases.services.clocks import follow_calendar
from cases.services.scan import resume_suspended
from notices.calendar import tell_missing_years


@shared_task
def resume() -> None:
    resume_suspended(now=timezone.now())


@shared_task
def follow() -> None:
    follow_calendar(now=timezone.now())


@shared_task
def tell_missing() -> None:
    tell_missing_years(now=timezone.now())

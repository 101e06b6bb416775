"""The heartbeat that /readyz looks at."""

import time

from celery import shared_task
from django.core.cache import cache

HEARTBEAT = "wangge:beat"


@shared_task
def beat() -> None:
    """Says that beat sends and a worker works, in seconds since 1970."""
    cache.set(HEARTBEAT, time.time(), timeout=None)

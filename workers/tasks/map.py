"""What the map needs by the clock: counts for its wide views, and an end to kept tiles of the base map."""

import time

from celery import shared_task
from django.utils import timezone

from cases.services.open_counts import renew_open_counts
from grid.tianditu import prune_kept_tiles


@shared_task
def count_open() -> None:
    renew_open_counts(now=timezone.now())


@shared_task
def prune_base_map() -> None:
    prune_kept_tiles(now=time.time())

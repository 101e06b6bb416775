"""Celery: what happens in the background, from committed data only."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("wangge")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    # A task that was begun and not finished is done again: every task may run twice.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    broker_connection_retry_on_startup=True,
    # Redis hands an unacknowledged task to another worker after this many seconds.
    broker_transport_options={"visibility_timeout": 600},
    timezone="Asia/Shanghai",
    enable_utc=True,
    task_time_limit=540,
    worker_hijack_root_logger=False,
    imports=[
        "workers.tasks.clocks",
        "workers.tasks.files",
        "workers.tasks.evidence",
        "workers.tasks.exports",
        "workers.tasks.ground",
        "workers.tasks.health",
        "workers.tasks.imports",
        "workers.tasks.mail",
        "workers.tasks.map",
        "workers.tasks.reminders",
        "workers.tasks.territory",
        "workers.tasks.weekly",
    ],
)

from workers.schedule import SCHEDULE  # noqa: E402 - Django's settings must be named first

app.conf.beat_schedule = SCHEDULE

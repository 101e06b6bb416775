"""Everything that happens by the clock, in one table. Hours are Asia/Shanghai."""

from typing import Any, Final

from celery.schedules import crontab

SCHEDULE: Final[dict[str, dict[str, Any]]] = {
    # Lets /readyz see that beat and a worker are alive.
    "heartbeat": {"task": "workers.tasks.health.beat", "schedule": 5.0, "options": {"expires": 15}},
    # Due soon and overdue: on record within five minutes; mails follow, within hours and working days.
    "overdue scan": {"task": "workers.tasks.reminders.scan", "schedule": 60.0, "options": {"expires": 120}},
    # Boundary changes planned for today, and imported ones: their open cases and places change hands.
    "settle ground": {"task": "workers.tasks.ground.settle", "schedule": 60.0, "options": {"expires": 120}},
    # Whatever is queued and unsent, failures included.
    "send mail": {"task": "workers.tasks.mail.send_due", "schedule": 20.0, "options": {"expires": 40}},
    # Last week's figures. Monday 08:00; again every hour of the morning for what the first run could not do.
    "weekly mail": {
        "task": "workers.tasks.weekly.send",
        "schedule": crontab(minute=0, hour="8-12", day_of_week=1),
    },
}

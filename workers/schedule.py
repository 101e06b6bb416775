"""Everything that happens by the clock, in one table. Hours are Asia/Shanghai."""

from typing import Any, Final

from celery.schedules import crontab

SCHEDULE: Final[dict[str, dict[str, Any]]] = {
    # Lets /readyz see that beat and a worker are alive.
    "heartbeat": {"task": "workers.tasks.health.beat", "schedule": 5.0, "options": {"expires": 15}},
    # Due soon and overdue: on record within five minutes; mails follow, within hours and working days.
    "overdue scan": {"task": "workers.tasks.reminders.scan", "schedule": 60.0, "options": {"expires": 120}},
    # Suspensions end on the day that was named for it.
    "resume suspended": {"task": "workers.tasks.clocks.resume", "schedule": 60.0, "options": {"expires": 120}},
    # Days entered in the calendar move what is due; without a change this reads two tables.
    "follow calendar": {"task": "workers.tasks.clocks.follow", "schedule": 60.0, "options": {"expires": 120}},
    # A year nobody entered: at most one mail a week to each administrator.
    "missing calendar": {"task": "workers.tasks.clocks.tell_missing", "schedule": crontab(minute=0, hour=9)},
    # Boundary changes planned for today, and imported ones: their open cases and places change hands.
    "settle ground": {"task": "workers.tasks.ground.settle", "schedule": 60.0, "options": {"expires": 120}},
    # The wide views of the map are made of these counts; they may be half a minute old.
    "count open cases": {"task": "workers.tasks.map.count_open", "schedule": 20.0, "options": {"expires": 40}},
    # Kept tiles of 天地图 stay within their size.
    "prune base map": {"task": "workers.tasks.map.prune_base_map", "schedule": 600.0, "options": {"expires": 1200}},
    # Files that were sent: checked, then applied when somebody said so; also what a killed run left.
    "imports": {"task": "workers.tasks.imports.run", "schedule": 5.0, "options": {"expires": 10}},
    # Lists taken out as files: written, and removed when their days are over; also what a killed run left.
    "exports": {"task": "workers.tasks.exports.run", "schedule": 5.0, "options": {"expires": 10}},
    # Files that were added: scanned where the site has a scanner, and photos made small.
    "prepare files": {"task": "workers.tasks.files.prepare", "schedule": 5.0, "options": {"expires": 10}},
    # Patrols that nobody stopped for a day end; points of patrols and phones long signed out are deleted.
    "purge patrol points": {"task": "workers.tasks.territory.purge", "schedule": 3600.0, "options": {"expires": 7200}},
    # Everything of the day under one hash; every quarter of an hour until it is done, for a worker that slept.
    "seal the day": {"task": "workers.tasks.evidence.seal", "schedule": crontab(minute="5-59/15", hour="0-6")},
    # Whatever is queued and unsent, failures included.
    "send mail": {"task": "workers.tasks.mail.send_due", "schedule": 20.0, "options": {"expires": 40}},
    # Last week's figures. Monday 08:00; again every hour of the morning for what the first run could not do.
    "weekly mail": {
        "task": "workers.tasks.weekly.send",
        "schedule": crontab(minute=0, hour="8-12", day_of_week=1),
    },
}

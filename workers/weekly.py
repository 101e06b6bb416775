"""The weekly mail: figures from `reports`, delivery by `notices`. Lives here because neither may know the other."""

from __future__ import annotations

import logging
from datetime import datetime

from django.utils import timezone

from notices.services import Letter, queue_letter
from reports.periods import Week
from reports.selectors import subscriptions
from reports.services import freeze_week, render_weekly

logger = logging.getLogger(__name__)


def send_weekly(*, now: datetime, week: Week | None = None) -> int:
    """Queue the mail of `week` (default: the last complete one) for every subscriber; how many are new.

    One per week, area and person, whatever is killed or repeated: the key is unique.
    Raises reports.services.WeekNotOverError for a week that is not over at `now`.
    """
    wanted = week or Week.of(now).previous
    queued = 0
    for subscription in subscriptions():
        report = freeze_week(area=subscription.area, week=wanted, now=now)
        mail = render_weekly(figures=report.figures, language=subscription.user.language)
        letter = Letter(
            key=f"weekly:{subscription.area_id}:{wanted.name}:{subscription.user_id}",
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            image=mail.chart,
        )
        queued += queue_letter(recipient=subscription.user, letter=letter, now=timezone.now())
    logger.info("weekly_queued week=%s new=%s", wanted.name, queued)
    return queued

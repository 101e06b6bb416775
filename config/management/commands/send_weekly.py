"""manage.py send_weekly"""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reports.periods import Week
from reports.services import WeekNotOverError
from workers.weekly import send_weekly


class Command(BaseCommand):
    help = "Queue the weekly mail to every subscriber who did not get it yet; beat does the same on Monday 08:00."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--week", help="2026-W47; default: the last complete week")
        parser.add_argument(
            "--now", type=datetime.fromisoformat, help="take this for the present (with offset), for a rehearsal"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = options["now"] or timezone.now()
        if now.tzinfo is None:
            raise CommandError("--now needs an offset, such as 2026-11-30T08:00:00+08:00.")
        try:
            week = Week.named(options["week"]) if options["week"] else None
            queued = send_weekly(now=now, week=week)
        except WeekNotOverError as error:
            raise CommandError(f"Week {error} is not over; its figures are not final yet.") from error
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{queued} mails queued")

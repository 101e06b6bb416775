"""manage.py recompute_clocks"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cases.services.clocks import recompute_clocks


class Command(BaseCommand):
    help = "Work every running clock out again by the calendar of today; a new due time goes on record with an event."

    def handle(self, *args: Any, **options: Any) -> None:
        found = recompute_clocks(now=timezone.now())
        self.stdout.write(f"{found.moved} cases have a new due time")
        if found.held:
            raise CommandError(f"{found.held} cases were held by somebody else meanwhile: run it again")

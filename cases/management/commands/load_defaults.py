"""manage.py load_defaults"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from cases.services.defaults import load_categories, load_limits, load_workdays


class Command(BaseCommand):
    help = "Create categories, limits and the working calendar where they are missing; changes nothing that is there."

    def handle(self, *args: Any, **options: Any) -> None:
        year = timezone.localdate().year
        categories, limits, days = load_categories(), load_limits(), load_workdays(until=year + 1)
        self.stdout.write(f"{categories} categories, {limits} limits, {days} calendar days created")

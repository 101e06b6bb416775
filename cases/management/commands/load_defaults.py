"""manage.py load_defaults"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from cases.services.defaults import load_categories, load_keywords, load_limits, load_workdays
from cases.services.help_defaults import load_questions, load_routing, load_texts
from grid.services.defaults import load_place_kinds


class Command(BaseCommand):
    help = "Create what is missing of categories, limits, the calendar and kinds of places; changes nothing there is."

    def handle(self, *args: Any, **options: Any) -> None:
        year = timezone.localdate().year
        categories, limits, days = load_categories(), load_limits(), load_workdays(until=year + 1)
        load_keywords()
        kinds = load_place_kinds()
        made = f"{categories} categories, {limits} limits, {days} calendar days, {kinds} kinds of places created"
        self.stdout.write(made)
        texts, questions, rules = load_texts(), load_questions(), load_routing()
        self.stdout.write(f"{texts} standard texts, {questions} questions, {rules} routing rules created")

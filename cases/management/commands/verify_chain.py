"""manage.py verify_chain"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.models import Case
from cases.services.evidence import verify_chain
from cases.services.seal import verify_seals


class Command(BaseCommand):
    help = "Check the hash chain of every case and the seal of every day; name what was edited, removed or added."

    def handle(self, *args: Any, **options: Any) -> None:
        cases = breaks = 0
        for case in Case.objects.order_by("pk").iterator():
            cases += 1
            for found in verify_chain(case=case):
                breaks += 1
                self.stderr.write(f"{found.case_number} #{found.seq}: {found.what}")
        for found in verify_seals():
            breaks += 1
            self.stderr.write(f"{found.case_number}: {found.what}")
        if breaks:
            raise CommandError(f"{breaks} breaks in {cases} cases")
        self.stdout.write(f"{cases} cases, every chain holds")

"""manage.py recode_area OLD NEW --reason …"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from cases.services.territory import follow_recode as cases_follow
from grid.selectors.areas import valid_areas
from grid.services.ground import Actor
from grid.services.recode import recode
from reports.models import Subscription
from staff.models import User
from staff.services.duty import follow_recode as posts_follow


class Command(BaseCommand):
    help = "Give an area and all that lies in it another code from today on, as when a town moves to another district."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("old", help="the code of today")
        parser.add_argument("new", help="the new code, as long as the old one; what it lies in must exist")
        parser.add_argument("--reason", required=True, help="the decision it rests on; stays with the history")
        parser.add_argument("--by", required=True, help="user name of whoever decides")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        area = valid_areas(on=timezone.localdate(now)).filter(code=options["old"]).first()
        if area is None:
            raise CommandError(f"There is no area {options['old']} today.")
        person = User.objects.filter(username=options["by"], is_active=True).first()
        if person is None:
            raise CommandError(f"There is no active person “{options['by']}”.")
        try:
            with transaction.atomic():
                done = recode(
                    area=area,
                    code=options["new"],
                    reason=options["reason"],
                    by=Actor(person.pk, person.display_name),
                    now=now,
                )
                posts_follow(heirs=done.heirs, day=timezone.localdate(now))
                cases = cases_follow(recoded=done, now=now)
                for subscription in Subscription.objects.filter(area__in=done.heirs):
                    subscription.area = done.heirs[subscription.area_id]
                    subscription.save(update_fields=["area"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(
            f"{len(done.heirs)} areas now begin with {options['new']}; {cases} open cases were handed on."
        )

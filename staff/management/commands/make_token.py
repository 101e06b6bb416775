"""manage.py make_token USERNAME NAME PURPOSE"""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from staff.models import Token, User
from staff.services.tokens import make_token


class Command(BaseCommand):
    help = "Make a token for a machine. It is printed once and kept as a hash only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="whose sight the machine gets")
        parser.add_argument("name", help="which machine it is")
        parser.add_argument("purpose", choices=Token.Purpose.values)
        parser.add_argument("--valid-to", type=date.fromisoformat, help="first day on which it is refused")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active person “{options['username']}”. Make the account first.")
        text = make_token(user=user, name=options["name"], purpose=options["purpose"], valid_to=options["valid_to"])
        self.stdout.write(text)

"""python -m tests.scenarios.story_town PASSWORD: the fixed town in an empty database, with people who can sign in."""

from __future__ import annotations

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 - Django must be set up first

from reports.models import Subscription  # noqa: E402
from staff.models import User  # noqa: E402
from tests.town import TOWN, build_town  # noqa: E402


def main(password: str) -> None:
    call_command("migrate", verbosity=0)
    build_town()
    for user in User.objects.all():
        user.set_password(password)
        user.save(update_fields=["password"])
    leader = User.objects.get(username="leader")
    Subscription.objects.create(user=leader, area=leader.posts.get(area__code=TOWN).area)


if __name__ == "__main__":
    main(sys.argv[1])

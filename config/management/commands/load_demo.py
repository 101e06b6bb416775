"""manage.py load_demo"""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from config.demo import SEED
from config.demo.duty import share_the_duty, split_a_cell
from config.demo.help import make_help
from config.demo.people import make_people, renew_sign_ins
from config.demo.registers import Land, make_registers
from config.demo.rounds import make_rounds
from config.demo.special import tell_special
from config.demo.stories import Teller, tell_everyday
from config.demo.town import SINCE, TOWN, make_town
from grid.models import Area
from workers.weekly import send_weekly


class Command(BaseCommand):
    help = "Make the fictional town 示范镇 with people and three months of cases. Does nothing when it is there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--now", type=datetime.fromisoformat, help="the present of the stories (with offset)")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demo town is only for DEMO=1: invented cases must never stand among real ones.")
        if Area.objects.filter(code=TOWN).exists():
            self._already_there()
            return
        call_command("load_defaults", stdout=self.stdout)
        now = options["now"] or timezone.now()
        with transaction.atomic():
            sign_ins = self._make(now=now)
        _write(settings.DEMO_FILE, {"address": settings.PUBLIC_URL, "sign_ins": sign_ins})

    def _already_there(self) -> None:
        """Changes nothing, unless the sign-ins were lost (a kill before they were written): then there are new ones."""
        if settings.DEMO_FILE.is_file():
            self.stdout.write("示范镇 is already there; nothing was changed.")
            return
        _write(settings.DEMO_FILE, {"address": settings.PUBLIC_URL, "sign_ins": renew_sign_ins()})
        self.stdout.write("示范镇 is already there; its sign-ins have new passwords.")

    def _make(self, *, now: datetime) -> list[dict[str, str]]:
        rng = Random(SEED)
        self._say("drawing 16 villages and their cells")
        town, villages, places = make_town(rng)
        self._say("inventing people and units")
        cells = [place.cell for place in places]
        cast = make_people(rng=rng, town=town, villages=villages, cells=cells, since=SINCE)
        split = split_a_cell(places=places, now=now)
        teller = Teller(rng=rng, cast=cast, places=places, now=now)
        tell_everyday(teller, lambda done, of: self._say(f"telling cases {done}/{of}"))
        tell_special(teller)
        self._say("registering places, waters and cameras; sending people on their rounds")
        # A generator of its own: what is added here leaves the stories as they are.
        more = Random(SEED + 2)
        absent = share_the_duty(rng=more, cast=cast, split=split, now=now)
        land = Land.load(at=now)
        make_registers(rng=more, land=land, now=now)
        make_help(rng=Random(SEED + 3), cast=cast, now=now)
        make_rounds(rng=more, cast=cast, spots=places, land=land, absent=absent, now=now)
        self._say("writing last week's mail")
        send_weekly(now=now)
        return cast.sign_ins

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _write(path: Path, content: dict[str, Any]) -> None:
    """The file whole or not at all, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
        json.dump(content, stream, ensure_ascii=False, indent=2)
    draft.rename(path)

"""python -m tests.scenarios.phones_town build SEEDS | tell: the fixed town with people for every seed; what came of it.

Each seed has a cell, two grid workers of it, and a unit with two handlers, so that seeds do not meet.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402 - Django must be set up first
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.cached_db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402

from cases.models import Case, CaseConflict, CaseEvent, CaseFile  # noqa: E402
from grid.models import Area, AreaBoundary  # noqa: E402
from staff.models import Organisation, Post, User  # noqa: E402
from tests.town import EAST, SINCE, TOWN, at, build_town, square  # noqa: E402

FIRST = 100
"""Cells of the fixed town have smaller numbers."""


def build(seeds: int) -> dict[str, Any]:
    """The people of each seed, signed in; argon2 is slow on purpose, so their sessions are written down."""
    call_command("migrate", verbosity=0)
    build_town()
    cells, units = _cells(seeds), _units(seeds)
    people = _people(seeds, cells=cells, units=units)
    rows = []
    for seed, (cell, unit) in enumerate(zip(cells, units, strict=True)):
        names = ("worker", "mate", "handler", "colleague")
        four = {name: people[f"{name}-{seed}"] for name in names}
        rows.append({"seed": seed, "cell": cell.code, "unit": unit.pk, **{n: _signed_in(u) for n, u in four.items()}})
    desk = [_signed_in(User.objects.get(username=name)) for name in ("operator", "head")]
    return {"seeds": rows, "desk": desk, "cookie": settings.SESSION_COOKIE_NAME}


def _cells(seeds: int) -> list[Area]:
    east = Area.objects.get(code=EAST)
    cells = Area.objects.bulk_create(
        Area(code=f"{EAST}{FIRST + i}", name=f"网格{i}", level="cell", parent=east, valid_from=SINCE, synthetic=True)
        for i in range(seeds)
    )
    since, ground = at("2024-01-01 00:00"), square(118.00, 118.01)
    AreaBoundary.objects.bulk_create(
        AreaBoundary(area=cell, geometry=ground, valid_from=since, reason="测试", synthetic=True) for cell in cells
    )
    return cells


def _units(seeds: int) -> list[Organisation]:
    town = Area.objects.get(code=TOWN)
    return Organisation.objects.bulk_create(
        Organisation(name=f"办公室{i}", kind="office", area=town) for i in range(seeds)
    )


def _people(seeds: int, *, cells: list[Area], units: list[Organisation]) -> dict[str, User]:
    town = Area.objects.get(code=TOWN)
    roles = {"worker": "grid_worker", "mate": "grid_worker", "handler": "handler", "colleague": "handler"}
    people = {}
    for name in (f"{role}-{seed}" for seed in range(seeds) for role in roles):
        people[name] = User(username=name, display_name=name, email=f"{name}@town.invalid", password="!")
    User.objects.bulk_create(people.values())
    posts = []
    for name, user in people.items():
        kind, _, seed = name.partition("-")
        role = roles[kind]
        handles = role == "handler"
        area, unit = (town, units[int(seed)]) if handles else (cells[int(seed)], None)
        posts.append(Post(user=user, role=role, area=area, organisation=unit, valid_from=SINCE))
    Post.objects.bulk_create(posts)
    return people


def _signed_in(user: User) -> dict[str, Any]:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return {"id": user.pk, "session": session.session_key}


def tell() -> dict[str, Any]:
    """Everything that the server knows of what phones did."""
    files = CaseFile.objects.values("client_id", "case_id", "uploaded_by_id", "sha256")
    events = CaseEvent.objects.values("client_id", "case_id", "act", "actor_id", "data", "text", "seq", "to_state")
    conflicts = CaseConflict.objects.values("pk", "client_id", "case_id", "act", "by_id", "reason", "given", "fields")
    cases = Case.objects.values("pk", "client_id", "reporter_id", "description", "event_count", "open_conflicts")
    return {"cases": list(cases), "files": list(files), "events": list(events), "conflicts": list(conflicts)}


def main(what: str, *given: str) -> None:
    told = build(int(given[0])) if what == "build" else tell()
    sys.stdout.write(json.dumps(told, default=str, ensure_ascii=False))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Who answers where: a cell that was split, backups, somebody on leave with a substitute, a cell without a worker."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from typing import Final

import shapely
from django.utils import timezone
from shapely.geometry.base import BaseGeometry

from cases.models import CaseEvent
from cases.services.territory import change_ground
from config.demo.people import Cast
from config.demo.stories import Place
from grid.models import Area, BoundaryChange
from grid.selectors.outlines import outlines
from grid.services.changes import Wish
from staff.models import Leave, Post, User

SPLIT_DAYS: Final = 38
"""Days since the cell was split."""
LEFT_DAYS: Final = 12
"""Days since the worker of the cell without one left."""
BACKUPS: Final = 9
_ASIDE: Final = 0.0002
"""Degrees between the cut and the nearest story, about 20 metres."""


def split_a_cell(*, places: list[Place], now: datetime) -> BoundaryChange:
    """Some weeks ago one cell lost the end in which no story happens to a new one; its worker took that on, too.

    Before the stories are told: each case then lies in the cell of its day, as if it had been reported then.
    """
    head = User.objects.get(username="center_head")
    at = (now - timedelta(days=SPLIT_DAYS)).replace(minute=0, second=0, microsecond=0)
    cell, line = _best_cut(places, at=at)
    wish = Wish(
        act="split",
        reason="新村住户增多，东西分设网格（演示）",
        cells=(cell.code,),
        line=line,
        names=(f"{cell.name.removesuffix('网格')}新区网格",),
    )
    return change_ground(wish=wish, by=head, now=at)


def _best_cut(places: list[Place], *, at: datetime) -> tuple[Area, BaseGeometry]:
    """Of all straight north-south cuts that leave the points of the stories together the one nearest to the middle.

    Not in the first village: the people one can sign in as live there.
    """
    shapes = {one.code: one.shape for one in outlines(level=Area.Level.CELL, at=at)}
    first = places[0].cell.code[:12]
    found: list[tuple[float, Area, BaseGeometry]] = []
    for place in places:
        shape = shapes[place.cell.code]
        xs = [point.x for point in place.points]
        for x, side in ((min(xs) - _ASIDE, -1), (max(xs) + _ASIDE, 1)):
            part = shape.intersection(shapely.box(x, -90, x + side, 90))
            share = part.area / shape.area
            if share < 0.45 and part.geom_type == "Polygon" and not place.cell.code.startswith(first):
                found.append((share, place.cell, shapely.LineString([(x, -90), (x, 90)])))
    _share, cell, line = max(found, key=lambda one: one[0])
    return cell, line


def _quiet(cast: Cast, *, since: datetime) -> list[str]:
    """Cells whose worker has done nothing since then and has a colleague in the village."""
    busy = set(CaseEvent.objects.filter(at__gte=since, actor__isnull=False).values_list("actor_id", flat=True))
    return [code for code, worker in sorted(cast.workers.items()) if worker.pk not in busy and _neighbour(cast, code)]


def _neighbour(cast: Cast, code: str) -> User | None:
    """The worker of another cell of the village."""
    others = [user for other, user in sorted(cast.workers.items()) if other[:12] == code[:12] and other != code]
    return others[0] if others else None


def share_the_duty(*, rng: Random, cast: Cast, split: BoundaryChange, now: datetime) -> set[str]:
    """After the stories: leave and a vacancy begin only when the worker's last story is over. Whose cells these are."""
    today = timezone.localdate(now)
    home = min(cast.workers)
    # One thing per village; in the first, whose worker can be signed in as, everybody has just their cell.
    villages = {home[:12], split.area.code}
    absent: set[str] = set()

    def pick(days: int) -> str | None:
        quiet = _quiet(cast, since=now - timedelta(days=days))
        code = next((code for code in quiet if code[:12] not in villages), None)
        if code is not None:
            villages.add(code[:12])
            absent.add(code)
        return code

    if (code := pick(LEFT_DAYS)) is not None:
        left = today - timedelta(days=LEFT_DAYS)
        Post.objects.filter(area__code=code, role="grid_worker").update(valid_to=left)
    if (code := pick(3)) is not None:
        _leave(cast, code=code, today=today, substitute=True)
    if (second := pick(3)) is not None:
        _leave(cast, code=second, today=today, substitute=False)
    others = sorted(code for code in cast.workers.keys() - absent if code[:12] != home[:12])
    for code in [home, *([second] if second else []), *sorted(rng.sample(others, BACKUPS - 2))]:
        _back_up(cast, code=code, since=today - timedelta(days=rng.randint(60, 400)))
    return absent


def _back_up(cast: Cast, *, code: str, since: date) -> None:
    backup = _neighbour(cast, code)
    if backup is not None:
        area = Area.objects.get(code=code, valid_to__isnull=True)
        Post.objects.create(user=backup, role="grid_worker", area=area, backup=True, valid_from=since)


def _leave(cast: Cast, *, code: str, today: date, substitute: bool) -> None:
    """Away from yesterday on for a week."""
    post = Post.objects.get(user=cast.workers[code], area__code=code, role="grid_worker", backup=False)
    first, last = today - timedelta(days=1), today + timedelta(days=5)
    officer = cast.officers[code[:12]]
    Leave.objects.create(post=post, first_day=first, last_day=last, made_by=officer)
    stands_in = _neighbour(cast, code) if substitute else None
    if stands_in is not None:
        Post.objects.create(
            user=stands_in,
            role=post.role,
            area=post.area,
            stands_in_for=post,
            valid_from=first,
            valid_to=last + timedelta(days=1),
        )

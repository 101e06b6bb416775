"""What the demo town's center goes by: routing rules switched on, and a report that answers questions."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID

from cases.models import Category, RoutingRule
from cases.services.report import Report, open_case
from config.demo.people import Cast
from config.demo.town import SINCE, TOWN
from staff.models import Organisation, User

_SPECIAL: Final = (("B06", "I"), ("H05", "I"), ("H06", "I"))
"""Categories that go to another unit than the rest of their letter: houses, water and lamps, roads."""
_BASIS: Final = "示范镇派单目录（虚构）"


def make_help(*, rng: Random, cast: Cast, now: datetime) -> None:
    """Rules by the units' letters, disputes to the mediators; texts and questions are the defaults of every site."""
    RoutingRule.objects.filter(role="mediator").update(active=True, area_code=TOWN)
    head = User.objects.get(username="center_head")
    wanted = [*_SPECIAL, *((letter, letter) for letter in sorted(cast.units) if letter not in "AI")]
    for place, (code, letter) in enumerate(wanted, 1):
        _rule(order=100 + 10 * place, code=code, unit=cast.units[letter], head=head)
    _answered(rng=rng, cast=cast, now=now)


def _rule(*, order: int, code: str, unit: Organisation, head: User) -> None:
    RoutingRule.objects.create(
        order=order,
        category=Category.objects.get(code=code),
        area_code=TOWN,
        organisation=unit,
        basis=_BASIS,
        active=True,
        valid_from=SINCE,
        made_by=head,
    )


def _answered(*, rng: Random, cast: Cast, now: datetime) -> None:
    """An hour ago, from the cell of the first worker, where nobody has looked at it yet."""
    code, worker = min(cast.workers.items())
    at = now - timedelta(hours=1)
    report = Report(
        client_id=UUID(int=rng.getrandbits(128), version=4),
        category_code="B06",
        description="老屋后墙有新裂缝，雨后变宽，旁边是村道。",
        area_code=code,
        reported_at=at,
        answers={"blocked": "partly", "lived_in": "no"},
    )
    open_case(by=worker, report=report, at=at)

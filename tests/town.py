"""The fixed town of the tests: 样板镇, two villages, three square cells side by side, and one person of each kind.

    118.00    118.01    118.02    118.03    118.04
    22.01  ┌─────────┬─────────┬─────────┬─────────┐
           │ cell A  │ cell B  │ cell C  │ no cell │
    22.00  └─────────┴─────────┴─────────┴─────────┘
           └── 东村 201 ───────┴── 西村 202 ────────┘

The other town, 外镇, lies at 118.10. All of it is at sea; nobody lives there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.contrib.gis.geos import MultiPolygon, Polygon

from cases.services.defaults import load_categories, load_limits, load_workdays
from grid.models import Area, AreaBoundary
from staff.models import Organisation, Post, User

ZONE = ZoneInfo("Asia/Shanghai")
SINCE = date(2024, 1, 1)
NOW = datetime(2026, 11, 25, 10, 0, tzinfo=ZONE)
"""A Wednesday, with no holiday near."""

DISTRICT, TOWN, OTHER_TOWN = "990000", "990000009", "990000008"
EAST, WEST = "990000009201", "990000009202"
CELL_A, CELL_B, CELL_C = "990000009201001", "990000009201002", "990000009202001"
IN_A, IN_B, IN_C = (118.005, 22.005), (118.015, 22.005), (118.025, 22.005)
IN_WEST_ONLY, OUTSIDE, IN_OTHER_TOWN = (118.035, 22.005), (119.0, 22.0), (118.105, 22.005)


def square(west: float, east: float) -> MultiPolygon:
    return MultiPolygon(Polygon.from_bbox((west, 22.00, east, 22.01)), srid=4326)


def _area(code: str, name: str, level: str, parent: Area | None, span: tuple[float, float] | None = None) -> Area:
    area = Area.objects.create(code=code, name=name, level=level, parent=parent, valid_from=SINCE, synthetic=True)
    if span is not None:
        since = datetime(2024, 1, 1, tzinfo=ZONE)
        AreaBoundary.objects.create(area=area, geometry=square(*span), valid_from=since, reason="测试", synthetic=True)
    return area


def _person(username: str, name: str, role: str, area: Area, unit: Organisation | None = None) -> User:
    user = User(username=username, display_name=name, email=f"{username}@town.invalid")
    user.is_staff = user.is_superuser = role == "admin"
    user.set_unusable_password()
    user.save()
    Post.objects.create(user=user, role=role, area=area, organisation=unit, valid_from=SINCE)
    return user


def _unit(name: str, kind: str, area: Area) -> Organisation:
    return Organisation.objects.create(name=name, kind=kind, area=area)


def build_town() -> None:
    load_categories()
    load_limits()
    load_workdays(until=2026)
    district = _area(DISTRICT, "样板区", "district", None)
    town = _area(TOWN, "样板镇", "town", district, (118.00, 118.04))
    east = _area(EAST, "东村", "village", town, (118.00, 118.02))
    west = _area(WEST, "西村", "village", town, (118.02, 118.04))
    cell_a = _area(CELL_A, "东村01网格", "cell", east, (118.00, 118.01))
    cell_b = _area(CELL_B, "东村02网格", "cell", east, (118.01, 118.02))
    _area(CELL_C, "西村01网格", "cell", west, (118.02, 118.03))
    other = _area(OTHER_TOWN, "外镇", "town", district, (118.10, 118.11))
    other_village = _area("990000008201", "外村", "village", other, (118.10, 118.11))
    _area("990000008201001", "外村01网格", "cell", other_village, (118.10, 118.11))

    center = _unit("样板镇综治中心", "center", town)
    enforcement = _unit("综合行政执法办公室", "office", town)
    services = _unit("公共服务办公室", "office", town)
    mediation = _unit("人民调解委员会", "mediation", town)
    committee = _unit("东村村委会", "committee", east)
    _unit("外镇执法办公室", "office", other)

    _person("worker", "阿珍", "grid_worker", cell_a)
    _person("neighbour", "邻格", "grid_worker", cell_b)
    _person("officer", "村长", "village_officer", east, committee)
    _person("operator", "值班", "center_operator", town, center)
    _person("head", "主任", "center_head", town, center)
    _person("handler", "王工", "handler", town, enforcement)
    _person("other_handler", "李工", "handler", town, services)
    _person("mediator", "调解", "mediator", town, mediation)
    _person("leader", "书记", "leader", town)
    _person("auditor", "审计", "auditor", town)
    _person("admin", "管理员", "admin", town)
    _person("outsider", "外镇", "center_operator", other)


class Clock:
    """What time it is. Stands still until a test moves it."""

    def __init__(self) -> None:
        self.moment = NOW

    def __call__(self) -> datetime:
        return self.moment.astimezone(UTC)

    def to(self, moment: str) -> datetime:
        """`clock.to("2026-11-27 17:30")`, in Asia/Shanghai."""
        self.moment = at(moment)
        return self.moment


def at(moment: str) -> datetime:
    """`at("2026-11-27 17:30")` is that moment in Asia/Shanghai."""
    return datetime.fromisoformat(moment).replace(tzinfo=ZONE)


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody of the town, loaded anew for each test: a person keeps their posts of the day."""

    worker: User
    neighbour: User
    officer: User
    operator: User
    head: User
    handler: User
    other_handler: User
    mediator: User
    leader: User
    auditor: User
    admin: User
    outsider: User

    @classmethod
    def load(cls) -> Cast:
        people = {user.username: user for user in User.objects.filter(username__in=cls.__slots__)}
        return cls(**people)


@dataclass(frozen=True, slots=True)
class Units:
    center: Organisation
    enforcement: Organisation
    services: Organisation
    mediation: Organisation
    committee: Organisation
    foreign: Organisation

    @classmethod
    def load(cls) -> Units:
        return cls(*Organisation.objects.order_by("pk"))

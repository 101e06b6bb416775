"""Invented people and units, and the posts that bind them to the town."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Final

from config.demo import SEED
from grid.models import Area
from reports.models import Subscription
from staff.models import Organisation, Post, User

SURNAMES: Final = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN: Final = (
    "示一",
    "示二",
    "范甲",
    "范乙",
    "例文",
    "例武",
    "样新",
    "样春",
    "演东",
    "演南",
    "试平",
    "试安",
    "虚清",
    "虚和",
)
UNITS: Final = (
    ("综合行政执法办公室", "office", "违法建设、占道经营、垃圾与油烟", "CD"),
    ("派出所", "station", "治安、诈骗、赌博、流浪乞讨", "FJ"),
    ("司法所", "station", "社区矫正、法律援助、指导调解", ""),
    ("应急管理办公室", "office", "消防、燃气、用电、危险物品、防汛", "B"),
    ("农业农村办公室", "office", "河湖、渠道、耕地、养殖污染", "E"),
    ("公共服务办公室", "office", "低保、医保、就业、老人与儿童", "GH"),
    ("市场监管所", "station", "食品药品、特种设备、消费投诉", ""),
    ("城镇建设办公室", "office", "自建房、道路、路灯、供水", "I"),
)
ROLE_NAMES: Final = {
    "grid_worker": "网格员",
    "village_officer": "网格长",
    "mediator": "调解员",
    "handler": "承办部门",
    "center_operator": "综治中心值班",
    "center_head": "综治中心主任",
    "leader": "镇领导",
    "auditor": "审计",
    "admin": "系统管理员",
}


@dataclass(slots=True)
class Cast:
    """Everybody of the demo town, by what they do."""

    workers: dict[str, User] = field(default_factory=dict)
    officers: dict[str, User] = field(default_factory=dict)
    handlers: dict[int, list[User]] = field(default_factory=dict)
    operators: list[User] = field(default_factory=list)
    leaders: list[User] = field(default_factory=list)
    units: dict[str, Organisation] = field(default_factory=dict)
    sign_ins: list[dict[str, str]] = field(default_factory=list)

    def unit_for(self, category: str) -> Organisation:
        """The unit that handles the category's first letter."""
        return self.units.get(category[:1], self.units["I"])


def invented_phone(rng: Random) -> str:
    """Eleven digits that no telephone in China has: numbers of people begin with 13 to 19."""
    return f"100{rng.randrange(10**8):08d}"


def invented_name(rng: Random) -> str:
    return rng.choice(SURNAMES) + rng.choice(GIVEN)


class Maker:
    """Makes people; the first of each role gets a password and a line among the sign-ins."""

    def __init__(self, *, rng: Random, since: date) -> None:
        self.rng = rng
        self.since = since
        self.cast = Cast()
        self.names = [surname + given for surname in SURNAMES for given in GIVEN]
        rng.shuffle(self.names)
        # Apart from `rng`, so that the stories it tells stay as they are.
        self.phones = Random(SEED + 1)
        self.count = 0

    def person(self, *, role: str, area: Area, organisation: Organisation | None = None) -> User:
        self.count += 1
        first = role not in {row["role"] for row in self.cast.sign_ins}
        username = role if first else f"{role}_{self.count}"
        user = User(
            username=username,
            display_name=self.names.pop(),
            email=f"{username}@demo.invalid",
            phone=invented_phone(self.phones),
            is_staff=role == Post.Role.ADMIN,
            is_superuser=role == Post.Role.ADMIN,
        )
        if first:
            self._open(user=user, role=role, area=area)
        else:
            user.set_unusable_password()
        user.save()
        Post.objects.create(user=user, role=role, area=area, organisation=organisation, valid_from=self.since)
        return user

    def _open(self, *, user: User, role: str, area: Area) -> None:
        self.cast.sign_ins.append(_sign_in(user=user, role=role, area=area))


def _sign_in(*, user: User, role: str, area: Area) -> dict[str, str]:
    """A new password on the unsaved `user`, and the line that tells it."""
    # Passwords are not seeded: a demo on a network must not have one that is printed in a book.
    password = "-".join(secrets.token_hex(3) for _ in range(2))
    user.set_password(password)
    return {
        "username": user.username,
        "password": password,
        "role": role,
        "role_name": ROLE_NAMES[role],
        "area": area.code,
        "area_name": area.name,
        "display_name": user.display_name,
    }


def renew_sign_ins() -> list[dict[str, str]]:
    """New passwords for the people of the demo town one can sign in as: the first of each role is named after it."""
    rows = []
    for role in ROLE_NAMES:
        post = Post.objects.select_related("user", "area").get(user__username=role, role=role)
        rows.append(_sign_in(user=post.user, role=role, area=post.area))
        post.user.save(update_fields=["password"])
    return rows


def make_people(*, rng: Random, town: Area, villages: list[Area], cells: list[Area], since: date) -> Cast:
    """About 100 people: a worker per cell, an officer per village, units, the center, leaders, auditor and admin."""
    maker = Maker(rng=rng, since=since)
    cast = maker.cast
    center = Organisation.objects.create(name="示范镇综治中心", kind="center", area=town, handles="受理、分派、督办")
    committees = {
        village.code: Organisation.objects.create(
            name=f"{village.name}委会", kind="committee", area=village, handles="本村小事、邻里纠纷"
        )
        for village in villages
    }
    for cell in cells:
        cast.workers[cell.code] = maker.person(role="grid_worker", area=cell)
    for village in villages:
        cast.officers[village.code] = maker.person(
            role="village_officer", area=village, organisation=committees[village.code]
        )
    _make_units(maker, town)
    cast.operators = [maker.person(role="center_operator", area=town, organisation=center) for _ in range(2)]
    head = maker.person(role="center_head", area=town, organisation=center)
    cast.leaders = [maker.person(role="leader", area=town) for _ in range(2)]
    maker.person(role="auditor", area=town)
    maker.person(role="admin", area=town)
    Subscription.objects.bulk_create([Subscription(user=user, area=town) for user in (head, *cast.leaders)])
    return cast


def _make_units(maker: Maker, town: Area) -> None:
    for name, kind, handles, letters in UNITS:
        unit = Organisation.objects.create(name=f"示范镇{name}", kind=kind, area=town, handles=handles)
        for letter in letters:
            maker.cast.units[letter] = unit
        maker.cast.handlers[unit.pk] = [maker.person(role="handler", area=town, organisation=unit) for _ in range(2)]
    mediation = Organisation.objects.create(
        name="示范镇人民调解委员会", kind="mediation", area=town, handles="矛盾纠纷的人民调解"
    )
    maker.cast.units["A"] = mediation
    maker.cast.handlers[mediation.pk] = [
        maker.person(role="mediator", area=town, organisation=mediation) for _ in range(3)
    ]

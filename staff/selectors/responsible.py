"""Who answers for an area at a moment: the main post, else its substitute or backup, else the village officer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from django.db.models import F, Max, OuterRef, Q, Subquery, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from grid.models import Area
from grid.selectors.areas import valid_areas, within
from staff.models import Leave, Post
from staff.scope import Scope
from staff.selectors.people import posts_on
from staff.sight import GROUND_ROLES, is_neighbourly, phone_seen

WORKER, OFFICER = Post.Role.GRID_WORKER, Post.Role.VILLAGE_OFFICER
HISTORY: Final = 100
"""Ended posts listed at most, newest first."""


class As(StrEnum):
    """What somebody answers as."""

    MAIN = "main"
    BACKUP = "backup"
    SUBSTITUTE = "substitute"
    OFFICER = "officer"


class Reason(StrEnum):
    """Why nobody acts in a cell."""

    NO_POST = "no_post"
    ON_LEAVE = "on_leave"


def as_name(value: As) -> str:
    names = {
        As.MAIN: _("main post"),
        As.BACKUP: _("backup"),
        As.SUBSTITUTE: _("substitute"),
        As.OFFICER: _("village officer"),
    }
    return names[value]


def reason_name(value: Reason) -> str:
    return {Reason.NO_POST: _("nobody holds the post"), Reason.ON_LEAVE: _("on leave, nobody stands in")}[value]


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post as the ground page needs it, with the leave of the day, if any."""

    id: int
    user_id: int
    name: str
    phone: str
    role: str
    area_code: str
    area_name: str
    backup: bool
    stands_in_for: int | None
    stands_in_for_name: str | None
    valid_from: date
    valid_to: date | None
    leave_from: date | None
    leave_until: date | None

    @property
    def away(self) -> bool:
        return self.leave_until is not None


@dataclass(frozen=True, slots=True)
class Responsible:
    """Somebody who answers for an area. `because` says why it is not the holder of the main post."""

    user_id: int
    name: str
    phone: str
    role: str
    as_: As
    because: str
    until: date | None
    area_code: str
    area_name: str


_COLUMNS: Final = (
    "pk",
    "user_id",
    "user__display_name",
    "number",
    "role",
    "area__code",
    "area__name",
    "backup",
    "stands_in_for_id",
    "stands_in_for__user__display_name",
    "valid_from",
    "valid_to",
    "leave_from",
    "leave_until",
)


def _rows(wanted: Q, *, day: date, ended: bool = False, phones: bool = True) -> list[PostRow]:
    """Posts of the day that fulfil `wanted`, or the last HISTORY that ended by it; one statement.

    `phones` can be left out: opening a sealed number per post takes long for a whole district.
    """
    leaves = Leave.objects.filter(post=OuterRef("pk"), cancelled=False, first_day__lte=day, last_day__gte=day)
    if ended:
        posts = Post.objects.filter(wanted, valid_to__lte=day).order_by("-valid_to", "-pk")
    else:
        # A post outlives neither its area nor its holder's account.
        alive = Q(area__valid_to__isnull=True) | Q(area__valid_to__gt=day)
        posts = posts_on(day=day).filter(wanted, alive).order_by("area__code", "valid_from", "pk")
    found = posts.annotate(
        leave_from=Subquery(leaves.values("first_day")[:1]),
        leave_until=Subquery(leaves.values("last_day")[:1]),
        number=F("user__phone") if phones else Value(""),
    ).values_list(*_COLUMNS)
    return [PostRow(*row) for row in (found[:HISTORY] if ended else found)]


def _village_of(code: str) -> str:
    return code[:12] if len(code) == 15 else ""


def _of_areas(codes: Iterable[str]) -> Q:
    """Posts that can answer for the areas: on them, and village officers for cells."""
    wanted = set(codes)
    villages = {_village_of(code) for code in wanted} - {""}
    return Q(area__code__in=wanted, role__in=GROUND_ROLES) | Q(area__code__in=villages, role=OFFICER)


def _present(posts: Sequence[PostRow]) -> list[tuple[PostRow, PostRow | None]]:
    """Holders who are there, then whoever stands in for the others, with the post they stand in for."""
    holders = {post.id: post for post in posts if post.stands_in_for is None}
    found: list[tuple[PostRow, PostRow | None]] = [(post, None) for post in holders.values() if not post.away]
    for post in posts:
        if post.stands_in_for is None or post.away:
            continue
        holder = holders.get(post.stands_in_for)
        # Without a holder (a closed account) the substitute goes on; while the holder is there they rest.
        if holder is None or holder.away:
            found.append((post, holder))
    return found


def _away(post: PostRow) -> str:
    until = post.leave_until.isoformat() if post.leave_until else ""
    return _("%(name)s is on leave until %(day)s.") % {"name": post.name, "day": until}


def _responsible(post: PostRow, *, as_: As, because: str = "", until: date | None = None) -> Responsible:
    return Responsible(
        user_id=post.user_id,
        name=post.name,
        phone=post.phone,
        role=post.role,
        as_=as_,
        because=because,
        until=until,
        area_code=post.area_code,
        area_name=post.area_name,
    )


def _why_not_main(mains: Sequence[PostRow]) -> tuple[str, date | None]:
    """Why nobody with the main post answers, and until when."""
    away = [post for post in mains if post.away and post.stands_in_for is None]
    if not away:
        return _("Nobody holds the main post."), None
    return " ".join(_away(post) for post in away), min(post.leave_until for post in away if post.leave_until)


def _acting(posts: Sequence[PostRow]) -> list[Responsible]:
    """Who acts of the posts with one role on one area; nobody is an empty list."""
    mains = [post for post in posts if not post.backup]
    acting = [
        _responsible(post, as_=As.MAIN)
        if post.stands_in_for is None
        else _responsible(
            post,
            as_=As.SUBSTITUTE,
            because=_away(away) if away else _("Nobody holds the main post."),
            until=away.leave_until if away else _last_day(post),
        )
        for post, away in _present(mains)
    ]
    if acting:
        return acting
    because, until = _why_not_main(mains)
    backups = [post for post in posts if post.backup]
    return [_responsible(post, as_=As.BACKUP, because=because, until=until) for post, _holder in _present(backups)]


def _last_day(post: PostRow) -> date | None:
    return post.valid_to - timedelta(days=1) if post.valid_to else None


def _answers(code: str, posts: Mapping[str, Sequence[PostRow]]) -> list[Responsible]:
    """Who answers for one area, given the posts by area code. Only the last resort for a cell is the officer."""
    village = _village_of(code)
    if not village:
        return _acting([post for post in posts.get(code, ()) if post.role == OFFICER])
    workers = [post for post in posts.get(code, ()) if post.role == WORKER]
    acting = _acting(workers)
    if acting:
        return acting
    if any(post.away for post in workers):
        because, until = _why_not_main(workers)
    else:
        because, until = _("No grid worker is appointed for this cell."), None
    officers = _acting([post for post in posts.get(village, ()) if post.role == OFFICER])
    return [replace(officer, as_=As.OFFICER, because=because, until=until) for officer in officers]


def _by_area(posts: Iterable[PostRow]) -> dict[str, list[PostRow]]:
    by_area: dict[str, list[PostRow]] = defaultdict(list)
    for post in posts:
        by_area[post.area_code].append(post)
    return by_area


def responsible_in(*, codes: Iterable[str], at: datetime) -> dict[str, list[Responsible]]:
    """Who answers for each of the areas at the moment, the first to call first; one statement for any number.

    For a cell the village officer (`As.OFFICER`) is named only where nobody acts. Towns and districts have nobody.
    """
    asked = set(codes)
    posts = _by_area(_rows(_of_areas(asked), day=timezone.localdate(at)))
    return {code: _answers(code, posts) for code in asked}


def responsible_for(*, code: str, at: datetime) -> list[Responsible]:
    """Who answers for the area at the moment; one statement. See `responsible_in`."""
    return responsible_in(codes=[code], at=at)[code]


def responsible_row(one: Responsible, *, code: str, scope: Scope) -> dict[str, Any]:
    """As the API shows it to this scope, for the area asked about."""
    return {
        "person": {
            "id": one.user_id,
            "name": one.name,
            "phone": phone_seen(scope=scope, code=code, phone=one.phone),
        },
        "role": one.role,
        "role_name": str(Post.Role(one.role).label),
        "as": one.as_.value,
        "as_name": as_name(one.as_),
        "because": one.because,
        "until": one.until,
        "area": {"code": one.area_code, "name": one.area_name},
    }


def responsible_rows_in(*, codes: Iterable[str], at: datetime, scope: Scope) -> dict[str, list[dict[str, Any]]]:
    """`responsible_in` as the API shows it. People of other towns are named to nobody: their areas come out empty."""
    asked = set(codes)
    known = {code for code in asked if is_neighbourly(scope=scope, code=code)}
    found = responsible_in(codes=known, at=at) if known else {}
    return {code: [responsible_row(one, code=code, scope=scope) for one in found.get(code, [])] for code in asked}


def responsible_rows(*, code: str, at: datetime, scope: Scope) -> list[dict[str, Any]]:
    """`responsible_for` as the API shows it to this scope."""
    return responsible_rows_in(codes=[code], at=at, scope=scope)[code]


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody with a post on an area: who answers, who holds a post today, who held one."""

    responsible: list[Responsible]
    posts: list[PostRow]
    ended: list[PostRow]


def roster(*, code: str, at: datetime, history: bool) -> Roster:
    """People of one area at a moment; two statements, one without `history`. Administrators are no people of it."""
    day = timezone.localdate(at)
    on_it = Q(area__code=code) & ~Q(role=Post.Role.ADMIN)
    posts = _rows(on_it | Q(area__code=_village_of(code), role=OFFICER), day=day)
    posts.sort(key=lambda post: post.area_code != code)  # the area's own before its village's
    ended = _rows(on_it, day=day, ended=True) if history else []
    return Roster(responsible=_answers(code, _by_area(posts)), posts=posts, ended=ended)


@dataclass(frozen=True, slots=True)
class Unattended:
    """A cell in which nobody acts, and since when."""

    code: str
    name: str
    village_code: str
    village_name: str
    since: date | None
    reason: Reason


def unattended(*, prefixes: Sequence[str], inside: str, at: datetime) -> list[Unattended]:
    """Cells below `prefixes` and `inside` without anybody acting, by code; three statements for any number of cells."""
    day = timezone.localdate(at)
    cells = valid_areas(on=day).filter(within(prefixes), level=Area.Level.CELL, code__startswith=inside)
    named = cells.order_by("code").values_list("code", "name", "parent__code", "parent__name")
    posts_there = Q(area__in=cells, role=WORKER)
    posts = _by_area(_rows(posts_there, day=day, phones=False))
    past = Post.objects.filter(posts_there, valid_to__lte=day).values_list("area__code")
    ended = dict(past.annotate(last=Max("valid_to")))
    found = []
    for code, name, village_code, village_name in named:
        workers = posts.get(code, [])
        if _acting(workers):
            continue
        away = [post.leave_from for post in workers if post.leave_from]
        reason = Reason.ON_LEAVE if away else Reason.NO_POST
        since = min(away) if away else ended.get(code)
        found.append(Unattended(code, name, village_code or "", village_name or "", since, reason))
    return found

"""Posts follow the ground: who was responsible for a cell that is merged, split or retired, and who is from then on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q

from grid.models import Area
from staff.models import Leave, Organisation, Post


@dataclass(frozen=True, slots=True)
class PostMove:
    """What becomes of one post: it ends (`ends`), and goes on or is taken up on the cell `to_code`, or nowhere."""

    post: Post
    from_code: str
    to_code: str | None
    ends: bool
    backup: bool


def plan_posts(
    *, ended: Mapping[str, str | None], parted: Mapping[str, str], day: date, follow: bool
) -> list[PostMove]:
    """What a change from `day` on means for posts; two statements, writes nothing.

    `ended` names each cell that is no more and the one that takes it over, if any; `parted` each new cell and the one
    it was part of. Without `follow` posts only end. A worker who comes to a cell that has one becomes backup there.
    """
    codes = {*ended, *parted.values(), *(code for code in ended.values() if code)}
    posts = list(
        Post.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), area__code__in=codes)
        .select_related("user", "area")
        .order_by("area__code", "backup", "pk")
    )
    manned = {post.area.code for post in posts if not post.backup and post.role == Post.Role.GRID_WORKER}
    moves = []
    for post in posts:
        if (code := post.area.code) in ended:
            target = ended[code] if follow else None
            moves.append(PostMove(post, code, target, ends=True, backup=post.backup or target in manned))
        if follow and post.role == Post.Role.GRID_WORKER:
            new = sorted(part for part, origin in parted.items() if origin == post.area.code)
            moves += [PostMove(post, post.area.code, part, ends=False, backup=post.backup) for part in new]
    return moves


def carry_posts(*, moves: list[PostMove], day: date) -> None:
    """Do what `plan_posts` planned, within the caller's transaction. The new cells exist by now."""
    codes = {move.to_code for move in moves if move.to_code}
    areas = {area.code: area for area in Area.objects.filter(code__in=codes, valid_to__isnull=True)}
    for move in moves:
        target = areas[move.to_code] if move.to_code else None
        if move.ends and move.post.valid_from >= day:
            _move_unbegun(move=move, target=target)
            continue
        if target is not None:
            _take_up(move=move, target=target, day=day)
        if move.ends:
            Post.objects.filter(pk=move.post.pk).update(valid_to=day)


def _move_unbegun(*, move: PostMove, target: Area | None) -> None:
    """A post that has not begun goes to the other cell as it is; with none, it never begins."""
    if target is not None:
        Post.objects.filter(pk=move.post.pk).update(area=target, backup=move.backup)
        return
    Leave.objects.filter(post=move.post).delete()
    Post.objects.filter(stands_in_for=move.post).update(stands_in_for=None)
    Post.objects.filter(pk=move.post.pk).delete()


def _take_up(*, move: PostMove, target: Area, day: date) -> Post:
    """The same person on the other cell from `day` on, with the days of leave that are still to come."""
    old = move.post
    new = Post.objects.create(
        user=old.user,
        role=old.role,
        area=target,
        organisation_id=old.organisation_id,
        backup=move.backup,
        valid_from=max(day, old.valid_from),
        valid_to=old.valid_to,
    )
    Leave.objects.bulk_create(
        Leave(
            post=new,
            first_day=max(day, leave.first_day),
            last_day=leave.last_day,
            made_by_id=leave.made_by_id,
        )
        for leave in Leave.objects.filter(post=old, cancelled=False, last_day__gte=day)
    )
    return new


def follow_recode(*, heirs: Mapping[int, Area], day: date) -> None:
    """Posts and organisations of areas that go on under another code (old id → new area), from `day` on.

    Posts of before end that day and begin again on the new area; substitutes follow whom they stand in for.
    """
    Organisation.objects.bulk_update(_moved(heirs), ["area"])
    posts = list(
        Post.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), area__in=heirs).order_by(
            F("stands_in_for").asc(nulls_first=True), "pk"
        )
    )
    new_posts: dict[int, Post] = {}
    for post in posts:
        target = heirs[post.area_id]
        if post.valid_from >= day:
            Post.objects.filter(pk=post.pk).update(area=target)
            continue
        move = PostMove(post, "", target.code, ends=True, backup=post.backup)
        new_posts[post.pk] = _take_up(move=move, target=target, day=day)
        Post.objects.filter(pk=post.pk).update(valid_to=day)
    for old, new in new_posts.items():
        standing = [one for one in posts if one.stands_in_for_id == old and one.pk in new_posts]
        Post.objects.filter(pk__in=[new_posts[one.pk].pk for one in standing]).update(stands_in_for=new)


def _moved(heirs: Mapping[int, Area]) -> list[Organisation]:
    units = list(Organisation.objects.filter(area__in=heirs))
    for unit in units:
        unit.area = heirs[unit.area_id]
    return units

"""Change the ground with all that hangs on it: posts at once (they carry dates), cases and places on the day itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from shapely.geometry.base import BaseGeometry

from cases.models import Case, CaseEvent
from cases.selectors.moves import CaseMove, case_moves, touched_cases
from cases.services.evidence import next_event
from cases.workflow import Act
from grid.ground_rules import Gap
from grid.models import BoundaryChange
from grid.selectors.ground import ground_keeper
from grid.selectors.outlines import outlines
from grid.services.changes import Plan, Wish, gaps_after, plan_change
from grid.services.ground import Actor, carry_out, follow_ground, mark_settled, unsettled
from grid.services.recode import Recoded
from staff.models import User
from staff.policy import may_redraw
from staff.scope import scope_of
from staff.services.duty import PostMove, carry_posts, plan_posts


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan and what would move with it."""

    plan: Plan
    cases: list[CaseMove]
    posts: list[PostMove]
    gaps: list[Gap]


def _check_may(*, by: User, wish: Wish) -> None:
    """Whoever may not redraw all of it may not redraw any of it. Raises PermissionDenied."""
    scope = scope_of(by)
    codes = [*wish.cells, *([wish.village] if wish.village else [])]
    if not codes or not all(may_redraw(scope=scope, code=code) for code in codes):
        raise PermissionDenied


def _heirs(plan: Plan) -> dict[str, str | None]:
    """Each cell that is no more, and the cell that takes it over."""
    heir = plan.after[0].code if plan.wish.act == BoundaryChange.Kind.MERGE else None
    return {old.code: heir for old in plan.ended}


def _parted(plan: Plan) -> dict[str, str]:
    return {part.code: part.from_code for part in plan.after if part.from_code}


def _post_moves(plan: Plan, *, follow: bool) -> list[PostMove]:
    return plan_posts(ended=_heirs(plan), parted=_parted(plan), day=plan.day, follow=follow)


def preview_change(*, wish: Wish, by: User, now: datetime, posts_follow: bool) -> Preview:
    """What the change would do: outlines, problems, gaps, and the open cases and posts that move. Writes nothing.

    Raises PermissionDenied, and ValidationError as `plan_change`.
    """
    _check_may(by=by, wish=wish)
    plan = plan_change(wish=wish, now=now)
    after = {part.code: part.shape for part in plan.after}
    touched = touched_cases(
        village_code=plan.village.code, codes=[old.code for old in plan.before], shapes=after.values()
    )
    cases = case_moves(cases=touched, after=after, gone=_heirs(plan))
    return Preview(plan, cases, _post_moves(plan, follow=posts_follow), gaps_after(plan))


@transaction.atomic
def change_ground(*, wish: Wish, by: User, now: datetime, posts_follow: bool = True) -> BoundaryChange:
    """Carry the change out, with its posts; if it takes effect today, hand cases and places on as well.

    Raises PermissionDenied, and ValidationError as `carry_out`.
    """
    _check_may(by=by, wish=wish)
    change, plan = carry_out(wish=wish, by=Actor(by.pk, by.display_name), now=now)
    carry_posts(moves=_post_moves(plan, follow=posts_follow), day=plan.day)
    if plan.effective_at <= now:
        _settle(change, now=now)
    transaction.on_commit(ground_keeper.forget)
    return change


@transaction.atomic
def settle_changes(*, now: datetime) -> int:
    """Hand cases and places on for every change whose day has come; how many changes. May run twice."""
    waiting = unsettled(now=now)
    for change in waiting:
        _settle(change, now=now)
    return len(waiting)


def _settle(change: BoundaryChange, *, now: datetime) -> None:
    before = [area["code"] for area in change.before]
    kept = {area["code"] for area in change.after}
    drawn = outlines(level="cell", at=now, ids=[area["id"] for area in change.after])
    after: Mapping[str, BaseGeometry] = {one.code: one.shape for one in drawn}
    heir = change.after[0]["code"] if change.kind == BoundaryChange.Kind.MERGE else None
    gone = {code: heir for code in before if code not in kept}
    village = change.area.code
    touched = touched_cases(village_code=village, codes=before, shapes=after.values())
    hand_on(moves=case_moves(cases=touched, after=after, gone=gone), change_id=change.pk, now=now)
    follow_ground(villages=[village], at=now)
    mark_settled(change=change, at=now)


BATCH = 500
"""Rows locked at a time."""


def hand_on(*, moves: list[CaseMove], change_id: int, now: datetime) -> None:
    """Give each case to the cell that answers for it from now on, with an event that says why.

    The codes it was reported under, its state and its version stay: nobody's act in progress is refused by it.
    """
    for start in range(0, len(moves), BATCH):
        _hand_on({move.id: move for move in moves[start : start + BATCH]}, change_id=change_id, now=now)


def _hand_on(moves: Mapping[int, CaseMove], *, change_id: int, now: datetime) -> None:
    cases = Case.objects.select_for_update().filter(pk__in=moves, is_open=True).order_by("pk")
    events: list[CaseEvent] = []
    for case in cases:
        move = moves[case.pk]
        data = {"from_cell": move.from_code, "to_cell": move.to_code, "change": change_id}
        event = next_event(case=case, act=Act.CELL_CHANGED, actor_id=None, at=now, from_state=case.state, data=data)
        event.case = case
        events.append(event)
    CaseEvent.objects.bulk_create(events)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_case SET duty_cell_code = new.code, event_count = new.count, event_hash = new.hash,"
            " updated_at = %s"
            " FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::text[]) AS new(id, code, count, hash)"
            " WHERE cases_case.id = new.id",
            [
                now,
                [e.case_id for e in events],
                [moves[e.case_id].to_code for e in events],
                [e.seq for e in events],
                [e.hash for e in events],
            ],
        )


def follow_recode(*, recoded: Recoded, now: datetime) -> int:
    """Open cases of ground that has another code now: the new codes' people answer for them; how many.

    They keep the codes they were reported under, by which they are still seen (`PostScope.former_codes`).
    """
    old, new = recoded.old_code, recoded.new_code
    rows = Case.objects.filter(is_open=True, duty_cell_code__startswith=old).order_by("pk")
    moves = [
        CaseMove(pk, number, code, new + code[len(old) :])
        for pk, number, code in rows.values_list("pk", "number", "duty_cell_code")
    ]
    hand_on(moves=moves, change_id=recoded.change.pk, now=now)
    return len(moves)

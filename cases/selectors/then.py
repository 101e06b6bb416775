"""What a person may do once they have done something: so that a phone without signal can go on."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final

from cases.models import Case
from cases.policy import holds_on, may_see, open_moves
from cases.selectors.forms import acts_for
from cases.workflow import OPEN, Act, Move
from staff.scope import Scope

Offered = list[dict[str, Any]]

_UNKNOWN: Final = frozenset({Act.ASSIGN, Act.REASSIGN})
"""Acts after which it depends on what was typed whose the case is."""


def acts_then(*, case: Case, scope: Scope) -> dict[str, Offered]:
    """For each act this person may do now and that moves the case: the acts they will have afterwards. And so on for
    the next step, as long as it is plain on what they would do it: acknowledge, then give feedback, then wait.

    By the table and the forms, on a copy. Where it depends on what was typed (a verification), what holds either way.
    """
    told: dict[str, Offered] = {}
    cases = [case]
    while cases:
        here = cases.pop()
        offered = {one["act"]: one for one in _acts(here, scope)}
        for act, ends in _ends(here, offered, scope).items():
            if act not in told:
                told[act] = _common(ends, scope)
                cases += ends if len(ends) == 1 and offered[act]["primary"] else []
    return told


def _ends(case: Case, offered: Mapping[str, object], scope: Scope) -> dict[str, list[Case]]:
    """The case as each act that may move it may leave it."""
    ends: dict[str, list[Case]] = {}
    # Somebody may be two parties at once, and then has the same way twice.
    ways = {(move.act, move.to): move for move in open_moves(case=case, scope=scope)}.values()
    possible = [move for move in ways if holds_on(case=case, when=move.when)]
    moving = {move.act for move in possible if move.to is not None and move.act in offered} - _UNKNOWN
    for move in (move for move in possible if move.act in moving):
        # Of the same act: asked after the end, "satisfied" leaves the case where it is.
        end = case if move.to is None else _after(case, move, scope)
        ends.setdefault(move.act.value, []).append(end)
    return ends


def _acts(case: Case, scope: Scope) -> Offered:
    return acts_for(case=case, scope=scope) if may_see(case=case, scope=scope) else []


def _common(ends: list[Case], scope: Scope) -> Offered:
    """The acts that are the same at every end."""
    first, *others = [_acts(end, scope) for end in ends]
    return [one for one in first if all(one in other for other in others)]


def _after(case: Case, move: Move, scope: Scope) -> Case:
    """The case as the act would leave it, as far as its acts depend on it; never saved."""
    after = copy.copy(case)
    assert move.to is not None, "an act that leaves the state leaves the acts"
    after.state, after.is_open = move.to, move.to in OPEN
    if move.act in (Act.ACKNOWLEDGE, Act.FEEDBACK) and scope.user_id is not None:
        after.handled_by = [*case.handled_by, scope.user_id]
    if move.act is Act.ACKNOWLEDGE and case.assignee_id is None:
        after.assignee_id = scope.user_id
    if move.act in _WITHDRAWING:
        after.asked_for = ""
    if move.act is Act.RETURN:
        after.lead_org_id = after.assignee_id = None
        after.assistants = []
    if move.act is Act.REOPEN:
        after.reopen_count += 1
    return after


_WITHDRAWING: Final = frozenset({Act.FEEDBACK, Act.SUSPEND, Act.RETURN, Act.ESCALATE})
"""Acts by which a request for time is decided or overtaken."""

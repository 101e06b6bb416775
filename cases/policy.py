"""Who somebody is to a case, and so which moves of the table are theirs. Asks posts, decides nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cases.models import AREA_READERS, Case
from cases.workflow import DECIDED, Act, Move, Party, State, When, moves
from staff.models import Post
from staff.policy import REPORTERS
from staff.scope import Scope

CENTER_ROLES = (Post.Role.CENTER_OPERATOR, Post.Role.CENTER_HEAD)
UNIT_ROLES = (
    Post.Role.HANDLER,
    Post.Role.MEDIATOR,
    Post.Role.VILLAGE_OFFICER,
    Post.Role.CENTER_OPERATOR,
    Post.Role.CENTER_HEAD,
)
SPOT_ROLES = (Post.Role.GRID_WORKER, Post.Role.VILLAGE_OFFICER)
READ_ONLY_ROLES = frozenset({Post.Role.AUDITOR, Post.Role.ADMIN})
WRITING_ROLES = frozenset(Post.Role) - READ_ONLY_ROLES - {Post.Role.LEADER}
"""Roles that may add words and photos to a case; a leader instructs instead."""


def may_report(scope: Scope) -> bool:
    return bool(scope.roles & REPORTERS)


def level_code(*, case: Case, scope: Scope, roles: tuple[str, ...]) -> str:
    """The code of the widest area for which this person, in one of the roles, speaks about the case; else empty."""
    codes = [code for code in scope.codes(*roles) if any(own.startswith(code) for own in codes_of(case))]
    return min(codes, key=len, default="")


def codes_of(case: Case) -> tuple[str, ...]:
    """Of the ground it lies on, the narrowest first."""
    return tuple(code for code in (case.duty_cell_code, case.village_code, case.town_code) if code)


def _in_scope(case: Case, scope: Scope, *roles: str) -> bool:
    return any(scope.covers(code, *roles) for code in codes_of(case))


def is_head(*, case: Case, scope: Scope) -> bool:
    """Whether this person decides for the center about the case."""
    return _in_scope(case, scope, Post.Role.CENTER_HEAD)


def _of_unit(case: Case, scope: Scope) -> bool:
    if case.assignee_id is not None and case.assignee_id == scope.user_id:
        return True
    return case.lead_org_id is not None and case.lead_org_id in scope.organisation_ids(*UNIT_ROLES)


def parties(*, case: Case, scope: Scope) -> frozenset[Party]:
    """Everything this person is to this case. Nothing for those who may only read."""
    if scope.user_id is None or not scope.roles - READ_ONLY_ROLES:
        return frozenset()
    center, unit = _in_scope(case, scope, *CENTER_ROLES), _of_unit(case, scope)
    # Never by whoever handled it, nor by a colleague of the unit: that is what verification is for.
    handled = unit or scope.user_id in case.handled_by
    is_so = {
        Party.READER: bool(scope.roles & WRITING_ROLES),
        Party.REPORTER: case.reporter_id == scope.user_id,
        Party.CENTER: center,
        Party.HEAD: is_head(case=case, scope=scope),
        Party.LEADER: _in_scope(case, scope, Post.Role.LEADER),
        Party.UNIT: unit,
        Party.ASSISTANT: bool(set(case.assistants) & set(scope.organisation_ids(*UNIT_ROLES))),
        Party.CHECKER: not handled and (center or _in_scope(case, scope, *SPOT_ROLES)),
    }
    return frozenset(party for party, so in is_so.items() if so)


def open_moves(*, case: Case, scope: Scope, act: Act | None = None, deciding: bool = False) -> tuple[Move, ...]:
    """The moves that are this person's now. A scope without a writing post has none.

    `deciding`: while they decide a conflict, which opens some ways that nobody has else.
    """
    who = parties(case=case, scope=scope)
    possible = (m for m in moves(state=case_state(case), act=act) if deciding or m.when not in DECIDED)
    return tuple(m for m in possible if m.by in who)


def case_state(case: Case) -> State:
    return State(case.state)


def may_see(*, case: Case, scope: Scope) -> bool:
    """What `visible_to` says of saved cases, for one that is only thought of: as an act would leave it."""
    if not scope.roles - {Post.Role.ADMIN}:
        return False
    if scope.user_id in (case.reporter_id, case.assignee_id) or _in_scope(case, scope, *AREA_READERS):
        return True
    units = set(scope.organisation_ids(Post.Role.HANDLER, Post.Role.MEDIATOR))
    dispute = case.category_code.startswith("A") and _in_scope(case, scope, Post.Role.MEDIATOR)
    return dispute or case.lead_org_id in units or bool(units & set(case.assistants))


_LED: Final = (When.FAILED, When.OVERRULED, When.ASSIGNED, When.GIVEN_BACK)
_UNLED: Final = (
    *(When.FAILED_UNASSIGNED, When.OVERRULED_UNASSIGNED),
    *(When.UNASSIGNED, When.GIVEN_BACK_UNASSIGNED),
)
_HOLDS: Final[dict[When, Callable[[Case], bool]]] = {
    **dict.fromkeys(_LED, lambda case: case.lead_org_id is not None),
    **dict.fromkeys(_UNLED, lambda case: case.lead_org_id is None),
    When.WAS_REPORTED: lambda case: case.accepted_at is None,
    When.WAS_ACCEPTED: lambda case: case.accepted_at is not None,
}


def holds_on(*, case: Case, when: When | None) -> bool:
    """Whether the case itself lets a move with this condition be meant; what is typed may decide the rest."""
    return when not in _HOLDS or _HOLDS[when](case)

"""Which parts of the apps a scope opens. What may be done with one case is `cases.policy`'s matter."""

from __future__ import annotations

from staff.models import Post
from staff.scope import Scope
from staff.sight import LEAVE_ENTERERS, OVERSEERS

REPORTERS = frozenset(
    {
        Post.Role.GRID_WORKER,
        Post.Role.VILLAGE_OFFICER,
        Post.Role.MEDIATOR,
        Post.Role.HANDLER,
        Post.Role.CENTER_OPERATOR,
        Post.Role.CENTER_HEAD,
    }
)
REDRAWERS = frozenset({Post.Role.CENTER_HEAD, Post.Role.ADMIN})
"""Roles that may change boundaries within the area of their post."""
SESSION_ENDERS = frozenset({Post.Role.CENTER_HEAD, Post.Role.ADMIN})
"""Roles that see which phones people of their area are signed in on, and sign them out."""
FIGURES = frozenset({Post.Role.CENTER_OPERATOR, Post.Role.CENTER_HEAD, Post.Role.LEADER, Post.Role.AUDITOR})


def abilities(*, scope: Scope, staff: bool, demo: bool) -> dict[str, bool]:
    """What the apps offer; the server checks each request again."""
    reads = bool(scope.roles - {Post.Role.ADMIN})
    administers = staff and Post.Role.ADMIN in scope.roles
    return {
        "report": bool(scope.roles & REPORTERS),
        "queue": reads,
        "map": reads,
        "ground": bool(scope.roles),
        "redraw": bool(scope.roles & REDRAWERS),
        "oversee": bool(scope.roles & frozenset(OVERSEERS)),
        "leave": bool(scope.roles & frozenset(LEAVE_ENTERERS)),
        "weekly": bool(scope.roles & FIGURES),
        "mailbox": demo and administers,
        "admin": administers,
    }


def may_redraw(*, scope: Scope, code: str) -> bool:
    """Whether the person may change the boundaries of the area with this code and of what lies in it."""
    return scope.covers(code, *REDRAWERS)


def may_end_sessions(*, scope: Scope, code: str) -> bool:
    """Whether the person may sign out the phones of somebody who holds a post in the area with this code."""
    return scope.covers(code, *SESSION_ENDERS)

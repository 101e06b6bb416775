"""Who: people and their posts, leaves and machine tokens; the patrols they walk."""

from staff.models.patrols import Patrol, PatrolPoint, PatrolVisit
from staff.models.people import Leave, Organisation, Post, Token, User

__all__ = ["Leave", "Organisation", "Patrol", "PatrolPoint", "PatrolVisit", "Post", "Token", "User"]

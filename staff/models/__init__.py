"""Who: people and their posts, leaves and machine tokens; the patrols they walk; the phones they use."""

from staff.models.devices import Device
from staff.models.patrols import Patrol, PatrolPoint, PatrolVisit
from staff.models.people import Leave, Organisation, Post, Token, User

__all__ = ["Device", "Leave", "Organisation", "Patrol", "PatrolPoint", "PatrolVisit", "Post", "Token", "User"]

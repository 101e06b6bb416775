"""Where: areas and their boundaries; waters, places, cameras and patrol areas in them; imports of all that."""

from grid.models.areas import CODE_LENGTH, Area, AreaBoundary, BoundaryChange, GroundToken, TsTzRange
from grid.models.imports import ImportJob
from grid.models.places import Camera, Place, PlaceKind, Reach, ReachChief, WaterBody
from grid.models.rounds import CheckPoint, PatrolArea

__all__ = [
    "CODE_LENGTH",
    "Area",
    "AreaBoundary",
    "BoundaryChange",
    "Camera",
    "CheckPoint",
    "GroundToken",
    "ImportJob",
    "PatrolArea",
    "Place",
    "PlaceKind",
    "Reach",
    "ReachChief",
    "TsTzRange",
    "WaterBody",
]

"""What a file of outlines is to be taken as, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Final

import shapely
from django.utils import timezone
from shapely.geometry.base import BaseGeometry

from grid.import_problems import Findings, Outcome
from grid.services.imports.features import Fields
from grid.services.imports.owners import CELL, Owned

Progress = Callable[[int, int], None]
SAME: Final = 1e-9
"""Degrees (a tenth of a millimetre) within which two outlines are one."""


def silent(done: int, total: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class OutlineFile:
    """A file of outlines and how to take it.

    `valid_from` None is now. `scope` holds the codes of the areas that may be changed; None is everywhere.
    """

    path: Path
    crs: str
    level: str = CELL
    fields: Fields = field(default_factory=Fields)
    valid_from: date | None = None
    reason: str = ""
    scope: tuple[str, ...] | None = None
    limit: int = 500
    """So many problems are kept; all are counted."""


@dataclass(frozen=True, slots=True)
class Version:
    """An outline that an area has or will have."""

    id: int
    valid_from: datetime
    valid_to: datetime | None
    shape: BaseGeometry


@dataclass(slots=True)
class OutlinePlan:
    """What a file comes to. `changed` are to be written, `replaced` by area id are the versions they end."""

    wanted: OutlineFile
    now: datetime
    outcome: Outcome
    changed: list[Owned] = field(default_factory=list)
    replaced: dict[int, Version] = field(default_factory=dict)
    unchanged: list[Owned] = field(default_factory=list)

    @property
    def at(self) -> datetime:
        """Now for today, else the first moment of the day."""
        day = self.wanted.valid_from
        if day is None or day == timezone.localdate(self.now):
            return self.now
        return timezone.make_aware(datetime.combine(day, time(0)))

    @property
    def day(self) -> date:
        return timezone.localdate(self.at)

    @property
    def problems(self) -> Findings:
        return self.outcome.problems


def box_of(shapes: list[BaseGeometry]) -> BaseGeometry | None:
    """The box of all of them; None without any."""
    bounds = shapely.total_bounds(shapes) if shapes else [float("nan")]
    return None if bounds[0] != bounds[0] else shapely.box(*bounds)

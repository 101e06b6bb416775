"""What rows refer to by id (areas, units, people, categories), kept for a few seconds in the process.

A list of fifty cases names all four. Joining five tables costs PostgreSQL more planning than the rest of the list costs
altogether (2–4 ms of 5), and names hardly ever change. Only names are kept like this, never permissions.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar, Final, Generic, TypeVar

KEPT: Final = 5.0
"""Seconds after which a changed name is seen at the latest."""

Found = TypeVar("Found")


class Names(Generic[Found]):
    """Looks up by id; asks the database only for ids not seen in the last KEPT seconds, in one statement."""

    every: ClassVar[list[Names[object]]] = []

    def __init__(self, load: Callable[[set[int]], Mapping[int, Found]]) -> None:
        self._load = load
        self._kept: dict[int, Found] = {}
        self._since = 0.0
        Names.every.append(self)  # type: ignore[arg-type]

    def of(self, ids: Iterable[int | None]) -> Mapping[int, Found]:
        """The names of `ids`; None and unknown ids are left out."""
        now = time.monotonic()
        # A new dictionary, not a cleared one: another thread may be reading the old.
        kept = self._kept if now - self._since < KEPT else {}
        missing = {pk for pk in ids if pk is not None and pk not in kept}
        if missing:
            kept = {**kept, **self._load(missing)}
        if kept is not self._kept:
            self._since = now if now - self._since >= KEPT else self._since
            self._kept = kept
        return kept

    def know(self, pk: int, found: Found) -> None:
        """Takes a name that somebody just read anyway."""
        if pk not in self._kept:
            self._kept = {**self._kept, pk: found}

    @classmethod
    def forget_all(cls) -> None:
        """For tests: every name is asked for anew."""
        for names in cls.every:
            names._kept = {}

"""Write areas: the list of divisions, whole or not at all."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from grid.models import CODE_LENGTH, Area
from grid.selectors.areas import valid_areas

COLUMNS: Final = ("code", "name", "level", "parent_code")
LEVELS: Final = tuple(CODE_LENGTH)


@dataclass(frozen=True, slots=True)
class AreaRow:
    """One line of the list; `line` counts from 1, the heading included."""

    line: int
    code: str
    name: str
    level: str
    parent_code: str


@dataclass(frozen=True, slots=True)
class RowError:
    line: int
    reason: str


class BadRowsError(Exception):
    """The list has errors; nothing was taken from it."""

    def __init__(self, errors: list[RowError]) -> None:
        super().__init__(f"{len(errors)} bad rows")
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Imported:
    created: int
    renamed: int
    unchanged: int


def read_rows(lines: Iterable[str]) -> list[AreaRow]:
    """Rows of a CSV text with the columns code, name, level, parent_code. Raises BadRowsError."""
    reader = csv.DictReader(lines)
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        reason = _("The heading lacks: %(columns)s. It must name code, name, level and parent_code.")
        raise BadRowsError([RowError(1, reason % {"columns": ", ".join(missing)})])
    rows = (row for row in reader if any(row.values()))
    return [AreaRow(reader.line_num, *((row[name] or "").strip() for name in COLUMNS)) for row in rows]


def _row_errors(rows: list[AreaRow], known: dict[str, Area]) -> Iterator[RowError]:
    """Every reason every row cannot be taken."""
    levels = {row.code: row.level for row in rows}
    seen: set[str] = set()
    for row in rows:
        for reason in (*_shape_errors(row), *_tree_errors(row, levels, known)):
            yield RowError(row.line, reason)
        if row.code in seen:
            yield RowError(row.line, _("Code %(code)s stands here twice.") % {"code": row.code})
        seen.add(row.code)


def _shape_errors(row: AreaRow) -> Iterator[str]:
    if row.level not in CODE_LENGTH:
        yield _("Level “%(level)s” is none of %(levels)s.") % {"level": row.level, "levels": ", ".join(LEVELS)}
    elif not re.fullmatch(rf"\d{{{CODE_LENGTH[row.level]}}}", row.code):
        reason = _("Code “%(code)s” must have %(digits)d digits at level %(level)s.")
        yield reason % {"code": row.code, "digits": CODE_LENGTH[row.level], "level": row.level}
    if not row.name:
        yield _("The name is missing.")
    elif len(row.name) > 100:
        yield _("The name is longer than 100 characters.")


def _tree_errors(row: AreaRow, levels: dict[str, str], known: dict[str, Area]) -> Iterator[str]:
    if row.level not in CODE_LENGTH or row.level == LEVELS[0]:
        return
    parent_level = levels.get(row.parent_code) or (known[row.parent_code].level if row.parent_code in known else None)
    if parent_level is None:
        yield _("Parent “%(code)s” is neither in this list nor in the system.") % {"code": row.parent_code}
    elif parent_level != LEVELS[LEVELS.index(row.level) - 1]:
        reason = _("A %(level)s cannot lie in a %(parent)s.")
        yield reason % {"level": row.level, "parent": parent_level}
    if not row.code.startswith(row.parent_code):
        yield _("Code %(code)s does not begin with its parent's code %(parent)s.") % {
            "code": row.code,
            "parent": row.parent_code,
        }


@transaction.atomic
def import_areas(*, rows: list[AreaRow], valid_from: date) -> Imported:
    """Create what is new, rename what has another name, leave the rest. Whole or, with BadRowsError, not at all."""
    known = {area.code: area for area in valid_areas(on=valid_from).filter(code__in=_codes(rows))}
    errors = sorted(_row_errors(rows, known), key=lambda e: e.line)
    if errors:
        raise BadRowsError(errors)
    renamed = [known[row.code] for row in rows if row.code in known and known[row.code].name != row.name]
    names = {row.code: row.name for row in rows}
    for area in renamed:
        area.name = names[area.code]
    Area.objects.bulk_update(renamed, ["name"], batch_size=1000)
    new = [row for row in rows if row.code not in known]
    _create(new, known=known, valid_from=valid_from)
    return Imported(created=len(new), renamed=len(renamed), unchanged=len(rows) - len(new) - len(renamed))


def _codes(rows: list[AreaRow]) -> set[str]:
    return {row.code for row in rows} | {row.parent_code for row in rows}


def _create(rows: list[AreaRow], *, known: dict[str, Area], valid_from: date) -> None:
    """Level by level, so that each finds its parents."""
    for level in LEVELS:
        made = Area.objects.bulk_create(
            [
                Area(
                    code=row.code,
                    name=row.name,
                    level=level,
                    parent=known.get(row.parent_code),
                    valid_from=valid_from,
                )
                for row in rows
                if row.level == level
            ],
            batch_size=1000,
        )
        known.update({area.code: area for area in made})

"""Write areas: the list of divisions, whole or not at all.

The lines go by COPY into a table of the transaction, every rule is one statement over all of them, and so is every
write: the national list has 665,000 lines, of which never more than one is in Python.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from grid.import_problems import Finding, Findings, Outcome, UnreadableError
from grid.services import division_rules as rules
from grid.services.imports.texts import LEVELS, Text, open_text, rows_of

logger = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Called now and then with the rows done and the rows there are (at most: lines of the file)."""
_TELL_EVERY: Final = 5000


def _silent(done: int, total: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class DivisionList:
    """A CSV file and how to take it. `valid_from` is the first day of lines that name none.

    `scope` holds the codes of the areas in which lines may change something; None is everywhere.
    """

    path: Path
    valid_from: date
    encoding: str = "auto"
    scope: tuple[str, ...] | None = None
    limit: int = 500
    """So many problems are kept; all are counted."""


def import_divisions(*, wanted: DivisionList, write: bool, progress: Progress = _silent) -> Outcome:
    """Create what is new, rename what has another name, end and link what the list says, leave the rest.

    Whole, or with problems not at all; with `write` off only looked at. Its own statements need about 25 s and the
    memory of one line for 665,000 of them.
    """
    outcome = Outcome(Findings(limit=wanted.limit))
    try:
        text = open_text(path=wanted.path, encoding=wanted.encoding)
        with transaction.atomic(), connection.cursor() as cursor:
            _take(cursor, wanted=wanted, text=text, outcome=outcome, write=write, progress=progress)
            cursor.execute(rules.UNSTAGE)
    except UnreadableError as error:
        outcome.problems.add(error.finding)
    return outcome


def _take(cursor: Any, *, wanted: DivisionList, text: Text, outcome: Outcome, write: bool, progress: Progress) -> None:
    cursor.execute(rules.STAGE)
    outcome.total = _stage(cursor, wanted=wanted, text=text, problems=outcome.problems, progress=progress)
    cursor.execute(rules.KNOW)
    _apply_rules(cursor, wanted=wanted, problems=outcome.problems)
    cursor.execute(rules.COUNT)
    total, known, renamed, ended, changed = cursor.fetchone()
    outcome.summary = {
        "created": total - known,
        "renamed": renamed,
        "ended": ended,
        "unchanged": known - changed,
    }
    if write and not outcome.problems.count:
        _write(cursor, outcome)
    progress(outcome.total, outcome.total)


def _stage(cursor: Any, *, wanted: DivisionList, text: Text, problems: Findings, progress: Progress) -> int:
    """Every line into the table, and what is wrong with its shape; how many lines."""
    done = 0
    with rows_of(text) as rows, cursor.copy(rules.COPY) as copy:
        for row, findings in rows:
            problems.more(findings, count=len(findings))
            copy.write_row(
                (
                    row.line,
                    row.code,
                    row.name,
                    row.level,
                    row.parent_code,
                    row.valid_from or wanted.valid_from,
                    row.valid_to,
                    row.predecessor_code,
                )
            )
            done += 1
            if done % _TELL_EVERY == 0:
                progress(done, max(text.lines, done))
    return done


def _apply_rules(cursor: Any, *, wanted: DivisionList, problems: Findings) -> None:
    values = {
        "limit": wanted.limit,
        "today": timezone.localdate(),
        "scope": [f"{code}%" for code in wanted.scope or ()],
    }
    for rule in rules.RULES:
        if rule.code == "not_yours" and wanted.scope is None:
            continue
        cursor.execute(rule.sql, values)
        found = cursor.fetchall()
        problems.more(
            (Finding(row[0], rule.code, dict(zip(rule.names, row[1:-1], strict=True)), rule.field) for row in found),
            count=found[0][-1] if found else 0,
        )


def _write(cursor: Any, outcome: Outcome) -> None:
    """Level by level, so that each finds its parents. Statements that would change nothing are left out: each renews
    the token of the ground."""
    if outcome.summary["renamed"]:
        cursor.execute(rules.RENAME)
    if outcome.summary["ended"]:
        for statement in rules.END:
            cursor.execute(statement)
    if outcome.summary["created"]:
        for level in LEVELS:
            cursor.execute(rules.CREATE, {"level": level})
    cursor.execute("SELECT EXISTS (SELECT 1 FROM division_rows WHERE predecessor_code <> '')")
    if cursor.fetchone()[0]:
        cursor.execute(rules.LINK)
    logger.info("divisions_imported created=%s renamed=%s", outcome.summary["created"], outcome.summary["renamed"])

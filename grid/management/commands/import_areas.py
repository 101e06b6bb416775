"""manage.py import_areas FILE.csv"""

from __future__ import annotations

import time
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from grid.import_problems import Outcome, sentence
from grid.services.divisions import DivisionList, import_divisions
from grid.services.imports.texts import ENCODINGS

LISTED = 10_000
"""So many bad lines are printed."""


class Command(BaseCommand):
    help = (
        "Load a list of divisions (CSV: code, name, level, parent_code; also valid_from, valid_to, predecessor_code),"
        " whole or not at all."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--valid-from", type=date.fromisoformat, default=date(2000, 1, 1), help="first day the codes hold"
        )
        parser.add_argument("--encoding", choices=ENCODINGS, default="auto")
        parser.add_argument("--dry-run", action="store_true", help="only check and count")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        wanted = DivisionList(path, options["valid_from"], encoding=options["encoding"], limit=LISTED)
        meter = Meter(self)
        try:
            outcome = import_divisions(wanted=wanted, write=not options["dry_run"], progress=meter.tell)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}. Give the path of a CSV file.") from error
        refuse_problems(self, path, outcome)
        told = outcome.summary
        line = f"{told['created']} created, {told['renamed']} renamed, {told['unchanged']} unchanged"
        line += f", {told['ended']} ended" if told["ended"] else ""
        self.stdout.write(f"{line} (dry run: nothing was written)" if options["dry_run"] else line)


class Meter:
    """Says every second how far an import is; nothing for one that takes less."""

    def __init__(self, command: BaseCommand) -> None:
        self.command = command
        self.told = time.monotonic()

    def tell(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self.told >= 1:
            self.told = now
            self.command.stderr.write(f"{done:,} of {total:,} rows")


def refuse_problems(command: BaseCommand, path: Path, outcome: Outcome) -> None:
    """Prints every problem with its line; raises CommandError if there is one."""
    problems = outcome.problems
    for one in problems.first():
        place = f"{path.name}:{one.line}" if one.line else path.name
        command.stderr.write(f"{place}: {sentence(one.code, one.values)}")
    if problems.count:
        raise CommandError(f"{problems.count} errors; nothing was imported.")

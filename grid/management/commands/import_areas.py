"""manage.py import_areas FILE.csv"""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from grid.services.divisions import BadRowsError, import_areas, read_rows


class Command(BaseCommand):
    help = "Load a list of divisions (CSV: code, name, level, parent_code), whole or not at all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--valid-from", type=date.fromisoformat, default=date(2000, 1, 1), help="first day the codes hold"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            text = path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}. Give the path of a CSV file.") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{path} is not UTF-8. Save it as “CSV UTF-8” and try again.") from error
        try:
            result = import_areas(rows=read_rows(text.splitlines()), valid_from=options["valid_from"])
        except BadRowsError as error:
            for row in error.errors:
                self.stderr.write(f"{path.name}:{row.line}: {row.reason}")
            raise CommandError(f"{len(error.errors)} errors; nothing was imported.") from error
        self.stdout.write(f"{result.created} created, {result.renamed} renamed, {result.unchanged} unchanged")

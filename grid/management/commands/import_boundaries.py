"""manage.py import_boundaries FILE --crs CGCS2000"""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from grid.crs import SYSTEMS
from grid.import_problems import sentence
from grid.management.commands.import_areas import LISTED, Meter, refuse_problems
from grid.models import Area
from grid.services.ground import Actor
from grid.services.imports.features import Fields
from grid.services.imports.outlines import import_outlines
from grid.services.imports.owners import ANY, CELL
from grid.services.imports.plan import OutlineFile
from grid.services.imports.texts import ENCODINGS


class Command(BaseCommand):
    help = "Load boundaries from GeoJSON, a zipped Shapefile or a GeoPackage, all of them or none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--crs", choices=list(SYSTEMS), required=True, metavar="CRS", help=", ".join(SYSTEMS))
        parser.add_argument("--level", choices=[*Area.Level.values, ANY], default=CELL)
        parser.add_argument("--valid-from", type=date.fromisoformat, help="first day (default: now)")
        parser.add_argument("--code-field", default="code")
        parser.add_argument("--name-field", default="name")
        parser.add_argument("--encoding", choices=ENCODINGS, default="auto", help="of a Shapefile's table")
        parser.add_argument("--reason", help="stays with the history (default: the name of the file)")
        parser.add_argument("--dry-run", action="store_true", help="only check and count")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        wanted = OutlineFile(
            path=path,
            crs=options["crs"],
            level=options["level"],
            fields=Fields(options["code_field"], options["name_field"], options["encoding"]),
            valid_from=options["valid_from"],
            reason=(options["reason"] or path.name)[:200],
            limit=LISTED,
        )
        write = not options["dry_run"]
        try:
            outcome = import_outlines(
                wanted=wanted, by=Actor(None, ""), now=timezone.now(), write=write, progress=Meter(self).tell
            )
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}. Give the path of a file.") from error
        for warning in outcome.summary.get("warnings", []):
            self.stderr.write(f"{path.name}: {sentence(warning['code'], warning['values'])}")
        refuse_problems(self, path, outcome)
        for one in outcome.summary["proposed"]:
            self.stdout.write(f"{path.name}:{one['line']}: {one['code']} {one['name']}")
        counts = ", ".join(f"{outcome.summary[name]} {name}" for name in ("created", "drawn", "redrawn", "unchanged"))
        self.stdout.write(counts if write else f"{counts} (dry run: nothing was written)")

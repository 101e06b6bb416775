"""manage.py export_areas areas.gpkg --within 990000009"""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from grid.models import Area
from grid.selectors.export import Extract, geojson_of, write_geopackage


class Command(BaseCommand):
    help = "Write areas with their outlines to a new file, GeoJSON or GeoPackage by its suffix."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="….geojson or ….gpkg")
        parser.add_argument("--within", default="", help="code of the area they lie in (default: all)")
        parser.add_argument(
            "--on", type=date.fromisoformat, help="as they were at the end of that day (default: today)"
        )
        parser.add_argument("--level", choices=Area.Level.values, default="")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        wanted = Extract(options["on"] or timezone.localdate(), options["within"], options["level"])
        if path.suffix not in (".geojson", ".gpkg"):
            raise CommandError(f"{path}: name the file ….geojson or ….gpkg.")
        if path.exists():
            raise CommandError(f"{path} exists. Name a new file.")
        if not path.parent.is_dir():
            raise CommandError(f"There is no folder {path.parent}. Make it, or name another.")
        try:
            if path.suffix == ".gpkg":
                write_geopackage(wanted=wanted, path=path)
            else:
                with path.open("wb") as file:
                    file.writelines(geojson_of(wanted))
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}.") from error
        self.stdout.write(str(path))

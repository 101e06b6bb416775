"""Bring in the kinds of places that every site starts with. All of them stay editable."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

from django.db import transaction

from grid.models import PlaceKind

KINDS: Final = Path(__file__).resolve().parent.parent / "data" / "place_kinds.csv"


@transaction.atomic
def load_place_kinds() -> int:
    """Create the kinds that are not there; how many. What the site changed stays."""
    known = set(PlaceKind.objects.values_list("code", flat=True))
    with KINDS.open(encoding="utf-8", newline="") as stream:
        new = [PlaceKind(**row) for row in csv.DictReader(stream) if row["code"] not in known]
    PlaceKind.objects.bulk_create(new)
    return len(new)

"""The API as its own schema describes it: every address and method, with something plausible in the address."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from django.utils import translation
from drf_spectacular.generators import SchemaGenerator

PLAUSIBLE = {
    "id": "1",
    "code": "990000009201001",
    "client_id": "00000000-0000-4000-8000-000000000001",
    "party": "1",
    "conflict": "1",
    "device_id": "00000000-0000-4000-8000-000000000002",
    "act": "accept",
    "name": "nothing",
    "layer": "cases",
    "kind": "mail",
    "z": "12",
    "x": "3391",
    "y": "1787",
}


@functools.cache
def schema() -> dict[str, Any]:
    with translation.override("en"):
        return SchemaGenerator().get_schema(request=None, public=True)


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and description of each operation."""
    for path, methods in schema()["paths"].items():
        for method, operation in methods.items():
            yield path.format(**PLAUSIBLE), method, operation

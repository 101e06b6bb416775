"""A cell belongs to exactly one village, a village to one town: by its place in the tree and by its code."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from grid.models import Area
from tests.town import DISTRICT, EAST, TOWN

pytestmark = pytest.mark.django_db


def problems(**said) -> dict[str, list[str]]:
    try:
        Area(name="新", valid_from="2026-01-01", **said).full_clean()
    except ValidationError as error:
        return {name: [one.code for one in errors] for name, errors in error.error_dict.items()}
    return {}


def area(code: str) -> Area:
    return Area.objects.get(code=code)


def test_a_cell_of_a_village_is_in_order():
    assert problems(code=EAST + "009", level="cell", parent=area(EAST)) == {}


@pytest.mark.parametrize("parent", [None, TOWN, DISTRICT])
def test_a_cell_lies_in_a_village_and_in_nothing_else(parent):
    found = problems(code=EAST + "009", level="cell", parent=parent and area(parent))
    assert found == {"parent": ["wrong_level"]}


def test_its_code_begins_with_the_villages():
    assert problems(code="990000009202009", level="cell", parent=area(EAST)) == {"code": ["not_below"]}


def test_its_code_is_as_long_as_its_level_asks():
    assert problems(code=EAST, level="cell", parent=area(EAST)) == {"code": ["shape"]}


def test_a_district_lies_in_nothing():
    assert problems(code="990003", level="district", parent=area(DISTRICT)) == {"parent": ["wrong_level"]}
    assert problems(code="990003", level="district") == {}

"""Reaches of waters and their chiefs."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.gis.geos import LineString, MultiLineString

from grid.models import Area, Reach, ReachChief, WaterBody
from tests.statements import statements
from tests.town import EAST, OTHER_TOWN, TOWN, WEST

PHONE, HIDDEN = "13800003333", "138****3333"
COURSE = MultiLineString(LineString((118.0, 22.005), (118.02, 22.005)), srid=4326)


def reach(name: str, code: str, level: str = "village") -> Reach:
    area = Area.objects.get(code=code)
    water, _ = WaterBody.objects.get_or_create(
        name="示意河", defaults={"kind": "river", "area": area, "geometry": COURSE}
    )
    return Reach.objects.create(water=water, name=name, level=level, area=area, geometry=COURSE)


@pytest.fixture
def reaches(cast) -> dict[str, Reach]:
    made = [
        reach("镇段", TOWN, "town"),
        reach("东村段", EAST),
        reach("西村段", WEST),
        reach("外镇段", OTHER_TOWN, "town"),
    ]
    east = made[1]
    since, until = date(2024, 1, 1), date(2026, 11, 25)
    ReachChief.objects.create(reach=east, name="前任示意", valid_from=since, valid_to=until)
    ReachChief.objects.create(reach=east, name="现任示意", title="村级河段长", phone=PHONE, valid_from=until)
    ReachChief.objects.create(reach=east, name="后任示意", valid_from=date(2026, 11, 26))
    return {one.name: one for one in made}


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("worker", {"东村段"}),
        ("officer", {"东村段"}),
        ("operator", {"镇段", "东村段", "西村段"}),
        ("handler", {"镇段", "东村段", "西村段"}),
        ("auditor", {"镇段", "东村段", "西村段"}),
        ("admin", set()),
        ("outsider", {"外镇段"}),
    ],
)
def test_everybody_sees_those_of_their_area_and_a_worker_those_of_the_village(browser, cast, reaches, who, seen):
    rows = browser(getattr(cast, who)).get("reaches/").json()["results"]
    assert {row["name"] for row in rows} == seen


def test_a_row_has_water_course_and_todays_chief(browser, operator, reaches):
    [row] = browser(operator).get("reaches/", within=EAST).json()["results"]
    one = reaches["东村段"]
    assert row == {
        "id": one.pk,
        "water": {"id": one.water_id, "name": "示意河", "kind": "river"},
        "name": "东村段",
        "level": "village",
        "level_name": one.get_level_display(),
        "area": {"code": EAST, "name": "东村"},
        "geometry": {"type": "MultiLineString", "coordinates": [[[118.0, 22.005], [118.02, 22.005]]]},
        "chief": {"name": "现任示意", "title": "村级河段长", "phone": PHONE},
    }


def test_a_reach_without_a_chief_says_so(browser, operator, reaches):
    [row] = browser(operator).get("reaches/", within=WEST).json()["results"]
    assert row["chief"] is None


@pytest.mark.parametrize(
    ("who", "seen"), [("officer", PHONE), ("head", PHONE), ("leader", HIDDEN), ("handler", HIDDEN)]
)
def test_phones_are_masked_by_role(browser, cast, reaches, who, seen):
    rows = browser(getattr(cast, who)).get("reaches/", within=EAST).json()["results"]
    assert [row["chief"]["phone"] for row in rows] == [seen]


def test_a_stranger_sees_none(browser, reaches):
    assert browser(None).get("reaches/").status_code == 401


def test_what_is_no_code_is_refused_by_name(browser, operator):
    answer = browser(operator).get("reaches/", within="x")
    assert (answer.status_code, answer.json()["field"]) == (400, "within")


def test_the_number_of_statements_does_not_grow(browser, operator, reaches):
    phone = browser(operator)
    phone.get("session/")
    for number in range(30):
        chief = reach(f"段{number}", EAST)
        ReachChief.objects.create(reach=chief, name="示意", valid_from=date(2024, 1, 1))
    with statements(
        [
            ("who", r'FROM "staff_user"'),
            ("posts", r'FROM "staff_post"'),
            ("reaches", r'FROM "grid_reach" '),
            ("chiefs", r'FROM "grid_reachchief"'),
        ]
    ):
        assert len(phone.get("reaches/").json()["results"]) == 33

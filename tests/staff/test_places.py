"""The register of places: who sees which, and whose phones."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.contrib.gis.geos import Point

from grid.models import Area, Place, PlaceKind
from tests.statements import statements
from tests.town import CELL_A, CELL_B, DISTRICT, EAST, IN_A, IN_B, IN_C, IN_OTHER_TOWN, SINCE, TOWN, WEST

PHONE, HIDDEN = "13800002222", "138****2222"


def place(name: str, kind: PlaceKind, at: tuple[float, float], village: str, cell: str = "", **more: Any) -> Place:
    return Place.objects.create(
        name=name,
        kind=kind,
        point=Point(*at, srid=4326),
        village=Area.objects.get(code=village),
        village_code=village,
        cell_code=cell,
        valid_from=more.pop("valid_from", SINCE),
        **more,
    )


@pytest.fixture
def kinds(cast) -> tuple[PlaceKind, PlaceKind]:
    PlaceKind.objects.all().delete()
    school = PlaceKind.objects.create(code="school", group="key", name_zh="学校", name_en="school", basis="镇方案")
    shop = PlaceKind.objects.create(code="shop", group="small", name_zh="小商店", name_en="small shop")
    return school, shop


@pytest.fixture
def places(kinds) -> dict[str, Place]:
    school, shop = kinds
    people = {"responsible_name": "张三示意", "responsible_phone": PHONE, "safety_name": "李四示意"}
    made = [
        place("东村小学", school, IN_A, EAST, CELL_A, address="东村路1号", note="示意", **people),
        place("阿明小店", shop, IN_B, EAST, CELL_B),
        place("西村小店", shop, IN_C, WEST, "990000009202001"),
        place("外村小店", shop, IN_OTHER_TOWN, "990000008201", "990000008201001"),
    ]
    return {one.name: one for one in made}


ALL = {"东村小学", "阿明小店", "西村小店"}


@pytest.fixture
def names(browser):
    def of(user, **query: Any) -> set[str]:
        answer = browser(user).get("places/", **query)
        assert answer.status_code == 200
        return {row["name"] for row in answer.json()["results"]}

    return of


class TestSight:
    @pytest.mark.parametrize(
        ("who", "seen"),
        [
            ("worker", {"东村小学"}),
            ("neighbour", {"阿明小店"}),
            ("officer", {"东村小学", "阿明小店"}),
            ("operator", ALL),
            ("head", ALL),
            ("handler", ALL),
            ("mediator", ALL),
            ("leader", ALL),
            ("auditor", ALL),
            ("admin", set()),
            ("outsider", {"外村小店"}),
        ],
    )
    def test_everybody_sees_those_in_the_area_of_their_posts(self, cast, names, places, who, seen):
        assert names(getattr(cast, who)) == seen

    def test_what_is_not_listed_cannot_be_opened(self, browser, neighbour, admin, places):
        for person in (neighbour, admin):
            assert browser(person).get(f"places/{places['东村小学'].pk}/").status_code == 404
        assert browser(neighbour).get("places/999999/").status_code == 404

    def test_a_stranger_sees_none(self, browser, places):
        assert browser(None).get("places/").status_code == 401
        assert browser(None).get(f"places/{places['东村小学'].pk}/").status_code == 401
        assert browser(None).get("place-kinds/").status_code == 401

    def test_only_places_of_today(self, names, operator, places):
        Place.objects.filter(name="东村小学").update(valid_to=date(2026, 11, 25))
        Place.objects.filter(name="阿明小店").update(valid_from=date(2026, 11, 26))
        Place.objects.filter(name="西村小店").update(valid_to=date(2026, 11, 26))
        assert names(operator) == {"西村小店"}


class TestPhones:
    @pytest.mark.parametrize(
        ("who", "seen"),
        [
            ("worker", PHONE),
            ("officer", PHONE),
            ("operator", PHONE),
            ("head", PHONE),
            ("handler", HIDDEN),
            ("mediator", HIDDEN),
            ("leader", HIDDEN),
            ("auditor", HIDDEN),
        ],
    )
    def test_whole_for_those_who_work_there_and_masked_for_the_rest(self, browser, cast, places, who, seen):
        found = browser(getattr(cast, who)).get(f"places/{places['东村小学'].pk}/").json()
        assert found["responsible"] == {"name": "张三示意", "phone": seen}
        assert found["safety"] == {"name": "李四示意", "phone": ""}

    def test_a_list_has_no_phones(self, browser, operator, places):
        assert PHONE not in browser(operator).get("places/").content.decode()

    def test_a_phone_is_sealed_in_the_database(self, places):
        assert Place.objects.extra(where=["responsible_phone::text LIKE %s"], params=[f"%{PHONE}%"]).count() == 0


class TestRows:
    def test_a_row_says_what_and_where(self, browser, operator, places):
        [row] = browser(operator).get("places/", q="小学").json()["results"]
        assert row == {
            "id": places["东村小学"].pk,
            "name": "东村小学",
            "kind": {"code": "school", "name": "学校", "group": "key", "group_name": row["kind"]["group_name"]},
            "lon": IN_A[0],
            "lat": IN_A[1],
            "address": "东村路1号",
            "village": {"code": EAST, "name": "东村"},
            "cell": {"code": CELL_A, "name": "东村01网格"},
        }
        detail = browser(operator).get(f"places/{row['id']}/").json()
        assert {**row, "note": "示意", "valid_from": "2024-01-01"}.items() <= detail.items()

    def test_outside_every_cell_it_has_none(self, browser, operator, places):
        Place.objects.update(cell_code="")
        assert {row["cell"] for row in browser(operator).get("places/").json()["results"]} == {None}

    def test_names_of_kinds_follow_the_reader(self, browser, operator, places):
        answer = browser(operator, **{"accept-language": "en"}).get("places/", kind="school")
        assert answer.json()["results"][0]["kind"]["name"] == "school"

    @pytest.mark.parametrize(
        ("query", "seen"),
        [
            ({"within": EAST}, {"东村小学", "阿明小店"}),
            ({"within": CELL_A}, {"东村小学"}),
            ({"within": TOWN}, ALL),
            ({"within": DISTRICT}, ALL),
            ({"within": "990000008"}, set()),
            ({"group": "small"}, {"阿明小店", "西村小店"}),
            ({"kind": "school"}, {"东村小学"}),
            ({"kind": "nothing"}, set()),
            ({"q": "小店"}, {"阿明小店", "西村小店"}),
            ({"q": "东村路"}, {"东村小学"}),
            ({"q": "%"}, set()),
            ({"bbox": "118.0,22.0,118.01,22.01"}, {"东村小学"}),
            ({"bbox": "118.0,22.0,118.02,22.01", "group": "small"}, {"阿明小店"}),
        ],
    )
    def test_filters_narrow(self, operator, names, places, query, seen):
        assert names(operator, **query) == seen

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("within", "99"),
            ("group", "other"),
            ("bbox", "1,2,3"),
            ("bbox", "nan,0,0,0"),
            ("bbox", "118,22,117,23"),
            ("q", "a\x00"),
        ],
    )
    def test_a_filter_that_makes_no_sense_is_named(self, browser, operator, field, value):
        answer = browser(operator).get("places/", **{field: value})
        assert (answer.status_code, answer.json()["field"]) == (400, field)

    def test_more_than_500_are_cut_and_it_says_so(self, browser, operator, places, monkeypatch):
        assert browser(operator).get("places/").json()["more"] is False
        monkeypatch.setattr("staff.selectors.registers.MOST", 2)
        answer = browser(operator).get("places/").json()
        assert (len(answer["results"]), answer["more"]) == (2, True)

    def test_the_number_of_statements_does_not_grow(self, browser, operator, places, kinds):
        phone = browser(operator)
        phone.get("session/")
        for number in range(60):
            place(f"店{number}", kinds[1], IN_B, EAST, CELL_B)
        with statements(
            [
                ("who", r'FROM "staff_user"'),
                ("posts", r'FROM "staff_post"'),
                ("places", r'FROM "grid_place".*LIMIT 501'),
                ("names of cells", r'FROM "grid_area"'),
            ]
        ):
            assert len(phone.get("places/").json()["results"]) == 63


class TestKinds:
    def test_kinds_in_use_with_their_basis(self, browser, worker, kinds):
        PlaceKind.objects.create(code="old", group="key", name_zh="旧", name_en="old", active=False)
        rows = browser(worker).get("place-kinds/").json()["results"]
        assert [(row["code"], row["name"], row["basis"]) for row in rows] == [
            ("school", "学校", "镇方案"),
            ("shop", "小商店", ""),
        ]

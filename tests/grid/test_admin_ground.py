"""The ground in the admin: registers are drawn and know where they lie; boundaries are only looked at."""

from __future__ import annotations

import json
from datetime import date

import pytest
from django.contrib.gis.geos import LineString, MultiLineString, Point
from django.db import connection
from django.test import Client
from django.utils import timezone

from grid.models import (
    Area,
    AreaBoundary,
    BoundaryChange,
    Camera,
    CheckPoint,
    PatrolArea,
    Place,
    PlaceKind,
    Reach,
    WaterBody,
)
from grid.services.defaults import load_place_kinds
from grid.services.places import place_in_ground
from staff.models import Post, Token
from staff.services.tokens import make_token
from tests.town import CELL_A, CELL_B, EAST, IN_A, IN_B, IN_C, IN_WEST_ONLY, OUTSIDE, SINCE, TOWN, WEST

pytestmark = pytest.mark.django_db
LINE = MultiLineString(LineString((118.001, 22.005), (118.019, 22.006)), srid=4326)
NUMBER = "99000001001311000001"


@pytest.fixture
def desk(admin):
    client = Client(headers={"accept-language": "zh-Hans"})
    client.force_login(admin)
    return client


@pytest.fixture
def shop(cast):
    load_place_kinds()
    return PlaceKind.objects.get(code="small_shop")


def geo(point: tuple[float, float]) -> str:
    return json.dumps({"type": "Point", "coordinates": point})


def place_form(kind: PlaceKind, point: tuple[float, float], **more: str) -> dict[str, str]:
    form = {"name": "示意小店", "kind": str(kind.pk), "point": geo(point), "address": "", "village": ""}
    form |= {"responsible_name": "赵示一", "responsible_phone": "10012345678", "safety_name": "", "safety_phone": ""}
    return {**form, "note": "", "valid_from": "2026-01-01", "valid_to": "", **more}


def camera_form(point: tuple[float, float], **more: str) -> dict[str, str]:
    form = {"name": "村口", "gb28181_id": NUMBER, "type": "bullet", "point": geo(point), "village": ""}
    return {**form, "owner": "派出所", "stream_reference": "cam/1", "active": "on", **more}


def errors(answer) -> dict[str, list[str]]:
    assert answer.status_code == 200, "the form comes back"
    return answer.context["adminform"].form.errors


def area(code: str) -> Area:
    return Area.objects.get(code=code)


class TestAPlace:
    def test_its_village_and_cell_come_from_the_point(self, desk, shop):
        assert desk.post("/admin/grid/place/add/", place_form(shop, IN_A)).status_code == 302
        place = Place.objects.get()
        assert (place.village.code, place.village_code, place.cell_code) == (EAST, EAST, CELL_A)

    def test_where_no_cell_is_drawn_it_has_a_village_only(self, desk, shop):
        desk.post("/admin/grid/place/add/", place_form(shop, IN_WEST_ONLY))
        place = Place.objects.get()
        assert (place.village_code, place.cell_code) == (WEST, "")

    def test_moved_on_the_map_it_follows(self, desk, shop):
        desk.post("/admin/grid/place/add/", place_form(shop, IN_A))
        place = Place.objects.get()
        form = place_form(shop, IN_B, village=str(place.village_id))
        assert desk.post(f"/admin/grid/place/{place.pk}/change/", form).status_code == 302
        place.refresh_from_db()
        assert place.cell_code == CELL_B

    def test_a_point_in_another_village_than_chosen_is_refused_by_name(self, desk, shop):
        answer = desk.post("/admin/grid/place/add/", place_form(shop, IN_C, village=str(area(EAST).pk)))
        assert list(errors(answer)) == ["point"]
        assert "西村" in str(errors(answer)["point"])
        assert not Place.objects.exists()

    def test_a_point_outside_every_village_is_refused(self, desk, shop):
        answer = desk.post("/admin/grid/place/add/", place_form(shop, OUTSIDE))
        assert list(errors(answer)) == ["point"]

    def test_without_a_point_the_form_says_so(self, desk, shop):
        answer = desk.post("/admin/grid/place/add/", {**place_form(shop, IN_A), "point": ""})
        assert "point" in errors(answer)

    def test_its_phones_are_sealed_in_the_database_and_readable_here(self, desk, shop):
        desk.post("/admin/grid/place/add/", place_form(shop, IN_A))
        with connection.cursor() as cursor:
            cursor.execute("SELECT responsible_phone FROM grid_place")
            assert b"10012345678" not in bytes(cursor.fetchone()[0])
        page = desk.get(f"/admin/grid/place/{Place.objects.get().pk}/change/").content.decode()
        assert "10012345678" in page
        assert "10012345678" not in desk.get("/admin/grid/place/").content.decode()


class TestACamera:
    def test_it_is_entered_with_its_village(self, desk, cast):
        assert desk.post("/admin/grid/camera/add/", camera_form(IN_A)).status_code == 302
        camera = Camera.objects.get()
        assert (camera.village_code, camera.cell_code, camera.online) == (EAST, CELL_A, False)

    @pytest.mark.parametrize("number", ["9900000100131100000", "9900000100131100000x", "07000001001311000001"])
    def test_a_number_that_is_none_is_refused(self, desk, cast, number):
        answer = desk.post("/admin/grid/camera/add/", camera_form(IN_A, gb28181_id=number))
        assert list(errors(answer)) == ["gb28181_id"]

    def test_saving_the_form_does_not_undo_what_the_platform_reports_meanwhile(self, desk, cast, monkeypatch):
        desk.post("/admin/grid/camera/add/", camera_form(IN_A))
        camera = Camera.objects.get()
        now = timezone.now()

        def meanwhile(**asked):
            Camera.objects.update(online=True, reported_at=now)
            return place_in_ground(**asked)

        monkeypatch.setattr("grid.admin.place_in_ground", meanwhile)
        desk.post(f"/admin/grid/camera/{camera.pk}/change/", camera_form(IN_A, name="桥头"))
        camera.refresh_from_db()
        assert (camera.name, camera.online, camera.reported_at) == ("桥头", True, now)


def fill(shop: PlaceKind) -> dict[str, int]:
    """One of each, and its key."""
    east, cell = area(EAST), area(CELL_A)
    town = area(TOWN)
    point = Point(*IN_A, srid=4326)
    water = WaterBody.objects.create(name="示意河", kind="river", area=town, geometry=LINE)
    reach = Reach.objects.create(water=water, name="东段", level="village", area=east, geometry=LINE)
    reach.chiefs.create(name="钱示一", title="村长", phone="10011112222", valid_from=SINCE)
    round_ = PatrolArea.objects.create(name="夜巡", kind="points", area=east, every_days=7, basis="x")
    spot = CheckPoint.objects.create(patrol_area=round_, name="桥头", point=point)
    placed = {"village": east, "village_code": EAST, "cell_code": CELL_A, "point": point}
    place = Place.objects.create(name="店", kind=shop, valid_from=SINCE, **placed)
    camera = Camera.objects.create(name="口", gb28181_id=NUMBER, owner="x", **placed)
    change = BoundaryChange.objects.create(
        kind="redraw", area=east, effective_at=timezone.now(), reason="x", made_at=timezone.now()
    )
    boundary = AreaBoundary.objects.get(area=cell)
    rows = {"area": cell, "areaboundary": boundary, "boundarychange": change, "placekind": shop, "place": place}
    rows |= {"waterbody": water, "reach": reach, "patrolarea": round_, "checkpoint": spot, "camera": camera}
    return {name: row.pk for name, row in rows.items()}


WITH_TOOLS = ("place", "camera", "waterbody", "reach", "patrolarea", "checkpoint")


class TestThePages:
    @pytest.fixture
    def keys(self, shop):
        return fill(shop)

    def test_every_list_and_every_page_opens(self, desk, keys):
        for name, key in keys.items():
            assert desk.get(f"/admin/grid/{name}/").status_code == 200, name
            assert desk.get(f"/admin/grid/{name}/?q=x").status_code == 200, name
            assert desk.get(f"/admin/grid/{name}/{key}/change/").status_code == 200, name

    @pytest.mark.parametrize("name", WITH_TOOLS)
    def test_a_map_with_tools_shows_the_ground_and_calls_nobody(self, desk, keys, name):
        for path in (f"/admin/grid/{name}/{keys[name]}/change/", f"/admin/grid/{name}/add/"):
            answer = desk.get(path)
            page = answer.content.decode()
            assert ".modifiable = true" in page
            assert '"layers": []' in page, "no tiles"
            assert "https://" not in page.replace("https://geojson.io/", ""), "no foreign host"
            assert page.count('"level": "cell"') >= 3 or "add" in path, "what is drawn is there to draw beside"
            nonce = answer.headers["Content-Security-Policy"].split("'nonce-")[1].split("'")[0]
            assert page.count("<script nonce=") == page.count(f'<script nonce="{nonce}"') > 0

    def test_the_map_opens_where_the_record_lies(self, desk, keys):
        page = desk.get(f"/admin/grid/patrolarea/{keys['patrolarea']}/change/").content.decode()
        assert '"center": [22.005, 118.01]' in page, "the middle of 东村"

    def test_a_kind_keeps_its_code_and_is_never_deleted(self, desk, keys, shop):
        assert desk.post(f"/admin/grid/placekind/{shop.pk}/delete/", {"post": "yes"}).status_code == 403
        form = {"code": "other", "group": "small", "name_zh": "杂货店", "name_en": "shop", "basis": "", "active": "on"}
        desk.post(f"/admin/grid/placekind/{shop.pk}/change/", form)
        shop.refresh_from_db()
        assert (shop.code, shop.name_zh) == ("small_shop", "杂货店")

    def test_a_reach_is_kept_with_its_chiefs(self, desk, keys):
        reach = Reach.objects.get()
        chief = reach.chiefs.get()
        form = {"water": reach.water_id, "name": "西段", "level": "village", "area": reach.area_id}
        form |= {"geometry": reach.geometry.geojson, "chiefs-TOTAL_FORMS": 2, "chiefs-INITIAL_FORMS": 1}
        form |= {"chiefs-0-id": chief.pk, "chiefs-0-reach": reach.pk, "chiefs-0-name": "钱示一", "chiefs-0-title": ""}
        form |= {"chiefs-0-phone": "", "chiefs-0-valid_from": "2024-01-01", "chiefs-0-valid_to": "2026-01-01"}
        form |= {"chiefs-1-reach": reach.pk, "chiefs-1-name": "孙示二", "chiefs-1-phone": "10033334444"}
        form |= {"chiefs-1-valid_from": "2026-01-01", "chiefs-1-valid_to": "", "chiefs-1-title": "河段长"}
        assert desk.post(f"/admin/grid/reach/{reach.pk}/change/", form).status_code == 302
        assert list(reach.chiefs.values_list("name", "phone")) == [("孙示二", "10033334444"), ("钱示一", "")]

    def test_a_patrol_area_is_kept_with_its_check_points(self, desk, keys):
        round_, spot = PatrolArea.objects.get(), CheckPoint.objects.get()
        form = {"name": "夜巡", "kind": "points", "area": round_.area_id, "line": "", "reach_metres": 50}
        form |= {"every_days": 3, "basis": "x", "active": "on"}
        form |= {"check_points-TOTAL_FORMS": 2, "check_points-INITIAL_FORMS": 1}
        for number, name, point, key in ((0, "桥头", IN_B, spot.pk), (1, "码头", IN_A, "")):
            row = {"id": key, "patrol_area": round_.pk, "name": name, "order": number, "active": "on"}
            row |= {"longitude": point[0], "latitude": point[1]}
            form |= {f"check_points-{number}-{field}": value for field, value in row.items()}
        assert desk.post(f"/admin/grid/patrolarea/{round_.pk}/change/", form).status_code == 302
        spots = CheckPoint.objects.order_by("order")
        assert [(spot.name, spot.point.coords) for spot in spots] == [("桥头", IN_B), ("码头", IN_A)]

    @pytest.mark.parametrize(("kind", "field"), [("line", "line"), ("cells", "cells")])
    def test_a_patrol_area_without_what_its_kind_needs_is_refused(self, desk, keys, kind, field):
        form = {"name": "x", "kind": kind, "area": area(EAST).pk, "reach_metres": 50, "every_days": 3, "basis": "x"}
        form |= {"check_points-TOTAL_FORMS": 0, "check_points-INITIAL_FORMS": 0, "line": ""}
        assert field in errors(desk.post("/admin/grid/patrolarea/add/", form))


class TestBoundaries:
    def test_they_are_drawn_on_a_map_without_tools(self, desk, cast):
        boundary = AreaBoundary.objects.get(area__code=CELL_A)
        for path in (f"areaboundary/{boundary.pk}", f"area/{boundary.area_id}"):
            page = desk.get(f"/admin/grid/{path}/change/").content.decode()
            assert ".modifiable = false" in page, path
            assert "MultiPolygon" in page, path
            assert 'name="outline"' in page, path

    @pytest.mark.parametrize("name", ["areaboundary", "boundarychange"])
    def test_nobody_adds_edits_or_deletes_them_here(self, desk, shop, name):
        key = fill(shop)[name]
        kept = AreaBoundary.objects.get(area__code=CELL_A).geometry.wkt
        assert desk.get(f"/admin/grid/{name}/add/").status_code == 403
        form = {"reason": "y", "geometry": "", "valid_from_0": "2020-01-01", "valid_from_1": "00:00"}
        assert desk.post(f"/admin/grid/{name}/{key}/change/", form).status_code == 403
        assert desk.post(f"/admin/grid/{name}/{key}/delete/", {"post": "yes"}).status_code == 403
        assert AreaBoundary.objects.get(area__code=CELL_A).geometry.wkt == kept


class TestAreas:
    def form(self, **more: object) -> dict[str, object]:
        values = {"code": f"{EAST}003", "name": "东村03网格", "level": "cell", "kind": "general"}
        return {**values, "parent": area(EAST).pk, "valid_from": "2026-12-01", "valid_to": "", **more}

    def test_one_is_added_below_the_area_its_code_begins_with(self, desk, cast):
        assert desk.post("/admin/grid/area/add/", self.form()).status_code == 302
        assert area(f"{EAST}003").parent == area(EAST)

    @pytest.mark.parametrize(
        ("field", "more"),
        [
            ("code", {"code": "990000009203"}),
            ("code", {"parent": WEST}),
            ("parent", {"parent": TOWN}),
            ("parent", {"parent": None}),
        ],
    )
    def test_code_level_and_parent_must_fit_each_other(self, desk, cast, field, more):
        if more.get("parent"):
            more = {"parent": area(more["parent"]).pk}
        form = {key: value for key, value in self.form(**more).items() if value is not None}
        assert list(errors(desk.post("/admin/grid/area/add/", form))) == [field]

    def test_a_code_stays_and_a_cell_does_not_end_here(self, desk, cast):
        cell = area(CELL_A)
        form = self.form(name="新名", code="990000009201009", valid_to="2026-12-31", kind="dedicated")
        assert desk.post(f"/admin/grid/area/{cell.pk}/change/", form).status_code == 302
        cell.refresh_from_db()
        assert (cell.name, cell.code, cell.valid_to, cell.kind) == ("新名", CELL_A, None, "dedicated")


class TestPeople:
    def test_an_office_phone_is_entered_with_the_person(self, desk, worker):
        assert 'name="phone"' in desk.get(f"/admin/staff/user/{worker.pk}/change/").content.decode()
        assert 'name="phone"' in desk.get("/admin/staff/user/add/").content.decode()

    def post_form(self, user, **more: object) -> dict[str, object]:
        values = {"user": user.pk, "role": "grid_worker", "area": area(CELL_A).pk, "organisation": ""}
        return {**values, "valid_from": "2026-11-20", "valid_to": "2026-11-30", **more}

    def test_a_backup_and_a_substitute_are_entered(self, desk, worker, neighbour):
        assert desk.post("/admin/staff/post/add/", self.post_form(neighbour, backup="on")).status_code == 302
        main = worker.posts.get()
        form = self.post_form(neighbour, stands_in_for=main.pk)
        assert desk.post("/admin/staff/post/add/", form).status_code == 302
        there = neighbour.posts.filter(area__code=CELL_A)
        assert set(there.values_list("backup", "stands_in_for")) == {(True, None), (False, main.pk)}

    def test_nobody_stands_in_for_another_post_or_for_themselves(self, desk, worker, neighbour, officer):
        for user, post in ((neighbour, officer.posts.get()), (worker, worker.posts.get())):
            answer = desk.post("/admin/staff/post/add/", self.post_form(user, stands_in_for=post.pk))
            assert list(errors(answer)) == ["stands_in_for"]

    def test_leave_is_looked_at_only(self, desk, worker):
        leave = worker.posts.get().leaves.create(first_day=date(2026, 11, 20), last_day=date(2026, 11, 30))
        assert desk.get("/admin/staff/leave/").status_code == 200
        assert desk.get(f"/admin/staff/leave/{leave.pk}/change/").status_code == 200
        assert desk.get("/admin/staff/leave/add/").status_code == 403
        assert desk.post(f"/admin/staff/leave/{leave.pk}/delete/", {"post": "yes"}).status_code == 403

    def test_a_token_can_be_ended_and_is_never_shown(self, desk, operator):
        text = make_token(user=operator, name="平台", purpose="cameras")
        token = Token.objects.get()
        page = desk.get(f"/admin/staff/token/{token.pk}/change/").content.decode()
        assert text not in page
        assert token.hash not in page
        assert desk.get("/admin/staff/token/add/").status_code == 403
        desk.post(f"/admin/staff/token/{token.pk}/change/", {"valid_to": "2026-11-26", "name": "x", "purpose": "map"})
        token.refresh_from_db()
        assert (token.name, token.purpose, token.valid_to) == ("平台", "cameras", date(2026, 11, 26))


@pytest.mark.parametrize("name", ["worker", "officer", "operator", "head", "leader", "auditor", "outsider"])
def test_only_the_administrator_gets_in(cast, name):
    client = Client()
    client.force_login(getattr(cast, name))
    for path in ("grid/place/", "grid/camera/add/", "grid/areaboundary/", "staff/token/", "staff/leave/"):
        assert client.get(f"/admin/{path}").status_code == 302, path
    assert Client().get("/admin/grid/place/").status_code == 302
    assert Post.objects.count() == 12

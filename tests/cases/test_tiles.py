"""Vector tiles: of what one may see, nothing sensitive, every case counted once at every zoom."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

import pytest
from django.core.cache import cache

from cases.deadlines import light
from cases.models import Case, OpenCount
from cases.services.open_counts import renew_open_counts
from grid.models import Area
from staff.models import Post, Token
from staff.services.tokens import make_token
from tests.cases.test_visibility import SEEN_BY, tell
from tests.statements import statements
from tests.tiles import MVT, column, decoded, path, register_schools, total, whole_map
from tests.town import CELL_A, EAST, IN_C, IN_WEST_ONLY, SINCE, TOWN, WEST, Cast


@pytest.fixture(scope="module")
def told(lasting):
    """The cases of the visibility table; two whose place is only a cell or a village; some late."""
    with lasting.writing() as stories:
        made = tell(stories)
        made["without a point"] = stories.report(point=None, area_code=CELL_A)
        made["village only"] = stories.report(by=stories.cast.officer, point=None, area_code=EAST)
        for name in ("in cell A", "in cell C", "without a point"):
            Case.objects.filter(pk=made[name].pk).update(due_at=stories.clock.moment - timedelta(hours=1))
        return made


@pytest.fixture
def counted(told, cast, clock):
    renew_open_counts(now=clock())
    return told


PEOPLE = Cast.__slots__


@pytest.mark.parametrize("z", [0, 8, 11, 12, 15])
@pytest.mark.parametrize("who", PEOPLE)
def test_the_counts_of_all_tiles_are_the_open_cases_one_may_see(counted, browser, cast, clock, who, z):
    user = getattr(cast, who)
    mine = Case.objects.visible_to(user).filter(is_open=True)
    tiles = whole_map(browser(user), "cases", z)
    assert total(tiles) == mine.count()
    assert total(tiles, overdue=True) == mine.filter(due_at__lt=clock()).count()


@pytest.mark.parametrize("who", PEOPLE)
def test_counts_are_right_without_the_background_job(told, browser, cast, who):
    """Nobody counted yet: wide zooms ask the cases themselves. Those without a point wait for the first count."""
    user = getattr(cast, who)
    assert not OpenCount.objects.exists()
    expected = Case.objects.visible_to(user).filter(is_open=True, point__isnull=False).count()
    assert total(whole_map(browser(user), "cases", 8)) == expected


def test_old_counts_are_not_believed(counted, browser, operator, stories):
    stories.clock.to("2026-11-25 10:03")
    stories.report(point=IN_C)
    expected = Case.objects.visible_to(operator).filter(is_open=True).count()
    assert total(whole_map(browser(operator), "cases", 8)) == expected


@pytest.mark.parametrize("who", PEOPLE)
def test_near_tiles_have_exactly_the_cases_of_the_list(counted, browser, cast, who):
    tiles = whole_map(browser(getattr(cast, who)), "cases", 13)
    numbers = {point["number"] for tile in tiles for point in tile.get("cases", [])}
    names = {name for name, seen in SEEN_BY.items() if who in seen}
    open_ones = {counted[name].number for name in names if Case.objects.get(pk=counted[name].pk).is_open}
    extra = {counted[name].number for name in ("without a point", "village only")}
    assert numbers - extra == open_ones


def test_somebody_with_two_posts_sees_no_case_twice(counted, browser, operator, units, clock):
    """An operator who also mediates: disputes lie in both sights."""
    village = Area.objects.get(code=EAST)
    for role, unit, area in (("mediator", units.mediation, village), ("handler", units.enforcement, village)):
        Post.objects.create(user=operator, role=role, organisation=unit, area=area, valid_from=SINCE)
    operator.__dict__.pop("_scope", None)
    expected = Case.objects.visible_to(operator).filter(is_open=True).count()
    assert total(whole_map(browser(operator), "cases", 8)) == expected


def test_a_case_that_changed_hands_is_still_counted_once(counted, browser, operator, officer, clock):
    """A redrawing gave it to a cell of the other village: towns and villages keep what was reported in them."""
    Case.objects.filter(pk=counted["in cell A"].pk).update(duty_cell_code="990000009202001")
    renew_open_counts(now=clock())
    for user in (operator, officer):
        expected = Case.objects.visible_to(user).filter(is_open=True).count()
        assert total(whole_map(browser(user), "cases", 8)) == expected


class TestPoints:
    def test_a_point_says_what_a_map_needs_and_nothing_more(self, counted, browser, operator):
        tiles = whole_map(browser(operator), "cases", 14)
        points = [p for tile in tiles for p in tile.get("cases", [])]
        assert {frozenset(p) for p in points} == {
            frozenset({"id", "number", "light", "category", "overdue", "approximate"})
        }
        case = counted["in cell A"]
        (point,) = [p for p in points if p["id"] == case.pk]
        assert point["number"] == case.number
        assert (point["category"], point["overdue"], point["approximate"]) == ("C", True, False)

    def test_a_case_without_a_point_stands_in_its_cell_and_says_so(self, counted, browser, worker):
        tile = decoded(browser(worker).get(path("cases", 14)))
        (point,) = [p for p in tile["cases"] if p["id"] == counted["without a point"].pk]
        assert point["approximate"] is True

    def test_the_light_is_the_lists(self, stories, browser, operator, clock):
        """Also the light of a clock that stands, and of a term used up twice over."""
        now = clock()
        spans = [(-40, -30, -20), (-10, -8, -2), (-10, -1, 5), (-1, 3, 5), (-40, -30, -40), (-10, -5, 0), (-10, 0, 5)]
        cases = [stories.report() for _ in spans] + [stories.case_in("suspended")]
        for case, (start, soon, due) in zip(cases, spans, strict=False):
            Case.objects.filter(pk=case.pk).update(
                stage_started_at=now + timedelta(hours=start),
                soon_at=now + timedelta(hours=soon),
                due_at=now + timedelta(hours=due),
            )
        shown = {p["id"]: p["light"] for p in decoded(browser(operator).get(path("cases", 14)))["cases"]}
        expected = {
            c.pk: light(start=c.stage_started_at, soon_at=c.soon_at, due_at=c.due_at, now=now).value
            for c in Case.objects.filter(pk__in=shown)
        }
        assert shown == expected
        assert set(shown.values()) == {"none", "green", "yellow", "red", "dark_red"}

    def test_too_many_points_are_counted_instead(self, stories, browser, operator, monkeypatch):
        monkeypatch.setattr("cases.selectors.tiles.MOST_POINTS", 3)
        empty = path("cases", 16, IN_WEST_ONLY)
        phone = browser(operator)
        assert decoded(phone.get(empty)) == {}
        for count in (3, 4):
            while count > Case.objects.filter(village_code=WEST, cell_code="").count():
                stories.report(by=operator, point=IN_WEST_ONLY)
            cache.clear()
            tile = decoded(phone.get(empty))
            assert total([tile]) == count
            assert set(tile) == ({"cases"} if count == 3 else {"clusters"})

    def test_a_case_on_the_edge_of_two_tiles_is_in_one(self, stories, browser, operator):
        edge = (column(118.005, 14) + 1) / (1 << 14) * 360 - 180
        number = stories.report(point=(edge, 22.005), by=operator).number
        shown = [p["number"] for tile in whole_map(browser(operator), "cases", 14) for p in tile.get("cases", [])]
        assert shown.count(number) == 1


class TestDoors:
    LAYERS: ClassVar = ("areas", "cases", "places")

    @pytest.mark.parametrize("layer", LAYERS)
    def test_a_stranger_is_asked_to_sign_in(self, browser, layer):
        for address in (path(layer, 12), f"tiles/{layer}.json"):
            answer = browser(None).get(address)
            assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")

    @pytest.mark.parametrize("layer", LAYERS)
    def test_a_map_token_gives_the_tiles_its_person_sees(self, counted, browser, operator, worker, layer):
        token = make_token(user=worker, name="QGIS", purpose=Token.Purpose.MAP)
        machine = browser(None, authorization=f"Bearer {token}")
        assert machine.get(path(layer, 12)).content == browser(worker).get(path(layer, 12)).content

    def test_a_token_for_cameras_opens_no_tile(self, browser, worker):
        token = make_token(user=worker, name="NVR", purpose=Token.Purpose.CAMERAS)
        assert browser(None, authorization=f"Bearer {token}").get(path("areas", 12)).status_code == 401

    @pytest.mark.parametrize(
        "address",
        [
            "tiles/people/12/3391/1787.mvt",
            "tiles/cases/23/0/0.mvt",
            "tiles/cases/3/8/0.mvt",
            "tiles/cases/3/0/8.mvt",
            "tiles/cases/99999999999999999999999/0/0.mvt",
            "tiles/cases/12/99999999999999999999999999/0.mvt",
            "tiles/cases/12/-1/0.mvt",
            "tiles/cases/12/0/0.png",
            "tiles/people.json",
        ],
    )
    def test_what_is_no_tile_is_not_found_in_the_one_shape(self, browser, operator, address):
        answer = browser(operator).get(address)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

    @pytest.mark.parametrize("layer", LAYERS)
    @pytest.mark.parametrize("corner", [(0, 0), (1, 0), (0, 1), (1, 1)])
    @pytest.mark.parametrize("z", [0, 1, 10, 22])
    def test_the_corners_of_the_world_are_tiles(self, browser, operator, layer, corner, z):
        last = (1 << z) - 1
        answer = browser(operator).get(f"tiles/{layer}/{z}/{corner[0] * last}/{corner[1] * last}.mvt")
        assert answer.status_code in (200, 204)

    def test_whatever_accept_says_a_tile_is_a_tile(self, browser, operator):
        assert browser(operator, accept=MVT).get(path("areas", 12)).status_code == 200


class TestKept:
    def test_the_same_tile_is_not_sent_twice(self, counted, browser, operator):
        phone = browser(operator)
        first = phone.get(path("cases", 12))
        assert first["Cache-Control"] == "private, max-age=10"
        again = phone.client.get(f"/api/v1/{path('cases', 12)}", headers={"if-none-match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")

    def test_the_tag_follows_the_content(self, stories, browser, operator):
        phone = browser(operator)
        stories.report()
        first = phone.get(path("cases", 12))
        assert not first["ETag"].startswith("W/")
        stories.report()
        cache.clear()
        answer = phone.client.get(f"/api/v1/{path('cases', 12)}", headers={"if-none-match": first["ETag"]})
        assert answer.status_code == 200

    def test_the_server_keeps_a_tile_for_one_person_only(self, counted, browser, operator, worker, outsider):
        seen = [browser(user).get(path("cases", 14)).content for user in (operator, worker, outsider)]
        assert len({*seen}) == 3
        assert [browser(user).get(path("cases", 14)).content for user in (operator, worker, outsider)] == seen

    def test_a_new_post_is_a_new_sight_at_once(self, counted, browser, outsider):
        assert browser(outsider).get(path("cases", 14)).status_code == 204
        town = Area.objects.get(code=TOWN)
        Post.objects.create(user=outsider, role="leader", area=town, valid_from=SINCE)
        assert browser(outsider).get(path("cases", 14)).status_code == 200

    def test_areas_follow_the_ground_at_once(self, browser, operator):
        before = decoded(browser(operator).get(path("areas", 14)))
        Area.objects.filter(code=CELL_A).update(name="新名网格")
        after = decoded(browser(operator).get(path("areas", 14)))
        assert "新名网格" not in {a["name"] for a in before["areas"]}
        assert "新名网格" in {a["name"] for a in after["areas"]}

    PERSON = ("who is signed in", r'FROM "staff_user"')
    POSTS = ("their posts", r'FROM "staff_post"')

    @pytest.mark.parametrize("z", [8, 14])
    @pytest.mark.parametrize("more", [0, 30])
    def test_a_tile_is_one_statement_and_a_kept_one_none(self, counted, stories, browser, operator, more, z):
        phone = browser(operator)
        phone.get("session/")
        for _ in range(more):
            stories.report()
        with statements([self.PERSON, self.POSTS, ("the tile", r"ST_AsMVT")]):
            phone.get(path("cases", z))
        with statements([self.PERSON, self.POSTS]):
            phone.get(path("cases", z))


class TestDescription:
    @pytest.mark.parametrize("layer", ["areas", "cases", "places"])
    def test_tilejson_names_the_tiles_and_every_field_in_them(self, counted, browser, operator, layer):
        register_schools()
        phone = browser(operator)
        told = phone.get(f"tiles/{layer}.json").json()
        assert (told["tilejson"], told["scheme"], told["minzoom"], told["maxzoom"]) == ("3.0.0", "xyz", 0, 16)
        assert told["tiles"] == [f"http://testserver/api/v1/tiles/{layer}/{{z}}/{{x}}/{{y}}.mvt"]
        described = {vector["id"]: {*vector["fields"]} for vector in told["vector_layers"]}
        for z in (8, 11, 14):
            for tile in whole_map(phone, layer, z):
                for name, features in tile.items():
                    assert {field for feature in features for field in feature} <= described[name]

    def test_cases_say_how_old_their_counts_are(self, counted, browser, operator):
        assert browser(operator).get("tiles/cases.json").json()["as_of"] == "2026-11-25T02:00:00Z"
        assert browser(operator).get("tiles/areas.json").json()["as_of"] is None

    def test_nobody_counted_yet(self, browser, operator):
        assert browser(operator).get("tiles/cases.json").json()["as_of"] is None

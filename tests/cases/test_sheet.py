"""The printed sheet: one page with who answers, what lies there and who goes by, with phones as the reader may see."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
import shapely
from django.contrib.gis.geos import LineString, MultiLineString, Point
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pypdf import PdfReader

from cases.api.sheet import pdf_of
from cases.sheet_map import HEIGHT, MARK, WIDTH, Paper, Spot, draw, scale_bar, spread
from grid.models import Area, AreaBoundary, CheckPoint, PatrolArea, Place, PlaceKind, WaterBody
from grid.services.defaults import load_place_kinds
from staff.models import Leave, Patrol, PatrolVisit, Post
from tests.town import CELL_A, CELL_B, DISTRICT, EAST, IN_A, IN_B, OTHER_TOWN, SINCE, TOWN, WEST

pytestmark = pytest.mark.django_db
WORKER, OFFICER, SHOP, SAFETY = "10011110000", "10022221111", "10033332222", "10044443333"
BUDGET = 13
"""person, posts; area, outline; places; patrol areas and their cells, points, visits; last patrol; people;
neighbours, waters."""


@pytest.fixture
def ground(cast, worker, neighbour, officer):
    """Phones, a shop in cell A, a hydrant, a water, and a round with a check-point in A that was visited."""
    load_place_kinds()
    for user, phone in ((worker, WORKER), (officer, OFFICER)):
        user.phone = phone
        user.save(update_fields=["phone"])
    make_places(1, "small_shop")
    make_places(2, "hydrant")
    east, town = Area.objects.get(code=EAST), Area.objects.get(code=TOWN)
    line = MultiLineString(LineString((118.001, 22.005), (118.019, 22.006)), srid=4326)
    WaterBody.objects.create(name="示意河", kind="river", area=town, geometry=line)
    night = PatrolArea.objects.create(name="夜间巡查", kind="points", area=east, every_days=3, basis="x")
    spots = [
        CheckPoint.objects.create(patrol_area=night, name=n, point=Point(*p))
        for n, p in (("桥头", IN_A), ("码头", IN_B))
    ]
    moment = timezone.now() - timedelta(days=5)
    walk = Patrol.objects.create(user=worker, patrol_area=night, town_code=TOWN, started_at=moment, received_at=moment)
    PatrolVisit.objects.create(patrol=walk, check_point=spots[0], at=moment)
    PatrolVisit.objects.create(patrol=walk, cell=Area.objects.get(code=CELL_A), at=moment)
    return night


def make_places(count: int, kind: str, *, cell: str = CELL_A) -> None:
    west = 118.0 if cell == CELL_A else 118.01
    kind_row = PlaceKind.objects.get(code=kind)
    Place.objects.bulk_create(
        Place(
            name=f"{kind_row.name_zh}{n:02d}号",
            kind=kind_row,
            point=Point(west + 0.001 + 0.008 * (n % 7) / 7, 22.001 + 0.008 * (n // 7 % 7) / 7, srid=4326),
            village=Area.objects.get(code=EAST),
            village_code=EAST,
            cell_code=cell,
            responsible_name="赵示一",
            responsible_phone=SHOP,
            safety_name="钱示二",
            safety_phone=SAFETY,
            valid_from=SINCE,
        )
        for n in range(count)
    )


def pages(answer) -> list[str]:
    assert answer.status_code == 200
    return [page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages]


def text(answer) -> str:
    return "\n".join(pages(answer))


class TestWhatIsOnIt:
    def test_a_cell_with_its_people_places_and_patrols_on_one_page(self, browser, worker, ground):
        (page,) = pages(browser(worker).get(f"areas/{CELL_A}/sheet.pdf"))
        for said in ("东村01网格", CELL_A, "东村", "样板镇", "阿珍", WORKER, "村长", OFFICER):
            assert said in page, said
        for said in ("小商店00号", "赵示一", SHOP, "钱示二", SAFETY, "消防栓 2", "夜间巡查", "桥头", "2026-11-20"):
            assert said in page, said
        assert "码头" not in page, "lies in the neighbour's cell"
        assert "2024-01-01" in page, "the date of the outline"
        assert "东村02网格" in page, "the neighbour's name, on the map"
        assert "2026-11-25 10:00" in page, "when it was printed"

    def test_a_file_named_after_the_code_that_nobody_keeps(self, browser, worker, ground):
        answer = browser(worker).get(f"areas/{CELL_A}/sheet.pdf")
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Content-Disposition"] == f'inline; filename="{CELL_A}.pdf"'
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.content.startswith(b"%PDF-")

    def test_a_village_lists_its_cells_with_who_answers_in_each(self, browser, officer, ground):
        (page,) = pages(browser(officer).get(f"areas/{EAST}/sheet.pdf"))
        for said in ("东村", EAST, "村长", "001", "东村01网格", "阿珍", WORKER, "002", "邻格", "桥头", "码头"):
            assert said in page, said

    def test_in_the_language_asked_for(self, browser, worker, ground):
        english = text(browser(worker, **{"accept-language": "en"}).get(f"areas/{CELL_A}/sheet.pdf"))
        chinese = text(browser(worker).get(f"areas/{CELL_A}/sheet.pdf"))
        assert "grid worker" in english
        assert "People on duty" in english
        assert "small shop" in english
        assert "网格员" in chinese
        assert "小商店" in chinese
        assert "grid worker" not in chinese

    def test_invented_ground_is_marked_and_so_is_the_demo(self, browser, worker, ground, settings):
        plain = text(browser(worker, **{"accept-language": "en"}).get(f"areas/{CELL_A}/sheet.pdf"))
        assert "not an administrative boundary" in plain, "the town of the tests is invented"
        assert "fictional" not in plain
        settings.DEMO = True
        assert "fictional" in text(browser(worker, **{"accept-language": "en"}).get(f"areas/{CELL_A}/sheet.pdf"))
        Area.objects.filter(code=CELL_A).update(synthetic=False)
        settings.DEMO = False
        real = text(browser(worker, **{"accept-language": "en"}).get(f"areas/{CELL_A}/sheet.pdf"))
        assert "not an administrative boundary" not in real

    def test_on_leave_the_substitute_stands_first_with_the_reason(self, browser, officer, worker, neighbour, ground):
        main = worker.posts.get()
        Leave.objects.create(post=main, first_day=date(2026, 11, 24), last_day=date(2026, 11, 30))
        Post.objects.create(
            user=neighbour,
            role="grid_worker",
            area=main.area,
            stands_in_for=main,
            valid_from=date(2026, 11, 24),
            valid_to=date(2026, 12, 1),
        )
        page = text(browser(officer).get(f"areas/{CELL_A}/sheet.pdf"))
        assert page.index("邻格") < page.index("阿珍", page.index("邻格"))
        assert "2026-11-30" in page

    def test_a_place_that_is_gone_is_not_printed(self, browser, worker, ground):
        Place.objects.filter(kind__code="small_shop").update(valid_to=date(2026, 11, 25))
        assert "小商店00号" not in text(browser(worker).get(f"areas/{CELL_A}/sheet.pdf"))

    def test_without_an_outline_everything_else_is_printed(self, browser, worker, ground):
        AreaBoundary.objects.filter(area__code=CELL_A).update(valid_to=timezone.now() - timedelta(days=1))
        (page,) = pages(browser(worker).get(f"areas/{CELL_A}/sheet.pdf"))
        assert "小商店00号" in page
        assert "2024-01-01" not in page

    def test_what_people_wrote_is_printed_as_text(self, browser, worker, ground):
        name = '<img src="file:///etc/hostname"><b>店</b>&amp;'
        Place.objects.filter(kind__code="small_shop").update(name=name)
        page = text(browser(worker).get(f"areas/{CELL_A}/sheet.pdf")).replace("\n", "")
        assert "<img src=" in page
        assert "<b>店</b>&amp;" in page


class TestHowMuchFits:
    def test_a_full_cell_with_forty_places_is_still_one_page(self, browser, worker, ground):
        make_places(39, "small_restaurant")
        (page,) = pages(browser(worker).get(f"areas/{CELL_A}/sheet.pdf"))
        assert page.count(SHOP) == 40
        assert "小餐饮38号" in page

    def test_more_places_go_on_on_a_second_page_and_none_is_left_out(self, browser, worker, ground):
        make_places(120, "small_restaurant")
        found = pages(browser(worker).get(f"areas/{CELL_A}/sheet.pdf"))
        assert len(found) == 2
        assert "".join(found).count(SHOP) == 121

    def test_beyond_the_most_the_sheet_says_how_many_more(self, browser, worker, ground, monkeypatch):
        monkeypatch.setattr("cases.selectors.sheet.MOST", 3)
        make_places(9, "small_restaurant")
        page = text(browser(worker, **{"accept-language": "en"}).get(f"areas/{CELL_A}/sheet.pdf"))
        assert page.count(SHOP) == 3
        assert "and 7 more" in page

    def test_the_statements_do_not_grow_with_what_lies_there(self, browser, worker, ground):
        def statements() -> int:
            with CaptureQueriesContext(
                connection,
            ) as seen:
                assert phone.get(f"areas/{CELL_A}/sheet.pdf").status_code == 200
            return len(seen)

        phone = browser(worker)
        few = statements()
        make_places(30, "small_restaurant")
        make_places(30, "hydrant")
        for n in range(5):
            CheckPoint.objects.create(patrol_area=ground, name=f"点{n}", point=Point(*IN_A, srid=4326))
        assert statements() == few == BUDGET


MASKED = "100****0000"


class TestWhoGetsIt:
    @pytest.mark.parametrize("name", ["worker", "officer", "operator", "head", "admin"])
    def test_whoever_calls_people_there_gets_whole_numbers(self, browser, cast, ground, name):
        page = text(browser(getattr(cast, name)).get(f"areas/{CELL_A}/sheet.pdf"))
        assert WORKER in page
        assert SHOP in page

    @pytest.mark.parametrize("name", ["handler", "mediator", "leader", "auditor"])
    def test_others_of_the_town_get_masked_ones(self, browser, cast, ground, name):
        page = text(browser(getattr(cast, name)).get(f"areas/{CELL_A}/sheet.pdf"))
        assert MASKED in page
        for number in (WORKER, OFFICER, SHOP, SAFETY):
            assert number not in page

    @pytest.mark.parametrize(
        ("name", "code"),
        [
            ("neighbour", CELL_A),
            ("worker", CELL_B),
            ("worker", EAST),
            ("officer", WEST),
            ("outsider", CELL_A),
            ("outsider", EAST),
            ("operator", f"{OTHER_TOWN}201"),
        ],
    )
    def test_without_a_post_that_covers_it_there_is_none(self, browser, cast, ground, name, code):
        assert browser(getattr(cast, name)).get(f"areas/{code}/sheet.pdf").status_code == 404

    @pytest.mark.parametrize("code", [TOWN, DISTRICT, f"{TOWN}999", "x", f"{CELL_A}x", f"{CELL_A}%00", "9" * 40])
    def test_of_what_is_no_cell_or_village_there_is_none(self, browser, head, ground, code):
        answer = browser(head).get(f"areas/{code}/sheet.pdf")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

    def test_an_ended_cell_has_none(self, browser, head, ground):
        Area.objects.filter(code=CELL_A).update(valid_to=date(2026, 11, 25))
        assert browser(head).get(f"areas/{CELL_A}/sheet.pdf").status_code == 404

    def test_strangers_are_asked_to_sign_in(self, browser, ground):
        assert browser(None).get(f"areas/{CELL_A}/sheet.pdf").status_code == 401

    def test_it_can_be_asked_for_by_its_type(self, browser, worker, ground):
        phone = browser(worker, accept="application/pdf")
        assert phone.get(f"areas/{CELL_A}/sheet.pdf").status_code == 200
        refused = phone.get(f"areas/{CELL_B}/sheet.pdf")
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found"), "errors are JSON all the same"


class TestNothingIsFetched:
    def test_no_file_and_no_host_is_opened(self, tmp_path, monkeypatch):
        asked = []
        monkeypatch.setattr("urllib.request.OpenerDirector.open", lambda self, url, *a, **k: asked.append(url))
        picture = tmp_path / "x.svg"
        picture.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text>SECRET</text></svg>')
        html = f'<link rel="stylesheet" href="http://127.0.0.1:9/x.css"><img src="{picture.as_uri()}"><p>here</p>'
        made = PdfReader(io.BytesIO(pdf_of(html))).pages[0]
        assert "here" in made.extract_text()
        assert "SECRET" not in made.extract_text()
        assert asked == []


SQUARE = shapely.box(118.0, 22.0, 118.01, 22.01)


class TestTheMap:
    def test_north_is_up_and_a_metre_is_as_long_in_both_directions(self):
        paper = Paper.around(SQUARE)
        (west, south), (east, north) = paper.at(118.0, 22.0), paper.at(118.01, 22.01)
        assert west < east
        assert south > north, "paper counts downwards"
        wide, high = (east - west) / (0.01 * paper.scale.east), (south - north) / (0.01 * paper.scale.north)
        assert wide == pytest.approx(high, rel=1e-3)
        assert 0 < west < east < WIDTH
        assert 0 < north < south < HEIGHT

    @pytest.mark.parametrize("factor", [0.001, 0.0173, 0.05, 0.2, 0.9, 3.0])
    def test_the_scale_bar_is_a_round_number_of_metres(self, factor):
        length, metres = scale_bar(factor)
        assert str(metres).rstrip("0") in ("1", "2", "5")
        assert length == pytest.approx(metres * factor, abs=0.01)
        assert WIDTH / 15 < length <= WIDTH / 5

    def test_marks_on_one_spot_make_room_for_each_other_and_say_where_they_belong(self):
        paper = Paper.around(SQUARE)
        marks = spread([Spot(str(n), 118.005, 22.005) for n in range(1, 13)], paper)
        apart = [(a.x - b.x) ** 2 + (a.y - b.y) ** 2 for i, a in enumerate(marks) for b in marks[:i]]
        assert min(apart) >= (2 * MARK - 0.02) ** 2
        assert len({(mark.at_x, mark.at_y) for mark in marks}) == 1
        assert [mark.moved for mark in marks] == [False] + [True] * 11

    def test_marks_stay_off_what_is_written(self):
        paper = Paper.around(SQUARE)
        here = paper.at(118.005, 22.005)
        (mark,) = spread([Spot("1", 118.005, 22.005)], paper, taken=[here])
        assert ((mark.x - here[0]) ** 2 + (mark.y - here[1]) ** 2) ** 0.5 >= 2 * MARK - 0.02
        assert (mark.at_x, mark.at_y) == here

    def test_what_lies_outside_the_frame_is_not_drawn(self):
        far = shapely.box(119.0, 22.0, 119.01, 22.01)
        beside = shapely.box(118.01, 22.0, 118.02, 22.01)
        drawing = draw(own=SQUARE, neighbours=[("远", far), ("近", beside)], places=[Spot("1", 119.0, 22.0)])
        assert len(drawing.neighbours) == 1
        assert [label.text for label in drawing.labels] == ["近"]
        assert drawing.marks == []

    def test_a_cell_in_two_parts_with_a_hole_is_drawn_whole(self):
        holed = shapely.box(118.0, 22.0, 118.004, 22.01) - shapely.box(118.001, 22.004, 118.002, 22.006)
        own = shapely.union_all([holed, shapely.box(118.006, 22.0, 118.01, 22.01)])
        assert draw(own=own).own.count("M") == 3

"""Boundaries come in whole or not at all, by the person's word for their coordinates, and every bad one is named."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta

import pytest
import shapely
from django.core.management import CommandError, call_command
from django.utils import translation

from grid.import_problems import Outcome, sentence
from grid.metres import Scale
from grid.models import Area, AreaBoundary, BoundaryChange
from grid.selectors.areas import valid_areas
from grid.services.ground import Actor
from grid.services.imports.features import Fields
from grid.services.imports.outlines import import_outlines
from grid.services.imports.plan import OutlineFile
from tests.grid.outline_files import Row, cell, geojson, geopackage, moved, shapefile, square
from tests.town import CELL_A, CELL_B, CELL_C, EAST, NOW, TOWN, WEST, ZONE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

NEW = f"{WEST}002"
A, B, C, D = (square(118.00 + n / 100, 118.01 + n / 100) for n in range(4))
SUFFIX = {geojson: ".geojson", geopackage: ".gpkg", shapefile: ".zip"}
METRE = 1 / Scale.at(22.005).east
"""In degrees of longitude."""


@pytest.fixture
def take(tmp_path):
    """Takes these outlines in; what was found."""

    def run(rows: list[Row], *, crs: str = "WGS-84", write: bool = True, make=geojson, **more) -> Outcome:
        path = make(tmp_path / f"{len(list(tmp_path.iterdir()))}{SUFFIX[make]}", rows)
        wanted = OutlineFile(path=path, crs=crs, **{"reason": "测绘", **more})
        return import_outlines(wanted=wanted, by=Actor(7, "主任"), now=NOW, write=write)

    return run


def found(outcome: Outcome) -> list[tuple[int, str]]:
    return [(one.line, one.code) for one in outcome.problems.first()]


def counts(outcome: Outcome) -> tuple[int, int, int, int]:
    return tuple(outcome.summary[name] for name in ("created", "drawn", "redrawn", "unchanged"))


def state() -> list[object]:
    return [list(model.objects.order_by("pk").values()) for model in (Area, AreaBoundary, BoundaryChange)]


class TestTakingIn:
    def test_a_new_cell_is_made_and_drawn(self, take):
        outcome = take([cell(NEW, "西村02网格", D)])
        assert (found(outcome), counts(outcome)) == ([], (1, 1, 0, 0))
        area = Area.objects.get(code=NEW)
        assert (area.name, area.level, area.kind, area.parent.code) == ("西村02网格", "cell", "general", WEST)
        assert (area.valid_from, area.synthetic) == (date(2026, 11, 25), True)
        (boundary,) = area.boundaries.all()
        assert (boundary.valid_from, boundary.valid_to, boundary.reason) == (NOW, None, "测绘")
        assert boundary.synthetic
        assert shapely.equals(shapely.from_wkb(bytes(boundary.geometry.wkb)), D)

    def test_serials_from_901_are_dedicated(self, take):
        take([cell(f"{WEST}901", "学校", D)])
        assert Area.objects.get(code=f"{WEST}901").kind == "dedicated"

    def test_a_known_cell_gets_a_new_version_and_keeps_the_old(self, take):
        narrower = square(118.02, 118.029)
        assert counts(take([cell(CELL_C, "不同的名字", narrower)])) == (0, 0, 1, 0)
        area = Area.objects.get(code=CELL_C)
        old, new = area.boundaries.order_by("valid_from")
        assert (old.valid_to, new.valid_from, new.valid_to) == (NOW, NOW, None)
        assert area.name == "西村01网格"

    def test_each_village_has_one_change_on_record(self, take):
        take(
            [
                cell(CELL_C, "", square(118.02, 118.029)),
                cell(NEW, "西村02网格", D),
                cell(CELL_A, "", square(118.001, 118.01)),
            ]
        )
        changes = {change.area.code: change for change in BoundaryChange.objects.all()}
        assert list(changes) == [WEST, EAST] or list(changes) == [EAST, WEST]
        west = changes[WEST]
        assert (west.kind, west.reason, west.made_by, west.made_by_name) == ("import", "测绘", 7, "主任")
        assert (west.effective_at, west.settled_at) == (NOW, None)
        assert [one["code"] for one in west.before] == [CELL_C]
        assert [one["code"] for one in west.after] == [CELL_C, NEW]
        assert all(Area.objects.get(pk=one["id"]).name == one["name"] for one in west.after)
        assert set(AreaBoundary.objects.filter(change=west).values_list("area__code", flat=True)) == {CELL_C, NEW}

    def test_what_is_the_same_is_left_alone(self, take):
        before = state()
        jitter = shapely.transform(A.reverse(), lambda points: points + 4e-10)
        outcome = take([cell(CELL_A, "", jitter), cell(CELL_B, "", B)])
        assert (found(outcome), counts(outcome)) == ([], (0, 0, 0, 2))
        assert state() == before

    def test_a_second_time_changes_nothing(self, take):
        rows = [cell(CELL_C, "", square(118.02, 118.029)), cell(NEW, "西村02网格", D)]
        take(rows)
        before = state()
        assert counts(take(rows)) == (0, 0, 0, 2)
        assert state() == before

    def test_looking_writes_nothing(self, take):
        before = state()
        assert counts(take([cell(NEW, "西村02网格", D)], write=False)) == (1, 1, 0, 0)
        assert state() == before

    def test_a_later_day_begins_at_its_midnight(self, take):
        take([cell(CELL_C, "", square(118.02, 118.029)), cell(NEW, "西村02网格", D)], valid_from=date(2026, 12, 1))
        midnight = datetime(2026, 12, 1, tzinfo=ZONE)
        old, new = AreaBoundary.objects.filter(area__code=CELL_C).order_by("valid_from")
        assert (old.valid_to, new.valid_from) == (midnight, midnight)
        assert not valid_areas(on=date(2026, 11, 30)).filter(code=NEW).exists()
        assert valid_areas(on=date(2026, 12, 1)).filter(code=NEW).exists()

    def test_the_first_outline_of_an_area_may_begin_in_the_past(self, take):
        rows = [({"code": "990000", "name": ""}, square(118.0, 118.2))]
        outcome = take(rows, level="district", valid_from=date(2025, 1, 1))
        assert (found(outcome), counts(outcome)) == ([], (0, 1, 0, 0))
        (boundary,) = AreaBoundary.objects.filter(area__code="990000")
        assert boundary.valid_from == datetime(2025, 1, 1, tzinfo=ZONE)

    def test_any_level_goes_by_the_length_of_the_code(self, take):
        wider = square(118.00, 118.05)
        rows = [
            cell(TOWN, "", wider),
            cell(WEST, "", square(118.02, 118.05)),
            cell(NEW, "西村02网格", square(118.03, 118.05)),
        ]
        outcome = take(rows, level="any")
        assert (found(outcome), counts(outcome)) == ([], (1, 1, 2, 0))
        assert set(BoundaryChange.objects.values_list("area__code", flat=True)) == {TOWN, WEST}

    @pytest.mark.parametrize("make", [geopackage, shapefile])
    def test_other_formats(self, take, make):
        assert counts(take([cell(NEW, "西村02网格", D)], make=make, crs="CGCS2000")) == (1, 1, 0, 0)

    @pytest.mark.parametrize("crs", ["CGCS2000", "EPSG:4527", "EPSG:4548", "EPSG:3857", "GCJ-02", "BD-09"])
    def test_every_kind_of_system_lands_in_the_same_place(self, take, crs):
        outcome = take([cell(NEW, "西村02网格", moved(D, crs))], crs=crs)
        assert found(outcome) == []
        shape = shapely.from_wkb(bytes(AreaBoundary.objects.get(area__code=NEW).geometry.wkb))
        assert shapely.hausdorff_distance(shape, D) < 1e-7


class TestTheFileHasNoSay:
    def test_another_system_in_the_file_is_a_warning(self, take, tmp_path):
        crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4548"}}
        path = geojson(tmp_path / "cells.json", [cell(NEW, "西村02网格", D)], crs=crs)
        wanted = OutlineFile(path=path, crs="WGS-84", reason="测绘")
        outcome = import_outlines(wanted=wanted, by=Actor(None, ""), now=NOW, write=True)
        assert found(outcome) == []
        assert outcome.summary["warnings"] == [
            {"code": "crs_differs", "values": {"file": "EPSG:4548", "chosen": "WGS-84"}}
        ]
        assert Area.objects.filter(code=NEW).exists()

    def test_so_is_a_prj(self, take):
        outcome = take([cell(NEW, "西村02网格", D)], make=shapefile, crs="GCJ-02", write=False)
        assert [one["values"]["file"] for one in outcome.summary["warnings"]] == ["CGCS2000"]

    def test_cgcs2000_and_wgs84_are_no_contradiction(self, take):
        assert take([cell(NEW, "西村02网格", D)], make=shapefile).summary["warnings"] == []


def swapped(shape):
    return shapely.transform(shape, lambda points: points[:, ::-1])


BOW_TIE = shapely.Polygon([(118.03, 22.0), (118.04, 22.01), (118.04, 22.0), (118.03, 22.01)])

BAD: list[tuple[str, Row, str, str]] = [
    ("empty", cell(NEW, "甲", None), "WGS-84", "empty_geometry"),
    ("empty polygon", cell(NEW, "甲", shapely.Polygon()), "WGS-84", "empty_geometry"),
    ("no outline of a drawn cell", cell(CELL_A, "甲", None), "WGS-84", "empty_geometry"),
    ("line", cell(NEW, "甲", D.exterior), "WGS-84", "not_a_polygon"),
    ("bow tie", cell(NEW, "甲", BOW_TIE), "WGS-84", "crosses_itself"),
    ("swapped degrees", cell(NEW, "甲", swapped(D)), "WGS-84", "axes_swapped"),
    ("swapped GCJ-02", cell(NEW, "甲", swapped(moved(D, "GCJ-02"))), "GCJ-02", "axes_swapped"),
    ("swapped metres", cell(NEW, "甲", swapped(moved(D, "EPSG:4527"))), "EPSG:4527", "axes_swapped"),
    ("swapped plain metres", cell(NEW, "甲", swapped(moved(D, "EPSG:4548"))), "EPSG:4548", "axes_swapped"),
    ("metres taken for degrees", cell(NEW, "甲", moved(D, "EPSG:4548")), "WGS-84", "outside_china"),
    ("degrees taken for metres", cell(NEW, "甲", D), "EPSG:4548", "outside_china"),
    ("another zone", cell(NEW, "甲", moved(D, "EPSG:4527")), "EPSG:4526", "wrong_zone"),
    ("zone before the easting", cell(NEW, "甲", moved(D, "EPSG:4527")), "EPSG:4548", "outside_china"),
    ("another continent", cell(NEW, "甲", shapely.box(10, 50, 10.1, 50.1)), "WGS-84", "outside_china"),
    ("half outside", cell(NEW, "甲", shapely.box(118.03, 22, 200, 22.1)), "BD-09", "outside_china"),
    ("no village there", cell("", "甲", square(118.05, 118.06)), "WGS-84", "code_missing"),
    ("not digits", cell("99000000920200x", "甲", D), "WGS-84", "code_not_digits"),
    ("full-width digits", cell("９９００００００９２０２００２", "甲", D), "WGS-84", "code_not_digits"),
    ("another level", cell(WEST, "甲", D), "WGS-84", "wrong_level"),
    ("unknown village", cell("990000009299001", "甲", D), "WGS-84", "unknown_village"),
    ("no name", cell(NEW, "", D), "WGS-84", "name_missing"),
    ("long name", cell(NEW, "甲" * 101, D), "WGS-84", "name_too_long"),
    ("on another cell", cell(NEW, "甲", C), "WGS-84", "overlap"),
    ("out of its village", cell(NEW, "甲", square(118.03, 118.041)), "WGS-84", "leaves_village"),
]


class TestBadOutlines:
    @pytest.mark.parametrize(("row", "crs", "code"), [pytest.param(*bad[1:], id=bad[0]) for bad in BAD])
    def test_it_is_named_and_nothing_is_taken(self, take, row, crs, code):
        before = state()
        good = cell(f"{WEST}003", "好", moved(square(118.0395, 118.04, 22.009, 22.01), crs))
        outcome = take([row, *([] if code in ("overlap", "leaves_village", "wrong_zone") else [good])], crs=crs)
        assert (1, code) in found(outcome)
        assert {line for line, _code in found(outcome)} == {1}
        assert state() == before

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    @pytest.mark.parametrize(("row", "crs", "code"), [pytest.param(*bad[1:], id=bad[0]) for bad in BAD])
    def test_there_is_a_sentence_for_it(self, take, row, crs, code, language):
        with translation.override(language):
            for one in take([row], crs=crs, write=False).problems.first():
                assert "%(" not in sentence(one.code, one.values)

    def test_a_crossing_is_shown_where_it_is_in_the_file_s_own_coordinates(self, take):
        (one,) = take([cell(NEW, "甲", moved(BOW_TIE, "EPSG:4548"))], crs="EPSG:4548").problems.first()
        x, y = moved(shapely.Point(118.035, 22.005), "EPSG:4548").coords[0]
        assert (float(one.values["x"]), float(one.values["y"])) == pytest.approx((x, y), abs=1)

    def test_the_same_code_twice(self, take):
        left, right = square(118.03, 118.035), square(118.035, 118.04)
        outcome = take([cell(NEW, "甲", left), cell(NEW, "乙", right)])
        assert found(outcome) == [(2, "duplicate_code")]
        assert outcome.problems.first()[0].values == {"code": NEW, "first": 1}
        assert not Area.objects.filter(code=NEW).exists()

    def test_two_of_the_file_that_overlap(self, take):
        outcome = take([cell(NEW, "甲", D), cell(f"{WEST}003", "乙", square(118.035, 118.04))])
        assert found(outcome) == [(2, "overlap")]

    def test_a_metre_is_forgiven_and_two_are_not(self, take):
        def reaching(metres: float):
            return [cell(NEW, "甲", square(118.03 - metres * METRE, 118.04 + metres * METRE))]

        assert found(take(reaching(0.9), write=False)) == []
        assert sorted(code for _, code in found(take(reaching(2), write=False))) == ["leaves_village", "overlap"]

    def test_neighbours_may_move_their_border_together(self, take):
        rows = [cell(CELL_A, "", square(118.00, 118.012)), cell(CELL_B, "", square(118.012, 118.02))]
        assert counts(take(rows)) == (0, 0, 2, 0)

    def test_one_alone_may_not(self, take):
        assert found(take([cell(CELL_A, "", square(118.00, 118.012))])) == [(1, "overlap")]

    def test_a_village_may_not_leave_its_cells_behind(self, take):
        outcome = take([cell(WEST, "", square(118.025, 118.04))], level="village")
        assert found(outcome) == [(1, "leaves_village")]
        assert outcome.problems.first()[0].values["one"] == CELL_C

    def test_villages_may_not_overlap(self, take):
        assert found(take([cell(WEST, "", square(118.015, 118.04))], level="village")) == [(1, "overlap")]

    def test_an_unknown_village_is_not_made(self, take):
        assert found(take([cell("990000009203", "北村", square(118.04, 118.05))], level="village")) == [
            (1, "unknown_code")
        ]

    def test_the_past_stays(self, take):
        outcome = take([cell(CELL_C, "", square(118.02, 118.029))], valid_from=date(2026, 11, 24))
        assert found(outcome) == [(1, "in_the_past")]

    def test_a_planned_change_stays(self, take):
        take([cell(CELL_C, "", square(118.02, 118.029))], valid_from=date(2026, 12, 1))
        for day in (None, date(2026, 11, 30), date(2026, 12, 1)):
            outcome = take([cell(CELL_C, "", square(118.02, 118.028))], valid_from=day)
            assert found(outcome) == [(1, "change_planned")]
            assert outcome.problems.first()[0].values["day"] == "2026-12-01"
        assert found(take([cell(CELL_C, "", square(118.02, 118.028))], valid_from=date(2026, 12, 2))) == []

    def test_what_is_planned_next_door_is_kept_free(self, take):
        take([cell(CELL_C, "", square(118.02, 118.035))], valid_from=date(2026, 12, 1))
        assert found(take([cell(NEW, "甲", D)])) == [(1, "overlap")]

    def test_codes_of_the_past_are_not_used_again(self, take):
        Area.objects.filter(code=CELL_C).update(valid_to=date(2026, 11, 1))
        AreaBoundary.objects.filter(area__code=CELL_C).update(valid_to=NOW - timedelta(days=24))
        assert found(take([cell(CELL_C, "甲", C)])) == [(1, "code_used")]

    def test_only_within_the_scope(self, take):
        rows = [cell(NEW, "甲", D), cell("990000008201002", "外村02网格", square(118.2, 118.21))]
        outcome = take(rows, scope=(TOWN,))
        assert (2, "not_yours") in found(outcome)
        assert not Area.objects.filter(code=NEW).exists()

    def test_an_area_that_nobody_drew_and_the_file_does_not_draw_either(self, take):
        assert counts(take([cell("990000", "", None)], level="district")) == (0, 0, 0, 1)

    def test_many_are_counted_and_the_first_are_kept(self, take):
        rows = [cell("x", "", square(118.03, 118.031)) for _ in range(30)]
        outcome = take(rows, limit=5)
        assert (outcome.problems.count, [line for line, _ in found(outcome)]) == (30, [1, 2, 3, 4, 5])


class TestNumbering:
    def test_new_cells_without_a_code_are_numbered_west_to_east_and_north_to_south(self, take):
        north, south = (22.005, 22.01), (22.00, 22.005)
        rows = [
            cell("", "四", square(118.035, 118.04, *south)),
            cell("", "二", square(118.035, 118.04, *north)),
            cell("", "三", square(118.03, 118.035, *south)),
            cell("", "一", square(118.03, 118.035, *north)),
        ]
        outcome = take(rows)
        assert found(outcome) == []
        assert [(one["line"], one["code"][12:]) for one in outcome.summary["proposed"]] == [
            (1, "005"),
            (2, "003"),
            (3, "004"),
            (4, "002"),
        ]
        made = Area.objects.filter(parent__code=WEST).order_by("code").values_list("name", flat=True)
        assert list(made) == ["西村01网格", "一", "二", "三", "四"]

    def test_numbers_that_were_ever_used_or_stand_in_the_file_are_passed_over(self, take):
        Area.objects.create(
            code=f"{WEST}002",
            name="旧",
            level="cell",
            parent=Area.objects.get(code=WEST),
            valid_from=date(2020, 1, 1),
            valid_to=date(2021, 1, 1),
        )
        rows = [cell(f"{WEST}003", "甲", square(118.03, 118.035)), cell("", "乙", square(118.035, 118.04))]
        assert [one["code"] for one in take(rows).summary["proposed"]] == [f"{WEST}004"]

    def test_a_file_without_any_codes_will_do(self, take):
        assert found(take([({"name": "甲"}, D)], write=False)) == [(0, "no_field")]
        for make in (geojson, geopackage, shapefile):
            outcome = take([({"name": "甲"}, D)], make=make, fields=Fields(code=""), write=False)
            assert counts(outcome) == (1, 1, 0, 0)
        assert counts(take([({"code": None, "name": "甲"}, D)], make=geopackage)) == (1, 1, 0, 0)


class TestTheCommand:
    def run(self, *args: object, **options: object) -> tuple[str, str]:
        out, err = io.StringIO(), io.StringIO()
        try:
            with translation.override("en"):
                call_command("import_boundaries", *args, stdout=out, stderr=err, **options)
        except CommandError as error:
            err.write(str(error))
        return out.getvalue(), err.getvalue()

    def test_it_counts_and_names_the_codes_it_proposed(self, tmp_path):
        path = geojson(tmp_path / "cells.json", [cell("", "甲", D)])
        out, err = self.run(path, crs="WGS-84")
        assert (out, err) == (f"cells.json:1: {NEW} 甲\n1 created, 1 drawn, 0 redrawn, 0 unchanged\n", "")
        assert AreaBoundary.objects.get(area__code=NEW).reason == "cells.json"

    def test_a_dry_run_writes_nothing(self, tmp_path):
        out, _ = self.run(geojson(tmp_path / "cells.json", [cell(NEW, "甲", D)]), crs="WGS-84", dry_run=True)
        assert "dry run" in out
        assert not Area.objects.filter(code=NEW).exists()

    def test_every_problem_is_printed_with_its_number(self, tmp_path):
        rows = [cell(NEW, "", D), cell("x", "甲", square(118.035, 118.036))]
        _, err = self.run(geojson(tmp_path / "cells.json", rows), crs="WGS-84")
        assert err.splitlines() == [
            "cells.json:1: The name is missing.",
            "cells.json:2: Code “x” must have 6, 9, 12 or 15 digits.",
            "2 errors; nothing was imported.",
        ]

    def test_a_file_that_is_not_there_and_one_that_is_nothing(self, tmp_path):
        assert "nowhere.json" in self.run(tmp_path / "nowhere.json", crs="WGS-84")[1]
        path = tmp_path / "cells.vrt"
        path.write_text("<OGRVRTDataSource/>")
        assert self.run(path, crs="WGS-84")[1].startswith("cells.vrt: This is neither GeoJSON")

    def test_the_system_must_be_named(self, tmp_path):
        with pytest.raises(CommandError, match="crs"):
            call_command("import_boundaries", str(tmp_path / "x.json"))
        with pytest.raises(CommandError, match="crs"):
            call_command("import_boundaries", str(tmp_path / "x.json"), "--crs", "EPSG:2414")


def test_moments_are_kept_in_utc_and_meant_in_shanghai(take):
    take([cell(NEW, "甲", D)], valid_from=date(2027, 1, 1))
    assert AreaBoundary.objects.get(area__code=NEW).valid_from == datetime(2026, 12, 31, 16, tzinfo=UTC)

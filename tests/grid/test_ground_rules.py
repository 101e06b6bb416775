"""Outlines must not overlap or leave their village by more than a metre; gaps are listed; serials run as one reads."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from grid.ground_rules import gaps_of, overlap_problems, problems_of, trimmed, wider_than_tolerance
from grid.metres import Scale, area_m2
from grid.serials import propose, reading_order

EARTH = Geod(ellps="WGS84")
SCALE = Scale.at(22.005)


def box(west: float, south: float, east: float, north: float):
    """A box in metres from 118.00 E 22.00 N."""
    return shapely.box(
        118 + west / SCALE.east, 22 + south / SCALE.north, 118 + east / SCALE.east, 22 + north / SCALE.north
    )


class TestMetres:
    @given(st.floats(18, 53), st.floats(73, 135))
    def test_a_degree_is_as_long_as_the_ellipsoid_says(self, lat, lon):
        east = EARTH.inv(lon, lat, lon + 0.001, lat)[2] / 0.001
        north = EARTH.inv(lon, lat - 0.0005, lon, lat + 0.0005)[2] / 0.001
        assert Scale.at(lat).east == pytest.approx(east, rel=1e-8)
        assert Scale.at(lat).north == pytest.approx(north, rel=1e-7)

    def test_an_area_is_that_of_the_ellipsoid(self):
        shape = box(0, 0, 800, 900)
        assert area_m2(shape) == pytest.approx(abs(EARTH.geometry_area_perimeter(shape)[0]), rel=1e-6)


class TestOverlap:
    def test_cells_side_by_side_are_in_order(self):
        assert problems_of(cells={"a": box(0, 0, 100, 100), "b": box(100, 0, 200, 100)}, villages={}) == []

    @pytest.mark.parametrize(("metres", "refused"), [(0.9, False), (1.1, True), (20, True)])
    def test_up_to_a_metre_is_two_surveys_of_one_line(self, metres, refused):
        found = list(overlap_problems(cells={"a": box(0, 0, 100, 100), "b": box(100 - metres, 0, 200, 100)}))
        assert bool(found) is refused
        if refused:
            assert found[0].keys == ("a", "b")
            assert found[0].area_m2 == pytest.approx(metres * 100, rel=1e-3)

    def test_a_long_overlap_counts_by_its_width_not_its_area(self):
        assert not wider_than_tolerance(box(0, 0, 10_000, 0.9))
        assert wider_than_tolerance(box(0, 0, 1.2, 1.2))

    def test_others_are_not_compared_with_each_other(self):
        others = {"x": box(0, 0, 100, 100), "y": box(0, 0, 100, 100)}
        assert list(overlap_problems(cells={"a": box(200, 0, 300, 100)}, others=others)) == []

    def test_a_cell_inside_another_is_an_overlap(self):
        found = list(overlap_problems(cells={"a": box(0, 0, 100, 100)}, others={"b": box(40, 40, 60, 60)}))
        assert found[0].area_m2 == pytest.approx(400, rel=1e-3)


class TestVillage:
    VILLAGE = "9" * 12

    @pytest.mark.parametrize(("metres", "refused"), [(0.9, False), (1.1, True)])
    def test_a_cell_may_reach_a_metre_beyond_its_village(self, metres, refused):
        cells = {self.VILLAGE + "001": box(0, 0, 100 + metres, 100)}
        found = problems_of(cells=cells, villages={self.VILLAGE: box(0, 0, 100, 100)})
        assert [one.code for one in found] == (["leaves_village"] if refused else [])

    def test_gaps_are_listed_largest_first_and_slivers_are_not(self):
        cells = [box(0, 0, 60, 100), box(60.5, 0, 90, 50)]
        found = gaps_of(village=box(0, 0, 100, 100), cells=cells)
        assert [round(gap.area_m2) for gap in found] == [pytest.approx(10 * 50 + 40 * 50 + 0, abs=60)]

    def test_a_village_without_cells_is_one_gap(self):
        (gap,) = gaps_of(village=box(0, 0, 100, 100), cells=[])
        assert gap.area_m2 == pytest.approx(10_000, rel=1e-4)

    def test_what_is_forgiven_is_cut_off_so_that_no_point_lies_twice(self):
        neighbour, village = box(0, 0, 100, 100), box(0, 0, 200, 100)
        shape = trimmed(box(99.5, 0, 200.5, 100), others=[neighbour], village=village)
        assert shapely.intersection(shape, neighbour).area == 0
        assert shapely.difference(shape, village).area == pytest.approx(0, abs=1e-15)


SQUARES = [box(x * 100, y * 100, x * 100 + 100, y * 100 + 100) for y in (0, 1) for x in (0, 1, 2)]


class TestSerials:
    def test_the_first_row_is_the_northern_one_from_west_to_east(self):
        assert reading_order(SQUARES) == [3, 4, 5, 0, 1, 2]

    def test_a_row_that_is_not_straight_stays_one_row(self):
        crooked = [box(0, 0, 100, 100), box(100, 30, 200, 130), box(200, -20, 300, 80)]
        assert reading_order(crooked) == [0, 1, 2]

    def test_used_serials_are_passed_over(self):
        assert propose(SQUARES[:2], {"001", "003"}) == ["002", "004"]

    def test_dedicated_cells_begin_at_901(self):
        assert propose(SQUARES[:2], {"001", "901"}, kind="dedicated") == ["902", "903"]

    def test_when_all_are_used_up_it_says_so(self):
        with pytest.raises(ValueError, match="dedicated"):
            propose(SQUARES[:2], {str(n) for n in range(901, 999)}, kind="dedicated")

    @given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=25, unique=True))
    def test_every_cell_gets_one_serial_of_its_own(self, corners):
        shapes = [box(x * 10, y * 10, x * 10 + 10, y * 10 + 10) for x, y in corners]
        assert sorted(propose(shapes)) == [f"{n:03d}" for n in range(1, len(shapes) + 1)]

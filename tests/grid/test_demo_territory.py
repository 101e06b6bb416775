"""The demo town's land: sixteen villages, no gap, no overlap, the same twice."""

from __future__ import annotations

from random import Random

import pytest
import shapely

from config.demo import SEED
from config.demo.territory import draw_town


@pytest.fixture(scope="module")
def drawn():
    return draw_town(Random(SEED))


def cells_of(town) -> list[shapely.Geometry]:
    return [cell.shape for village in town.villages for cell in village.cells]


def test_sixteen_villages_and_about_sixty_cells(drawn):
    assert len(drawn.villages) == 16
    assert 55 <= len(cells_of(drawn)) <= 65
    assert all(3 <= len(village.cells) <= 5 for village in drawn.villages)


def test_no_two_cells_overlap(drawn):
    cells = cells_of(drawn)
    tree = shapely.STRtree(cells)
    pairs = [(i, j) for i, j in tree.query(cells, predicate="intersects").T if i < j]
    assert pairs, "neighbours touch"
    assert max(cells[i].intersection(cells[j]).area for i, j in pairs) == 0


def test_the_cells_fill_the_town_without_gaps(drawn):
    cells = cells_of(drawn)
    assert sum(cell.area for cell in cells) == pytest.approx(drawn.shape.area, rel=1e-12)
    assert drawn.shape.geom_type == "Polygon", "one piece"
    assert len(drawn.shape.interiors) == 0, "no hole"


def test_each_village_is_exactly_its_cells(drawn):
    for village in drawn.villages:
        rest = village.shape.symmetric_difference(shapely.union_all([cell.shape for cell in village.cells]))
        assert rest.area == 0, village.name


def test_every_cell_is_one_valid_piece(drawn):
    assert all(cell.is_valid and cell.geom_type == "Polygon" for cell in cells_of(drawn))


def test_the_waters_run_inside_the_town(drawn):
    for water in (drawn.river, drawn.canal):
        assert water.length > 0.05
        assert water.difference(drawn.shape.buffer(1e-6)).length == 0


def test_drawn_twice_it_is_the_same(drawn):
    again = draw_town(Random(SEED))
    assert [cell.wkb for cell in cells_of(again)] == [cell.wkb for cell in cells_of(drawn)]
    assert [v.name for v in again.villages] == [v.name for v in drawn.villages]

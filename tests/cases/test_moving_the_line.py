"""A line between two cells is moved: one is redrawn, and its neighbours give way to it and take what it leaves."""

from __future__ import annotations

from datetime import date

import pytest
import shapely
from django.core.exceptions import ValidationError

from cases.services.territory import change_ground
from grid.models import BoundaryChange
from grid.selectors.outlines import outlines
from grid.services.changes import Wish
from tests.cases.test_territory import cell_at, refused, wish
from tests.town import CELL_A, CELL_B, EAST, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def go(head, clock):
    def run(wanted: Wish) -> BoundaryChange:
        return change_ground(wish=wanted, by=head, now=clock())

    return run


class TestMovingTheLine:
    def redraw(self, east: float, **more) -> Wish:
        return wish("redraw", CELL_A, geometry=shapely.box(118.0, 22.0, east, 22.01), neighbours_adapt=True, **more)

    def areas(self) -> dict[str, float]:
        return {one.code: one.shape.area for one in outlines(level="cell", at=NOW, prefixes=[EAST])}

    def test_the_neighbour_gives_way(self, go, stories, cast):
        case = stories.report(by=cast.neighbour, point=(118.011, 22.005))
        change = go(self.redraw(118.012))
        assert [area["code"] for area in change.before] == [area["code"] for area in change.after] == [CELL_A, CELL_B]
        assert (cell_at((118.011, 22.005)), cell_at((118.013, 22.005))) == (CELL_A, CELL_B)
        case.refresh_from_db()
        assert (case.duty_cell_code, case.cell_code) == (CELL_A, CELL_B)

    def test_the_neighbour_takes_what_is_left(self, go):
        before = sum(self.areas().values())
        go(self.redraw(118.007))
        assert cell_at((118.008, 22.005)) == CELL_B
        assert sum(self.areas().values()) == pytest.approx(before)

    def test_without_it_the_overlap_is_refused(self, go):
        with pytest.raises(ValidationError) as caught:
            go(wish("redraw", CELL_A, geometry=shapely.box(118.0, 22.0, 118.012, 22.01)))
        assert refused(caught) == {("geometry", "overlap")}

    def test_a_neighbour_is_never_eaten_whole(self, go):
        with pytest.raises(ValidationError) as caught:
            go(self.redraw(118.02))
        assert refused(caught) == {("geometry", "nothing_left")}

    def test_the_next_village_never_gives_way(self, go):
        with pytest.raises(ValidationError) as caught:
            go(wish("redraw", CELL_B, geometry=shapely.box(118.01, 22.0, 118.025, 22.01), neighbours_adapt=True))
        assert {code for _field, code in refused(caught)} == {"overlap", "leaves_village"}

    def test_a_neighbour_with_a_planned_change_keeps_its_line(self, go):
        go(wish("redraw", CELL_B, geometry=shapely.box(118.011, 22.0, 118.02, 22.01), on=date(2026, 12, 1)))
        with pytest.raises(ValidationError) as caught:
            go(self.redraw(118.012))
        assert refused(caught) == {("on", "change_planned")}

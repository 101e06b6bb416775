"""Two people change the same ground at the same moment, for real: the second one sees what the first has made."""

from __future__ import annotations

from datetime import timedelta

import pytest
import shapely
from django.core.exceptions import ValidationError

from cases.models import CaseEvent
from cases.services.territory import change_ground, settle_changes
from grid.models import AreaBoundary, BoundaryChange
from grid.selectors.outlines import outlines
from grid.services.changes import Wish
from staff.models import User
from tests.database import at_once
from tests.town import CELL_A, CELL_B, EAST, NOW

pytestmark = pytest.mark.django_db(transaction=True)


def cut(lon: float) -> Wish:
    return Wish("split", "网格调整", (CELL_A,), line=shapely.LineString([(lon, 21.99), (lon, 22.02)]))


def do(wish: Wish, later: int = 0):
    head = User.objects.get(username="head")
    return change_ground(wish=wish, by=head, now=NOW + timedelta(seconds=later))


def test_two_splits_at_once_never_share_ground(cast):
    results = at_once(lambda: do(cut(118.004)), lambda: do(cut(118.007)))
    done = [one for one in results if isinstance(one, BoundaryChange)]
    refused = [one for one in results if isinstance(one, ValidationError)]
    assert (len(done), len(refused)) == (1, 1), results
    cells = outlines(level="cell", at=NOW, prefixes=[EAST])
    assert len(cells) == 3
    assert shapely.union_all([one.shape for one in cells]).area == pytest.approx(sum(one.shape.area for one in cells))


def test_a_redraw_and_a_merge_of_the_same_cells_leave_one_of_the_two(cast):
    redraw = Wish("redraw", "重画", (CELL_A,), geometry=shapely.box(118.0, 22.0, 118.008, 22.01))
    merge = Wish("merge", "合并", (CELL_A, CELL_B))
    results = at_once(lambda: do(redraw), lambda: do(merge))
    assert sum(isinstance(one, BoundaryChange) for one in results) == 1, results
    current = AreaBoundary.objects.filter(area__code=CELL_A, valid_to=None)
    assert current.count() == 1


def test_two_workers_settle_a_change_once(cast, stories, clock):
    case = stories.report(point=(118.008, 22.005))
    tomorrow = (NOW + timedelta(days=1)).date()
    do(Wish("split", "网格调整", (CELL_A,), on=tomorrow, line=cut(118.006).line))
    moment = NOW + timedelta(days=1)
    counts = at_once(lambda: settle_changes(now=moment), lambda: settle_changes(now=moment))
    assert sorted(counts) == [0, 1]
    assert CaseEvent.objects.filter(case=case, act="cell_changed").count() == 1

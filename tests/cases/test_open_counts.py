"""The counts that wide views of the map are made of: right after every run, however the last one ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.db.utils import DatabaseError

from cases.models import Case, OpenCount
from cases.selectors.open_counts import COUNTED_AT, counted_at, fresh_counts
from cases.services.open_counts import renew_open_counts
from grid.models import Area, AreaBoundary
from grid.tiles import Tile
from tests.statements import statements
from tests.town import CELL_A, CELL_B, EAST, IN_A, IN_B, IN_C, IN_WEST_ONLY, TOWN, WEST, square
from workers.schedule import SCHEDULE
from workers.tasks.map import count_open


def counts() -> dict[str, tuple[int, int]]:
    return {row.cell_code: (row.open, row.overdue) for row in OpenCount.objects.all()}


@pytest.fixture
def renew(clock):
    return lambda: renew_open_counts(now=clock())


class TestCounting:
    def test_open_and_overdue_cases_of_each_cell(self, stories, cast, renew, clock):
        late, _other = stories.report(), stories.report()
        stories.report(by=cast.neighbour, point=IN_B)
        stories.case_in("closed")
        Case.objects.filter(pk=late.pk).update(due_at=clock() - timedelta(minutes=1))
        assert renew() == 2
        assert counts() == {CELL_A: (2, 1), CELL_B: (1, 0)}

    def test_without_a_cell_the_village_counts(self, stories, cast, renew):
        stories.report(by=cast.operator, point=IN_WEST_ONLY)
        stories.report(by=cast.operator, point=None, area_code=EAST)
        renew()
        assert counts() == {WEST: (1, 0), EAST: (1, 0)}

    def test_without_a_village_the_town_counts(self, stories, cast, renew):
        stories.report(by=cast.operator, point=None, area_code=TOWN)
        renew()
        assert counts() == {TOWN: (1, 0)}
        assert OpenCount.objects.get().town_code == TOWN

    def test_a_case_is_counted_within_its_own_village_whoever_answers_for_it(self, stories, renew):
        case = stories.report()
        Case.objects.filter(pk=case.pk).update(duty_cell_code="990000009202001")
        renew()
        assert counts() == {EAST: (1, 0)}

    def test_it_follows_every_change(self, stories, renew, clock):
        case = stories.report()
        renew()
        case = stories.walk(case, "accept")
        Case.objects.filter(pk=case.pk).update(due_at=clock() - timedelta(minutes=1))
        assert renew() == 1
        assert counts() == {CELL_A: (1, 1)}
        stories.walk(case, "assign acknowledge feedback verify close")
        assert renew() == 1
        assert counts() == {}


class TestPlace:
    def test_it_lies_in_the_cell_and_in_its_tile_of_zoom_16(self, stories, renew):
        stories.report()
        renew()
        row = OpenCount.objects.get()
        assert square(118.00, 118.01).contains(row.point)
        west, south, east, north = Tile(16, row.tile_x, row.tile_y).box
        assert west <= row.point.x < east
        assert south <= row.point.y < north

    def test_it_moves_with_the_boundary(self, stories, renew):
        stories.report()
        renew()
        AreaBoundary.objects.filter(area__code=CELL_A).update(geometry=square(118.002, 118.004))
        assert renew() == 1
        assert square(118.002, 118.004).contains(OpenCount.objects.get().point)

    def test_a_cell_without_an_outline_stands_in_its_village(self, stories, renew, clock):
        stories.report()
        AreaBoundary.objects.filter(area__code=CELL_A).update(valid_to=clock() - timedelta(days=1))
        renew()
        assert square(118.00, 118.02).contains(OpenCount.objects.get().point)

    def test_without_any_outline_it_stands_among_its_cases(self, stories, renew):
        stories.report()
        AreaBoundary.objects.all().update(valid_from="2030-01-01T00:00Z")
        renew()
        assert OpenCount.objects.get().point.coords == pytest.approx(IN_A)

    def test_what_has_no_place_at_all_is_left_out(self, stories, renew):
        stories.report(point=None, area_code=CELL_A)
        AreaBoundary.objects.all().update(valid_from="2030-01-01T00:00Z")
        renew()
        assert counts() == {}


class TestRunning:
    def test_a_second_run_writes_nothing(self, stories, renew):
        stories.report()
        assert renew() == 1
        assert renew() == 0

    def test_it_is_one_statement_whatever_the_number_of_cases(self, stories, renew, cast):
        for point, by in ((IN_A, cast.worker), (IN_B, cast.neighbour), (IN_C, cast.operator)):
            stories.report(point=point, by=by)
        with statements(
            [
                ("the state of the ground", r'FROM "grid_groundtoken"'),
                ("the lock", r"pg_try_advisory_xact_lock"),
                ("the counts", r"INSERT INTO cases_opencount"),
            ]
        ):
            renew()

    def test_a_run_that_dies_leaves_the_old_counts(self, stories, renew, monkeypatch):
        stories.report()
        renew()
        stories.report()
        before = counted_at()
        broken = "SELECT 1 / 0"
        monkeypatch.setattr("cases.services.open_counts._WANTED", broken)
        with pytest.raises(DatabaseError), transaction.atomic():
            renew()
        assert counts() == {CELL_A: (1, 0)}
        assert counted_at() == before
        monkeypatch.undo()

    @pytest.mark.django_db(transaction=True)
    def test_beside_a_running_count_a_second_one_steps_back(self, stories, renew):
        other = connection.copy()
        try:
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s)", [0x57474F])
                stories.report()
                assert renew() == 0
                assert counts() == {}
                assert cache.get(COUNTED_AT) is None
                cursor.execute("SELECT pg_advisory_unlock(%s)", [0x57474F])
        finally:
            other.close()
        assert renew() == 1

    def test_a_lost_cache_costs_time_and_nothing_else(self, stories, renew):
        stories.report()
        renew()
        cache.clear()
        assert renew() == 0
        assert counts() == {CELL_A: (1, 0)}

    def test_counts_are_fresh_for_two_minutes(self, stories, renew, clock):
        assert not fresh_counts(now=clock())
        renew()
        assert fresh_counts(now=clock() + timedelta(seconds=119))
        assert not fresh_counts(now=clock() + timedelta(seconds=120))

    def test_the_task_counts_and_runs_often_enough(self, stories):
        stories.report()
        count_open()
        assert counts() == {CELL_A: (1, 0)}
        (entry,) = [row for row in SCHEDULE.values() if row["task"] == count_open.name]
        assert entry["schedule"] <= 20

    def test_a_renamed_town_keeps_its_old_cases_apart(self, stories, renew):
        """官塘 had another code before: cases of then stay under it, also with an heir who answers for them."""
        case = stories.report()
        Area.objects.filter(code=CELL_A).update(code="990000007201001")
        Case.objects.filter(pk=case.pk).update(duty_cell_code="990000007201001")
        renew()
        assert counts() == {EAST: (1, 0)}

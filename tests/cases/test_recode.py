"""A town gets another code: the ground, its people and its open cases go on; what was recorded keeps the old code."""

from __future__ import annotations

import io

import pytest
from django.contrib.gis.geos import Point
from django.core.management import CommandError, call_command

from cases.models import Case, CaseEvent
from cases.services.evidence import verify_chain
from grid.models import Area, AreaBoundary, BoundaryChange
from grid.selectors.areas import locate_point
from staff.models import Organisation, Post, User
from staff.scope import scope_of
from tests.town import CELL_A, EAST, IN_A, NOW, OTHER_TOWN, TOWN

pytestmark = pytest.mark.django_db

NEW_TOWN = "990002009"


def again(user: User) -> User:
    return User.objects.get(pk=user.pk)


@pytest.fixture
def district(db) -> Area:
    return Area.objects.create(code="990002", name="新区", level="district", valid_from=NOW.date())


def run(old: str = TOWN, new: str = NEW_TOWN) -> str:
    out = io.StringIO()
    call_command("recode_area", old, new, "--reason", "划归新区", "--by", "admin", stdout=out)
    return out.getvalue()


class TestRecode:
    def test_every_area_begins_anew_as_successor_of_the_old_one(self, cast, district):
        assert run().startswith("6 areas")
        new = Area.objects.get(code=NEW_TOWN + "201001")
        assert (new.predecessor.code, new.parent.code, new.parent.parent.parent.code) == (
            CELL_A,
            NEW_TOWN + "201",
            "990002",
        )
        assert new.predecessor.valid_to == new.valid_from == NOW.date()
        assert Area.objects.get(code=OTHER_TOWN).valid_to is None

    def test_a_point_falls_into_the_new_code_now_and_the_old_one_before(self, cast, district):
        run()
        here = Point(*IN_A, srid=4326)
        assert locate_point(point=here, at=NOW).area.code == NEW_TOWN + "201001"
        assert locate_point(point=here, at=NOW.replace(hour=9)).area.code == CELL_A
        assert AreaBoundary.objects.filter(area__code=CELL_A).count() == 1

    def test_people_go_on_where_they_were(self, cast, district, worker, units):
        run()
        assert scope_of(again(worker)).codes() == (NEW_TOWN + "201001", CELL_A)
        assert Post.objects.filter(user=worker).count() == 2
        assert Organisation.objects.get(pk=units.enforcement.pk).area.code == NEW_TOWN

    def test_old_cases_keep_their_code_and_stay_in_sight(self, cast, district, stories, worker, operator, outsider):
        running, closed = stories.report(), stories.case_in("closed")
        run()
        running.refresh_from_db()
        assert (running.cell_code, running.town_code, running.duty_cell_code) == (CELL_A, TOWN, NEW_TOWN + "201001")
        assert CaseEvent.objects.filter(case=running).latest("seq").act == "cell_changed"
        assert list(verify_chain(case=running)) == []
        for who in (worker, operator):
            assert set(Case.objects.visible_to(again(who))) == {running, closed}
        assert list(Case.objects.visible_to(again(outsider))) == []

    def test_new_cases_get_the_new_code(self, cast, district, stories, worker):
        run()
        case = stories.report(by=again(worker))
        assert (case.cell_code, case.town_code) == (NEW_TOWN + "201001", NEW_TOWN)

    def test_it_is_on_record(self, cast, district):
        run()
        change = BoundaryChange.objects.get()
        assert (change.kind, change.before[0]["code"], change.after[0]["code"]) == ("recode", TOWN, NEW_TOWN)

    @pytest.mark.parametrize(
        ("old", "new", "word"),
        [
            (TOWN, "990002", "“990002”"),
            (TOWN, OTHER_TOWN, OTHER_TOWN),
            (TOWN, "990003009", "990003"),
            ("990000777", NEW_TOWN, "990000777"),
        ],
    )
    def test_a_wrong_code_is_refused_and_nothing_happens(self, cast, district, old, new, word):
        with pytest.raises(CommandError, match=word):
            run(old, new)
        assert BoundaryChange.objects.count() == 0
        assert Area.objects.filter(code=EAST, valid_to=None).exists()

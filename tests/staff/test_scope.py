"""What a person may see follows from the posts of the day, and from nothing else."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction

from cases.models import Case
from grid.models import Area
from staff.models import Post, User
from staff.scope import scope_of
from staff.selectors.people import holders, is_member, members_of, organisations_for
from tests.town import CELL_A, CELL_B, EAST, NOW, OTHER_TOWN, TOWN, Cast

TODAY = NOW.date()


def scope_on(user: User, day: date):
    """Read anew: a scope is kept on the person's object."""
    return scope_of(User.objects.get(pk=user.pk), on=day)


@pytest.fixture
def short_post(neighbour) -> Post:
    """邻格 also looks after cell A from Monday to Wednesday; Thursday is the first day without."""
    monday = date(2026, 11, 23)
    area = Area.objects.get(code=CELL_A)
    return Post.objects.create(
        user=neighbour, role="grid_worker", area=area, valid_from=monday, valid_to=monday + timedelta(days=3)
    )


class TestDates:
    @pytest.mark.parametrize(
        ("day", "codes"),
        [
            (date(2026, 11, 22), {CELL_B}),
            (date(2026, 11, 23), {CELL_A, CELL_B}),
            (date(2026, 11, 25), {CELL_A, CELL_B}),
            (date(2026, 11, 26), {CELL_B}),
        ],
        ids=["the day before", "the first day", "the last day", "the day after"],
    )
    def test_a_post_holds_from_its_first_to_its_last_day(self, neighbour, short_post, day, codes):
        assert set(scope_on(neighbour, day).codes()) == codes

    def test_cases_come_and_go_with_the_post(self, clock, stories, neighbour, short_post):
        case = stories.report()
        assert Case.objects.visible_to(User.objects.get(pk=neighbour.pk)).filter(pk=case.pk).exists()
        clock.to("2026-11-26 00:00")
        assert not Case.objects.visible_to(User.objects.get(pk=neighbour.pk)).filter(pk=case.pk).exists()

    def test_the_day_changes_at_midnight_in_shanghai(self, clock, neighbour, short_post):
        clock.to("2026-11-25 23:59")
        assert CELL_A in scope_of(User.objects.get(pk=neighbour.pk)).codes()
        clock.to("2026-11-26 00:00")
        assert CELL_A not in scope_of(User.objects.get(pk=neighbour.pk)).codes()

    def test_a_kept_scope_ends_with_the_day(self, clock, neighbour, short_post):
        assert CELL_A in scope_of(neighbour).codes()
        clock.to("2026-11-26 00:00")
        assert CELL_A not in scope_of(neighbour).codes()

    def test_a_post_cannot_end_before_it_begins(self, neighbour):
        area = Area.objects.get(code=CELL_A)
        with pytest.raises(IntegrityError, match="post_valid_to_after_from"), transaction.atomic():
            Post.objects.create(user=neighbour, role="grid_worker", area=area, valid_from=TODAY, valid_to=TODAY)

    def test_a_handler_without_a_unit_cannot_be(self, neighbour):
        area = Area.objects.get(code=TOWN)
        with pytest.raises(IntegrityError, match="handler_has_organisation"), transaction.atomic():
            Post.objects.create(user=neighbour, role="handler", area=area, valid_from=TODAY)


class TestNobody:
    def test_a_stranger_has_no_scope(self):
        assert scope_of(AnonymousUser()).posts == ()

    def test_an_inactive_person_has_no_scope(self, stories, worker):
        stories.report()
        worker.is_active = False
        worker.save(update_fields=["is_active"])
        assert scope_on(worker, TODAY).posts == ()
        assert Case.objects.visible_to(User.objects.get(pk=worker.pk)).count() == 0

    def test_a_person_without_a_post_sees_not_even_their_own_reports(self, stories, worker):
        stories.report()
        Post.objects.filter(user=worker).delete()
        assert Case.objects.visible_to(User.objects.get(pk=worker.pk)).count() == 0

    def test_being_a_superuser_opens_no_case(self, stories, worker):
        stories.report()
        root = User.objects.create_superuser("root", password=None)
        assert Case.objects.visible_to(root).count() == 0


class TestCover:
    def test_a_post_covers_what_lies_in_its_area(self, officer, cast: Cast):
        scope = scope_of(officer)
        assert scope.covers(CELL_A)
        assert scope.covers(EAST)
        assert not scope.covers(TOWN)
        assert not scope.covers("990000009202001")
        assert not scope_of(cast.outsider).covers(CELL_A)

    def test_holders_are_found_in_the_area_and_above_it(self, cast: Cast):
        assert list(holders(role="center_operator", area_code=CELL_A, day=TODAY)) == [cast.operator]
        assert list(holders(role="grid_worker", area_code=EAST, day=TODAY)) == []


class TestOrganisations:
    def test_units_of_ones_own_town_only(self, cast: Cast, units):
        mine = organisations_for(scope=scope_of(cast.operator))
        assert units.foreign not in mine
        assert {units.enforcement, units.services, units.mediation, units.committee} <= set(mine)
        assert list(organisations_for(scope=scope_of(cast.outsider))) == [units.foreign]

    def test_a_closed_unit_is_offered_no_more(self, cast: Cast, units):
        units.services.active = False
        units.services.save(update_fields=["active"])
        assert units.services not in organisations_for(scope=scope_of(cast.operator))

    def test_members_are_those_who_work_there_today(self, cast: Cast, units):
        Post.objects.filter(user=cast.other_handler).update(valid_to=TODAY)
        members = members_of(organisation_ids=[units.enforcement.pk, units.services.pk], day=TODAY)
        assert members == {units.enforcement.pk: [cast.handler]}
        assert is_member(user_id=cast.handler.pk, organisation_id=units.enforcement.pk, day=TODAY)
        assert not is_member(user_id=cast.other_handler.pk, organisation_id=units.services.pk, day=TODAY)

    def test_the_list_names_units_and_their_people(self, browser, operator, handler, units):
        rows = browser(operator).get("organisations/").json()["results"]
        row = next(row for row in rows if row["id"] == units.enforcement.pk)
        assert row["area"] == {"code": TOWN, "name": "样板镇"}
        assert row["members"] == [{"id": handler.pk, "name": "王工"}]
        assert OTHER_TOWN not in {row["area"]["code"] for row in rows}


class TestFormerCodes:
    """The same ground under another code: what was recorded under the old one stays in sight."""

    @pytest.fixture
    def renumbered(self, worker):
        """阿珍's cell had another code until the day before yesterday."""
        cell, day = Area.objects.get(code=CELL_A), date(2026, 11, 23)
        Area.objects.filter(pk=cell.pk).update(code="990000009201777", valid_to=day)
        new = Area.objects.create(
            code=CELL_A, name=cell.name, level="cell", parent=cell.parent, predecessor=cell, valid_from=day
        )
        Post.objects.filter(user=worker).update(area=new)
        return new

    def test_they_are_seen_with_the_new_one(self, renumbered, worker):
        assert scope_of(User.objects.get(pk=worker.pk)).codes() == (CELL_A, "990000009201777")

    def test_a_cell_that_was_split_off_does_not_see_the_one_that_goes_on(self, renumbered, worker):
        Area.objects.filter(code="990000009201777").update(valid_to=None)
        assert scope_of(User.objects.get(pk=worker.pk)).codes() == (CELL_A,)

    def test_a_report_without_a_place_goes_under_the_code_of_today(self, renumbered, stories, worker):
        case = stories.report(by=User.objects.get(pk=worker.pk), point=None)
        assert case.cell_code == CELL_A

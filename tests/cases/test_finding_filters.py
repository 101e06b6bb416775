"""Every filter of a list, one by one: what it keeps and what it refuses."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.models import Case
from cases.selectors.filters import Filters
from tests.town import CELL_B, EAST, IN_A, IN_B, NOW


@pytest.fixture
def some(stories, clock, cast) -> dict[str, Case]:
    """Cases that differ in what can be asked for; times are those of NOW and before."""
    made = {
        "plain": stories.report(description="路灯不亮"),
        "working": stories.case_in("processing", description="河道堆沙"),
        "taken": stories.case_in("assigned", description="渠道淤塞"),
        "away": stories.report(by=cast.neighbour, point=IN_B, category="E03", description="电线裸露"),
        "closed": stories.case_in("closed", category="A02", description="邻里争执"),
        "filed": stories.case_in("archived", category="A02", description="界址不清"),
    }
    return {name: Case.objects.get(pk=case.pk) for name, case in made.items()}


def change(case: Case, **columns) -> None:
    """What takes a long story to come about, put straight into the row."""
    Case.objects.filter(pk=case.pk).update(**columns)


@pytest.fixture
def kept(some, browser, operator):
    """The names of the cases that a query keeps."""
    names = {case.pk: name for name, case in some.items()}

    def ask(person=operator, **query) -> set[str]:
        answer = browser(person).get("cases/", **query)
        assert answer.status_code == 200, answer.json()
        return {names[row["id"]] for row in answer.json()["results"] if row["id"] in names}

    return ask


ALL = {"plain", "working", "taken", "away", "closed", "filed"}


class TestWhatTheCaseIs:
    def test_several_categories_of_both_levels(self, kept):
        assert kept(category="A,E03") == {"away", "closed", "filed"}

    def test_level(self, some, kept):
        change(some["away"], level="grave")
        assert kept(level="grave") == {"away"}
        assert kept(level="general,grave") == ALL

    @pytest.mark.parametrize(
        ("name", "column"),
        [("self_handled", "self_handled"), ("emergency", "emergency")],
    )
    def test_yes_and_no(self, some, kept, name, column):
        change(some["away"], **{column: True})
        assert kept(**{name: "true"}) == {"away"}
        assert kept(**{name: "false"}) == ALL - {"away"}

    def test_outcome(self, some, kept):
        change(some["filed"], outcome="partly")
        assert kept(outcome="partly") == {"filed"}


class TestPeopleAndUnits:
    def test_lead_unit_assignee_and_reporter(self, kept, units, cast):
        assert kept(lead_org=units.enforcement.pk) == {"working", "taken", "closed", "filed"}
        assert kept(lead_org=units.services.pk) == set()
        assert kept(assignee=cast.handler.pk) == {"working", "closed", "filed"}
        assert kept(reporter=cast.neighbour.pk) == {"away"}

    def test_an_assisting_unit(self, some, kept, units, cast):
        change(some["working"], assistants=[units.services.pk])
        assert kept(assistant=units.services.pk) == {"working"}
        assert kept(assistant=units.mediation.pk) == set()
        # and its people see the case by that
        assert kept(cast.other_handler) == {"working"}

    def test_handled_by_me(self, some, kept, cast):
        assert kept(cast.handler, handled="true") == {
            name for name, case in some.items() if cast.handler.pk in case.handled_by
        }
        assert kept(cast.handler, handled="true") >= {"closed", "filed"}
        assert kept(handled="true") == set()
        assert kept(handled="false") == ALL


class TestClocks:
    @pytest.fixture
    def lit(self, some) -> None:
        hour = timedelta(hours=1)
        for name, due, soon in (("plain", 5, 2), ("working", 1, -1), ("taken", -1, -2), ("away", -9, -10)):
            change(
                some[name],
                stage_started_at=NOW - 10 * hour,
                due_at=NOW + due * hour,
                soon_at=NOW + soon * hour,
            )

    @pytest.mark.parametrize(
        ("light", "names"),
        [
            ("green", {"plain"}),
            ("yellow", {"working"}),
            ("red", {"taken"}),
            ("dark_red", {"away"}),
            ("red,dark_red", {"taken", "away"}),
        ],
    )
    def test_a_light_keeps_the_rows_that_show_it(self, lit, kept, browser, operator, light, names):
        assert kept(light=light) == names
        shown = {row["light"] for row in browser(operator).get("cases/", light=light).json()["results"]}
        assert shown == set(light.split(","))

    def test_days_count_as_a_whole(self, some, kept):
        change(some["plain"], due_at=NOW.replace(hour=23, minute=59))
        change(some["away"], due_at=NOW.replace(hour=0, minute=0) + timedelta(days=1))
        assert "plain" in kept(due_from="2026-11-25", due_to="2026-11-25")
        assert "away" not in kept(due_to="2026-11-25")
        assert "away" in kept(due_from="2026-11-26", due_to="2026-11-26")
        assert "plain" not in kept(due_from="2026-11-26")

    def test_reported_and_closed(self, some, kept):
        change(some["away"], reported_at=NOW - timedelta(days=10))
        assert kept(reported_to="2026-11-15") == {"away"}
        assert kept(reported_from="2026-11-16") == ALL - {"away"}
        change(some["filed"], reported_at=NOW - timedelta(days=11), closed_at=NOW - timedelta(days=10))
        assert kept(closed_to="2026-11-15") == {"filed"}
        assert kept(closed_from="2026-11-16") == {"closed"}

    def test_what_waits_beside_the_clock(self, some, kept, clock):
        assert kept(take_late="true") == set()
        assert kept(take_late="false") == {"taken"}
        change(some["taken"], take_due_at=NOW - timedelta(hours=1))
        assert kept(take_late="true") == {"taken"}
        assert kept(to_archive="true") == {"closed"}
        assert kept(archive_late="true") == set()
        change(some["closed"], archive_due_at=NOW - timedelta(hours=1))
        assert kept(archive_late="true") == {"closed"}


class TestWhatHappened:
    def test_supervision_and_requests(self, some, kept):
        change(some["working"], supervision="yellow", asked_for="extension")
        change(some["taken"], supervision="red")
        assert kept(supervision="any") == {"working", "taken"}
        assert kept(supervision="red") == {"taken"}
        assert kept(asked="any") == kept(asked="extension") == {"working"}
        assert kept(asked="suspension") == set()

    def test_counts(self, some, kept):
        change(some["working"], hop_count=2, rework_count=1)
        change(some["taken"], hop_count=1)
        change(some["closed"], reopen_count=1)
        assert kept(hops=1) == {"working", "taken"}
        assert kept(hops=2) == {"working"}
        assert kept(rework=1) == {"working"}
        assert kept(reopened="true") == {"closed"}
        assert kept(reopened="false") == ALL - {"closed"}

    def test_parts_and_merged_ones(self, some, kept):
        change(some["away"], parent=some["working"])
        change(some["working"], part_count=1)
        change(some["plain"], merged_into=some["working"])
        assert kept(has_parts="true") == {"working"}
        assert kept(has_parts="false") == ALL - {"working"}
        assert kept(part_of=some["working"].pk) == {"away"}
        assert kept(merged_into=some["working"].pk) == {"plain"}


class TestPlaces:
    def test_near_is_metres_on_the_ground(self, some, kept):
        # A hundredth of a degree of longitude is 1,032 m at this latitude.
        lon, lat = IN_A
        assert kept(near=f"{lon},{lat}", within=1025) == ALL - {"away"}
        assert kept(near=f"{lon},{lat}", within=1040) == ALL
        assert kept(near=f"{IN_B[0]},{IN_B[1]}") == {"away"}

    def test_the_name_of_a_place_is_searched_for(self, kept):
        assert kept(q="东村02") == {"away"}
        assert kept(q="东村") == ALL


class TestNames:
    def test_people_and_units_on_the_case(self, kept, some):
        assert kept(q="邻格") == {"away"}
        assert kept(q="王工") == {"working", "closed", "filed"}
        assert kept(q="综合行政执法") == {"working", "taken", "closed", "filed"}
        assert kept(q="没有此人") == set()

    def test_a_name_shows_nobody_a_case_that_is_not_theirs(self, kept, cast):
        assert kept(cast.worker, q="邻格") == set()
        assert kept(cast.neighbour, q="邻格") == {"away"}

    def test_words_and_names_together(self, some, kept):
        change(some["plain"], reporter=some["away"].reporter)
        assert kept(q="邻里") == {"closed"}
        assert kept(q="邻格") == {"away", "plain"}


class TestRefusals:
    @pytest.mark.parametrize(
        "query",
        [
            {"state": "reported,asleep"},
            {"category": "A,"},
            {"category": "A02;E03"},
            {"level": "minor"},
            {"light": "blue"},
            {"light": "none"},
            {"due_from": "2026-02-30"},
            {"due_to": "1999-12-31"},
            {"reported_from": "9999-12-31"},
            {"closed_to": "yesterday"},
            {"outcome": "won"},
            {"lead_org": "x"},
            {"assistant": "0"},
            {"assignee": str(2**63)},
            {"reporter": "-1"},
            {"supervision": "green"},
            {"asked": "more"},
            {"take_late": "perhaps"},
            {"part_of": "1.5"},
            {"hops": "0"},
            {"rework": "1001"},
            {"near": "118"},
            {"near": "181,0"},
            {"near": "0,inf"},
            {"near": "0,0,0"},
            {"within": "5001"},
            {"bbox": "0,0,1"},
            {"bbox": "0,91,1,92"},
            {"q": "\x00"},
        ],
        ids=str,
    )
    def test_a_value_that_makes_no_sense_is_named(self, browser, operator, query):
        answer = browser(operator).get("cases/", **query)
        assert (answer.status_code, answer.json()["field"]) == (400, next(iter(query)))

    def test_days_that_run_backwards(self, browser, operator):
        answer = browser(operator).get("cases/", reported_from="2026-11-02", reported_to="2026-11-01")
        assert (answer.status_code, answer.json()["field"]) == (400, "reported_to")


class TestKept:
    def test_filters_come_back_as_they_were_kept(self):
        filters = Filters.of(
            {
                "state": ("reported", "closed"),
                "near": (118.0, 22.0),
                "within": 300,
                "due_from": NOW.date(),
                "overdue": False,
                "area": CELL_B,
                "ordering": "due_at",
                "q": "河道",
            }
        )
        assert filters.packed() == {
            "state": ["reported", "closed"],
            "near": [118.0, 22.0],
            "within": 300,
            "due_from": "2026-11-25",
            "overdue": False,
            "area": CELL_B,
            "q": "河道",
        }
        assert Filters.unpacked(filters.packed()) == filters
        assert Filters().packed() == {}

    @pytest.mark.parametrize(
        ("asked", "wanted"),
        [
            ({}, None),
            ({"open": False}, False),
            ({"state": ("reported",)}, True),
            ({"state": ("closed", "archived")}, False),
            ({"state": ("closed", "reported")}, None),
            ({"overdue": True}, True),
            ({"overdue": False}, None),
            ({"light": ("red",)}, True),
            ({"to_archive": True}, False),
            ({"to_archive": False}, None),
            ({"area": EAST}, None),
        ],
        ids=str,
    )
    def test_what_can_only_be_open_or_only_ended_is_known(self, asked, wanted):
        assert Filters.of(asked).wanted_open is wanted

"""Lists: what each filter keeps, and pages that show every row exactly once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.models import Case
from cases.selectors.lists import Cursor, page
from cases.text import bigrams
from tests.town import CELL_A, CELL_B, EAST, IN_B, IN_C, NOW, TOWN, WEST, at


class TestRows:
    def test_a_row_says_what_a_list_shows(self, stories, browser, operator, units, handler):
        case = stories.case_in("processing", description="河道堆沙" + "很长" * 60)
        (row,) = browser(operator).get("cases/").json()["results"]
        assert row == {
            "id": case.pk,
            "number": case.number,
            "state": "processing",
            "state_name": "处置中",
            "category": {"code": "C01", "name": "垃圾堆放"},
            "area": {"code": CELL_A, "name": "东村01网格"},
            "village": {"code": EAST, "name": "东村"},
            "description": ("河道堆沙" + "很长" * 60)[:79] + "…",
            "lon": 118.005,
            "lat": 22.005,
            "reported_at": "2026-11-25T02:00:00Z",
            "closed_at": None,
            "due_at": "2026-12-02T09:30:00Z",
            "due_stage": "handle",
            "overdue": False,
            "light": "green",
            "lead_org": {"id": units.enforcement.pk, "name": "综合行政执法办公室"},
            "assignee": {"id": handler.pk, "name": "王工"},
            "version": 4,
            "rework_count": 0,
            "hop_count": 0,
            "emergency": False,
            "level": "general",
            "self_handled": False,
            "supervision_level": None,
            "asked_for": None,
            "conflicts": 0,
        }

    def test_names_follow_the_language_asked_for(self, stories, browser, operator):
        stories.report()
        phone = browser(operator, **{"accept-language": "en"})
        (row,) = phone.get("cases/").json()["results"]
        assert (row["category"]["name"], row["state_name"]) == ("Waste", "reported")

    def test_the_case_page_and_the_list_agree(self, stories, browser, operator):
        case = stories.case_in("awaiting_verify")
        phone = browser(operator)
        (row,) = phone.get("cases/").json()["results"]
        shown = phone.get(f"cases/{case.pk}/").json()
        assert {key: shown[key] for key in row} == row


@pytest.fixture
def some(stories, clock, cast) -> dict[str, Case]:
    """Seven cases that differ in everything a list can ask for."""
    made = {
        "late": stories.report(at=at("2026-11-23 09:00"), description="河道堆沙，水流变慢"),
        "fresh": stories.report(description="路灯三盏不亮", category="H05"),
        "neighbours": stories.report(by=cast.neighbour, point=IN_B, description="河边倾倒垃圾"),
        "west": stories.report(by=cast.operator, point=IN_C, category="A02", description="邻里争执"),
        "working": stories.case_in("processing", category="C02", description="污水管破裂"),
        "standing": stories.case_in("suspended", description="房屋鉴定"),
        "done": stories.case_in("closed", category="A09", description="拖欠工资"),
    }
    return {name: Case.objects.get(pk=case.pk) for name, case in made.items()}


FILTERS = [
    ({}, {"late", "fresh", "neighbours", "west", "working", "standing", "done"}),
    ({"state": "reported"}, {"late", "fresh", "neighbours", "west"}),
    ({"state": "processing,suspended"}, {"working", "standing"}),
    ({"category": "C01"}, {"late", "neighbours", "standing"}),
    ({"category": "C"}, {"late", "neighbours", "working", "standing"}),
    ({"category": "A"}, {"west", "done"}),
    ({"area": TOWN}, {"late", "fresh", "neighbours", "west", "working", "standing", "done"}),
    ({"area": TOWN[:6]}, {"late", "fresh", "neighbours", "west", "working", "standing", "done"}),
    ({"area": EAST}, {"late", "fresh", "neighbours", "working", "standing", "done"}),
    ({"area": WEST}, {"west"}),
    ({"area": CELL_B}, {"neighbours"}),
    ({"overdue": "true"}, {"late"}),
    ({"overdue": "false"}, {"fresh", "neighbours", "west", "working", "standing", "done"}),
    ({"open": "true"}, {"late", "fresh", "neighbours", "west", "working", "standing"}),
    ({"open": "false"}, {"done"}),
    ({"mine": "true"}, {"west"}),
    ({"bbox": "118.01,22.0,118.02,22.01"}, {"neighbours"}),
    ({"bbox": "118.0,22.0,118.02,22.01"}, {"late", "fresh", "neighbours", "working", "standing", "done"}),
    ({"q": "河道"}, {"late"}),
    ({"q": "垃圾"}, {"neighbours"}),
    ({"q": "河"}, {"late", "neighbours"}),
    ({"q": "河道堆沙"}, {"late"}),
    ({"q": "道河"}, set()),
    ({"q": "水流"}, {"late"}),
    ({"q": "没有的词"}, set()),
    ({"q": "，"}, {"late"}),
    ({"q": "  "}, {"late", "fresh", "neighbours", "west", "working", "standing", "done"}),
    ({"category": "C", "open": "true", "area": EAST, "q": "污水"}, {"working"}),
]


class TestFilters:
    @pytest.mark.parametrize(("query", "wanted"), FILTERS, ids=[str(query) for query, _ in FILTERS])
    def test_each_filter_keeps_what_it_says(self, some, browser, operator, query, wanted):
        rows = browser(operator).get("cases/", **query).json()["results"]
        names = {case.pk: name for name, case in some.items()}
        assert {names[row["id"]] for row in rows} == wanted

    def test_a_number_or_its_beginning_finds_the_case(self, some, browser, operator):
        number = some["late"].number
        for typed in (number, number[:-1], number[:8]):
            ids = {row["id"] for row in browser(operator).get("cases/", q=typed).json()["results"]}
            assert some["late"].pk in ids
            assert ids == {c.pk for c in some.values() if c.number.startswith(typed)}

    @pytest.mark.parametrize(
        "q", ["'", "\\", "a'b", "河&道", "河|道", "!", ":*", "(", "%", "_", "' OR 1=1 --", "\x00x"]
    )
    def test_whatever_is_typed_is_words_and_never_syntax(self, some, browser, operator, q):
        answer = browser(operator).get("cases/", q=q)
        assert answer.status_code in (200, 400)
        if answer.status_code == 200:
            assert answer.json()["results"] == []

    def test_letters_and_digits_match_while_they_are_typed(self, stories, browser, operator):
        case = stories.report(description="车牌 粤U12345 占道")
        for q in ("U123", "粤U", "u12345"):
            rows = browser(operator).get("cases/", q=q).json()["results"]
            assert [row["id"] for row in rows] == [case.pk], q

    def test_mine_is_reported_assigned_or_waiting_for_my_unit(self, some, browser, cast, stories):
        waiting = stories.case_in("assigned")
        mine = lambda person: {row["id"] for row in browser(person).get("cases/", mine="true").json()["results"]}  # noqa: E731
        assert mine(cast.handler) == {some["working"].pk, some["standing"].pk, some["done"].pk, waiting.pk}
        assert mine(cast.neighbour) == {some["neighbours"].pk}
        assert mine(cast.other_handler) == set()

    @pytest.mark.parametrize(
        "query",
        [
            {"state": "asleep"},
            {"state": "reported,"},
            {"category": "AA"},
            {"category": "a01"},
            {"area": "12345"},
            {"bbox": "1,2,3"},
            {"bbox": "3,2,1,4"},
            {"bbox": "nan,0,1,1"},
            {"bbox": "-181,0,1,1"},
            {"overdue": "perhaps"},
            {"ordering": "description"},
            {"ordering": "due_at;drop"},
            {"limit": "0"},
            {"limit": "201"},
            {"q": "长" * 101},
        ],
        ids=str,
    )
    def test_a_filter_that_makes_no_sense_is_named(self, some, browser, operator, query):
        answer = browser(operator).get("cases/", **query)
        assert (answer.status_code, answer.json()["field"]) == (400, next(iter(query)))


ORDERINGS = ["due_at", "-due_at", "reported_at", "-reported_at", "closed_at", "-closed_at"]


@pytest.fixture(scope="module")
def many(lasting) -> int:
    """121 cases: many with the same times, to the microsecond, and a third of them due at no time."""
    with lasting.writing() as stories:
        for number in range(121):
            stories.report(description=f"第{number}件", point=None)
        for number, case in enumerate(Case.objects.order_by("pk")):
            moment = NOW - timedelta(microseconds=(number // 4) * 7 + 1)
            due = None if number % 3 == 0 else moment + timedelta(days=1, microseconds=number % 2)
            closed = None if number % 5 == 0 else moment
            Case.objects.filter(pk=case.pk).update(reported_at=moment, due_at=due, soon_at=due, closed_at=closed)
        return Case.objects.count()


class TestPages:
    def walk(self, phone, way: str, cursor: str | None, **query) -> list[list[dict]]:
        pages = []
        while cursor is not None or not pages:
            answer = phone.get("cases/", **query, **({"cursor": cursor} if cursor else {})).json()
            pages.append(answer["results"])
            cursor = answer[way]
            assert len(pages) < 200, "pages never end"
        return pages

    @pytest.mark.parametrize("ordering", ORDERINGS)
    @pytest.mark.parametrize("limit", [7, 50])
    def test_forward_every_row_exactly_once_in_order(self, many, browser, operator, ordering, limit):
        pages = self.walk(browser(operator), "next", None, ordering=ordering, limit=limit)
        rows = [row for page_ in pages for row in page_]
        ids = [row["id"] for row in rows]
        column = ordering.lstrip("-")
        wanted = {c.pk for c in Case.objects.all() if ordering == "due_at" or getattr(c, column) is not None}
        assert len(ids) == len(set(ids))
        assert set(ids) == wanted
        values = [getattr(Case.objects.get(pk=pk), column) for pk in ids[:3] + ids[-3:]]
        keyed = [(value is None, value) for value in values]
        assert keyed[:3] == sorted(keyed[:3], reverse=ordering.startswith("-"))
        assert all(len(page_) == limit for page_ in pages[:-1])

    @pytest.mark.parametrize("ordering", ORDERINGS)
    def test_back_again_over_the_same_pages(self, many, browser, operator, ordering):
        phone = browser(operator)
        forward = self.walk(phone, "next", None, ordering=ordering, limit=10)
        first, cursor = None, None
        while True:
            answer = phone.get("cases/", ordering=ordering, limit=10, **({"cursor": cursor} if cursor else {})).json()
            if answer["next"] is None:
                first = answer
                break
            cursor = answer["next"]
        back = [first["results"], *self.walk(phone, "previous", first["previous"], ordering=ordering, limit=10)]
        forwards = [row["id"] for page_ in forward for row in page_]
        backwards = [row["id"] for page_ in reversed(back) for row in page_]
        assert backwards == forwards

    def test_the_first_page_has_no_previous_and_the_last_no_next(self, many, browser, operator):
        phone = browser(operator)
        first = phone.get("cases/").json()
        assert (first["previous"], len(first["results"])) == (None, 50)
        last = phone.get("cases/", limit=200).json()
        assert last["next"] is None

    def test_a_case_reported_meanwhile_neither_repeats_nor_hides_a_row(self, many, browser, operator, stories):
        phone = browser(operator)
        first = phone.get("cases/", ordering="-reported_at").json()
        stories.report()
        second = phone.get("cases/", ordering="-reported_at", cursor=first["next"]).json()
        seen = [row["id"] for row in first["results"] + second["results"]]
        assert len(seen) == len(set(seen)) == 100

    def test_an_empty_list_is_one_empty_page(self, browser, cast, many):
        assert browser(cast.mediator).get("cases/").json() == {"results": [], "next": None, "previous": None}

    @pytest.mark.parametrize(
        "cursor",
        [
            "x",
            "!!!!",
            "bnVsbA",  # null
            "W10",  # []
            "WyJ4IiwxLGZhbHNlXQ",  # ["x",1,false]
            "WyIyMDI2LTAxLTAxVDAwOjAwOjAwWiIsIi0xIixmYWxzZV0",  # the id as text
            "W251bGwsLTEsZmFsc2Vd",  # id -1
            "W251bGwsMSwxXQ",  # back as 1
            "中文",
            "W1tdLDEsZmFsc2Vd",  # a list as value
        ],
    )
    def test_a_cursor_of_somebody_elses_making_is_refused(self, many, browser, operator, cursor):
        answer = browser(operator).get("cases/", cursor=cursor)
        assert (answer.status_code, answer.json()["field"]) == (400, "cursor")

    @pytest.mark.parametrize("value", ["2026-02-30T00:00:00+00:00", "0001-01-01T00:00:00+14:00", "2026-01-01T00:00:00"])
    def test_a_cursor_with_an_impossible_moment_never_breaks_the_list(self, many, browser, operator, value):
        for ordering in ORDERINGS:
            answer = browser(operator).get("cases/", cursor=Cursor(value, 1).encode(), ordering=ordering)
            assert answer.status_code in (200, 400)


@pytest.mark.django_db
class TestMoments:
    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.integers(0, 4_000_000_000_000_000))
    def test_a_moment_comes_out_to_the_microsecond_as_it_went_in(self, stories, microseconds):
        case = stories.report()
        moment = at("1990-01-01 00:00") + timedelta(microseconds=microseconds)
        Case.objects.filter(pk=case.pk).update(due_at=moment)
        shown = page(parts=[Case.objects.filter(pk=case.pk)], ordering="due_at", cursor=None, now=NOW)
        assert shown.rows[0]["due_at"] == moment


class TestWords:
    @pytest.mark.parametrize(
        ("text", "terms"),
        [
            ("河道堆沙", ["堆沙", "河道", "道堆"]),
            ("河，道", ["河", "道"]),
            ("粤U12345号", ["u12345", "号", "粤"]),
            ("", []),
            ("，。！", []),
            ("河道河道", ["河道", "道河"]),
        ],
    )
    def test_every_two_neighbouring_characters_are_one_term(self, text, terms):
        assert bigrams(text) == sorted(terms)

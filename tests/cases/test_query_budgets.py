"""How often the database is asked, statement by statement, and that it does not grow with rows.

Names are kept in the process for some seconds. "Cold" is the first request after that, "warm" is every other.
"""

from __future__ import annotations

import uuid

import pytest

from grid.names import Names
from tests.statements import statements
from tests.town import IN_A

PERSON = ("who is signed in", r'FROM "staff_user"')
POSTS = ("their posts", r'FROM "staff_post"')
AREAS = ("names of areas", r'FROM "grid_area"')
STAFF = ("names of people and units", r'FROM "staff_user".* UNION ALL .*FROM "staff_organisation"')
CATEGORIES = ("names of categories", r'FROM "cases_category"')

LIST = [PERSON, POSTS, ("the page", r'FROM "cases_case".*ORDER BY.*LIMIT 51')]
NAMES = [AREAS, STAFF, CATEGORIES]
TYPED = (
    "people, units and places of the name",
    r'FROM "staff_user".* UNION ALL .*FROM "staff_organisation".* UNION ALL .*FROM "grid_area"',
)
MOST = {"list": 6, "create": 12}
"""The project's marks, for the one request in five seconds that asks for names too."""


@pytest.fixture(autouse=True)
def _names_are_kept(monkeypatch):
    """However slow the machine is."""
    monkeypatch.setattr("grid.names.KEPT", 3600.0)


@pytest.fixture
def phone(browser, operator):
    """Signed in and past its first request: the session lies in the cache."""
    phone = browser(operator)
    phone.get("session/")
    return phone


@pytest.fixture(params=[1, 100], ids=["one case", "a hundred cases"])
def rows(request, stories) -> int:
    """One case, or a hundred in different cells, states and hands."""
    stories.case_in("processing")
    stories.clock.to("2026-11-25 10:01")
    for number in range(request.param - 1):
        case = stories.report(point=(118.005 + 0.01 * (number % 3), 22.005), category=("C01", "A02", "B03")[number % 3])
        if number % 10 == 0:
            stories.walk(case, "accept assign acknowledge")
    Names.forget_all()
    return request.param


class TestList:
    def test_cold_it_also_asks_for_names_once_for_all_rows(self, rows, phone):
        assert len(LIST) + len(NAMES) <= MOST["list"]
        with statements([*LIST, *NAMES]):
            assert len(phone.get("cases/", ordering="reported_at").json()["results"]) == min(rows, 50)

    def test_warm_it_asks_for_the_page_alone(self, rows, phone):
        phone.get("cases/", limit=200)
        assert len(LIST) <= MOST["list"]
        with statements(LIST):
            phone.get("cases/")

    def test_filters_ask_no_more(self, rows, phone):
        phone.get("cases/")
        with statements(LIST):
            phone.get("cases/", state="reported", category="C", area="990000009", overdue="false", mine="true")

    @pytest.mark.parametrize("q", ["垃圾", "阿珍", "样板镇", "261125"])
    def test_a_search_also_asks_whose_name_that_is(self, rows, phone, q):
        phone.get("cases/", limit=200)
        phone.get("cases/", q="垃圾")  # which words are common is asked once in ten minutes
        with statements([*LIST[:2], TYPED, LIST[2]]):
            phone.get("cases/", q=q)

    def test_the_second_page_asks_no_more(self, rows, phone):
        phone.get("cases/", limit=200)
        first = phone.get("cases/", limit=1).json()
        if first["next"]:
            with statements([PERSON, POSTS, ("the page", "LIMIT 2")]):
                phone.get("cases/", limit=1, cursor=first["next"])


DETAIL = [PERSON, POSTS, ("the case", r'FROM "cases_case"')]


class TestCasePage:
    @pytest.mark.parametrize("files", [0, 5])
    def test_it_does_not_grow_with_photos(self, stories, phone, files):
        case = stories.case_in("processing")
        for _ in range(files):
            stories.photo(case)
        phone.get(f"cases/{case.pk}/")
        with statements([*DETAIL, ("its photos and who took them", r'FROM "cases_casefile".*JOIN "staff_user"')]):
            assert len(phone.get(f"cases/{case.pk}/").json()["files"]) == files

    @pytest.mark.parametrize("comments", [0, 30])
    def test_events_do_not_grow_with_their_number(self, stories, phone, comments):
        case = stories.case_in("processing")
        for _ in range(comments):
            stories.act(case, "comment")
        with statements([*DETAIL, ("its events and who did them", r'FROM "cases_caseevent".*JOIN "staff_user"')]):
            assert len(phone.get(f"cases/{case.pk}/events/").json()["results"]) == 4 + comments


CREATE = [
    PERSON,
    POSTS,
    ("whether it came before", r'FROM "cases_case"'),
    ("the category", r'FROM "cases_category"'),
    ("the cell of the point", r"ST_Covers"),
    ("the limit", r'FROM "cases_limitrule"'),
    ("days off", r'FROM "cases_workday"'),
    ("the next number", r"nextval"),
    ("the case", r'INSERT INTO "cases_case"'),
    ("its first event", r'INSERT INTO "cases_caseevent"'),
]


class TestFigures:
    def test_counts(self, rows, phone):
        with statements([PERSON, POSTS, ("counts", r"COUNT.*GROUP BY")]):
            phone.get("cases/counts/")

    def test_summary(self, rows, phone):
        with statements([PERSON, POSTS, ("open cases", "COUNT"), ("this week's", "COUNT")]):
            phone.get("cases/summary/")


@pytest.mark.django_db(transaction=True)
class TestCreate:
    @pytest.fixture
    def send(self, browser, worker):
        phone = browser(worker)
        phone.get("session/")

        def report() -> int:
            place = {"lon": IN_A[0], "lat": IN_A[1]}
            body = {"client_id": str(uuid.uuid4()), "category": "C01", "description": "x", **place}
            return phone.post("cases/", body).status_code

        return report

    @pytest.mark.parametrize("already", [1, 30])
    def test_a_report_asks_the_same_however_many_there_are(self, stories, send, already):
        for _ in range(already):
            stories.report()
        send()
        assert len(CREATE) <= MOST["create"]
        with statements(CREATE):
            assert send() == 201

    def test_cold_it_also_asks_for_the_names_in_its_answer(self, send):
        Names.forget_all()
        assert len(CREATE) + 2 <= MOST["create"]
        with statements([*CREATE[:5], AREAS, *CREATE[5:], ("the reporter's name", r'FROM "staff_user"')]):
            assert send() == 201

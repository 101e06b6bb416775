"""Finding cases by their parties: only by those who may know them, and without slowing whoever looks for words."""

from __future__ import annotations

import pytest
from django.db import connection

from cases.models import Case
from cases.selectors.parties import keys_in, known_q, with_party
from cases.selectors.search import listed
from staff.scope import scope_of
from tests.cases.party_people import FACTORY, NUMBER, body, write_down
from tests.statements import statements
from tests.town import IN_A, IN_C

HERE = {"lon": IN_A[0], "lat": IN_A[1]}
KNOW = {"worker", "officer", "operator", "head", "handler", "other_handler"}
DO_NOT = {"neighbour", "mediator", "leader", "auditor", "admin", "outsider"}


@pytest.fixture
def case(stories, units):
    """A dispute 阿珍 reported, with two parties; 王工's unit leads, 李工's helps."""
    case = stories.walk(stories.report(category="A02", description="两家为排水沟争执"), "accept")
    case = stories.act(case, "assign", organisation=units.enforcement.pk, assistants=(units.services.pk,))
    write_down(case, by=stories.cast.worker)
    write_down(case, by=stories.cast.worker, number=2, **FACTORY)
    return case


def found(browser, person, q):
    return [row["id"] for row in browser(person).get("cases/", q=q).json()["results"]]


class TestSearch:
    @pytest.mark.parametrize("name", sorted(KNOW | DO_NOT))
    @pytest.mark.parametrize("q", ["甲某某", NUMBER, "示例陶瓷厂"])
    def test_only_who_may_know_the_parties_finds_it(self, browser, cast, case, name, q):
        assert found(browser, getattr(cast, name), q) == ([case.pk] if name in KNOW else [])

    @pytest.mark.parametrize("q", ["甲 某某", "+86 100 0000 1234", "100-0000-1234", "0768 1234567"])
    def test_however_it_is_typed(self, browser, operator, case, q):
        assert found(browser, operator, q) == [case.pk]

    @pytest.mark.parametrize("q", ["甲某", "某某", "甲", "陶瓷厂", "1000000", "1234", "乙某某"])
    def test_but_not_by_a_part_or_another(self, browser, operator, case, q):
        assert found(browser, operator, q) == []

    def test_not_by_who_was_taken_out(self, browser, operator, case):
        party = case.parties.first()
        browser(operator).delete(f"cases/{case.pk}/parties/{party.pk}/?reason=不是当事人")
        assert found(browser, operator, "甲某某") == []

    def test_whoever_gave_it_back_finds_it_no_more(self, stories, browser, cast, case):
        stories.act(case, "return")
        assert found(browser, cast.handler, "甲某某") == []

    def test_words_are_found_as_before(self, browser, cast, case):
        assert found(browser, cast.leader, "排水沟") == [case.pk]
        assert found(browser, cast.leader, "阿珍") == [case.pk]

    @pytest.mark.parametrize("narrow", [{}, {"open": "true"}, {"category": "A"}, {"ordering": "-reported_at"}])
    def test_with_filters_and_orders(self, browser, operator, case, narrow):
        assert [row["id"] for row in browser(operator).get("cases/", q="甲某某", **narrow).json()["results"]] == [
            case.pk
        ]
        assert browser(operator).get("cases/", q="甲某某", category="B").json()["results"] == []

    @pytest.mark.parametrize("q", ["甲某某", "无人叫此", NUMBER])
    def test_it_asks_no_more_than_any_search(self, browser, operator, case, q, monkeypatch):
        monkeypatch.setattr("grid.names.KEPT", 3600.0)
        desk = browser(operator)
        desk.get("cases/", limit=200)
        desk.get("cases/", q="排水")
        with statements(
            [
                ("who is signed in", 'FROM "staff_user"'),
                ("their posts", 'FROM "staff_post"'),
                (
                    "names, and whether a party is called so",
                    r'"staff_user".*UNION ALL.*"grid_area".*UNION ALL.*"name_index"',
                ),
                ("the page", r'FROM "cases_case".*ORDER BY.*LIMIT 51'),
            ]
        ):
            desk.get("cases/", q=q, open="true")


class TestPlans:
    def plan(self, cases) -> str:
        sql, params = cases.query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql}", params)
            return "\n".join(line for (line,) in cursor.fetchall())

    @pytest.fixture
    def crowd(self, case):
        """Fifty thousand parties of one case: the tables are as uneven as they get."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO cases_caseparty (client_id, kind, side, name, phone, name_index, phone_index, added_at,"
                " added_by_id, case_id) SELECT gen_random_uuid(), 'person', 'concerned', '', '', md5(n::text),"
                " md5('p' || n), now(), %s, %s FROM generate_series(1, 50000) n",
                [case.reporter_id, case.pk],
            )
            cursor.execute("ANALYZE cases_caseparty")
            cursor.execute("ANALYZE cases_case")

    @pytest.mark.parametrize("q", ["甲某某", NUMBER])
    def test_parties_are_found_by_their_indexes(self, crowd, operator, case, q):
        of_party = with_party(keys_in([q])) & known_q(scope_of(operator))
        for cases in (Case.objects.filter(of_party).values("pk")[:1], Case.objects.filter(listed(of_party))):
            plan = self.plan(cases)
            assert "case_party_name" in plan
            assert "case_party_phone" in plan
            assert "Seq Scan on cases_caseparty" not in plan
        assert list(Case.objects.filter(of_party)) == [case]


def asked(phone, **query):
    answer = phone.get("cases/similar/", **query)
    assert answer.status_code == 200, answer.json()
    return answer.json()["results"]


class TestSimilar:
    def test_the_same_party_is_told_without_naming_it_wherever_the_case_lies(self, stories, browser, cast, case):
        desk = browser(cast.operator)
        (one,) = asked(desk, lon=IN_C[0], lat=IN_C[1], category="E01", party=["甲某某", "丁某"])
        assert (one["case"]["id"], one["why"], one["words"]) == (case.pk, ["party"], [])
        assert one["distance_m"] > 1000
        assert "某" not in str(one)

    def test_by_number_too(self, browser, operator, case):
        (one,) = asked(browser(operator), **HERE, category="A01", text="排水沟", party=NUMBER)
        assert one["why"] == ["party", "category", "words"]

    def test_the_same_party_stands_before_what_is_only_near(self, stories, browser, operator, case):
        near = stories.report(category="A03", description="排水沟又堵")
        rows = asked(browser(operator), **HERE, category="A03", text="排水沟又堵", party="甲某某")
        assert [row["case"]["id"] for row in rows] == [case.pk, near.pk]

    @pytest.mark.parametrize("name", sorted(KNOW | DO_NOT))
    def test_only_who_may_know_the_parties_is_told(self, browser, cast, case, name):
        rows = asked(browser(getattr(cast, name)), lon=IN_C[0], lat=IN_C[1], category="E01", party="甲某某")
        assert [row["case"]["id"] for row in rows] == ([case.pk] if name in KNOW else [])

    def test_who_may_not_know_learns_nothing_from_a_case_near_by(self, browser, cast, case):
        (one,) = asked(browser(cast.leader), **HERE, category="A01", party="甲某某")
        assert one["why"] == ["category"]

    def test_only_open_ones(self, stories, browser, operator, case):
        stories.walk(case, "acknowledge feedback verify close")
        assert asked(browser(operator), lon=IN_C[0], lat=IN_C[1], category="E01", party="甲某某") == []

    def test_beside_a_case_its_own_parties_are_compared(self, stories, browser, cast, case):
        other = stories.report(category="E01", description="另一件", point=IN_C, by=cast.operator)
        write_down(other, by=cast.operator, number=5)
        (one,) = browser(cast.operator).get(f"cases/{other.pk}/similar/").json()["results"]
        assert (one["case"]["id"], one["why"]) == (case.pk, ["party"])
        assert browser(cast.leader).get(f"cases/{other.pk}/similar/").json()["results"] == []

    @pytest.mark.parametrize("party", [["长" * 61], ["甲某"] * 21])
    def test_a_question_that_makes_no_sense_is_named(self, browser, operator, party):
        answer = browser(operator).get("cases/similar/", **HERE, category="A01", party=party)
        assert answer.status_code == 400
        assert answer.json()["field"].startswith("party")

    def test_one_statement_more(self, browser, operator, case, monkeypatch):
        monkeypatch.setattr("grid.names.KEPT", 3600.0)
        desk = browser(operator)
        asked(desk, **HERE, category="A02")
        with statements(
            [
                ("who is signed in", 'FROM "staff_user"'),
                ("their posts", 'FROM "staff_post"'),
                ("with the same party", r'FROM "cases_case".*"cases_caseparty"'),
                ("what is near", r'FROM "cases_case".*ST_X'),
            ]
        ):
            asked(desk, **HERE, category="A02", text="排水", party=["甲某某", "乙某"])


def test_what_was_written_is_what_is_looked_for():
    assert set(keys_in([body()["name"], body()["phone"]])) == set(keys_in(["甲某某", NUMBER]))

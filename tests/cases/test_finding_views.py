"""Saved views: one's own, shared with a unit, and what they show to whom."""

from __future__ import annotations

import pytest

from cases.models import SavedView
from tests.town import IN_C


@pytest.fixture
def make(browser, cast):
    def save(by=None, **said):
        body = {"name": "超期的", "query": {"overdue": "true"}, **said}
        return browser(by or cast.operator).post("saved-views/", body)

    return save


def names(phone) -> list[str]:
    return [view["name"] for view in phone.get("saved-views/").json()["results"]]


class TestOwn:
    def test_it_is_kept_as_the_address_says_it(self, make, browser, operator):
        query = {"state": "reported,accepted", "near": "118,22", "ordering": "-due_at", "q": "河道"}
        answer = make(query=query)
        assert answer.status_code == 201
        assert answer.json() == {
            "id": answer.json()["id"],
            "name": "超期的",
            "query": query,
            "organisation": None,
            "owner": {"id": operator.pk, "name": "值班"},
            "mine": True,
        }
        assert browser(operator).get("saved-views/").json()["results"] == [answer.json()]

    def test_nobody_else_sees_it(self, make, browser, cast):
        pk = make().json()["id"]
        for person in (cast.head, cast.handler, cast.outsider):
            assert names(browser(person)) == []
            assert browser(person).patch(f"saved-views/{pk}/", {"name": "x"}).status_code == 404
            assert browser(person).delete(f"saved-views/{pk}/").status_code == 404

    def test_a_name_is_taken_once_per_person(self, make, cast):
        assert make().status_code == 201
        again = make()
        assert (again.status_code, again.json()["code"], again.json()["field"]) == (400, "taken", "name")
        assert make(by=cast.head).status_code == 201

    def test_it_can_be_changed_and_dropped(self, make, browser, operator):
        pk = make().json()["id"]
        make(name="别的")
        changed = browser(operator).patch(f"saved-views/{pk}/", {"name": "新名", "query": {"open": "true"}})
        assert (changed.status_code, changed.json()["query"]) == (200, {"open": "true"})
        assert browser(operator).patch(f"saved-views/{pk}/", {"name": "别的"}).json()["code"] == "taken"
        assert names(browser(operator)) == ["别的", "新名"]
        assert browser(operator).delete(f"saved-views/{pk}/").status_code == 204
        assert browser(operator).delete(f"saved-views/{pk}/").status_code == 404
        assert names(browser(operator)) == ["别的"]

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"query": {"state": "asleep"}}, "query.state"),
            ({"query": {"colour": "red"}}, "query.colour"),
            ({"query": {"cursor": "x"}}, "query.cursor"),
            ({"query": {"q": ["a"]}}, "query.q"),
            ({"query": {"reported_from": "2026-11-02", "reported_to": "2026-11-01"}}, "query.reported_to"),
            ({"query": "open"}, "query"),
            ({"query": None}, "query"),
            ({"name": "  "}, "name"),
            ({"name": "长" * 51}, "name"),
            ({"organisation": 2**62}, "organisation"),
        ],
        ids=str,
    )
    def test_what_makes_no_sense_is_named(self, make, said, field):
        answer = make(**said)
        assert (answer.status_code, answer.json()["field"]) == (400, field)
        assert not SavedView.objects.exists()

    def test_fifty_are_enough(self, make, operator):
        SavedView.objects.bulk_create(SavedView(owner=operator, name=f"{n}") for n in range(50))
        assert make().json()["code"] == "too_many"

    def test_strangers_and_those_without_cases(self, make, browser, cast):
        assert browser(None).get("saved-views/").status_code == 401
        assert browser(None).post("saved-views/", {"name": "x", "query": {}}).status_code == 401
        assert make(by=cast.admin).status_code == 403


class TestShared:
    def test_colleagues_of_the_unit_see_it_and_cannot_change_it(self, make, browser, cast, units):
        pk = make(by=cast.operator, organisation=units.center.pk).json()["id"]
        (view,) = browser(cast.head).get("saved-views/").json()["results"]
        assert (view["mine"], view["owner"]["name"]) == (False, "值班")
        assert view["organisation"] == {"id": units.center.pk, "name": "样板镇综治中心"}
        assert browser(cast.head).patch(f"saved-views/{pk}/", {"name": "x"}).status_code == 403
        assert browser(cast.head).delete(f"saved-views/{pk}/").status_code == 403
        assert names(browser(cast.handler)) == []

    def test_only_with_a_unit_one_works_in(self, make, units, cast):
        for person, unit in ((cast.operator, units.enforcement), (cast.worker, units.center), (cast.head, None)):
            answer = make(by=person, organisation=unit.pk if unit else 10**9)
            assert (answer.status_code, answer.json()["code"]) == (400, "not_yours")

    def test_it_can_be_taken_back(self, make, browser, cast, units):
        pk = make(organisation=units.center.pk).json()["id"]
        assert browser(cast.operator).patch(f"saved-views/{pk}/", {"organisation": None}).status_code == 200
        assert names(browser(cast.head)) == []

    def test_each_sees_their_own_rows_by_it(self, make, browser, cast, units, stories):
        stories.case_in("assigned")
        stories.report(by=cast.operator, point=IN_C)
        view = make(by=cast.handler, organisation=units.enforcement.pk, query={"open": "true"}).json()
        rows = {
            person.username: len(browser(person).get("cases/", **view["query"]).json()["results"])
            for person in (cast.handler, cast.operator, cast.outsider)
        }
        assert rows == {"handler": 1, "operator": 2, "outsider": 0}

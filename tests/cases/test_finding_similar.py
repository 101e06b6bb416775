"""The same matter: what is found before a report is saved, beside a case, and what hangs together with it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.models import Case
from tests.statements import statements
from tests.town import CELL_A, CELL_B, IN_A, IN_B, IN_OTHER_TOWN, NOW

HERE = {"lon": IN_A[0], "lat": IN_A[1]}
HUNDRED_METRES = 0.0009


def asked(phone, **query) -> list[dict]:
    answer = phone.get("cases/similar/", **query)
    assert answer.status_code == 200, answer.json()
    return answer.json()["results"]


class TestBeforeSaving:
    def test_a_near_one_of_the_same_kind_or_in_the_same_words(self, stories, browser, worker):
        kind = stories.report(category="C02", description="污水外溢", point=(IN_A[0], IN_A[1] + HUNDRED_METRES))
        words = stories.report(category="E03", description="村口垃圾多日")
        both = stories.report(category="C01", description="垃圾堆放在路边")
        stories.report(category="E03", description="电线裸露")
        found = asked(browser(worker), **HERE, category="C01", text="垃圾堆放，没人清")
        # 垃圾 alone is one pair in common: no accident is made of that
        assert [one["case"]["id"] for one in found] == [both.pk, kind.pk]
        assert found[0]["why"] == ["category", "words"]
        assert found[0]["words"] == ["圾堆", "垃圾", "堆放"]
        assert (found[0]["distance_m"], found[1]["distance_m"]) == (0, 100)
        assert found[1]["why"] == ["category"]
        assert words.pk in {one["case"]["id"] for one in asked(browser(worker), **HERE, category="A02", text="垃圾")}

    def test_not_farther_than_asked(self, stories, browser, worker):
        stories.report(point=(IN_A[0], IN_A[1] + 3 * HUNDRED_METRES))
        assert asked(browser(worker), **HERE, category="C01") == []
        (one,) = asked(browser(worker), **HERE, category="C01", metres=310)
        assert one["distance_m"] == 299

    def test_not_older_than_asked_and_only_open_ones(self, stories, browser, worker):
        old = stories.report()
        Case.objects.filter(pk=old.pk).update(reported_at=NOW - timedelta(days=31))
        stories.case_in("closed")
        assert asked(browser(worker), **HERE, category="C01") == []
        assert [one["case"]["id"] for one in asked(browser(worker), **HERE, category="C01", days=32)] == [old.pk]

    def test_without_a_place_by_the_area(self, stories, browser, operator):
        here = stories.report(point=None)
        stories.report(point=IN_B)
        (one,) = asked(browser(operator), area=CELL_A, category="C01")
        assert (one["case"]["id"], one["distance_m"]) == (here.pk, None)
        assert len(asked(browser(operator), area=CELL_B, category="C01")) == 1

    def test_one_can_be_left_out(self, stories, browser, worker):
        case = stories.report()
        assert asked(browser(worker), **HERE, category="C01", exclude=case.pk) == []

    def test_nobody_finds_what_they_may_not_see(self, stories, browser, cast):
        stories.report()
        for person, seen in (
            (cast.worker, 1),
            (cast.operator, 1),
            (cast.auditor, 1),
            (cast.neighbour, 0),
            (cast.outsider, 0),
            (cast.admin, 0),
        ):
            assert len(asked(browser(person), **HERE, category="C01")) == seen
        assert browser(None).get("cases/similar/", **HERE, category="C01").status_code == 401

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({"category": "C01"}, "area"),
            ({"category": "C01", "lon": 118}, "lat"),
            ({"category": "C01", "lat": 22}, "lon"),
            ({"category": "c", **HERE}, "category"),
            ({**HERE}, "category"),
            ({"category": "C01", "lon": "nan", "lat": 22}, "lon"),
            ({"category": "C01", "area": "12"}, "area"),
            ({"category": "C01", **HERE, "metres": 0}, "metres"),
            ({"category": "C01", **HERE, "days": 367}, "days"),
            ({"category": "C01", **HERE, "exclude": "x"}, "exclude"),
            ({"category": "C01", **HERE, "text": "长" * 4001}, "text"),
        ],
        ids=str,
    )
    def test_a_question_that_makes_no_sense_is_named(self, browser, worker, query, field):
        answer = browser(worker).get("cases/similar/", **query)
        assert (answer.status_code, answer.json()["field"]) == (400, field)

    @pytest.mark.parametrize("many", [1, 20])
    def test_it_asks_once_however_many_there_are(self, stories, browser, worker, monkeypatch, many):
        monkeypatch.setattr("grid.names.KEPT", 3600.0)
        for _ in range(many):
            stories.report()
        phone = browser(worker)
        asked(phone, **HERE, category="C01")
        with statements(
            [
                ("who is signed in", 'FROM "staff_user"'),
                ("their posts", 'FROM "staff_post"'),
                ("what is near", r'FROM "cases_case".*ST_X'),
            ]
        ):
            assert len(asked(phone, **HERE, category="C01", text="垃圾")) == min(many, 10)


class TestBesideACase:
    def test_others_like_it_but_not_itself(self, stories, browser, operator, cast):
        case, other = stories.report(), stories.report()
        stories.report(category="A02", description="邻里争执")
        found = browser(operator).get(f"cases/{case.pk}/similar/").json()["results"]
        assert [one["case"]["id"] for one in found] == [other.pk]
        assert browser(cast.outsider).get(f"cases/{case.pk}/similar/").status_code == 404
        assert browser(None).get(f"cases/{case.pk}/similar/").status_code == 401

    def test_of_its_area_when_it_has_no_place(self, stories, browser, operator):
        case, other = stories.report(point=None), stories.report()
        found = browser(operator).get(f"cases/{case.pk}/similar/").json()["results"]
        assert [(one["case"]["id"], one["distance_m"]) for one in found] == [(other.pk, None)]


class TestRelated:
    @pytest.fixture
    def family(self, stories, cast) -> dict[str, Case]:
        whole = stories.report(description="整条河道")
        part, done = stories.report(description="上游"), stories.case_in("closed", description="下游")
        merged = stories.act(stories.report(description="又一人报"), "merge", into=whole.number)
        Case.objects.filter(pk__in=[part.pk, done.pk]).update(parent=whole)
        return {"whole": whole, "part": part, "done": done, "merged": merged}

    def related(self, phone, case) -> dict:
        return phone.get(f"cases/{case.pk}/related/").json()

    def test_parts_open_ones_first_and_merged_ones(self, family, browser, operator):
        shown = self.related(browser(operator), family["whole"])
        assert [row["id"] for row in shown["parts"]] == [family["part"].pk, family["done"].pk]
        assert [row["state"] for row in shown["parts"]] == ["reported", "closed"]
        assert shown["parts"][0]["due_at"] is not None
        assert [row["id"] for row in shown["merged"]] == [family["merged"].pk]
        assert (shown["parent"], shown["merged_into"]) == (None, None)

    def test_from_the_other_side(self, family, browser, operator):
        assert self.related(browser(operator), family["part"])["parent"]["id"] == family["whole"].pk
        assert self.related(browser(operator), family["merged"])["merged_into"]["id"] == family["whole"].pk

    def test_of_these_only_what_one_may_see(self, family, browser, cast, stories):
        foreign = stories.report(by=cast.outsider, point=IN_OTHER_TOWN)
        Case.objects.filter(pk=foreign.pk).update(parent=family["whole"])
        assert len(self.related(browser(cast.operator), family["whole"])["parts"]) == 2
        # the other town sees its part, and not that it is a part of ours
        assert self.related(browser(cast.outsider), foreign)["parent"] is None

    def test_whoever_does_not_see_the_case_sees_nothing(self, family, browser, cast):
        path = f"cases/{family['whole'].pk}/related/"
        assert browser(cast.outsider).get(path).status_code == 404
        assert browser(None).get(path).status_code == 401

    def test_it_asks_once_for_all_of_them(self, family, browser, operator, monkeypatch):
        monkeypatch.setattr("grid.names.KEPT", 3600.0)
        phone = browser(operator)
        self.related(phone, family["whole"])
        with statements(
            [
                ("who is signed in", 'FROM "staff_user"'),
                ("their posts", 'FROM "staff_post"'),
                ("the case", r'FROM "cases_case".*LIMIT 1'),
                ("its relatives", r'"parent_id" = '),
            ]
        ):
            self.related(phone, family["whole"])

"""What bounces: category and unit, by month, over the cases one sees."""

from __future__ import annotations

import pytest

from grid.names import Names
from staff.models import Post
from tests.statements import statements
from tests.town import SINCE


@pytest.fixture
def bounced(stories, units):
    """C01 went to 执法办 twice and came back; once the center took it away; A02 came back from 调委会 once."""
    for _twice in range(2):
        stories.walk(stories.report(), "accept assign return")
    taken = stories.walk(stories.report(), "accept assign acknowledge")
    stories.act(taken, "assign", organisation=units.services.pk, text="改由公共服务办公室办理")
    mediation = stories.act(stories.report(category="A02"), "accept")
    stories.act(mediation, "assign", organisation=units.mediation.pk)
    stories.act(mediation, "return", by=stories.cast.mediator)
    stories.case_in("closed")


def rows(person_browser, **query):
    return person_browser.get("cases/bounces/", **query).json()["results"]


class TestPairs:
    def test_the_pair_that_bounces_most_comes_first_with_its_counts(self, browser, operator, bounced, units):
        worst, next_ = rows(browser(operator))
        assert worst["category"] == {"code": "C01", "name": "垃圾堆放"}
        assert worst["organisation"] == {"id": units.enforcement.pk, "name": "综合行政执法办公室"}
        counts = ("hops", "returned", "moved", "within", "cases_count")
        assert [worst[name] for name in counts] == [3, 2, 1, 0, 3]
        assert (next_["category"]["code"], next_["organisation"]["id"], next_["hops"]) == ("A02", units.mediation.pk, 1)

    def test_a_case_taken_away_counts_for_the_unit_that_had_it(self, browser, operator, bounced, units):
        assert units.services.pk not in {row["organisation"]["id"] for row in rows(browser(operator))}

    def test_another_person_of_the_unit_is_a_hop_once_work_has_begun(
        self, browser, operator, stories, other_handler, units
    ):
        town = units.enforcement.area
        Post.objects.create(
            user=other_handler, role="handler", area=town, organisation=units.enforcement, valid_from=SINCE
        )
        case = stories.walk(stories.report(), "accept assign acknowledge")
        stories.act(case, "reassign", assignee=other_handler.pk)
        (row,) = rows(browser(operator))
        assert (row["within"], row["hops"]) == (1, 1)

    def test_the_same_case_back_twice_is_two_hops_and_one_case(self, browser, operator, stories):
        case = stories.walk(stories.report(), "accept assign return assign return")
        (row,) = rows(browser(operator))
        assert (row["returned"], row["cases_count"]) == (2, 1)
        assert row["cases"] == [{"id": case.pk, "number": case.number}]

    def test_by_month_of_the_hop(self, browser, operator, bounced, stories, clock):
        clock.to("2026-12-01 00:10")
        stories.walk(stories.report(), "accept assign return")
        assert [row["hops"] for row in rows(browser(operator))] == [1]
        assert [row["hops"] for row in rows(browser(operator), month="2026-11")] == [3, 1]
        assert rows(browser(operator), month="2026-10") == []

    @pytest.mark.parametrize("month", ["2026-13", "11", "2026-11-01", "9999-99"])
    def test_what_is_no_month_is_refused(self, browser, operator, month):
        answer = browser(operator).get("cases/bounces/", month=month)
        assert (answer.status_code, answer.json()["field"]) == (400, "month")


class TestWho:
    @pytest.mark.parametrize(
        ("who", "status"),
        [
            *((None, 401), ("worker", 403), ("handler", 403), ("mediator", 403), ("auditor", 403), ("admin", 403)),
            *(("operator", 200), ("head", 200), ("leader", 200), ("outsider", 200)),
        ],
    )
    def test_the_center_and_leaders_read_it(self, browser, cast, bounced, who, status):
        assert browser(who and getattr(cast, who)).get("cases/bounces/").status_code == status

    def test_another_town_reads_nothing_of_ours(self, browser, outsider, bounced):
        assert rows(browser(outsider)) == []


def test_the_statements_do_not_grow_with_hops(browser, operator, stories, bounced):
    phone = browser(operator)
    phone.get("session/")
    for _more in range(2):
        stories.walk(stories.report(category="C02"), "accept assign return")
        Names.forget_all()
        with statements(
            [
                ("who is signed in", "staff_user"),
                ("their posts", "staff_post"),
                ("the month's hops", "cases_caseevent"),
                ("the categories", "cases_category"),
                ("names of units", "staff_organisation"),
            ]
        ):
            phone.get("cases/bounces/")

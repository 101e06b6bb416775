"""What a phone gets of each case: enough to go on without signal, in few and small answers."""

from __future__ import annotations

import gzip

import pytest

from cases.models import Case
from cases.policy import may_see
from cases.selectors.forms import acts_for
from grid.names import Names
from staff.models import User
from staff.scope import scope_of
from tests.statements import statements
from tests.stories import ROADS
from tests.town import IN_A, IN_B, IN_C, Cast

PERSON, POSTS = ("who is signed in", r'FROM "staff_user"'), ("their posts", r'FROM "staff_post"')
PEOPLE = Cast.__slots__


def bundle(phone, case: Case) -> dict:
    (one,) = phone.get("sync/cases/", ids=str(case.pk)).json()["results"]
    return one


class TestContent:
    def test_the_same_as_the_case_page_and_its_events(self, stories, browser, worker):
        case = stories.case_in("awaiting_verify")
        stories.photo(case)
        phone = browser(worker)
        one = bundle(phone, case)
        assert one["case"] == phone.get(f"cases/{case.pk}/").json()
        assert one["events"] == phone.get(f"cases/{case.pk}/events/").json()["results"]

    def test_in_the_order_asked_for_each_once(self, stories, browser, worker):
        first, second = stories.report(), stories.report()
        answer = browser(worker).get("sync/cases/", ids=f"{second.pk},{first.pk},{second.pk},7").json()
        assert [one["case"]["id"] for one in answer["results"]] == [second.pk, first.pk]
        assert answer["gone"] == [7]

    @pytest.mark.parametrize("name", PEOPLE)
    def test_of_each_person_only_what_they_may_see(self, stories, browser, cast, name):
        cases = [stories.case_in("processing"), stories.report(by=cast.operator, point=IN_C, category="A02")]
        person = getattr(cast, name)
        answer = browser(person).get("sync/cases/", ids=",".join(str(case.pk) for case in cases)).json()
        seen = set(Case.objects.visible_to(person).values_list("pk", flat=True))
        assert {one["case"]["id"] for one in answer["results"]} == seen
        assert set(answer["gone"]) == {case.pk for case in cases} - seen

    @pytest.mark.parametrize("ids", ["", "x", "1,", "1,-2", "1;2", ",".join("1" * 26), "9" * 19, "１"])
    def test_what_are_no_ids_is_refused(self, browser, worker, ids):
        answer = browser(worker).get("sync/cases/", ids=ids)
        assert (answer.status_code, answer.json()["field"]) == (400, "ids")

    def test_none_at_all_is_refused(self, browser, worker):
        assert browser(worker).get("sync/cases/").status_code == 400


TYPED = {"until": "2027-01-04", "into": "", "passed": True, "outcome": "solved"}


class TestThen:
    """What the phone may do next without asking: exactly what the server would have answered."""

    @pytest.mark.parametrize(
        ("name", "state", "act"),
        [
            ("handler", "assigned", "acknowledge"),
            ("handler", "assigned", "return"),
            ("handler", "processing", "feedback"),
            ("handler", "suspended", "resume"),
            ("worker", "draft", "submit"),
            ("worker", "reported", "cancel"),
            ("operator", "reported", "accept"),
            ("operator", "processing", "suspend"),
            ("operator", "verified", "close"),
            ("operator", "closed", "archive"),
            ("operator", "closed", "reopen"),
            ("operator", "merged", "unmerge"),
            ("operator", "accepted", "escalate"),
        ],
    )
    def test_as_told_so_it_is(self, stories, browser, cast, name, state, act):
        case, person = stories.case_in(state), getattr(cast, name)
        phone = browser(person)
        told = bundle(phone, case)["then"][act]
        _doer, typed = stories.usual(act)
        body = {"version": case.version, **typed}
        answer = phone.post(f"cases/{case.pk}/acts/{act}/", body)
        assert answer.status_code == 200, answer.json()
        assert told == answer.json()["acts"]

    def test_two_steps_ahead(self, stories, browser, handler):
        """Acknowledged and done on one way through the village."""
        case = stories.case_in("assigned")
        then = bundle(browser(handler), case)["then"]
        for act in ("acknowledge", "feedback"):
            case = stories.act(case, act)
            assert then[act] == acts_for(case=case, scope=scope_of(User.objects.get(pk=handler.pk)))

    @pytest.mark.parametrize("asked", ["ask_extension", "ask_suspension"])
    def test_a_request_is_overtaken_by_the_feedback(self, stories, browser, handler, asked):
        case = stories.case_in("processing")
        stories.act(case, asked)
        told = bundle(browser(handler), case)["then"]["feedback"]
        case = stories.act(case, "feedback")
        assert told == acts_for(case=case, scope=scope_of(User.objects.get(pk=handler.pk)))

    @pytest.mark.parametrize("passed", [True, False])
    def test_after_a_verification_what_holds_either_way(self, stories, browser, worker, passed):
        case = stories.case_in("awaiting_verify")
        told = bundle(browser(worker), case)["then"]["verify"]
        case = stories.act(case, "verify", passed=passed, text="看过了")
        after = acts_for(case=case, scope=scope_of(User.objects.get(pk=worker.pk)))
        assert told
        assert all(one in after for one in told)

    @pytest.mark.parametrize("said", ["satisfied", "not_solved"])
    def test_after_a_follow_up_what_holds_either_way(self, stories, browser, worker, said):
        """Only "not solved" moves the case."""
        case = stories.case_in("closed")
        told = bundle(browser(worker), case)["then"]["follow_up"]
        case = stories.act(case, "follow_up", by=worker, satisfaction=said, text="回访过了")
        after = acts_for(case=case, scope=scope_of(User.objects.get(pk=worker.pk)))
        assert all(one in after for one in told)

    @pytest.mark.parametrize("state", ROADS)
    def test_nothing_is_told_of_acts_nobody_would_come_to(self, stories, browser, cast, state):
        case = stories.case_in(state)
        for name in ("worker", "handler", "operator", "head", "leader", "auditor"):
            answer = browser(getattr(cast, name)).get("sync/cases/", ids=str(case.pk)).json()
            for one in answer["results"]:
                offered = [*one["case"]["acts"], *(act for acts in one["then"].values() for act in acts)]
                assert set(one["then"]) <= {act["act"] for act in offered}
                assert {"assign", "reassign"}.isdisjoint(one["then"])

    def test_who_may_only_read_has_nothing_to_do_next(self, stories, browser, auditor):
        assert bundle(browser(auditor), stories.case_in("processing"))["then"] == {}


@pytest.mark.parametrize("name", PEOPLE)
def test_who_may_see_a_case_that_is_only_thought_of(stories, cast, units, name):
    """The policy in Python says what the door to rows says, for everybody and every state."""
    cases = [stories.case_in(state) for state in ROADS]
    cases += [stories.report(by=cast.operator, point=point, category="A02") for point in (IN_A, IN_B, IN_C)]
    helped = stories.case_in("accepted")
    cases.append(stories.act(helped, "assign", assistants=(units.mediation.pk,)))
    person = getattr(cast, name)
    seen = set(Case.objects.visible_to(person).values_list("pk", flat=True))
    for case in Case.objects.filter(pk__in=[one.pk for one in cases]):
        assert may_see(case=case, scope=scope_of(person)) == (case.pk in seen)


BULK = [
    PERSON,
    POSTS,
    ("the cases", r'FROM "cases_case"'),
    ("their files", r'FROM "cases_casefile".*JOIN "staff_user"'),
    ("their events", r'FROM "cases_caseevent".*JOIN "staff_user"'),
]
NAMES = [
    ("names of areas", r'FROM "grid_area"'),
    ("names of people and units", r'FROM "staff_user"'),
]


class TestBudget:
    @pytest.fixture(autouse=True)
    def _names_are_kept(self, monkeypatch):
        monkeypatch.setattr("grid.names.KEPT", 3600.0)

    @pytest.mark.parametrize("rows", [1, 25])
    def test_the_same_statements_for_one_case_and_for_many(self, stories, browser, operator, rows):
        cases = []
        for number in range(rows):
            category = ("C01", "A02", "B03")[number % 3]
            case = stories.report(point=(118.005 + 0.01 * (number % 3), 22.005), category=category)
            stories.walk(case, ROADS[("reported", "accepted", "assigned", "processing", "suspended")[number % 5]])
            stories.photo(case, by=operator)
            cases.append(case)
        if rows > 2:
            stories.act(cases[0], "link_parent", into=cases[1].number)
            stories.act(cases[3], "supervise")
        phone = browser(operator)
        phone.get("session/")
        ids = ",".join(str(case.pk) for case in cases)
        Names.forget_all()
        with statements([*BULK[:3], *NAMES, *BULK[3:]]):
            assert len(phone.get("sync/cases/", ids=ids).json()["results"]) == rows
        with statements(BULK):
            phone.get("sync/cases/", ids=ids)


DESCRIPTION = (
    "村口第{n}号垃圾收集点旁堆放建筑垃圾和旧家具约{m}立方米，占去半幅路面，雨天污水流入排水沟，附近住户多次反映，"
    "已劝导当事人三次，对方称等车来拉。请协调清运并在点位立牌，留意夜间有人再次倾倒。"
)
HELD = ("reported", "accepted", "assigned", "processing", "awaiting_verify", "verified", "suspended", "draft")


@pytest.fixture(scope="module")
def two_hundred(lasting):
    with lasting.writing() as stories:
        for number in range(200):
            words = DESCRIPTION.format(n=number * 37 % 211, m=number * 7 % 13 + 1)
            lon = 118.0001 + number * 0.00004
            case = stories.report(description=words, point=(lon, 22.003 + number % 17 * 0.0003))
            stories.walk(case, ROADS[HELD[number % len(HELD)]])
            if number % 3 == 0:
                stories.act(case, "comment", text=f"第{number}次到现场查看，较上周减少，已拍照。")
            if number % 2 == 0 and case.state != "closed":
                stories.photo(case)


class TestSize:
    """A worker with two hundred open matters."""

    def test_the_first_sync_is_below_a_megabyte(self, two_hundred, browser, worker, record_property):
        phone = browser(worker)
        first = phone.get("sync/")
        ids = [pk for pk, _count in first.json()["held"]]
        assert len(ids) == 200
        answers = [first.content]
        for start in range(0, 200, 25):
            answer = phone.get("sync/cases/", ids=",".join(map(str, ids[start : start + 25])))
            assert len(answer.json()["results"]) == 25
            answers.append(answer.content)
        raw, sent = sum(map(len, answers)), sum(len(gzip.compress(one, 5)) for one in answers)
        record_property("bytes", raw)
        record_property("bytes compressed as nginx does", sent)

        assert sent <= 1_000_000
        assert raw <= 4_000_000, "a phone takes it apart"

"""Who may do what, when, and with which words. One case of 阿珍's in cell A, led by 王工's unit once assigned."""

from __future__ import annotations

import pytest

from cases.models import Case, CaseEvent
from cases.workflow import Act, State, moves
from tests.town import Cast

CENTER = {"operator", "head"}
ON_THE_SPOT = {"worker", "officer"}
READ_ONLY = {"leader", "auditor"}
SEES_WHERE_IT_LIES = CENTER | ON_THE_SPOT | READ_ONLY

# act: the state it is done in, who may, and what else must be said
ACTS = {
    "accept": ("reported", CENTER, {}),
    "reject": ("reported", CENTER, {"text": "属于家庭内部事务"}),
    "merge": ("reported", CENTER, {"text": "同一件事"}),
    "cancel": ("reported", CENTER | {"worker"}, {"text": "误报"}),
    "assign": ("accepted", CENTER, {}),
    "acknowledge": ("assigned", {"handler"}, {}),
    "return": ("processing", {"handler"}, {"text": "不属于本单位职责"}),
    "feedback": ("processing", {"handler"}, {"text": "已清运干净"}),
    "verify": ("awaiting_verify", CENTER | ON_THE_SPOT, {"passed": True}),
    "close": ("verified", CENTER, {"outcome": "solved"}),
    "suspend": ("processing", CENTER, {"text": "等待鉴定报告", "until": "2026-12-10"}),
    "resume": ("suspended", CENTER | {"handler"}, {}),
    "comment": ("processing", CENTER | ON_THE_SPOT | {"handler"}, {"text": "又来看了一次"}),
}
MAY = [(act, name) for act, (_, names, _) in ACTS.items() for name in sorted(names)]
ASSIGNED = {"assigned", "processing", "awaiting_verify", "verified", "suspended", "closed"}


@pytest.fixture
def body(stories, units):
    """What the person sends with the act: the version they saw and what it needs."""

    def make(case: Case, act: str, **more):
        given = dict(ACTS[act][2])
        if act == "assign":
            given["organisation"] = units.enforcement.pk
        if act == "merge":
            given["into"] = stories.report(description="先报的").number
        return {"version": case.version, **given, **more}

    return make


def test_every_act_of_people_is_tried_here():
    by_nobody_here = {Act.REPORT, Act.ATTACH, Act.DUE_SOON, Act.OVERDUE, Act.CELL_CHANGED}
    assert set(ACTS) == {act.value for act in set(Act) - by_nobody_here}


@pytest.mark.parametrize(("act", "name"), MAY)
def test_whoever_may_does_it_and_it_is_on_record(stories, browser, cast, body, act, name):
    state, _, given = ACTS[act]
    person = getattr(cast, name)
    case = stories.case_in(state)
    answer = browser(person).post(f"cases/{case.pk}/acts/{act}/", body(case, act))
    assert answer.status_code == 200, answer.content
    (target,) = {
        m.to or state for m in moves(state=State(state), act=Act(act)) if m.to != "processing" or act != "verify"
    }
    assert answer.json()["state"] == target
    event = CaseEvent.objects.filter(case=case).latest("seq")
    assert (event.act, event.actor, event.from_state, event.to_state) == (act, person, state, target)
    assert event.text == given.get("text", "")


@pytest.mark.parametrize("act", ACTS)
def test_nobody_else_can(stories, browser, cast, body, act):
    state, may, _ = ACTS[act]
    case = stories.case_in(state)
    sees = SEES_WHERE_IT_LIES | ({"handler"} if state in ASSIGNED else set())
    given, events = body(case, act), CaseEvent.objects.count()
    for name in set(Cast.__slots__) - may:
        answer = browser(getattr(cast, name)).post(f"cases/{case.pk}/acts/{act}/", given)
        wanted = (403, "permission_denied") if name in sees else (404, "not_found")
        assert (answer.status_code, answer.json()["code"]) == wanted, name
    assert CaseEvent.objects.count() == events


@pytest.mark.parametrize("act", ACTS)
def test_the_case_page_offers_it_to_exactly_those_who_may(stories, browser, cast, act):
    state, may, _ = ACTS[act]
    case = stories.case_in(state)
    offered = set()
    for name in Cast.__slots__:
        answer = browser(getattr(cast, name)).get(f"cases/{case.pk}/")
        if answer.status_code == 200 and act in {row["act"] for row in answer.json()["acts"]}:
            offered.add(name)
    assert offered == may


@pytest.mark.parametrize("state", [state.value for state in State])
def test_what_the_table_does_not_allow_now_is_refused(stories, browser, operator, body, state):
    case = stories.case_in(state)
    phone, version = browser(operator), Case.objects.get(pk=case.pk).version
    for act in ACTS:
        if moves(state=State(state), act=Act(act)):
            continue
        answer = phone.post(f"cases/{case.pk}/acts/{act}/", body(case, act, version=version))
        assert (answer.status_code, answer.json()["code"]) == (409, "not_allowed_now"), act
    assert Case.objects.get(pk=case.pk).state == state


NEEDED = [
    ("reject", "text"),
    ("merge", "text"),
    ("merge", "into"),
    ("cancel", "text"),
    ("assign", "organisation"),
    ("return", "text"),
    ("feedback", "text"),
    ("verify", "passed"),
    ("close", "outcome"),
    ("suspend", "text"),
    ("suspend", "until"),
    ("comment", "text"),
]


EMPTY = [(act, field, None) for act, field in NEEDED]
EMPTY += [(act, field, "  ") for act, field in NEEDED if field in ("text", "into")]


@pytest.mark.parametrize(("act", "field", "empty"), EMPTY)
def test_what_an_act_needs_and_is_not_given_is_named(stories, browser, cast, body, act, field, empty):
    state, may, _ = ACTS[act]
    case = stories.case_in(state)
    given = body(case, act, **{field: empty})
    if field == "text" and empty is None:
        del given["text"]
    answer = browser(getattr(cast, sorted(may)[0])).post(f"cases/{case.pk}/acts/{act}/", given)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert answer.json()["code"] in ("required", "blank")
    assert Case.objects.get(pk=case.pk).state == state


def test_sending_it_back_to_work_needs_words(stories, browser, worker):
    case = stories.case_in("awaiting_verify")
    answer = browser(worker).post(f"cases/{case.pk}/acts/verify/", {"version": case.version, "passed": False})
    assert (answer.status_code, answer.json()["field"]) == (400, "text")


WRONG = [
    ("assign", "accepted", {"organisation": 999_999_999}, "organisation"),
    ("close", "verified", {"outcome": "wonderful"}, "outcome"),
    ("suspend", "processing", {"until": "2026-11-25"}, "until"),
    ("suspend", "processing", {"until": "someday"}, "until"),
    ("merge", "reported", {"into": "261125-999999"}, "into"),
    ("accept", "reported", {"category": "Z99"}, "category"),
    ("comment", "processing", {"text": "长" * 4001}, "text"),
    ("comment", "processing", {"client_id": "no-id"}, "client_id"),
    ("accept", "reported", {"version": 0}, "version"),
]


@pytest.mark.parametrize(("act", "state", "given", "field"), WRONG)
def test_what_is_wrong_is_named(stories, browser, operator, body, act, state, given, field):
    case = stories.case_in(state)
    answer = browser(operator).post(f"cases/{case.pk}/acts/{act}/", body(case, act, **given))
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert Case.objects.get(pk=case.pk).state == state


@pytest.mark.parametrize("act", ["report", "attach", "due_soon", "overdue", "dance"])
def test_acts_that_are_not_peoples_have_no_address(stories, browser, operator, act):
    case = stories.report()
    assert browser(operator).post(f"cases/{case.pk}/acts/{act}/", {"version": 1}).status_code == 404


@pytest.mark.parametrize("act", ACTS)
def test_the_form_asks_for_what_the_table_needs(stories, browser, cast, act):
    state, may, _ = ACTS[act]
    case = stories.case_in(state)
    page = browser(getattr(cast, sorted(may)[0])).get(f"cases/{case.pk}/").json()
    form = next(row for row in page["acts"] if row["act"] == act)
    required = {field["name"] for field in form["fields"] if field["required"]}
    needed = frozenset.intersection(*(frozenset(m.needs) for m in moves(state=State(state), act=Act(act))))
    assert required == needed
    assert all(field["label"] for field in form["fields"])

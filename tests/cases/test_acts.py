"""Who may do what, when, and with which words. One case of 阿珍's in cell A, led by 王工's unit once assigned."""

from __future__ import annotations

import pytest

from cases.models import Case, CaseEvent
from cases.workflow import Act, State, When, moves
from tests.stories import ROADS
from tests.town import Cast

CENTER = {"operator", "head"}
ON_THE_SPOT = {"worker", "officer"}
READ_ONLY = {"leader", "auditor"}
MINISTERS = {"head", "leader"}
UNTIL = {"text": "等待鉴定报告", "until": "2026-12-10"}
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
    "return_for_info": ("reported", CENTER, {"text": "请补充门牌号"}),
    "submit": ("draft", {"worker"}, {"text": "东村12号"}),
    "unmerge": ("merged", CENTER, {"text": "不是同一件事"}),
    "reassign": ("assigned", CENTER | {"handler"}, {}),
    "archive": ("closed", CENTER, {}),
    "reopen": ("closed", CENTER, {"text": "又堆起来了"}),
    "follow_up": ("closed", CENTER | ON_THE_SPOT, {"satisfaction": "satisfied"}),
    "ask_suspension": ("processing", {"handler"}, UNTIL),
    "refuse_suspension": ("processing", CENTER, {"text": "不影响先处理"}),
    "ask_extension": ("processing", {"handler"}, {"text": "车辆检修", "amount": 2}),
    "extend": ("processing", {"head"}, {"amount": 1}),
    "refuse_extension": ("processing", {"head"}, {"text": "人手已够"}),
    "escalate": ("processing", CENTER, {"authority": "区综治中心", "text": "已会商两次，超出本镇权限"}),
    "answer": ("escalated", CENTER, {"taken_over": False, "text": "由镇里继续处理"}),
    "transfer": ("accepted", CENTER, {"authority": "区人民法院", "text": "需依法裁判"}),
    "opine": ("processing", {"mediator"}, {"text": "已配合现场调查"}),
    "meet": ("processing", CENTER | {"handler"}, {"text": "三方到场，约定周五前清运"}),
    "nudge": ("processing", CENTER | {"leader"}, {}),
    "supervise": ("processing", MINISTERS, {"supervision": "yellow", "text": "请说明进度"}),
    "supervision_reply": ("processing", CENTER | {"handler"}, {"text": "明日清运完毕"}),
    "lift_supervision": ("processing", MINISTERS, {"text": "已答复"}),
    "instruct": ("processing", {"leader"}, {"text": "请抓紧办理"}),
    "link_parent": ("processing", CENTER, {}),
    "unlink_parent": ("processing", CENTER, {"text": "单独处理"}),
}
BEFORE = {
    "refuse_suspension": "ask_suspension",
    "extend": "ask_extension",
    "refuse_extension": "ask_extension",
    "supervision_reply": "supervise",
    "lift_supervision": "supervise",
    "unlink_parent": "link_parent",
}
"""What has to have happened for the act to have an occasion."""
MAY = [(act, name) for act, (_, names, _) in ACTS.items() for name in sorted(names)]
ASSIGNED = {"assigned", "processing", "escalated", "awaiting_verify", "verified", "suspended", "closed", "archived"}


@pytest.fixture
def ready(stories, units):
    """A case in which the act has its occasion."""

    def make(act: str) -> Case:
        case = stories.report()
        for step in ROADS[ACTS[act][0]].split():
            more = {"assistants": (units.mediation.pk,)} if (act, step) == ("opine", "assign") else {}
            case = stories.act(case, step, **more)
        if act in BEFORE:
            more = {"into": stories.report(description="先报的").number} if act == "unlink_parent" else {}
            case = stories.act(case, BEFORE[act], **more)
        return case

    return make


@pytest.fixture
def body(stories, units, cast):
    """What the person sends with the act: the version they saw and what it needs."""

    def make(case: Case, act: str, **more):
        given = dict(ACTS[act][2])
        if act == "assign":
            given["organisation"] = units.enforcement.pk
        if act == "reassign":
            given["assignee"] = cast.handler.pk
        if act in ("merge", "link_parent"):
            given["into"] = stories.report(description="先报的").number
        return {"version": case.version, **given, **more}

    return make


def test_every_act_of_people_is_tried_here():
    elsewhere = {Act.REPORT, Act.ATTACH, Act.PARTY_ADDED, Act.PARTY_REMOVED, Act.CONFLICT, Act.SETTLE_CONFLICT}
    by_nobody_here = elsewhere | {Act.DUE_SOON, Act.OVERDUE, Act.CELL_CHANGED, Act.CLOCK_CHANGED}
    assert set(ACTS) == {act.value for act in set(Act) - by_nobody_here}


@pytest.mark.parametrize(("act", "name"), MAY)
def test_whoever_may_does_it_and_it_is_on_record(ready, browser, cast, body, act, name):
    state, _, given = ACTS[act]
    person = getattr(cast, name)
    case = ready(act)
    answer = browser(person).post(f"cases/{case.pk}/acts/{act}/", body(case, act))
    assert answer.status_code == 200, answer.content
    usual = (None, When.PASSED, When.ASSIGNED, When.GIVEN_BACK, When.WAS_REPORTED, When.SAID_SOLVED)
    (target,) = {m.to or state for m in moves(state=State(state), act=Act(act)) if m.when in usual}
    assert answer.json()["state"] == target
    event = CaseEvent.objects.filter(case=case).latest("seq")
    assert (event.act, event.actor, event.from_state, event.to_state) == (act, person, state, target)
    assert event.text == given.get("text", "")


@pytest.mark.parametrize("act", ACTS)
def test_nobody_else_can(ready, browser, cast, body, act):
    state, may, _ = ACTS[act]
    case = ready(act)
    sees = SEES_WHERE_IT_LIES | ({"handler"} if state in ASSIGNED else set())
    given, events = body(case, act), CaseEvent.objects.count()
    for name in set(Cast.__slots__) - may:
        answer = browser(getattr(cast, name)).post(f"cases/{case.pk}/acts/{act}/", given)
        wanted = (403, "permission_denied") if name in sees else (404, "not_found")
        assert (answer.status_code, answer.json()["code"]) == wanted, name
    assert CaseEvent.objects.count() == events


@pytest.mark.parametrize("act", ACTS)
def test_the_case_page_offers_it_to_exactly_those_who_may(ready, browser, cast, act):
    may, case = ACTS[act][1], ready(act)
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
    ("return_for_info", "text"),
    ("submit", "text"),
    ("unmerge", "text"),
    ("reassign", "assignee"),
    ("reopen", "text"),
    ("follow_up", "satisfaction"),
    ("ask_suspension", "until"),
    ("refuse_suspension", "text"),
    ("ask_extension", "text"),
    ("ask_extension", "amount"),
    ("extend", "amount"),
    ("refuse_extension", "text"),
    ("escalate", "text"),
    ("escalate", "authority"),
    ("answer", "taken_over"),
    ("answer", "text"),
    ("transfer", "authority"),
    ("opine", "text"),
    ("meet", "text"),
    ("supervise", "supervision"),
    ("supervise", "text"),
    ("supervision_reply", "text"),
    ("lift_supervision", "text"),
    ("instruct", "text"),
    ("link_parent", "into"),
    ("unlink_parent", "text"),
]


EMPTY = [(act, field, None) for act, field in NEEDED]
EMPTY += [(act, field, "  ") for act, field in NEEDED if field in ("text", "into", "authority")]


@pytest.mark.parametrize(("act", "field", "empty"), EMPTY)
def test_what_an_act_needs_and_is_not_given_is_named(ready, browser, cast, body, act, field, empty):
    state, may, _ = ACTS[act]
    case = ready(act)
    given = body(case, act, **{field: empty})
    if field in ("text", "authority") and empty is None:
        del given[field]
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


@pytest.mark.parametrize(
    "act",
    [
        *("report", "attach", "party_added", "conflict", "settle_conflict"),
        *("due_soon", "overdue", "cell_changed", "clock_changed", "dance"),
    ],
)
def test_acts_that_are_not_peoples_have_no_address(stories, browser, operator, act):
    case = stories.report()
    assert browser(operator).post(f"cases/{case.pk}/acts/{act}/", {"version": 1}).status_code == 404


@pytest.mark.parametrize("act", ACTS)
def test_the_form_asks_for_what_the_table_needs(ready, browser, cast, act):
    state, may, _ = ACTS[act]
    case = ready(act)
    page = browser(getattr(cast, sorted(may)[0])).get(f"cases/{case.pk}/").json()
    form = next(row for row in page["acts"] if row["act"] == act)
    required = {field["name"] for field in form["fields"] if field["required"]}
    needed = frozenset.intersection(*(frozenset(m.needs) for m in moves(state=State(state), act=Act(act))))
    assert required == needed
    assert all(field["label"] for field in form["fields"])

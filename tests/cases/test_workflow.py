"""The table of the workflow keeps its own promises, whatever rows it has."""

from __future__ import annotations

import itertools

import pytest

from cases.workflow import (
    ALWAYS,
    BESIDE,
    DECIDED,
    ENDED,
    MOVES,
    OPEN,
    SETTLED,
    STAGE_OF,
    UNCOUNTED,
    Act,
    Party,
    Stage,
    State,
    When,
    moves,
)
from tests.stories import ROADS


def steps(state: State) -> set[State]:
    return {move.to for move in moves(state=state) if move.to is not None}


def reachable(start: set[State]) -> set[State]:
    found, new = set(start), set(start)
    while new:
        new = set().union(*(steps(state) for state in new)) - found
        found |= new
    return found


def test_a_case_begins_with_one_report_and_what_was_solved_on_the_spot_may_end_with_it():
    assert [(m.act, m.to, m.when) for m in MOVES if m.frm is None] == [
        (Act.REPORT, State.REPORTED, None),
        (Act.REPORT, State.AWAITING_VERIFY, When.SELF_HANDLED_SAMPLED),
        (Act.REPORT, State.CLOSED, When.SELF_HANDLED),
    ]


def test_every_state_can_be_reached():
    assert reachable({State.REPORTED}) == set(State)


def test_every_act_is_in_the_table():
    assert {move.act for move in (*MOVES, *ALWAYS)} == set(Act)


@pytest.mark.parametrize("state", sorted(OPEN))
def test_no_open_case_is_stuck(state):
    assert reachable({state}) & ENDED, "there is a way to an end"
    assert steps(state), "somebody can move it"


WAYS_BACK = {
    State.CLOSED: {Act.ARCHIVE, Act.REOPEN, Act.FOLLOW_UP},
    State.ARCHIVED: {Act.REOPEN},
    State.MERGED: {Act.UNMERGE},
}


@pytest.mark.parametrize("state", sorted(ENDED))
def test_what_has_ended_can_be_commented_and_has_only_the_ways_back_that_are_named(state):
    always = {Act.COMMENT, Act.PARTY_REMOVED, Act.CONFLICT, Act.SETTLE_CONFLICT}
    assert {move.act for move in moves(state=state)} == always | WAYS_BACK.get(state, set())


def test_open_and_ended_are_all_there_is():
    assert set(State) == OPEN | ENDED
    assert not OPEN & ENDED
    assert UNCOUNTED < ENDED
    assert SETTLED == ENDED - UNCOUNTED


def test_verification_is_never_the_units_own():
    assert {move.by for move in MOVES if move.act is Act.VERIFY} == {Party.CHECKER}


def test_only_the_center_closes_and_accepts():
    assert {move.by for move in MOVES if move.act in (Act.CLOSE, Act.ACCEPT, Act.ASSIGN)} == {Party.CENTER}


def test_nobody_closes_what_nobody_verified_but_what_was_solved_on_the_spot():
    assert {(move.frm, move.when) for move in MOVES if move.to is State.CLOSED} == {
        (State.VERIFIED, None),
        (None, When.SELF_HANDLED),
    }
    assert {move.frm for move in MOVES if move.to is State.VERIFIED} == {State.AWAITING_VERIFY}


def test_a_verdict_once_given_is_overruled_by_a_decision_only():
    again = [move for move in MOVES if move.act is Act.VERIFY and move.frm is not State.AWAITING_VERIFY]
    assert {(move.frm, move.when in DECIDED) for move in again} == {(State.VERIFIED, True)}
    assert {move.act for move in MOVES if move.when in DECIDED} == {Act.VERIFY}


def test_what_decides_between_two_ways_of_one_act_is_named():
    key = lambda m: (m.frm or "", m.act, m.by)  # noqa: E731 - one word for two calls
    for (state, act, party), same in itertools.groupby(sorted((*MOVES, *ALWAYS), key=key), key=key):
        ways = list(same)
        conditions = [move.when for move in ways]
        assert len(set(conditions)) == len(ways), (state, act, party)
        if len(ways) > 1 and state:
            assert None not in conditions, (state, act, party)


def test_the_same_act_leads_to_the_same_state_whoever_does_it():
    for state, act in itertools.product(State, Act):
        targets = {(move.when, move.to) for move in moves(state=state, act=act)}
        assert len(targets) == len({when for when, _ in targets}), (state, act)


def test_every_condition_decides_something():
    assert {move.when for move in MOVES} - {None} == set(When)


@pytest.mark.parametrize(
    "act",
    [
        *(Act.REJECT, Act.RETURN, Act.CANCEL, Act.MERGE, Act.UNMERGE, Act.SUSPEND, Act.FEEDBACK, Act.REOPEN),
        *(Act.RETURN_FOR_INFO, Act.SUBMIT, Act.ESCALATE, Act.ANSWER, Act.TRANSFER, Act.ASK_EXTENSION),
        *(Act.REFUSE_EXTENSION, Act.ASK_SUSPENSION, Act.REFUSE_SUSPENSION, Act.SUPERVISE, Act.LIFT_SUPERVISION),
    ],
)
def test_what_somebody_else_must_understand_needs_words(act):
    assert all("text" in move.needs for move in (*MOVES, *ALWAYS) if move.act is act)


def test_sending_back_to_work_needs_words_and_passing_does_not():
    needs = {move.to: set(move.needs) for move in MOVES if move.act is Act.VERIFY}
    back = {"passed", "text"}
    assert needs == {State.VERIFIED: {"passed"}, State.PROCESSING: back, State.REPORTED: back}


def test_sending_upwards_names_to_whom_and_what_was_tried():
    assert all({"authority", "text"} == set(move.needs) for move in MOVES if move.act in (Act.ESCALATE, Act.TRANSFER))


def test_more_time_is_given_by_the_head_alone():
    assert {move.by for move in MOVES if move.act in (Act.EXTEND, Act.REFUSE_EXTENSION)} == {Party.HEAD}


def test_a_suspension_names_its_end_and_an_end_its_outcome():
    assert all("until" in move.needs for move in MOVES if move.act is Act.SUSPEND)
    assert all("outcome" in move.needs for move in MOVES if move.act is Act.CLOSE)


def test_every_move_has_its_reason():
    assert all(move.why.strip() for move in (*MOVES, *ALWAYS))


def test_the_clock_marks_and_hands_on_and_moves_nothing_but_the_end_of_a_wait():
    by_clock = {move.act for move in (*MOVES, *ALWAYS) if move.by is Party.CLOCK}
    assert by_clock == {Act.DUE_SOON, Act.OVERDUE, Act.CELL_CHANGED, Act.CLOCK_CHANGED, Act.RESUME}
    assert [move.act for move in MOVES if move.by is Party.CLOCK] == [Act.RESUME], "a wait ends on the day it was to"


def test_every_open_state_is_under_one_clock_and_ended_ones_under_none():
    assert set(STAGE_OF) == OPEN
    assert set(STAGE_OF.values()) == set(Stage) - BESIDE


def test_the_tests_know_a_road_to_every_state():
    assert set(ROADS) == {state.value for state in State}
    for state, road in ROADS.items():
        here = State.REPORTED
        for act in road.split():
            targets = {move.to for move in moves(state=here, act=Act(act))} - {None}
            here = State.VERIFIED if act == "verify" else targets.pop()
        assert here == state

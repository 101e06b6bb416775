"""The table of the workflow keeps its own promises, whatever rows it has."""

from __future__ import annotations

import itertools

import pytest

from cases.workflow import (
    ALWAYS,
    ENDED,
    MOVES,
    OPEN,
    STAGE_OF,
    UNCOUNTED,
    Act,
    Party,
    Stage,
    State,
    moves,
)
from tests.stories import ROADS

PEOPLE = set(Party) - {Party.CLOCK}


def steps(state: State) -> set[State]:
    return {move.to for move in moves(state=state) if move.to is not None}


def reachable(start: set[State]) -> set[State]:
    found, new = set(start), set(start)
    while new:
        new = set().union(*(steps(state) for state in new)) - found
        found |= new
    return found


def test_a_case_begins_with_one_report():
    assert [(m.act, m.to) for m in MOVES if m.frm is None] == [(Act.REPORT, State.REPORTED)]


def test_every_state_can_be_reached():
    assert reachable({State.REPORTED}) == set(State)


def test_every_act_is_in_the_table():
    assert {move.act for move in (*MOVES, *ALWAYS)} == set(Act)


@pytest.mark.parametrize("state", sorted(OPEN))
def test_no_open_case_is_stuck(state):
    assert reachable({state}) & ENDED, "there is a way to an end"
    assert steps(state), "somebody can move it"


@pytest.mark.parametrize("state", sorted(ENDED))
def test_what_has_ended_stays_ended_and_can_only_be_commented(state):
    assert [move.act for move in moves(state=state)] == [Act.COMMENT]


def test_open_and_ended_are_all_there_is():
    assert set(State) == OPEN | ENDED
    assert not OPEN & ENDED
    assert UNCOUNTED < ENDED


def test_verification_is_never_the_units_own():
    assert {move.by for move in MOVES if move.act is Act.VERIFY} == {Party.CHECKER}


def test_only_the_center_closes_and_accepts():
    assert {move.by for move in MOVES if move.act in (Act.CLOSE, Act.ACCEPT, Act.ASSIGN)} == {Party.CENTER}


def test_nobody_closes_what_nobody_verified():
    assert {move.frm for move in MOVES if move.to is State.CLOSED} == {State.VERIFIED}
    assert {move.frm for move in MOVES if move.to is State.VERIFIED} == {State.AWAITING_VERIFY}


def test_an_act_of_one_party_leads_to_one_state_except_the_verdict():
    key = lambda m: (m.frm or "", m.act, m.by)  # noqa: E731 - one word for two calls
    for (_, act, _), same in itertools.groupby(sorted((*MOVES, *ALWAYS), key=key), key=key):
        targets = [move.to for move in same]
        if act is Act.VERIFY:
            assert sorted(targets) == [State.PROCESSING, State.VERIFIED]
        else:
            assert len(targets) == 1, act


def test_the_same_act_leads_to_the_same_state_whoever_does_it():
    for state, act in itertools.product(State, Act):
        if act is not Act.VERIFY:
            assert len({move.to for move in moves(state=state, act=act)}) <= 1, (state, act)


@pytest.mark.parametrize("act", [Act.REJECT, Act.RETURN, Act.CANCEL, Act.MERGE, Act.SUSPEND, Act.FEEDBACK])
def test_what_somebody_else_must_understand_needs_words(act):
    assert all("text" in move.needs for move in MOVES if move.act is act)


def test_sending_back_to_work_needs_words_and_passing_does_not():
    needs = {move.to: set(move.needs) for move in MOVES if move.act is Act.VERIFY}
    assert needs == {State.VERIFIED: {"passed"}, State.PROCESSING: {"passed", "text"}}


def test_a_suspension_names_its_end_and_an_end_its_outcome():
    assert all("until" in move.needs for move in MOVES if move.act is Act.SUSPEND)
    assert all("outcome" in move.needs for move in MOVES if move.act is Act.CLOSE)


def test_every_move_has_its_reason():
    assert all(move.why.strip() for move in (*MOVES, *ALWAYS))


def test_only_the_clock_marks_due_and_hands_on_and_it_does_nothing_else():
    by_clock = {move.act for move in (*MOVES, *ALWAYS) if move.by is Party.CLOCK}
    assert by_clock == {Act.DUE_SOON, Act.OVERDUE, Act.CELL_CHANGED}
    assert all(move.by in PEOPLE for move in MOVES)


def test_every_open_state_is_under_one_clock_and_ended_ones_under_none():
    assert set(STAGE_OF) == OPEN
    assert set(STAGE_OF.values()) == set(Stage)


def test_the_tests_know_a_road_to_every_state():
    assert set(ROADS) == {state.value for state in State}
    for state, road in ROADS.items():
        here = State.REPORTED
        for act in road.split():
            targets = {move.to for move in moves(state=here, act=Act(act))} - {None}
            here = State.VERIFIED if act == "verify" else targets.pop()
        assert here == state

"""Random acts by random people on random days: whatever they do, the promises of a case hold."""

from __future__ import annotations

import copy
import zlib
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from cases.models import Case, CaseConflict, CaseEvent
from cases.policy import open_moves
from cases.selectors.forms import acts_for
from cases.selectors.standing import Standing, versions_of
from cases.services.acts import ActInput, perform_act
from cases.services.acts.offline import Offline, standing_of
from cases.services.conflicts import perform_kept
from cases.services.errors import (
    CannotTakeError,
    CaseNotFoundError,
    NotAllowedNowError,
    NotYoursError,
    StaleVersionError,
)
from cases.services.evidence import verify_chain
from cases.services.scan import mark_due
from cases.services.settle import settle_conflict
from cases.workflow import OPEN, UNCOUNTED, Act, State, moves
from staff.models import User
from staff.scope import scope_of
from tests.stories import ROADS, Stories
from tests.town import Cast, Clock, Units

PEOPLE = Cast.__slots__
BUSY = ("operator", "head", "handler", "handler", "worker", "officer", "other_handler", "mediator", "leader")
UNITS = ("enforcement", "services", "committee", "center", "foreign")
OWN_ADDRESS = {Act.REPORT, Act.ATTACH, Act.PARTY_ADDED, Act.PARTY_REMOVED, Act.CONFLICT, Act.SETTLE_CONFLICT}
ACTS = sorted(act for act in Act if act not in OWN_ADDRESS | {Act.DUE_SOON, Act.OVERDUE})
DEAD_ENDS = sorted(UNCOUNTED - {State.MERGED})
REFUSALS = (CaseNotFoundError, NotAllowedNowError, NotYoursError, StaleVersionError, ValidationError)


def one_of(*values: Any) -> st.SearchStrategy[Any]:
    """Each about as often: left to itself hypothesis likes the first ones, and walks that never leave home."""
    return st.binary(min_size=4, max_size=4).map(lambda spin: values[zlib.crc32(spin) % len(values)])


WORDS = st.fixed_dictionaries(
    {
        "unit": st.sampled_from(UNITS),
        "passed": st.booleans(),
        "amount": st.integers(0, 7),
        "days": st.integers(-1, 20),
        "words": st.sampled_from(["已说明", "已说明", ""]),
        "choice": st.sampled_from(["solved", "unsolvable", "satisfied", "not_solved", "yellow", "red"]),
    }
)
"""What somebody types, sensible or not."""


def as_seen(case: Case, standing: Standing) -> Case:
    seen = copy.copy(case)
    seen.state, seen.is_open = standing.state, standing.state in OPEN
    seen.lead_org_id, seen.assignee_id = standing.lead_org, standing.assignee
    return seen


class CaseMachine(RuleBasedStateMachine):
    """One case among two; every rule is a try that may be refused, and a refusal changes nothing."""

    stories: ClassVar[Stories]
    units: ClassVar[Units]
    seen: ClassVar[set[tuple[str, str]]]

    @property
    def clock(self) -> Clock:
        return self.stories.clock

    @initialize(road=one_of(*ROADS.values()), self_handled=st.booleans())
    def begin(self, road: str, self_handled: bool) -> None:
        """Anywhere on the way: from the report alone a random walk seldom gets far."""
        self.savepoint = transaction.savepoint()
        # Which cases are drawn for a look follows from their ids: the same in every run.
        self.stories.count = 0
        self.clock.to("2026-11-25 10:00")
        self.other = self.stories.report(description="另一件事")
        self.case = self.stories.report(self_handled=self_handled and not road)
        self.case = self.stories.walk(self.case, road)
        self.done, self.kept = self.case.event_count, 0

    @rule(who=one_of(*BUSY), pick=one_of(0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11), drawn=WORDS)
    def do_what_is_offered(self, who: str, pick: int, drawn: dict[str, Any]) -> None:
        person = User.objects.get(pk=getattr(self.stories.cast, who).pk)
        case = Case.objects.get(pk=self.case.pk)
        if case.state in DEAD_ENDS:
            self.case, self.done, self.kept = self.stories.report(), 1, 0
            return
        offered = acts_for(case=case, scope=scope_of(person))
        if offered:
            self.attempt(Act(offered[pick % len(offered)]["act"]), person, drawn)

    @rule(act=one_of(*ACTS), who=one_of(*PEOPLE), drawn=WORDS)
    def try_anything(self, act: Act, who: str, drawn: dict[str, Any]) -> None:
        self.attempt(act, User.objects.get(pk=getattr(self.stories.cast, who).pk), drawn)

    def attempt(self, act: Act, person: User, drawn: dict[str, Any]) -> None:
        """A refusal changes nothing; what is done was this person's to do and follows the table."""
        before = Case.objects.get(pk=self.case.pk)
        allowed = bool(open_moves(case=before, scope=scope_of(person), act=act))
        given = self.given(**drawn)
        try:
            with transaction.atomic():
                perform_act(case_id=before.pk, act=act, by=person, given=given, version=before.version)
        except REFUSALS:
            after = Case.objects.get(pk=before.pk)
            kept = ("state", "version", "event_count", "due_at")
            assert all(getattr(after, name) == getattr(before, name) for name in kept)
            return
        assert allowed, "nobody acts outside their scope"
        self.done += 1
        self.follows_the_table(act, before)

    @rule(
        who=one_of(*BUSY),
        pick=st.integers(0, 9),
        back=one_of(1, 1, 2, 3, 5),
        decision=one_of("", "keep", "take", "both"),
        drawn=WORDS,
    )
    def do_without_signal(self, who: str, pick: int, back: int, decision: str, drawn: dict[str, Any]) -> None:
        """What was offered a while ago: done, kept whole, or refused for what was typed. Nothing between."""
        person = User.objects.get(pk=getattr(self.stories.cast, who).pk)
        before = Case.objects.get(pk=self.case.pk)
        versions = versions_of(CaseEvent.objects.filter(case=before).order_by("seq"))
        seen = versions[max(0, len(versions) - 1 - back)]
        offered = acts_for(case=as_seen(before, seen.standing), scope=scope_of(person))
        if not offered:
            return
        act = Act(offered[pick % len(offered)]["act"])
        words = {"case_id": before.pk, "act": act, "by": person, "given": self.given(**drawn)}
        sent = {"version": seen.number, "client_id": self.stories.client_id()}
        offline = Offline(done_at=self.clock() - timedelta(hours=3), kept=True)
        try:
            with transaction.atomic():
                done = perform_kept(**words, **sent, offline=offline)
        except (CaseNotFoundError, ValidationError):
            return
        self.done += 1
        if isinstance(done, Case):
            self.follows_the_table(act, before)
            return
        assert isinstance(done, CaseConflict)
        after = Case.objects.get(pk=before.pk)
        assert (after.state, after.version) == (before.state, before.version), "what is kept moves nothing"
        assert perform_kept(**words, **sent, offline=offline) == done
        self.kept += 1
        self.seen.add((Act.CONFLICT, after.state))
        if decision:
            self.settle(done, decision)

    @rule(decision=one_of("keep", "take", "both"))
    def decide(self, decision: str) -> None:
        conflict = CaseConflict.objects.filter(case=self.case, state="open").first()
        if conflict is not None:
            self.settle(conflict, decision)

    def settle(self, conflict: CaseConflict, decision: str) -> None:
        head = User.objects.get(pk=self.stories.cast.head.pk)
        words = {"case_id": self.case.pk, "conflict_id": conflict.pk, "by": head, "text": "两边都看过"}
        try:
            with transaction.atomic():
                settle_conflict(**words, decision=decision)
        except (*REFUSALS, CannotTakeError):
            return
        self.done += 1 if decision == "keep" else 2
        self.kept -= 1
        self.seen.add((Act.SETTLE_CONFLICT, decision))

    def given(self, *, choice: str, unit: str, passed: bool, amount: int, days: int, words: str) -> ActInput:
        return ActInput(
            text=words,
            organisation=getattr(self.units, unit).pk,
            assignee=self.stories.cast.handler.pk if amount % 2 else None,
            assistants=(self.units.mediation.pk,) if amount > 4 else None,
            passed=passed,
            outcome=choice,
            satisfaction=choice,
            supervision=choice,
            until=self.clock.moment.date() + timedelta(days=days),
            into=self.other.number,
            amount=amount,
            authority="区综治中心" if words else "",
            taken_over=passed,
        )

    def follows_the_table(self, act: Act, before: Case) -> None:
        after = Case.objects.get(pk=before.pk)
        ways = {move.to or before.state for move in moves(state=State(before.state), act=act)}
        assert after.state in ways
        self.seen.add((act, after.state))

    @rule(hours=st.integers(1, 24 * 9))
    def time_passes(self, hours: int) -> None:
        self.clock.moment += timedelta(hours=hours)
        events = CaseEvent.objects.filter(case=self.case).count()
        mark_due(now=self.clock())
        self.done += CaseEvent.objects.filter(case=self.case).count() - events

    @invariant()
    def promises_hold(self) -> None:
        case = Case.objects.get(pk=self.case.pk)
        assert list(verify_chain(case=case)) == []
        assert CaseEvent.objects.filter(case=case).count() == case.event_count == self.done
        assert case.is_open == (case.state in OPEN)
        assert case.open_conflicts == CaseConflict.objects.filter(case=case, state="open").count() == self.kept
        self.each_version_is_known(case)
        self.somebody_answers(case)
        self.clocks_make_sense(case)

    def each_version_is_known(self, case: Case) -> None:
        """From the events alone: what acts done without signal are compared with."""
        versions = versions_of(CaseEvent.objects.filter(case=case).order_by("seq"))
        assert len(versions) == case.version
        assert versions[-1].standing == standing_of(case)

    def somebody_answers(self, case: Case) -> None:
        """One responsible person or unit, or the center, or the reporter who was asked."""
        if case.state in ("assigned", "processing", "suspended"):
            assert case.lead_org_id is not None
        if case.state in ("processing", "suspended"):
            assert case.assignee_id is not None
        if case.state in ("reported", "accepted", "draft"):
            assert case.lead_org_id is None or case.state == "reported"
        if case.is_open:
            assert any(m.to is not None for m in moves(state=State(case.state))), "never stuck"

    def clocks_make_sense(self, case: Case) -> None:
        if case.is_open and case.state != "suspended":
            assert case.due_at is not None, "an open case is always due, unless it is suspended"
        if case.due_at is not None:
            assert case.due_at >= case.stage_started_at, "no clock is negative"
            assert case.soon_at is None or case.soon_at <= case.due_at
        if case.state == "suspended":
            assert case.due_at is None
            assert case.suspended_until is not None
        if case.state in UNCOUNTED:
            assert case.closed_at is None
        assert case.extension_count <= 2
        assert case.reopen_count <= 1

    def teardown(self) -> None:
        if hasattr(self, "savepoint"):
            transaction.savepoint_rollback(self.savepoint)


@pytest.mark.django_db
def test_the_promises_of_a_case_hold_whatever_people_try(stories, units):
    seen: set[tuple[str, str]] = set()
    run_state_machine_as_test(
        type("Machine", (CaseMachine,), {"stories": stories, "units": units, "seen": seen}),
        settings=settings(
            max_examples=20,
            stateful_step_count=30,
            # No shrinking: a failure names its steps, and minutes spent on shortening them are everybody's.
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    # A walk that never left the first states would prove nothing.
    assert len({state for _, state in seen}) >= 8
    assert len({act for act, _ in seen}) >= 10
    assert {Act.CONFLICT, Act.SETTLE_CONFLICT} <= {act for act, _ in seen}

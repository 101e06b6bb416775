"""The clocks of a case, worked out again from its events: which ran, by which rule, until when, and how they ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.utils.dateparse import parse_datetime
from django.utils.timezone import localdate

from cases.deadlines import Calendar, DayNote, DayReason, Due, due, handle_due, present_run
from cases.models import Case, CaseEvent
from cases.selectors.rules import Matter, Rule, RuleBook, in_utc, steps_of
from cases.workflow import Act, Stage, State


@dataclass(slots=True)
class Clock:
    """One clock that ran or runs.

    `recorded` is the due time written when it was last set, None when nothing was; `fixed` says that a date named by a
    person counts instead of the rule's; `on_the_spot` that it never ran.
    """

    stage: Stage
    start: datetime
    rule: Rule
    term: Due
    done_at: datetime | None = None
    recorded: datetime | None = None
    fixed: bool = False
    on_the_spot: bool = False
    extension: int = 0

    @property
    def agrees(self) -> bool:
        """Whether what was written then is what the rules and the calendar of today give."""
        return self.recorded is None or self.recorded == self.term.at


def clocks_of(*, case: Case, events: Sequence[CaseEvent], calendar: Calendar, rules: RuleBook) -> list[Clock]:
    """The clocks of `case` in the order they began; `events` oldest first, `calendar` from its report on.

    No statement. Raises NoLimitError.
    """
    run = _Run(case=case, calendar=calendar, rules=rules)
    for event in events:
        run.take(event)
    return sorted(run.clocks, key=lambda clock: clock.start)


def running(*, clocks: Iterable[Clock], stage: Stage) -> Clock | None:
    """The clock of the stage that runs now."""
    return next((clock for clock in clocks if clock.stage is stage and clock.done_at is None), None)


class _Run:
    """Reads one event after another. Moments in `data` are those written when it happened."""

    def __init__(self, *, case: Case, calendar: Calendar, rules: RuleBook) -> None:
        self.case = case
        self.calendar = calendar
        self.rules = rules
        self.past: list[CaseEvent] = []
        self.matter = Matter(case.category_code, town_code=case.town_code)
        self.clocks: list[Clock] = []
        self.ended_by_merge: list[Clock] = []

    def take(self, event: CaseEvent) -> None:
        self.past.append(event)
        handler = _HANDLERS.get(Act(event.act))
        if handler is not None:
            handler(self, event)

    def begin(self, stage: Stage, event: CaseEvent, written: str, *, at: datetime | None = None) -> Clock:
        start = at or event.at
        rule = self.rules.rule_for(stage=stage, matter=self.matter, on=localdate(start))
        term = in_utc(due(start=start, limit=rule.limit, calendar=self.calendar))
        clock = Clock(stage, start, rule, term, recorded=_moment(event.data.get(written)))
        self.clocks.append(clock)
        return clock

    def end(self, event: CaseEvent, *stages: Stage) -> list[Clock]:
        """End what runs of `stages`, of everything when none is named."""
        ended = [c for c in self.clocks if c.done_at is None and (not stages or c.stage in stages)]
        for clock in ended:
            clock.done_at = event.at
        return ended

    def handle(self, event: CaseEvent) -> None:
        """Set the handle clock from all events so far; it goes on where it was, or begins."""
        steps = present_run(steps_of(self.past))
        if not steps:
            return
        start = steps[0].at
        rule = self.rules.rule_for(stage=Stage.HANDLE, matter=self.matter, on=localdate(start))
        term = in_utc(handle_due(steps=steps, limit=rule.limit, calendar=self.calendar))
        clock = next((c for c in self.clocks if c.stage is Stage.HANDLE and c.start == start), None)
        if clock is None or clock.on_the_spot:
            clock = Clock(Stage.HANDLE, start, rule, term)
            self.clocks.append(clock)
        clock.rule, clock.term, clock.done_at = rule, term, None
        clock.recorded = _moment(event.data.get("handle_due_at"))
        clock.extension = sum(step.amount for step in steps)
        clock.fixed = False
        if any(step.fixed is not None for step in steps):
            free = [replace(step, fixed=None) for step in steps]
            clock.fixed = in_utc(handle_due(steps=free, limit=rule.limit, calendar=self.calendar)).at != term.at

    def settle(self, event: CaseEvent) -> None:
        """Solved before it was reported: accepted and handled in that moment, without a clock that ran."""
        at = self.case.reported_at
        rule = self.rules.rule_for(stage=Stage.HANDLE, matter=self.matter, on=localdate(at))
        moment = in_utc(Due(at, at, (DayNote(localdate(at), False, DayReason.ON_THE_SPOT),)))
        self.clocks.append(Clock(Stage.HANDLE, at, rule, moment, done_at=at, on_the_spot=True))

    def lead(self, organisation_id: int | None) -> None:
        self.matter = replace(self.matter, organisation_id=organisation_id)


def _moment(written: Any) -> datetime | None:
    return parse_datetime(written) if isinstance(written, str) else None


def _report(run: _Run, event: CaseEvent) -> None:
    # The category it was reported under: acceptance may have changed it since.
    run.matter = replace(run.matter, category_code=event.data.get("category", run.matter.category_code))
    settled = bool(event.data.get("self_handled"))
    accept = run.begin(Stage.ACCEPT, event, "" if settled else "due_at", at=run.case.reported_at)
    if not settled:
        return
    accept.done_at = run.case.reported_at
    run.settle(event)
    if event.to_state == State.AWAITING_VERIFY:
        run.begin(Stage.VERIFY, event, "due_at")
    else:
        run.begin(Stage.ARCHIVE, event, "archive_due_at")


def _return_for_info(run: _Run, event: CaseEvent) -> None:
    run.end(event)
    run.begin(Stage.INFO, event, "due_at")


def _submit(run: _Run, event: CaseEvent) -> None:
    run.end(event)
    run.begin(Stage.ACCEPT, event, "due_at")


def _accept(run: _Run, event: CaseEvent) -> None:
    run.end(event)
    said = event.data
    run.matter = replace(
        run.matter,
        category_code=said.get("category", run.matter.category_code),
        level=said.get("level", run.matter.level),
    )
    run.handle(event)


def _end_all(run: _Run, event: CaseEvent) -> None:
    run.end(event)


def _merge(run: _Run, event: CaseEvent) -> None:
    run.ended_by_merge = run.end(event)


def _unmerge(run: _Run, event: CaseEvent) -> None:
    """As if it had never been linked: the clocks ran on meanwhile."""
    for clock in run.ended_by_merge:
        clock.done_at = None


def _hand_over(run: _Run, event: CaseEvent) -> None:
    run.end(event, Stage.TAKE)
    run.lead(event.data.get("organisation"))
    run.begin(Stage.TAKE, event, "take_due_at")
    run.handle(event)


def _acknowledge(run: _Run, event: CaseEvent) -> None:
    run.end(event, Stage.TAKE)


def _return(run: _Run, event: CaseEvent) -> None:
    run.end(event, Stage.TAKE)
    run.lead(None)


def _handle(run: _Run, event: CaseEvent) -> None:
    run.handle(event)


def _feedback(run: _Run, event: CaseEvent) -> None:
    # While others verify the clock stands; what it showed when the unit was done is what it is judged by.
    run.end(event, Stage.HANDLE)
    run.begin(Stage.VERIFY, event, "verify_due_at")


def _verify(run: _Run, event: CaseEvent) -> None:
    if event.data.get("passed") is not False:
        return
    run.end(event, Stage.VERIFY)
    if event.to_state == State.REPORTED:
        run.begin(Stage.ACCEPT, event, "due_at")
    else:
        run.handle(event)


def _escalate(run: _Run, event: CaseEvent) -> None:
    run.handle(event)
    run.begin(Stage.UPPER, event, "upper_due_at")


def _answer(run: _Run, event: CaseEvent) -> None:
    run.end(event, Stage.UPPER)
    if event.to_state == State.TRANSFERRED:
        run.end(event)
    else:
        run.handle(event)


def _close(run: _Run, event: CaseEvent) -> None:
    run.end(event)
    run.begin(Stage.ARCHIVE, event, "archive_due_at")


def _reopen(run: _Run, event: CaseEvent) -> None:
    run.end(event)
    if event.to_state == State.REPORTED:
        run.begin(Stage.ACCEPT, event, "due_at")
    else:
        run.handle(event)


def _follow_up(run: _Run, event: CaseEvent) -> None:
    if event.to_state == State.AWAITING_VERIFY:
        run.end(event)
        run.begin(Stage.VERIFY, event, "verify_due_at")


def _supervise(run: _Run, event: CaseEvent) -> None:
    run.end(event, Stage.SUPERVISION)
    clock = run.begin(Stage.SUPERVISION, event, "due_at")
    if clock.recorded is not None and not clock.agrees:
        # The issuer named the day: the record is all there is to go by.
        last = localdate(clock.recorded)
        days = tuple(note for note in clock.term.days if note.day <= last)
        clock.fixed, clock.term = True, Due(clock.recorded, None, days)


def _end_supervision(run: _Run, event: CaseEvent) -> None:
    run.end(event, Stage.SUPERVISION)


def _clock_changed(run: _Run, event: CaseEvent) -> None:
    """Written anew by the calendar; the terms here are by the calendar of today anyway."""
    clock = running(clocks=run.clocks, stage=Stage(event.data["stage"]))
    if clock is not None:
        clock.recorded = _moment(event.data.get("due_at"))


_HANDLERS: Final[dict[Act, Callable[[_Run, CaseEvent], None]]] = {
    Act.REPORT: _report,
    Act.RETURN_FOR_INFO: _return_for_info,
    Act.SUBMIT: _submit,
    Act.ACCEPT: _accept,
    Act.REJECT: _end_all,
    Act.CANCEL: _end_all,
    Act.TRANSFER: _end_all,
    Act.MERGE: _merge,
    Act.UNMERGE: _unmerge,
    Act.ASSIGN: _hand_over,
    Act.REASSIGN: _hand_over,
    Act.ACKNOWLEDGE: _acknowledge,
    Act.RETURN: _return,
    Act.SUSPEND: _handle,
    Act.RESUME: _handle,
    Act.EXTEND: _handle,
    Act.FEEDBACK: _feedback,
    Act.VERIFY: _verify,
    Act.ESCALATE: _escalate,
    Act.ANSWER: _answer,
    Act.CLOSE: _close,
    Act.ARCHIVE: _end_all,
    Act.REOPEN: _reopen,
    Act.FOLLOW_UP: _follow_up,
    Act.SUPERVISE: _supervise,
    Act.SUPERVISION_REPLY: _end_supervision,
    Act.LIFT_SUPERVISION: _end_supervision,
    Act.CLOCK_CHANGED: _clock_changed,
}

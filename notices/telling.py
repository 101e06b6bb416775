"""What people are told of by mail: which events, whom, and when it is no longer worth telling."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from cases.models import TOLD, CaseConflict, CaseEvent
from cases.selectors.deciders import sides_of
from cases.workflow import Act
from notices.responsible import Responsible


def _responsible(event: CaseEvent, people: Responsible) -> list[int]:
    return people.of(event.case)


def _reporter(event: CaseEvent, people: Responsible) -> list[int]:
    return [event.case.reporter_id]


def _heads(event: CaseEvent, people: Responsible) -> list[int]:
    return people.heads_of(event.case) or people.of(event.case)


def _center(event: CaseEvent, people: Responsible) -> list[int]:
    return people.center_of(event.case)


def _deciders(event: CaseEvent, people: Responsible) -> list[int]:
    """The center's operators who are none of the two, else its heads, else whoever is there. One statement."""
    sides = sides_of(CaseConflict.objects.get(pk=event.data["conflict"]))
    center, heads = people.center_of(event.case), people.heads_of(event.case)
    free = [[pk for pk in group if pk not in sides] for group in (center, heads)]
    return next((group for group in free if group), center)


def _handlers(event: CaseEvent, people: Responsible) -> list[int]:
    """Whoever handled it before, and whoever has it now."""
    return [*event.case.handled_by, *people.of(event.case)]


def _author(event: CaseEvent, people: Responsible) -> list[int]:
    """Of what was decided on."""
    return [event.data["author"]]


def _always(event: CaseEvent) -> bool:
    return True


def _as_due(event: CaseEvent) -> bool:
    case = event.case
    return case.is_open and case.due_at is not None and event.data.get("due_at") == _utc(case.due_at)


def _as_left(event: CaseEvent) -> bool:
    """The case is where the event left it."""
    return event.case.state == event.to_state


def _asked(event: CaseEvent) -> bool:
    return bool(event.case.asked_for)


def _undecided(event: CaseEvent) -> bool:
    return event.case.open_conflicts > 0


def _open(event: CaseEvent) -> bool:
    return event.case.is_open


def _waiting_for_reply(event: CaseEvent) -> bool:
    return event.case.is_open and bool(event.case.supervision) and event.case.supervision_replied_at is None


@dataclass(frozen=True, slots=True)
class Telling:
    """`words` in a mail, or by decision where one was made; `urgent` ones stand first in it and in red."""

    words: Promise | Mapping[str, Promise]
    whom: Callable[[CaseEvent, Responsible], list[int]]
    still_true: Callable[[CaseEvent], bool]
    urgent: bool = False


TELLINGS: Final[dict[Act, Telling]] = {
    Act.OVERDUE: Telling(pgettext_lazy("mail", "overdue"), _responsible, _as_due, urgent=True),
    Act.DUE_SOON: Telling(pgettext_lazy("mail", "due soon"), _responsible, _as_due),
    Act.SUPERVISE: Telling(
        pgettext_lazy("mail", "under supervision: a reply is wanted"), _responsible, _waiting_for_reply, urgent=True
    ),
    Act.INSTRUCT: Telling(pgettext_lazy("mail", "a leader gave an instruction"), _responsible, _open, urgent=True),
    Act.NUDGE: Telling(pgettext_lazy("mail", "you are reminded of it"), _responsible, _as_left, urgent=True),
    Act.REOPEN: Telling(pgettext_lazy("mail", "reopened"), _handlers, _open),
    Act.ASSIGN: Telling(pgettext_lazy("mail", "new for you: acknowledge it or send it back"), _responsible, _as_left),
    Act.REASSIGN: Telling(pgettext_lazy("mail", "new for you: acknowledge it or send it back"), _responsible, _as_left),
    Act.RETURN: Telling(pgettext_lazy("mail", "sent back to the center"), _center, _as_left),
    Act.ASK_EXTENSION: Telling(pgettext_lazy("mail", "more time is asked for"), _heads, _asked),
    Act.ASK_SUSPENSION: Telling(pgettext_lazy("mail", "a pause is asked for"), _center, _asked),
    Act.EXTEND: Telling(pgettext_lazy("mail", "more time was given"), _responsible, _as_left),
    Act.REFUSE_EXTENSION: Telling(pgettext_lazy("mail", "more time was refused"), _responsible, _as_left),
    Act.REFUSE_SUSPENSION: Telling(pgettext_lazy("mail", "the pause was refused"), _responsible, _as_left),
    Act.RETURN_FOR_INFO: Telling(pgettext_lazy("mail", "more information is wanted from you"), _reporter, _as_left),
    Act.REJECT: Telling(
        pgettext_lazy("mail", "your report was not accepted; the reason is with the case"), _reporter, _as_left
    ),
    Act.MERGE: Telling(pgettext_lazy("mail", "joined to another case of the same matter"), _reporter, _as_left),
    Act.CONFLICT: Telling(
        pgettext_lazy("mail", "done without signal and sent too late: decide which counts"), _deciders, _undecided
    ),
    Act.SETTLE_CONFLICT: Telling(
        {
            "keep": pgettext_lazy("mail", "what you did without signal is decided: the first one stays"),
            "take": pgettext_lazy("mail", "what you did without signal is decided: yours counts"),
            "both": pgettext_lazy("mail", "what you did without signal is decided: both are kept"),
        },
        _author,
        _always,
    ),
}
"""The first ones stand first in a mail."""
RANK: Final = {act: place for place, act in enumerate(TELLINGS)}
assert set(TELLINGS) == set(TOLD), "the index of events to tell covers these acts"


def people_for(event: CaseEvent, people: Responsible) -> list[int]:
    """Ids of whoever is told of the event, each once; never the one who did it."""
    told = TELLINGS[Act(event.act)].whom(event, people)
    return [pk for pk in dict.fromkeys(told) if pk != event.actor_id]


def words_for(event: CaseEvent) -> str:
    """In the language that is active."""
    words = TELLINGS[Act(event.act)].words
    return str(words[event.data["decision"]] if isinstance(words, Mapping) else words)


def still_true(event: CaseEvent) -> bool:
    """Whether there is still something to tell."""
    return TELLINGS[Act(event.act)].still_true(event)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()

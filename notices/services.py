"""Turn committed events into reminders, reminders into one mail per person, and send mails once."""

from __future__ import annotations

import logging
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.mime.image import MIMEImage
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connection, transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.deadlines import sending_time
from cases.labels import STAGES, state_name
from cases.models import Case
from cases.selectors.rules import calendar_from
from cases.workflow import STAGE_OF, Act, State
from notices.models import Horizon, Message, Reminder
from notices.responsible import Responsible
from notices.selectors import events_to_tell, settled_up_to
from notices.telling import RANK, TELLINGS, people_for, still_true, words_for
from staff.models import User

logger = logging.getLogger(__name__)

BATCH: Final = 500
LINES: Final = 30
"""Most cases a digest lists; the rest are counted, and one tap away."""
LOCK_CLASS: Final = 0x57474D  # "WGM": keeps these advisory locks apart from any other
BACKOFF: Final = (1, 5, 15, 60, 240)
"""Minutes until the next try after each failure; the last one repeats."""


@transaction.atomic
def take_events(*, now: datetime) -> int:
    """One reminder per person for each event not looked at yet; how many events were taken.

    Two runs at once make the same rows, and the unique constraint keeps one of each.
    """
    events = list(events_to_tell(limit=BATCH))
    responsible = Responsible(day=timezone.localdate(now), cases=[event.case for event in events])
    rows = []
    for event in events:
        people: list[int | None] = [*people_for(event, responsible)] or [None]
        rows += [Reminder(event=event, recipient_id=pk, emergency=event.case.emergency) for pk in people]
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)
    if len(events) < BATCH and (upto := settled_up_to(now=now)) is not None:
        Horizon.objects.update_or_create(id=1, defaults={"event_id": upto})
    return len(events)


def write_digests(*, now: datetime) -> int:
    """One mail per person with everything they were not told yet; how many were written.

    Outside 08:00–20:00 on working days only emergencies are told; the rest waits, and nothing is forgotten.
    """
    open_hours = sending_time(wanted=now, calendar=calendar_from(now)) == now
    waiting = Reminder.objects.filter(message__isnull=True, recipient__isnull=False, dropped=False)
    if not open_hours:
        waiting = waiting.filter(emergency=True)
    people = list(waiting.order_by("recipient_id").values_list("recipient_id", flat=True).distinct())
    return sum(_write_digest(user_id=pk, now=now, emergencies_only=not open_hours) for pk in people)


@transaction.atomic
def _write_digest(*, user_id: int, now: datetime, emergencies_only: bool) -> int:
    rows = Reminder.objects.select_for_update(of=("self",), skip_locked=True).filter(
        recipient_id=user_id, message__isnull=True, dropped=False
    )
    if emergencies_only:
        rows = rows.filter(emergency=True)
    reminders = list(rows.select_related("event__case__category", "event__case__area__parent").order_by("event_id"))
    told = [r for r in reminders if still_true(r.event)]
    user = User.objects.get(pk=user_id)
    if not told or not user.email:
        # Nothing left to tell: what was overdue has been dealt with meanwhile, or there is no address.
        Reminder.objects.filter(pk__in=[r.pk for r in reminders]).update(dropped=True)
        return 0
    message = _digest(user=user, reminders=told, now=now)
    message.save(force_insert=True)
    Reminder.objects.filter(pk__in=[r.pk for r in reminders]).update(message=message)
    return 1


def _line(reminders: Sequence[Reminder], *, seen: Container[int]) -> dict[str, Any]:
    """What a digest says of a case: never its words nor anybody's name; and of one that is not among the `seen`, which
    its reader may see, nothing of how it stands.
    """
    acts = {Act(reminder.event.act) for reminder in reminders}
    if Act.OVERDUE in acts:
        acts.discard(Act.DUE_SOON)
    told = sorted(
        (one.event for one in reminders if Act(one.event.act) in acts), key=lambda event: RANK[Act(event.act)]
    )
    case = reminders[0].event.case
    in_sight = case.pk in seen
    stage = str(STAGES[STAGE_OF[State(case.state)]]) if case.is_open else str(state_name(case.state))
    village = case.area.parent if case.area.level == "cell" and case.area.parent else case.area
    return {
        "rank": RANK[Act(told[0].act)],
        "what": list(dict.fromkeys(map(words_for, told))),
        "urgent": any(TELLINGS[act].urgent for act in acts),
        "late": Act.OVERDUE in acts,
        "soon": Act.DUE_SOON in acts,
        "number": case.number,
        "category": case.category.name,
        "village": village.name,
        "stage": stage if in_sight else "",
        "due_at": case.due_at if case.is_open and in_sight else None,
        "url": f"{settings.PUBLIC_URL}/cases/{case.pk}" if in_sight else f"{settings.PUBLIC_URL}/m/outbox",
    }


def _lines(reminders: Sequence[Reminder], *, reader: User) -> list[dict[str, Any]]:
    """One line for each case: the gravest first, then the earliest due. One statement, for what the reader may see."""
    of_case: dict[int, list[Reminder]] = {}
    for reminder in reminders:
        of_case.setdefault(reminder.event.case_id, []).append(reminder)
    far = datetime.max.replace(tzinfo=UTC)
    seen = frozenset(Case.objects.visible_to(reader).filter(pk__in=of_case).values_list("pk", flat=True))
    lines = (_line(rows, seen=seen) for rows in of_case.values())
    return sorted(lines, key=lambda line: (line["rank"], line["due_at"] or far))


def _digest(*, user: User, reminders: Sequence[Reminder], now: datetime) -> Message:
    with translation.override(user.language):
        lines = _lines(reminders, reader=user)
        late, soon = (sum(line[key] for line in lines) for key in ("late", "soon"))
        context = {
            "demo": settings.DEMO,
            "user": user,
            "lines": lines[:LINES],
            "more": max(0, len(lines) - LINES),
            "late": late,
            "soon": soon,
            "other": sum(not (line["late"] or line["soon"]) for line in lines),
            "public_url": settings.PUBLIC_URL,
        }
        subject = ngettext("%(count)d case needs you", "%(count)d cases need you", len(lines)) % {"count": len(lines)}
        return Message(
            key=f"digest:{user.pk}:{max(r.pk for r in reminders)}",
            kind=Message.Kind.DIGEST,
            recipient=user,
            subject=_marked(subject),
            text=render_to_string("notices/digest.txt", context),
            html=render_to_string("notices/digest.html", context),
            created_at=now,
            next_try_at=now,
        )


def _marked(subject: str) -> str:
    return f"[{_('Demo data · fictional')}] {subject}" if settings.DEMO else subject


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail made elsewhere (the weekly figures), to be sent once per `key`."""

    key: str
    subject: str
    text: str
    html: str
    image: bytes | None = None


def queue_letter(*, recipient: User, letter: Letter, now: datetime) -> bool:
    """Queue the letter unless its key was queued before; whether it is new. Safe when two run at once."""
    created = Message.objects.bulk_create(
        [
            Message(
                key=letter.key,
                kind=Message.Kind.WEEKLY,
                recipient=recipient,
                subject=_marked(letter.subject),
                text=letter.text,
                html=letter.html,
                image=letter.image,
                created_at=now,
                next_try_at=now,
            )
        ],
        ignore_conflicts=True,
    )
    return bool(created and Message.objects.filter(key=letter.key, created_at=now).exists())


@contextmanager
def _sole_sender(message_id: int) -> Iterator[bool]:
    """Whether this process may send the message. The lock goes with the connection, so a killed sender frees it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_CLASS, message_id % 2**31])
        (mine,) = cursor.fetchone()
        try:
            yield bool(mine)
        finally:
            if mine:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_CLASS, message_id % 2**31])


def deliver_message(*, message_id: int) -> bool:
    """Send the message if it was not sent; whether it is sent now. Not inside a transaction: it speaks to a server."""
    with _sole_sender(message_id) as mine:
        message = Message.objects.select_related("recipient").filter(pk=message_id).first()
        if not mine or message is None or message.sent_at is not None:
            return False
        try:
            _mail(message).send()
        except OSError as error:
            _note_failure(message, error)
            return False
        Message.objects.filter(pk=message_id, sent_at__isnull=True).update(
            sent_at=timezone.now(), tries=F("tries") + 1, last_error=""
        )
    logger.info("message_sent message=%s", message_id)
    return True


def _note_failure(message: Message, error: Exception) -> None:
    minutes = BACKOFF[min(message.tries, len(BACKOFF) - 1)]
    Message.objects.filter(pk=message.pk).update(
        tries=F("tries") + 1,
        next_try_at=timezone.now() + timedelta(minutes=minutes),
        last_error=type(error).__name__,
    )
    logger.warning("message_failed message=%s error=%s", message.pk, type(error).__name__)


def _mail(message: Message) -> EmailMultiAlternatives:
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        to=[message.recipient.email],
        connection=get_connection(),
        headers={"Message-ID": f"<wangge-{message.pk}-{message.created_at:%Y%m%d%H%M%S}@{_mail_host()}>"},
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    if message.image:
        picture = MIMEImage(bytes(message.image), "png")
        picture.add_header("Content-ID", "<chart>")
        picture.add_header("Content-Disposition", "inline", filename="chart.png")
        # The picture belongs to the HTML; as "mixed" mail programs would list it as a file.
        mail.mixed_subtype = "related"  # type: ignore[attr-defined]
        mail.attach(picture)
    return mail


def _mail_host() -> str:
    return settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"

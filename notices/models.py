"""Told: what people are reminded of, and the mails that carry it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models import CaseEvent
from staff.models import User


class Message(models.Model):
    """One mail to one person. The key makes it unique: the same matter is never queued twice for somebody.

    A message is sent, then marked. Whoever sends it holds a database lock on it meanwhile, which a killed process
    gives up at once: nothing is lost, and only a kill in the instant between the server's yes and our mark can repeat
    a mail. A repeat carries the same Message-ID, so that mail programs show it once.
    """

    class Kind(models.TextChoices):
        DIGEST = "digest", _("reminder")
        WEEKLY = "weekly", _("weekly mail")

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices)
    recipient = models.ForeignKey(User, verbose_name=_("to"), on_delete=models.PROTECT, related_name="messages")
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"), blank=True)
    image = models.BinaryField(null=True, help_text=_("PNG shown in the HTML as cid:chart"))
    created_at = models.DateTimeField(_("written at"))
    next_try_at = models.DateTimeField(_("next try"))
    sent_at = models.DateTimeField(_("sent at"), null=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ("-created_at",)
        indexes: ClassVar = [
            models.Index(fields=["next_try_at"], condition=models.Q(sent_at__isnull=True), name="message_unsent"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Reminder(models.Model):
    """That something happened to a case that one person is to be told of. At most one per event and person.

    A row without recipient says that the event was looked at and nobody was responsible. `dropped` says that there was
    nothing left to tell: the case had moved on, or the person has no address.
    """

    event = models.ForeignKey(CaseEvent, on_delete=models.PROTECT, related_name="reminders")
    recipient = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="reminders")
    emergency = models.BooleanField(default=False)
    message = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="reminders")
    dropped = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "recipient"], nulls_distinct=False, name="reminder_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["recipient"],
                condition=models.Q(message__isnull=True, recipient__isnull=False, dropped=False),
                name="reminder_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} → {self.recipient_id}"


class Horizon(models.Model):
    """Up to which event everything was looked at, so that no look goes through the events of years. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    event_id = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("events told up to")
        verbose_name_plural = _("events told up to")
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(id=1), name="one_horizon")]

    def __str__(self) -> str:
        return str(self.event_id)

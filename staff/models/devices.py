"""Phones that hold something of the field app, so that they can be signed out and emptied from afar."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from staff.models.people import User


class Device(models.Model):
    """One person's use of one phone. The phone makes `phone_id` and keeps it; a shared phone has a row per person.

    At most one row of a phone is open (`signed_out_at` is empty): whoever signed in there last.
    """

    phone_id = models.UUIDField(editable=False)
    user = models.ForeignKey(User, verbose_name=_("person"), on_delete=models.PROTECT, related_name="devices")
    name = models.CharField(_("name"), max_length=60)
    first_seen = models.DateTimeField(_("first seen"))
    last_seen = models.DateTimeField(_("last seen"))
    # The key itself, as in the session table: only with it can this one session be ended. It is shown nowhere, and
    # stays after the end, so that the ended session cannot register again while its last request is under way.
    session_key = models.CharField(max_length=40, editable=False)
    signed_out_at = models.DateTimeField(_("signed out"), null=True)
    signed_out_by = models.ForeignKey(
        User, verbose_name=_("signed out by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    wipe_asked_at = models.DateTimeField(_("to be emptied since"), null=True)
    wiped_at = models.DateTimeField(_("emptied"), null=True)

    class Meta:
        verbose_name = _("mobile phone")
        verbose_name_plural = _("mobile phones")
        ordering = ("-last_seen", "-pk")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["phone_id", "user"], name="device_once_per_person"),
            models.UniqueConstraint(
                fields=["phone_id"], condition=Q(signed_out_at__isnull=True), name="device_open_for_one_person"
            ),
            models.CheckConstraint(
                condition=Q(wiped_at__isnull=True) | Q(wipe_asked_at__isnull=False), name="device_emptied_when_asked"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["session_key"], name="device_session")]

    def __str__(self) -> str:
        return f"{self.user} · {self.name}"

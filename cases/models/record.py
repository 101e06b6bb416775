"""What happened to a case and what was added to it: events and files."""

from __future__ import annotations

from typing import ClassVar, Final

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from staff.models import User

TOLD: Final = (
    *("due_soon", "overdue", "nudge", "supervise", "instruct", "reopen", "assign", "reassign", "return"),
    *("ask_extension", "ask_suspension", "extend", "refuse_extension", "refuse_suspension"),
    *("return_for_info", "reject", "merge", "conflict", "settle_conflict"),
)
"""Acts that somebody is told of by mail; `notices.telling` says whom."""


class CaseEvent(models.Model):
    """One thing that happened to a case. Append-only: triggers refuse every change, and each row carries the hash of
    the one before it, so that a change made past the triggers shows (`manage.py verify_chain`).
    """

    case = models.ForeignKey(Case, verbose_name=_("case"), on_delete=models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField(_("number"))
    act = models.CharField(_("act"), max_length=24)
    from_state = models.CharField(_("state before"), max_length=15, blank=True)
    to_state = models.CharField(_("state after"), max_length=15)
    actor = models.ForeignKey(
        User, verbose_name=_("who"), null=True, on_delete=models.PROTECT, related_name="case_events"
    )
    at = models.DateTimeField(_("when"))
    text = models.TextField(_("words"), blank=True)
    data = models.JSONField(_("particulars"), default=dict)
    client_id = models.UUIDField(null=True, unique=True)
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("case event")
        verbose_name_plural = _("case events")
        ordering = ("case", "seq")
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "seq"], name="case_event_seq")]
        indexes: ClassVar = [
            # The reminders' look for events nobody was told of.
            models.Index(fields=["id"], condition=Q(act__in=TOLD), name="case_event_told"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} #{self.seq} {self.act}"


class DayHead(models.Model):
    """The seal of a day: one hash over every event written since the seal before it, and over that seal.

    A chain stands for one case; this stands for all of them, so that a case taken away whole, or a chain worked out
    anew, shows. Sent out in the weekly mail, it lies where nobody here can change it. Append-only like the events.
    """

    day = models.DateField(_("day"), unique=True)
    upto_id = models.BigIntegerField(help_text="the last event it covers")
    events = models.PositiveIntegerField(_("events"), help_text="how many it covers")
    head = models.CharField(_("seal"), max_length=64)
    sealed_at = models.DateTimeField(_("sealed at"))

    class Meta:
        verbose_name = _("seal of a day")
        verbose_name_plural = _("seals of days")
        ordering = ("day",)

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.head[:12]}"


class CaseFile(models.Model):
    """A photo, document, audio note or short video of a case. Its bytes lie below MEDIA_ROOT; of a photo, without the
    position and device data the phone wrote, which are kept here.
    """

    class Kind(models.TextChoices):
        PHOTO = "photo", _("photo")
        DOCUMENT = "document", _("document")
        AUDIO = "audio", _("audio note")
        VIDEO = "video", _("video")

    class Check(models.TextChoices):
        """What the scan for malware said."""

        NONE = "none", _("not scanned")
        WAITING = "waiting", _("waiting to be scanned")
        CLEAN = "clean", _("clean")
        INFECTED = "infected", _("infected")

    class Moment(models.TextChoices):
        BEFORE = "before", _("before")
        AFTER = "after", _("after")

    case = models.ForeignKey(Case, verbose_name=_("case"), on_delete=models.PROTECT, related_name="files")
    client_id = models.UUIDField(unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.PHOTO)
    check_state = models.CharField(_("scan"), max_length=8, choices=Check, default=Check.NONE)
    file = models.FileField(_("file"), upload_to="cases/%Y/%m")
    thumbnail = models.FileField(_("thumbnail"), upload_to="cases/%Y/%m", blank=True)
    name = models.CharField(_("file name"), max_length=150, blank=True)
    caption = models.CharField(_("caption"), max_length=200, blank=True)
    moment = models.CharField(_("before or after"), max_length=6, choices=Moment, blank=True)
    pair = models.ForeignKey(
        "self",
        verbose_name=_("shows the same as"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="pairs",
    )
    content_type = models.CharField(max_length=50)
    size = models.PositiveIntegerField(_("size (bytes)"))
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    seconds = models.FloatField(_("length (seconds)"), null=True)
    taken_at = models.DateTimeField(_("taken at"), null=True, help_text="as the camera wrote it")
    taken_point = models.PointField(_("taken where"), srid=4326, null=True, help_text="as the camera wrote it")
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(User, verbose_name=_("uploaded by"), on_delete=models.PROTECT, related_name="files")
    uploaded_at = models.DateTimeField(_("uploaded at"))

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering = ("pk",)
        indexes: ClassVar = [
            # What the background has still to do.
            models.Index(fields=["id"], condition=Q(check_state="waiting"), name="case_file_to_scan"),
            models.Index(fields=["id"], condition=Q(kind__in=("photo", "video"), thumbnail=""), name="case_file_bare"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.sha256[:8]}"

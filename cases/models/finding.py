"""What people keep of a search: a saved view, and a list taken out as a file."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from staff.models import Organisation, User


class SavedView(models.Model):
    """A list somebody comes back to. Shared with a unit, it shows each colleague their own rows."""

    owner = models.ForeignKey(User, verbose_name=_("owner"), on_delete=models.CASCADE, related_name="saved_views")
    organisation = models.ForeignKey(
        Organisation,
        verbose_name=_("shared with"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="saved_views",
    )
    name = models.CharField(_("name"), max_length=50)
    query = models.JSONField(_("filters"), default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ("name", "pk")
        constraints: ClassVar = [models.UniqueConstraint(fields=["owner", "name"], name="saved_view_name")]

    def __str__(self) -> str:
        return self.name


class CaseExport(models.Model):
    """A list of cases written to a file in the background: whose, of what, how far, and how often it was taken."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")
        GONE = "gone", _("removed")

    class Format(models.TextChoices):
        XLSX = "xlsx", "XLSX"
        CSV = "csv", "CSV"

    made_by = models.ForeignKey(User, verbose_name=_("made by"), on_delete=models.PROTECT, related_name="exports")
    made_at = models.DateTimeField(_("made at"))
    purpose = models.CharField(_("purpose"), max_length=200)
    query = models.JSONField(_("filters"), default=dict)
    format = models.CharField(_("format"), max_length=4, choices=Format)
    language = models.CharField(max_length=10)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    file = models.FileField(_("file"), upload_to="exports/%Y/%m", blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    taken_count = models.PositiveSmallIntegerField(_("taken"), default=0)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("export of cases")
        verbose_name_plural = _("exports of cases")
        ordering = ("-pk",)
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=models.Q(state__in=("waiting", "running")), name="case_export_to_do"),
        ]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d} {self.format}"

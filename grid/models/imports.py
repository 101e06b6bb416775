"""Lists and outlines on their way in: a file, what was found in it, and whether it was taken."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _


class ImportJob(models.Model):
    """One file that somebody wants taken in. First it is checked, then (apart) applied, whole or not at all.

    `problems` is a list of `{"line": 3, "code": "unknown_parent", "values": {…}}`: codes, not sentences, so that each
    reader gets them in their language.
    """

    class Kind(models.TextChoices):
        DIVISIONS = "divisions", _("list of divisions")
        BOUNDARIES = "boundaries", _("boundaries")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        CHECKING = "checking", _("being checked")
        CHECKED = "checked", _("checked")
        REFUSED = "refused", _("has errors")
        APPLYING = "applying", _("being applied")
        APPLIED = "applied", _("applied")
        FAILED = "failed", _("failed")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    apply_wanted = models.BooleanField(default=False)
    file = models.FileField(_("file"), upload_to="imports/%Y/%m")
    file_name = models.CharField(_("name of the file"), max_length=200)
    options = models.JSONField(_("options"), default=dict)
    scope_codes = models.JSONField(default=list, help_text=_("Area codes that the person may change."))
    done = models.PositiveIntegerField(_("rows done"), default=0)
    total = models.PositiveIntegerField(_("rows"), default=0)
    summary = models.JSONField(_("summary"), default=dict)
    problems = models.JSONField(_("problems"), default=list)
    problem_count = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(_("sent"), auto_now_add=True)
    changed_at = models.DateTimeField(_("last change"), auto_now=True)
    made_by = models.BigIntegerField(_("person"), null=True)
    made_by_name = models.CharField(_("by"), max_length=50, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ("-made_at", "-pk")
        indexes: ClassVar = [models.Index(fields=["made_by", "-made_at"], name="import_by_person")]

    def __str__(self) -> str:
        return self.file_name

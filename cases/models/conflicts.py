"""What somebody did without signal and the case had no room for any more: kept whole until a person has decided."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.models.case import Case
from staff.models import User


class CaseConflict(models.Model):
    """An act that came too late. What was typed is never changed; its SHA-256 lies in the case's chain.

    `fields` is what the two said, worked out once, when it arrived: the other side goes on changing.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("conflict", "to be decided")
        KEPT_FIRST = "kept_first", _("the first one stays")
        TOOK_SECOND = "took_second", _("the second one counts")
        BOTH = "both", _("both are kept")

    class Reason(models.TextChoices):
        STALE = "stale", _("the case was changed meanwhile")
        NOT_NOW = "not_now", _("the act is not possible any more")
        NOT_YOURS = "not_yours", _("the case is somebody else's by now")
        PAST_DUE = "past_due", _("the time it was asked in was over before it arrived")
        OUT_OF_SIGHT = "out_of_sight", _("the case is out of the author's sight by now")

    case = models.ForeignKey(Case, verbose_name=_("case"), on_delete=models.PROTECT, related_name="conflicts")
    client_id = models.UUIDField(unique=True)
    act = models.CharField(_("act"), max_length=24)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    by = models.ForeignKey(User, verbose_name=_("who"), on_delete=models.PROTECT, related_name="conflicts")
    done_at = models.DateTimeField(_("done at"), null=True, help_text="as the device said, believable or not")
    received_at = models.DateTimeField(_("received at"))
    base_version = models.PositiveIntegerField(null=True, help_text="version of the case its author had seen")
    given = models.JSONField(_("what was typed"), default=dict)
    fields = models.JSONField(_("the two sides"), default=list)
    state = models.CharField(_("state"), max_length=11, choices=State, default=State.OPEN)
    decided_by = models.ForeignKey(
        User, verbose_name=_("decided by"), null=True, on_delete=models.PROTECT, related_name="settled_conflicts"
    )
    decided_by_side = models.BooleanField(
        _("decided by one of the two"), default=False, help_text="their center had nobody else who may"
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    words = models.TextField(_("words of the decision"), blank=True)

    class Meta:
        verbose_name = _("conflict")
        verbose_name_plural = _("conflicts")
        ordering = ("pk",)
        indexes: ClassVar = [
            # What waits for a decision, longest first.
            models.Index(fields=["received_at"], condition=Q(state="open"), name="case_conflict_open"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.act} {self.state}"

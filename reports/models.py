"""Counted: figures of a week as they were sent, and who gets them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from grid.models import Area
from staff.models import User


class WeeklyReport(models.Model):
    """The figures of one area and week, frozen when first sent: later corrections never change what was said."""

    area = models.ForeignKey(Area, verbose_name=_("area"), on_delete=models.PROTECT, related_name="weekly_reports")
    week = models.CharField(_("week"), max_length=8, help_text="2026-W47 (ISO 8601)")
    figures = models.JSONField(_("figures"))
    frozen_at = models.DateTimeField(_("frozen at"))

    class Meta:
        verbose_name = _("weekly report")
        verbose_name_plural = _("weekly reports")
        ordering = ("-week", "area")
        constraints: ClassVar = [models.UniqueConstraint(fields=["area", "week"], name="weekly_report_once")]

    def __str__(self) -> str:
        return f"{self.week} {self.area}"


class Subscription(models.Model):
    """That a person gets the weekly mail of an area."""

    user = models.ForeignKey(User, verbose_name=_("person"), on_delete=models.CASCADE, related_name="subscriptions")
    area = models.ForeignKey(Area, verbose_name=_("area"), on_delete=models.PROTECT, related_name="subscriptions")
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "area"], name="subscription_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.area}"

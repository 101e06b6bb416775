"""Which working calendar the clocks were last set by."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class CalendarState(models.Model):
    """The calendar that all running clocks follow; at most one row. None of it: they follow nobody knows which.

    `days` are the rows of Workday as lists: date, town, worked, morning, afternoon, name, basis.
    """

    days = models.JSONField(default=list)
    followed_at = models.DateTimeField(_("followed since"))

    class Meta:
        verbose_name = _("state of the calendar")
        verbose_name_plural = _("state of the calendar")

    def __str__(self) -> str:
        return f"{self.followed_at:%Y-%m-%d %H:%M}"

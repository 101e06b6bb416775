"""Patrols: when somebody walked, where they were between start and stop, and what they thereby visited."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.gis.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from grid.models import Area, CheckPoint, PatrolArea
from staff.models.people import User


class Patrol(models.Model):
    """One round from start to stop. Seen by whoever walked it and by the center; no length, no speed, no ranking."""

    client_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, verbose_name=_("person"), on_delete=models.PROTECT, related_name="patrols")
    patrol_area = models.ForeignKey(
        PatrolArea,
        verbose_name=_("patrol area"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="patrols",
    )
    town_code = models.CharField(max_length=9, editable=False)
    started_at = models.DateTimeField(_("started"))
    stopped_at = models.DateTimeField(_("stopped"), null=True)
    received_at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("patrol")
        verbose_name_plural = _("patrols")
        ordering = ("-started_at", "-pk")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True) | Q(stopped_at__gte=F("started_at")),
                name="patrol_stop_after_start",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "-started_at"], name="patrol_user"),
            models.Index(fields=["town_code", "-started_at"], name="patrol_town"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.started_at:%Y-%m-%d}"


class PatrolPoint(models.Model):
    """Where somebody was at a moment between start and stop. Deleted after settings.PATROL_POINTS_DAYS."""

    patrol = models.ForeignKey(Patrol, verbose_name=_("patrol"), on_delete=models.PROTECT, related_name="points")
    point = models.PointField(_("position"), srid=4326)
    accuracy_m = models.FloatField(_("accuracy (metres)"), null=True)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("point of a patrol")
        verbose_name_plural = _("points of patrols")
        ordering = ("patrol", "at")
        constraints: ClassVar = [models.UniqueConstraint(fields=["patrol", "at"], name="patrol_point_once")]
        indexes: ClassVar = [models.Index(fields=["at"], name="patrol_point_at")]

    def __str__(self) -> str:
        return f"{self.patrol_id} {self.at:%H:%M:%S}"


class PatrolVisit(models.Model):
    """That a patrol was in a cell or at a check-point. This stays when the points are gone."""

    patrol = models.ForeignKey(Patrol, verbose_name=_("patrol"), on_delete=models.PROTECT, related_name="visits")
    cell = models.ForeignKey(
        Area, verbose_name=_("cell"), null=True, on_delete=models.PROTECT, related_name="patrol_visits"
    )
    check_point = models.ForeignKey(
        CheckPoint, verbose_name=_("check-point"), null=True, on_delete=models.PROTECT, related_name="visits"
    )
    at = models.DateTimeField(_("when"))
    by_hand = models.BooleanField(_("ticked by hand"), default=False)

    class Meta:
        verbose_name = _("visit of a patrol")
        verbose_name_plural = _("visits of patrols")
        ordering = ("-at", "-pk")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patrol", "cell"], condition=Q(cell__isnull=False), name="patrol_visit_cell_once"
            ),
            models.UniqueConstraint(
                fields=["patrol", "check_point"], condition=Q(check_point__isnull=False), name="patrol_visit_point_once"
            ),
            models.CheckConstraint(
                condition=Q(cell__isnull=False, check_point__isnull=True)
                | Q(cell__isnull=True, check_point__isnull=False),
                name="patrol_visit_one_thing",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["cell", "-at"], name="patrol_visit_cell_at"),
            models.Index(fields=["check_point", "-at"], name="patrol_visit_point_at"),
        ]

    def __str__(self) -> str:
        return f"{self.patrol_id} {self.cell_id or self.check_point_id}"

"""Where people walk: patrol areas as cells, a line or check-points, each with its rhythm and the basis of it."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grid.models.areas import Area


class PatrolArea(models.Model):
    """A 巡查片区. It may overlap cells, and other patrol areas.

    Of the three kinds `cells` lists areas, `line` has a course, `points` has check-points.
    """

    class Kind(models.TextChoices):
        CELLS = "cells", _("cells")
        LINE = "line", _("line")
        POINTS = "points", _("check-points")

    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices)
    area = models.ForeignKey(Area, verbose_name=_("lies in"), on_delete=models.PROTECT, related_name="patrol_areas")
    cells = models.ManyToManyField(
        Area, verbose_name=_("cells"), blank=True, related_name="in_patrol_areas", limit_choices_to={"level": "cell"}
    )
    line = models.MultiLineStringField(_("course"), srid=4326, null=True, blank=True)
    reach_metres = models.PositiveSmallIntegerField(
        _("nearness (metres)"), default=50, help_text=_("How near one must pass to have been there.")
    )
    every_days = models.PositiveSmallIntegerField(_("at least every … days"))
    basis = models.CharField(_("basis"), max_length=300)
    active = models.BooleanField(_("in use"), default=True)
    synthetic = models.BooleanField(_("invented"), default=False)

    class Meta:
        verbose_name = _("patrol area")
        verbose_name_plural = _("patrol areas")
        ordering = ("name", "pk")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(every_days__gt=0), name="patrol_area_every_days_positive"),
            models.CheckConstraint(condition=~Q(kind="line") | Q(line__isnull=False), name="patrol_line_has_a_course"),
        ]

    def __str__(self) -> str:
        return self.name


class CheckPoint(models.Model):
    """A spot of a patrol area that is ticked off by nearness or by hand."""

    patrol_area = models.ForeignKey(
        PatrolArea, verbose_name=_("patrol area"), on_delete=models.PROTECT, related_name="check_points"
    )
    name = models.CharField(_("name"), max_length=100)
    point = models.PointField(_("position"), srid=4326)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("check-point")
        verbose_name_plural = _("check-points")
        ordering = ("patrol_area", "order", "pk")

    def __str__(self) -> str:
        return self.name

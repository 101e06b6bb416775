"""The tree of areas, their dated boundaries, and the acts that changed them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.contrib.postgres.indexes import OpClass
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db.models import Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

CODE_LENGTH = {"district": 6, "town": 9, "village": 12, "cell": 15}
"""Digits of an area's code at each level; a code begins with the code of what it lies in."""


class TsTzRange(Func):
    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class Area(models.Model):
    """A district, town, village or grid cell.

    Codes change over the years (官塘镇 itself had two), so the code is an attribute with dates and never a key.
    """

    class Level(models.TextChoices):
        DISTRICT = "district", _("district")
        TOWN = "town", _("town")
        VILLAGE = "village", _("village")
        CELL = "cell", _("grid cell")

    class Kind(models.TextChoices):
        GENERAL = "general", _("general")
        DEDICATED = "dedicated", _("dedicated")

    code = models.CharField(_("code"), max_length=15, validators=[RegexValidator(r"^(\d{6}|\d{9}|\d{12}|\d{15})$")])
    name = models.CharField(_("name"), max_length=100)
    level = models.CharField(_("level"), max_length=8, choices=Level.choices)
    kind = models.CharField(_("kind"), max_length=9, choices=Kind.choices, default=Kind.GENERAL)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("lies in"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    predecessor = models.ForeignKey(
        "self",
        verbose_name=_("predecessor"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="successors",
    )
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    synthetic = models.BooleanField(
        _("invented"), default=False, help_text=_("Made for the demo; not an administrative boundary.")
    )

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ("code",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["code"], condition=Q(valid_to__isnull=True), name="area_code_unique_while_valid"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=models.F("valid_from")),
                name="area_valid_to_after_from",
            ),
        ]
        indexes: ClassVar = [
            models.Index(OpClass("code", name="varchar_pattern_ops"), name="area_code_prefix"),
            models.Index(fields=["level", "code"], name="area_level_code"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.code}"

    def clean(self) -> None:
        """Every area but a district lies in exactly one of the level above, whose code its own begins with.

        Raises ValidationError naming the field. Lists and acts hold to the same (`grid.services`).
        """
        if self.level not in CODE_LENGTH:
            return  # said by the field itself
        if len(self.code) != CODE_LENGTH[self.level]:
            message = _("At this level a code has %(digits)d digits.")
            raise ValidationError({"code": ValidationError(message, "shape", {"digits": CODE_LENGTH[self.level]})})
        levels = list(CODE_LENGTH)
        above = levels[levels.index(self.level) - 1] if self.level != levels[0] else None
        if above is None:
            if self.parent is not None:
                raise ValidationError({"parent": ValidationError(_("A district lies in nothing here."), "wrong_level")})
            return
        if self.parent is None or self.parent.level != above:
            message = _("Choose the %(level)s that it lies in.")
            values = {"level": self.Level(above).label}
            raise ValidationError({"parent": ValidationError(message, "wrong_level", values)})
        if not self.code.startswith(self.parent.code):
            message = _("The code must begin with %(code)s, the code of what it lies in.")
            raise ValidationError({"code": ValidationError(message, "not_below", {"code": self.parent.code})})


class AreaBoundary(models.Model):
    """The outline of an area from one moment to another (WGS-84). Redrawing adds a row, it never edits one."""

    area = models.ForeignKey(Area, verbose_name=_("area"), on_delete=models.PROTECT, related_name="boundaries")
    geometry = models.MultiPolygonField(_("outline"), srid=4326)
    valid_from = models.DateTimeField(_("valid from"))
    valid_to = models.DateTimeField(_("valid to"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200)
    synthetic = models.BooleanField(_("invented"), default=False)
    change = models.ForeignKey(
        "grid.BoundaryChange",
        verbose_name=_("made by the change"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="boundaries",
    )

    class Meta:
        verbose_name = _("boundary")
        verbose_name_plural = _("boundaries")
        ordering = ("area", "valid_from")
        constraints: ClassVar = [
            ExclusionConstraint(
                name="one_boundary_at_a_time",
                expressions=[
                    ("area", RangeOperators.EQUAL),
                    (
                        TsTzRange("valid_from", "valid_to", RangeBoundary(inclusive_lower=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area} {timezone.localtime(self.valid_from):%Y-%m-%d}"


class BoundaryChange(models.Model):
    """One act on the ground: who changed which cells, from when on and why. Never edited.

    `before` and `after` list the areas as they were and as they are: `[{"id": 1, "code": "…", "name": "…"}]`.
    People lie above this package, so whoever did it is kept as an id and the name of that day.
    """

    class Kind(models.TextChoices):
        DRAW = "draw", _("drawn")
        REDRAW = "redraw", _("redrawn")
        SPLIT = "split", _("split")
        MERGE = "merge", _("merged")
        RETIRE = "retire", _("retired")
        RECODE = "recode", _("code changed")
        IMPORT = "import", _("imported")

    kind = models.CharField(_("kind"), max_length=7, choices=Kind.choices)
    area = models.ForeignKey(
        Area,
        verbose_name=_("lies in"),
        on_delete=models.PROTECT,
        related_name="boundary_changes",
        help_text=_("The village of the cells; for villages and above the area itself."),
    )
    effective_at = models.DateTimeField(_("takes effect"))
    reason = models.CharField(_("reason"), max_length=200)
    before = models.JSONField(_("before"), default=list)
    after = models.JSONField(_("after"), default=list)
    made_at = models.DateTimeField(_("decided"))
    made_by = models.BigIntegerField(_("person"), null=True)
    made_by_name = models.CharField(_("by"), max_length=50, blank=True)
    settled_at = models.DateTimeField(
        _("settled"), null=True, help_text=_("When open cases and places were handed to the cells they now lie in.")
    )

    class Meta:
        verbose_name = _("boundary change")
        verbose_name_plural = _("boundary changes")
        ordering = ("-effective_at", "-pk")
        indexes: ClassVar = [
            models.Index(fields=["effective_at"], condition=Q(settled_at__isnull=True), name="change_unsettled"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.area} {timezone.localtime(self.effective_at):%Y-%m-%d}"


class GroundToken(models.Model):
    """One row that triggers renew whenever an area or a boundary changes, in the same transaction.

    Each process keeps the ground in memory and compares this token to know whether it is still true.
    """

    token = models.UUIDField()

    class Meta:
        verbose_name = _("state of the ground")
        verbose_name_plural = _("state of the ground")

    def __str__(self) -> str:
        return str(self.token)

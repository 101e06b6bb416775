"""What lies in the areas: places with the people who answer for them, waters with their chiefs, cameras."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import OpClass
from django.core.validators import RegexValidator
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from grid.models.areas import Area
from grid.sealed import SealedTextField


class PlaceKind(models.Model):
    """A kind of place, as data: which kinds count as key or small differs from town to town."""

    class Group(models.TextChoices):
        KEY = "key", _("key place")
        SMALL = "small", _("small premises")
        FACILITY = "facility", _("public facility")

    code = models.CharField(_("code"), max_length=20, unique=True, validators=[RegexValidator(r"^[a-z][a-z0-9_]*$")])
    group = models.CharField(_("group"), max_length=8, choices=Group.choices)
    name_zh = models.CharField(_("name in Chinese"), max_length=50)
    name_en = models.CharField(_("name in English"), max_length=80)
    basis = models.CharField(_("basis"), max_length=300, blank=True)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("kind of place")
        verbose_name_plural = _("kinds of places")
        ordering = ("group", "code")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the language of this request."""
        return self.name_en if (get_language() or "").startswith("en") else self.name_zh


class Place(models.Model):
    """A school, shop, workshop, public toilet …: where it is and who answers for it.

    `village_code` and `cell_code` say where it lies now. They follow a redrawing; cases never do.
    """

    name = models.CharField(_("name"), max_length=100)
    kind = models.ForeignKey(PlaceKind, verbose_name=_("kind"), on_delete=models.PROTECT, related_name="places")
    point = models.PointField(_("position"), srid=4326)
    address = models.CharField(_("address"), max_length=200, blank=True)
    village = models.ForeignKey(Area, verbose_name=_("village"), on_delete=models.PROTECT, related_name="places")
    village_code = models.CharField(max_length=12, editable=False)
    cell_code = models.CharField(max_length=15, blank=True, editable=False)
    responsible_name = models.CharField(_("responsible person"), max_length=50, blank=True)
    responsible_phone = SealedTextField(_("phone of the responsible person"), max_characters=30, blank=True)
    safety_name = models.CharField(_("safety person"), max_length=50, blank=True)
    safety_phone = SealedTextField(_("phone of the safety person"), max_characters=30, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True, help_text=_("First day on which it is gone."))
    synthetic = models.BooleanField(_("invented"), default=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        ordering = ("name", "pk")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=models.F("valid_from")),
                name="place_valid_to_after_from",
            ),
        ]
        indexes: ClassVar = [
            models.Index(OpClass("village_code", name="varchar_pattern_ops"), name="place_village_prefix"),
            models.Index(fields=["cell_code"], name="place_cell"),
        ]

    def __str__(self) -> str:
        return self.name


class WaterBody(models.Model):
    """A river or canal, drawn as lines for orientation and for the chiefs of its reaches."""

    class Kind(models.TextChoices):
        RIVER = "river", _("river")
        CANAL = "canal", _("canal")
        POND = "pond", _("pond")

    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=5, choices=Kind.choices)
    area = models.ForeignKey(Area, verbose_name=_("area"), on_delete=models.PROTECT, related_name="waters")
    geometry = models.MultiLineStringField(_("course"), srid=4326)
    synthetic = models.BooleanField(_("invented"), default=False)

    class Meta:
        verbose_name = _("water")
        verbose_name_plural = _("waters")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Reach(models.Model):
    """A stretch of a water that one chief answers for (河段)."""

    class Level(models.TextChoices):
        TOWN = "town", _("town")
        VILLAGE = "village", _("village")

    water = models.ForeignKey(WaterBody, verbose_name=_("water"), on_delete=models.PROTECT, related_name="reaches")
    name = models.CharField(_("name"), max_length=100)
    level = models.CharField(_("level"), max_length=7, choices=Level.choices)
    area = models.ForeignKey(Area, verbose_name=_("area"), on_delete=models.PROTECT, related_name="reaches")
    geometry = models.MultiLineStringField(_("course"), srid=4326)
    synthetic = models.BooleanField(_("invented"), default=False)

    class Meta:
        verbose_name = _("reach")
        verbose_name_plural = _("reaches")
        ordering = ("water", "name")

    def __str__(self) -> str:
        return f"{self.water} {self.name}"


class ReachChief(models.Model):
    """Who is chief of a reach (河段长), from one date to another."""

    reach = models.ForeignKey(Reach, verbose_name=_("reach"), on_delete=models.PROTECT, related_name="chiefs")
    name = models.CharField(_("name"), max_length=50)
    title = models.CharField(_("office"), max_length=50, blank=True)
    phone = SealedTextField(_("phone"), max_characters=30, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True, help_text=_("First day without the office."))

    class Meta:
        verbose_name = _("chief of a reach")
        verbose_name_plural = _("chiefs of reaches")
        ordering = ("reach", "-valid_from")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=models.F("valid_from")),
                name="chief_valid_to_after_from",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.title}".strip()


class Camera(models.Model):
    """A connected camera. Its stream is named by a reference that a later player resolves; no address, no password."""

    class Type(models.TextChoices):
        BULLET = "bullet", _("fixed")
        DOME = "dome", _("turning")
        OTHER = "other", _("other")

    name = models.CharField(_("name"), max_length=100)
    gb28181_id = models.CharField(
        _("GB/T 28181 number"),
        max_length=20,
        unique=True,
        help_text=_("20 digits: 8 for the centre, 2 for the industry, 3 for the type, 1 for the network, 6 serial."),
    )
    type = models.CharField(_("type"), max_length=6, choices=Type.choices, default=Type.BULLET)
    village = models.ForeignKey(Area, verbose_name=_("village"), on_delete=models.PROTECT, related_name="cameras")
    village_code = models.CharField(max_length=12, editable=False)
    cell_code = models.CharField(max_length=15, blank=True, editable=False)
    point = models.PointField(_("position"), srid=4326)
    owner = models.CharField(_("owner"), max_length=100)
    stream_reference = models.CharField(_("stream reference"), max_length=200, blank=True)
    active = models.BooleanField(_("in use"), default=True)
    online = models.BooleanField(_("online"), default=False, editable=False)
    reported_at = models.DateTimeField(_("last report"), null=True, editable=False)
    synthetic = models.BooleanField(_("invented"), default=False)

    class Meta:
        verbose_name = _("camera")
        verbose_name_plural = _("cameras")
        ordering = ("village_code", "name", "pk")
        indexes: ClassVar = [
            models.Index(OpClass("village_code", name="varchar_pattern_ops"), name="camera_village_prefix"),
        ]

    def __str__(self) -> str:
        return self.name

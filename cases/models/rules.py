"""What the site sets: categories, limits and the working calendar."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cases.workflow import Level, Stage
from staff.models import Organisation


class Category(models.Model):
    """What a case is about, in two levels (A … J, then A01 …)."""

    code = models.CharField(_("code"), max_length=8, unique=True)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("level 1"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    name_zh = models.CharField(_("name in Chinese"), max_length=50)
    name_en = models.CharField(_("name in English"), max_length=80)
    emergency = models.BooleanField(
        _("emergency"), default=False, help_text=_("110/119/120 come first; reminders go out at any hour.")
    )
    sample_percent = models.PositiveSmallIntegerField(
        _("self-handled cases drawn for verification (%)"),
        default=20,
        help_text=_("Of what was solved on the spot, so many are looked at by somebody else."),
    )
    keywords = models.CharField(
        _("words for it"),
        max_length=300,
        blank=True,
        help_text=_("Separated by spaces. A report with one of them is proposed this category."),
    )
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(sample_percent__lte=100), name="category_sample_percent")
        ]
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ("code",)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def name(self) -> str:
        return category_name(name_zh=self.name_zh, name_en=self.name_en)


def category_name(*, name_zh: str, name_en: str) -> str:
    """The name in the language of this request."""
    return name_en if (get_language() or "").startswith("en") else name_zh


LEVELS = (
    (Level.GENERAL, _("general matter")),
    (Level.MAJOR, _("major matter")),
    (Level.GRAVE, _("grave matter")),
)


class LimitRule(models.Model):
    """How long a stage may take, from a date on, and on what basis.

    The most specific rule wins: first one for the unit, then by category (A01, A, any), then one for the level.
    """

    class Unit(models.TextChoices):
        WORKING_DAY = "working_day", _("working days")
        HALF_DAY = "half_day", _("half working days")
        CALENDAR_DAY = "calendar_day", _("calendar days")
        HOUR = "hour", _("hours")

    stage = models.CharField(
        _("stage"),
        max_length=12,
        choices=[
            (Stage.INFO, _("give information")),
            (Stage.ACCEPT, _("accept")),
            (Stage.TAKE, _("acknowledge")),
            (Stage.HANDLE, _("handle")),
            (Stage.UPPER, _("answer from above")),
            (Stage.VERIFY, _("verify and close")),
            (Stage.ARCHIVE, _("archive")),
            (Stage.SUPERVISION, _("reply to a supervision")),
        ],
    )
    category = models.ForeignKey(
        Category,
        verbose_name=_("category"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="limits",
        help_text=_("Empty: every category without a rule of its own."),
    )
    level = models.CharField(
        _("level"),
        max_length=8,
        blank=True,
        choices=LEVELS,
        help_text=_("Empty: every level without a rule of its own."),
    )
    organisation = models.ForeignKey(
        Organisation,
        verbose_name=_("unit"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="limits",
        help_text=_("Empty: every unit without a rule of its own."),
    )
    amount = models.PositiveSmallIntegerField(_("amount"))
    unit = models.CharField(_("unit"), max_length=12, choices=Unit.choices, default=Unit.WORKING_DAY)
    basis = models.CharField(_("basis"), max_length=300)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    class Meta:
        verbose_name = _("limit")
        verbose_name_plural = _("limits")
        ordering = ("stage", "category", "valid_from")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["stage", "category", "level", "organisation", "valid_from"],
                nulls_distinct=False,
                name="limit_rule_unique",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="limit_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.amount} {self.get_unit_display()}"


class Workday(models.Model):
    """An exception in the working calendar: a day off, a make-up day, or a day of which a half is worked.

    Every other day follows the week. A row for a town stands above the row for all.
    """

    date = models.DateField(_("date"))
    town_code = models.CharField(_("town"), max_length=9, blank=True, help_text=_("Nine digits; empty: for all towns."))
    working = models.BooleanField(_("is worked"))
    morning = models.BooleanField(_("morning"), default=True, help_text=_("Only of a day that is worked."))
    afternoon = models.BooleanField(_("afternoon"), default=True, help_text=_("Only of a day that is worked."))
    name = models.CharField(_("name"), max_length=50)
    basis = models.CharField(_("basis"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")
        ordering = ("date", "town_code")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["date", "town_code"], name="workday_unique"),
            models.CheckConstraint(
                condition=Q(working=False) | Q(morning=True) | Q(afternoon=True), name="workday_worked_has_a_half"
            ),
            models.CheckConstraint(
                condition=Q(town_code="") | Q(town_code__regex=r"^\d{9}$"), name="workday_town_code"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d} {self.name}"

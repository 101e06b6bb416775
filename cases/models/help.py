"""What helps people decide and write: routing rules, standard texts, and the questions of a category."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cases.models.rules import LEVELS, Category
from cases.workflow import Act
from staff.models import Organisation, Post, User


def _in_language(*, zh: str, en: str) -> str:
    return en if en and (get_language() or "").startswith("en") else zh


class RoutingRule(models.Model):
    """Which unit, or which post on the ground, a matter goes to. The first rule in order that fits is proposed."""

    order = models.PositiveSmallIntegerField(_("order"), default=100)
    category = models.ForeignKey(
        Category,
        verbose_name=_("category"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="routing",
        help_text=_("Level 1 covers what lies below it. Empty: every category."),
    )
    area_code = models.CharField(_("area"), max_length=15, blank=True, help_text=_("Code; empty: everywhere."))
    level = models.CharField(_("level"), max_length=8, blank=True, choices=LEVELS)
    organisation = models.ForeignKey(
        Organisation,
        verbose_name=_("unit"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="routing",
    )
    role = models.CharField(
        _("post"),
        max_length=20,
        blank=True,
        choices=[(Post.Role.VILLAGE_OFFICER, _("village officer")), (Post.Role.MEDIATOR, _("mediator"))],
        help_text=_("Instead of a unit: the unit of whoever holds this post where the case lies."),
    )
    basis = models.CharField(_("basis"), max_length=300)
    active = models.BooleanField(
        _("switched on"), default=False, help_text=_("Look at the preview on past cases first.")
    )
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    made_by = models.ForeignKey(User, verbose_name=_("made by"), null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("routing rule")
        verbose_name_plural = _("routing rules")
        ordering = ("order", "pk")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, role="") | (Q(organisation__isnull=True) & ~Q(role="")),
                name="routing_unit_or_post",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} {self.category or '*'} → {self.organisation or self.get_role_display()}"


class ReplyText(models.Model):
    """A standard text offered with an act; the person may change it before sending."""

    act = models.CharField(_("act"), max_length=24, choices=[(act.value, act.value) for act in Act])
    category = models.ForeignKey(
        Category, verbose_name=_("category"), null=True, blank=True, on_delete=models.PROTECT, related_name="texts"
    )
    text = models.CharField(_("text"), max_length=500)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("standard text")
        verbose_name_plural = _("standard texts")
        ordering = ("act", "order", "pk")

    def __str__(self) -> str:
        return self.text[:40]


class Question(models.Model):
    """What else is asked when a matter of this category is reported. The answer keeps the words it was asked in."""

    class Kind(models.TextChoices):
        TEXT = "text", _("text")
        CHOICE = "choice", _("choice")
        NUMBER = "number", _("number")
        PHOTO = "photo", _("photo")

    category = models.ForeignKey(
        Category, verbose_name=_("category"), on_delete=models.PROTECT, related_name="questions"
    )
    key = models.SlugField(_("key"), max_length=40)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind)
    label_zh = models.CharField(_("question in Chinese"), max_length=100)
    label_en = models.CharField(_("question in English"), max_length=150, blank=True)
    choices = models.JSONField(
        _("choices"), default=list, blank=True, help_text=_('As [{"value": "a", "zh": "…", "en": "…"}].')
    )
    required = models.BooleanField(_("required"), default=False)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ("category", "order", "pk")
        constraints: ClassVar = [models.UniqueConstraint(fields=["category", "key"], name="question_key")]

    def __str__(self) -> str:
        return self.label_zh

    @property
    def label(self) -> str:
        return _in_language(zh=self.label_zh, en=self.label_en)

    def named_choices(self) -> list[dict[str, Any]]:
        return [
            {"value": one["value"], "label": _in_language(zh=one["zh"], en=one.get("en", ""))} for one in self.choices
        ]

"""Who: people who work with the system, their organisations, and the posts that give them work and sight."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from grid.models import Area
from grid.sealed import SealedTextField


class Organisation(models.Model):
    """A unit that cases are assigned to, or that people belong to."""

    class Kind(models.TextChoices):
        CENTER = "center", _("governance center")
        OFFICE = "office", _("town office")
        STATION = "station", _("stationed unit")
        COMMITTEE = "committee", _("village committee")
        MEDIATION = "mediation", _("mediation committee")

    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=9, choices=Kind.choices)
    area = models.ForeignKey(Area, verbose_name=_("area"), on_delete=models.PROTECT, related_name="organisations")
    handles = models.CharField(
        _("handles"),
        max_length=200,
        blank=True,
        help_text=_("What this unit takes on, shown to whoever assigns a case."),
    )
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ("name",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["area", "name"], name="organisation_name_unique_in_area"),
        ]

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A person who signs in. What they may see and do comes from their posts, never from groups."""

    display_name = models.CharField(_("name"), max_length=50)
    language = models.CharField(
        _("language"), max_length=10, default="zh-hans", choices=[("zh-hans", "中文"), ("en", "English")]
    )
    phone = SealedTextField(
        _("office phone"), max_characters=30, blank=True, help_text=_("Shown to colleagues and on the sheet of a cell.")
    )

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.display_name or self.username


class Post(models.Model):
    """A role in an area, for an organisation, from one date to another (dates in Asia/Shanghai)."""

    class Role(models.TextChoices):
        GRID_WORKER = "grid_worker", _("grid worker")
        VILLAGE_OFFICER = "village_officer", _("village officer")
        MEDIATOR = "mediator", _("mediator")
        HANDLER = "handler", _("handler")
        CENTER_OPERATOR = "center_operator", _("center operator")
        CENTER_HEAD = "center_head", _("head of the center")
        LEADER = "leader", _("leader")
        AUDITOR = "auditor", _("auditor")
        ADMIN = "admin", _("system administrator")

    user = models.ForeignKey(User, verbose_name=_("person"), on_delete=models.PROTECT, related_name="posts")
    role = models.CharField(_("role"), max_length=15, choices=Role.choices)
    area = models.ForeignKey(Area, verbose_name=_("area"), on_delete=models.PROTECT, related_name="posts")
    organisation = models.ForeignKey(
        Organisation,
        verbose_name=_("organisation"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="posts",
    )
    backup = models.BooleanField(
        _("backup"), default=False, help_text=_("Answers when whoever holds the main post of the area is away.")
    )
    stands_in_for = models.ForeignKey(
        "self",
        verbose_name=_("stands in for"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="substitutions",
        help_text=_("The post whose holder is on leave in these days."),
    )
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True, help_text=_("First day without the post."))

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        ordering = ("user", "valid_from")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="post_valid_to_after_from",
            ),
            models.CheckConstraint(
                condition=~Q(role="handler") | Q(organisation__isnull=False), name="handler_has_organisation"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["role", "area"], name="post_role_area")]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.area}"


class Leave(models.Model):
    """Days on which the holder of a post is away; somebody else answers meanwhile. No reason is asked for."""

    post = models.ForeignKey(Post, verbose_name=_("post"), on_delete=models.PROTECT, related_name="leaves")
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    cancelled = models.BooleanField(_("withdrawn"), default=False)
    made_at = models.DateTimeField(_("entered"), auto_now_add=True)
    made_by = models.ForeignKey(
        User, verbose_name=_("by"), null=True, on_delete=models.PROTECT, related_name="entered_leaves"
    )

    class Meta:
        verbose_name = _("leave")
        verbose_name_plural = _("leaves")
        ordering = ("-first_day", "pk")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="leave_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return f"{self.post} {self.first_day:%Y-%m-%d} – {self.last_day:%Y-%m-%d}"


class Token(models.Model):
    """Lets a machine in with the sight of one person, for one purpose. Only a hash of it is kept."""

    class Purpose(models.TextChoices):
        MAP = "map", _("read the map (OGC API, tiles)")
        CAMERAS = "cameras", _("report the state of cameras")

    user = models.ForeignKey(User, verbose_name=_("person"), on_delete=models.PROTECT, related_name="tokens")
    name = models.CharField(_("name"), max_length=100, help_text=_("Which machine uses it."))
    purpose = models.CharField(_("purpose"), max_length=7, choices=Purpose.choices)
    hash = models.CharField(max_length=64, unique=True, editable=False)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True, help_text=_("First day on which it is refused."))
    used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    class Meta:
        verbose_name = _("machine token")
        verbose_name_plural = _("machine tokens")
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name

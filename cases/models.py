"""What: categories, limits, the calendar, cases, their events and their files."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex, GistIndex
from django.contrib.postgres.search import SearchVectorField
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cases.workflow import OPEN, Outcome, Stage, State
from grid.models import Area, AreaBoundary
from staff.models import Organisation, Post, User
from staff.scope import Scope, scope_of


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
    active = models.BooleanField(_("active"), default=True)

    class Meta:
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


class LimitRule(models.Model):
    """How long a stage may take, from a date on, and on what basis. The most specific rule wins: A01, A, any."""

    class Unit(models.TextChoices):
        WORKING_DAY = "working_day", _("working days")
        CALENDAR_DAY = "calendar_day", _("calendar days")
        HOUR = "hour", _("hours")

    stage = models.CharField(
        _("stage"),
        max_length=6,
        choices=[
            (Stage.ACCEPT, _("accept")),
            (Stage.HANDLE, _("handle")),
            (Stage.VERIFY, _("verify and close")),
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
                fields=["stage", "category", "valid_from"], nulls_distinct=False, name="limit_rule_unique"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="limit_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.amount} {self.get_unit_display()}"


class Workday(models.Model):
    """An exception in the working calendar: a day off, or a make-up day. Every other day follows the week."""

    date = models.DateField(_("date"), unique=True)
    working = models.BooleanField(_("is worked"))
    name = models.CharField(_("name"), max_length=50)
    basis = models.CharField(_("basis"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")
        ordering = ("date",)

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d} {self.name}"


_CODE_FIELD = {6: "town_code__startswith", 9: "town_code", 12: "village_code", 15: "duty_cell_code"}


def in_area(code: str) -> Q:
    """Cases of the area with this code: towns and villages as they were reported, cells by who answers for it now."""
    return Q(**{_CODE_FIELD[len(code)]: code})


def ordinate(function: str) -> models.Func:
    """`ST_X` or `ST_Y` of a case's place, as a number; null without a place."""
    return models.Func(F("point"), function=function, output_field=models.FloatField())


AREA_READERS = (
    Post.Role.GRID_WORKER,
    Post.Role.VILLAGE_OFFICER,
    Post.Role.CENTER_OPERATOR,
    Post.Role.CENTER_HEAD,
    Post.Role.LEADER,
    Post.Role.AUDITOR,
)
"""Roles that see every case of the area of their post."""


def visible_q(scope: Scope) -> Q:
    """The rows `scope` may see. No post, or only the administrator's: none.

    - grid worker, village officer, center, leader, auditor: cases in the area of the post;
    - handler: cases assigned to the organisation of the post;
    - mediator: disputes (category A) in the area, and cases assigned to the organisation;
    - whoever has one of these posts: cases they reported or that are assigned to them by name.
    """
    if not scope.roles - {Post.Role.ADMIN}:
        return Q(pk__in=())
    seen = Q(reporter_id=scope.user_id) | Q(assignee_id=scope.user_id)
    for code in scope.codes(*AREA_READERS):
        seen |= in_area(code)
    for code in scope.codes(Post.Role.MEDIATOR):
        seen |= in_area(code) & Q(category_code__startswith="A")
    units = scope.organisation_ids(Post.Role.HANDLER, Post.Role.MEDIATOR)
    return seen | Q(lead_org_id__in=units) if units else seen


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The only door to rows: lists, details, files, counts, exports and live updates pass through it."""
        return self.filter(visible_q(scope_of(user)))

    def open(self) -> Self:
        return self.filter(is_open=True)

    def overdue(self, *, now: datetime) -> Self:
        return self.filter(is_open=True, due_at__lt=now)


class Case(models.Model):
    """One matter from report to closure. Only `cases.services` writes here.

    Codes of town, village and cell are copied when it is reported and never follow a later redrawing; `duty_cell_code`
    is the cell whose people answer for it, and does.
    `version` grows with every change of this row and is what an act must name.
    """

    client_id = models.UUIDField(_("client id"), unique=True, default=uuid.uuid4, editable=False)
    content_hash = models.CharField(max_length=64, editable=False)
    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    category = models.ForeignKey(Category, verbose_name=_("category"), on_delete=models.PROTECT, related_name="cases")
    category_code = models.CharField(max_length=8, editable=False)
    description = models.TextField(_("description"))
    search = SearchVectorField(null=True, editable=False)
    emergency = models.BooleanField(_("emergency"), default=False)

    point = models.PointField(_("place"), srid=4326, null=True, blank=True)
    accuracy_m = models.FloatField(_("accuracy (metres)"), null=True, blank=True)
    datum_in = models.CharField(_("datum as reported"), max_length=8, default="WGS-84")
    area = models.ForeignKey(Area, verbose_name=_("area"), on_delete=models.PROTECT, related_name="cases")
    boundary = models.ForeignKey(
        AreaBoundary, verbose_name=_("boundary"), null=True, on_delete=models.PROTECT, related_name="cases"
    )
    town_code = models.CharField(max_length=9, editable=False)
    village_code = models.CharField(max_length=12, blank=True, editable=False)
    cell_code = models.CharField(max_length=15, blank=True, editable=False)
    duty_cell_code = models.CharField(
        max_length=15,
        blank=True,
        editable=False,
        help_text="The cell that answers for it now; follows a redrawing while it is open.",
    )

    reporter = models.ForeignKey(User, verbose_name=_("reporter"), on_delete=models.PROTECT, related_name="reported")
    reported_at = models.DateTimeField(_("reported at"), help_text=_("By the reporter's device, never in the future."))
    received_at = models.DateTimeField(_("received at"))

    state = models.CharField(_("state"), max_length=15, choices=[(s.value, s.value) for s in State])
    is_open = models.BooleanField(_("open"), default=True)
    outcome = models.CharField(
        _("outcome"), max_length=15, blank=True, default="", choices=[(o.value, o.value) for o in Outcome]
    )
    lead_org = models.ForeignKey(
        Organisation,
        verbose_name=_("lead unit"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="cases",
    )
    assignee = models.ForeignKey(
        User,
        verbose_name=_("assignee"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="assigned",
    )
    handled_by = ArrayField(models.BigIntegerField(), default=list, editable=False)
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("merged into"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="merged",
    )

    accept_due_at = models.DateTimeField(_("accept by"))
    handle_due_at = models.DateTimeField(_("handle by"), null=True)
    verify_due_at = models.DateTimeField(_("verify by"), null=True)
    stage_started_at = models.DateTimeField(_("stage since"))
    soon_at = models.DateTimeField(_("yellow from"), null=True)
    due_at = models.DateTimeField(_("due"), null=True)
    soon_marked_for = models.DateTimeField(null=True, editable=False)
    overdue_marked_for = models.DateTimeField(null=True, editable=False)
    accepted_at = models.DateTimeField(_("accepted at"), null=True)
    assigned_at = models.DateTimeField(_("assigned at"), null=True)
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True)
    feedback_at = models.DateTimeField(_("feedback at"), null=True)
    verified_at = models.DateTimeField(_("verified at"), null=True)
    suspended_until = models.DateField(_("suspended until"), null=True)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    rework_count = models.PositiveSmallIntegerField(_("reworked"), default=0)
    hop_count = models.PositiveSmallIntegerField(_("returned"), default=0)

    version = models.PositiveIntegerField(default=1, editable=False)
    event_count = models.PositiveIntegerField(default=0, editable=False)
    event_hash = models.CharField(max_length=64, editable=False, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ("-reported_at",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(is_open=True, state__in=[s.value for s in sorted(OPEN)])
                | (Q(is_open=False) & ~Q(state__in=[s.value for s in sorted(OPEN)])),
                name="case_open_agrees_with_state",
            ),
        ]
        indexes: ClassVar = [
            # Lists of open cases, most urgent first, one index per level of scope.
            models.Index(fields=["town_code", "due_at", "id"], condition=Q(is_open=True), name="case_open_town"),
            models.Index(fields=["village_code", "due_at", "id"], condition=Q(is_open=True), name="case_open_village"),
            models.Index(fields=["duty_cell_code", "due_at", "id"], condition=Q(is_open=True), name="case_open_duty"),
            models.Index(fields=["lead_org", "due_at", "id"], condition=Q(is_open=True), name="case_open_org"),
            models.Index(fields=["assignee", "due_at", "id"], condition=Q(is_open=True), name="case_open_assignee"),
            models.Index(fields=["due_at", "id"], condition=Q(is_open=True), name="case_open_due"),
            # Lists of everything, newest first.
            models.Index(F("town_code"), F("reported_at").desc(), F("id").desc(), name="case_town_reported"),
            models.Index(F("village_code"), F("reported_at").desc(), F("id").desc(), name="case_village_reported"),
            models.Index(F("duty_cell_code"), F("reported_at").desc(), F("id").desc(), name="case_duty_reported"),
            models.Index(F("reporter"), F("reported_at").desc(), F("id").desc(), name="case_reporter_reported"),
            models.Index(F("lead_org"), F("reported_at").desc(), F("id").desc(), name="case_org_reported"),
            models.Index(F("reported_at").desc(), F("id").desc(), name="case_reported"),
            models.Index(fields=["town_code", "closed_at"], name="case_town_closed"),
            BrinIndex(fields=["reported_at"], name="case_reported_brin"),
            GinIndex(fields=["search"], name="case_search"),
            # Tiles near the ground. As an expression: of an index on a geometry field Django forgets the condition.
            GistIndex(F("point"), condition=Q(is_open=True), name="case_open_point"),
            # Those that have only their cell: a GiST index reads all of itself to find what has no point.
            models.Index(
                fields=["village_code"], condition=Q(is_open=True, point__isnull=True), name="case_open_placeless"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class OpenCount(models.Model):
    """How many open cases each cell has, for wide views of the map; renewed in the background from the cases.

    `cell_code` is the village's or town's code where no cell is known. Position: the middle of the cell.
    """

    cell_code = models.CharField(max_length=15, primary_key=True)
    town_code = models.CharField(max_length=9)
    point = models.PointField(srid=4326, spatial_index=False)
    tile_x = models.PositiveIntegerField(help_text="column of the point at zoom 16")
    tile_y = models.PositiveIntegerField(help_text="row of the point at zoom 16")
    open = models.PositiveIntegerField()
    overdue = models.PositiveIntegerField(help_text="when this was counted")

    class Meta:
        verbose_name = _("open cases of a cell")
        verbose_name_plural = _("open cases of cells")
        indexes: ClassVar = [models.Index(fields=["tile_x", "tile_y"], name="open_count_tile")]

    def __str__(self) -> str:
        return f"{self.cell_code} {self.open}"


class CaseEvent(models.Model):
    """One thing that happened to a case. Append-only: triggers refuse every change, and each row carries the hash of
    the one before it, so that a change made past the triggers shows (`manage.py verify_chain`).
    """

    case = models.ForeignKey(Case, verbose_name=_("case"), on_delete=models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField(_("number"))
    act = models.CharField(_("act"), max_length=15)
    from_state = models.CharField(_("state before"), max_length=15, blank=True)
    to_state = models.CharField(_("state after"), max_length=15)
    actor = models.ForeignKey(
        User, verbose_name=_("who"), null=True, on_delete=models.PROTECT, related_name="case_events"
    )
    at = models.DateTimeField(_("when"))
    text = models.TextField(_("words"), blank=True)
    data = models.JSONField(_("particulars"), default=dict)
    client_id = models.UUIDField(null=True, unique=True)
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("case event")
        verbose_name_plural = _("case events")
        ordering = ("case", "seq")
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "seq"], name="case_event_seq")]
        indexes: ClassVar = [
            # The reminders' look for events nobody was told of.
            models.Index(fields=["id"], condition=Q(act__in=("due_soon", "overdue")), name="case_event_due"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} #{self.seq} {self.act}"


class CaseFile(models.Model):
    """A photo of a case. Its bytes lie below MEDIA_ROOT, without the position and device data the phone wrote."""

    case = models.ForeignKey(Case, verbose_name=_("case"), on_delete=models.PROTECT, related_name="files")
    client_id = models.UUIDField(unique=True)
    file = models.FileField(_("file"), upload_to="cases/%Y/%m")
    thumbnail = models.FileField(_("thumbnail"), upload_to="cases/%Y/%m")
    caption = models.CharField(_("caption"), max_length=200, blank=True)
    content_type = models.CharField(max_length=50)
    size = models.PositiveIntegerField(_("size (bytes)"))
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(User, verbose_name=_("uploaded by"), on_delete=models.PROTECT, related_name="files")
    uploaded_at = models.DateTimeField(_("uploaded at"))

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.case_id} {self.sha256[:8]}"

"""The case itself, and the one door to its rows."""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import reduce
from operator import or_
from typing import ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex, GistIndex
from django.contrib.postgres.search import SearchVectorField
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models.rules import LEVELS, Category
from cases.workflow import OPEN, Level, Outcome, State, Supervision
from grid.models import Area, AreaBoundary
from staff.models import Organisation, Post, User
from staff.scope import Scope, scope_of

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


def visible_parts(scope: Scope) -> list[Q]:
    """The rows `scope` may see, as parts that may overlap. No post, or only the administrator's: none.

    - grid worker, village officer, center, leader, auditor: cases in the area of the post;
    - handler: cases the organisation of the post leads or assists;
    - mediator: disputes (category A) in the area, and cases the organisation leads or assists;
    - whoever has one of these posts: cases they reported or that are assigned to them by name.
    """
    if not scope.roles - {Post.Role.ADMIN}:
        return []
    parts = [Q(reporter_id=scope.user_id), Q(assignee_id=scope.user_id)]
    parts += [in_area(code) for code in scope.codes(*AREA_READERS)]
    parts += [in_area(code) & Q(category_code__startswith="A") for code in scope.codes(Post.Role.MEDIATOR)]
    if units := scope.organisation_ids(Post.Role.HANDLER, Post.Role.MEDIATOR):
        # The second half of the last part says nothing new: without it the index on assistants is not used.
        parts += [Q(lead_org_id__in=units), Q(assistants__overlap=list(units)) & ~Q(assistants=[])]
    return parts


def visible_q(scope: Scope) -> Q:
    """The rows `scope` may see: see `visible_parts`."""
    return reduce(or_, visible_parts(scope), Q(pk__in=()))


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The only door to rows: lists, details, files, counts, exports and live updates pass through it."""
        return self.filter(visible_q(scope_of(user)))

    def visible_parts(self, user: User | AnonymousUser) -> list[Self]:
        """The same door for pages: `visible_to` in parts that may overlap. PostgreSQL reads each part along an index in
        the order of a list; of all parts joined by OR it would read everything and sort.
        """
        return [self.filter(part) for part in visible_parts(scope_of(user))]

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
    category = models.ForeignKey(
        Category, verbose_name=_("category"), on_delete=models.PROTECT, related_name="cases", db_index=False
    )
    category_code = models.CharField(max_length=8, editable=False)
    description = models.TextField(_("description"))
    search = SearchVectorField(null=True, editable=False)
    emergency = models.BooleanField(_("emergency"), default=False)
    level = models.CharField(_("level"), max_length=8, choices=LEVELS, default=Level.GENERAL)
    answers = models.JSONField(_("answers"), default=list, help_text="to the questions of the category, as asked")
    self_handled = models.BooleanField(_("solved on the spot"), default=False)

    point = models.PointField(_("place"), srid=4326, null=True, blank=True)
    accuracy_m = models.FloatField(_("accuracy (metres)"), null=True, blank=True)
    datum_in = models.CharField(_("datum as reported"), max_length=8, default="WGS-84")
    area = models.ForeignKey(Area, verbose_name=_("area"), on_delete=models.PROTECT, related_name="cases")
    boundary = models.ForeignKey(
        AreaBoundary,
        verbose_name=_("boundary"),
        null=True,
        on_delete=models.PROTECT,
        related_name="cases",
        db_index=False,
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

    reporter = models.ForeignKey(
        User, verbose_name=_("reporter"), on_delete=models.PROTECT, related_name="reported", db_index=False
    )
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
        db_index=False,
    )
    assignee = models.ForeignKey(
        User,
        verbose_name=_("assignee"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="assigned",
        db_index=False,
    )
    assistants = ArrayField(
        models.BigIntegerField(), default=list, blank=True, verbose_name=_("assisting units"), help_text="ids"
    )
    first_responsible = models.BooleanField(
        _("first responsible"), default=False, help_text="The unit was named by the center and cannot send it back."
    )
    authority = models.CharField(_("authority"), max_length=100, blank=True)
    handled_by = ArrayField(models.BigIntegerField(), default=list, editable=False)
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("merged into"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="merged",
        db_index=False,
    )

    parent = models.ForeignKey(
        "self",
        verbose_name=_("part of"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="parts",
        db_index=False,
    )
    asked_for = models.CharField(
        _("asked for"), max_length=10, blank=True, choices=[("extension", "extension"), ("suspension", "suspension")]
    )
    asked_amount = models.PositiveSmallIntegerField(null=True, help_text="in the unit of the limit")
    asked_until = models.DateField(null=True)
    extension_count = models.PositiveSmallIntegerField(_("extended"), default=0)
    reopen_count = models.PositiveSmallIntegerField(_("reopened"), default=0)
    supervision = models.CharField(
        _("supervision"), max_length=8, blank=True, choices=[(s.value, s.value) for s in Supervision]
    )
    supervised_by = models.ForeignKey(
        User,
        verbose_name=_("supervised by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="supervised",
        db_index=False,
    )
    supervised_from = models.CharField(
        max_length=12, blank=True, help_text="Code of the area the issuer spoke for: only its level lifts it."
    )
    supervision_due_at = models.DateTimeField(_("reply by"), null=True)
    supervision_replied_at = models.DateTimeField(_("replied at"), null=True)
    satisfaction = models.CharField(
        _("said afterwards"),
        max_length=13,
        blank=True,
        choices=[(s, s) for s in ("satisfied", "not_satisfied", "not_solved")],
    )

    accept_due_at = models.DateTimeField(_("accept by"))
    handle_due_at = models.DateTimeField(_("handle by"), null=True)
    verify_due_at = models.DateTimeField(_("verify by"), null=True)
    take_due_at = models.DateTimeField(_("acknowledge by"), null=True)
    archive_due_at = models.DateTimeField(_("archive by"), null=True)
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
    archived_at = models.DateTimeField(_("archived at"), null=True)
    rework_count = models.PositiveSmallIntegerField(_("reworked"), default=0)
    hop_count = models.PositiveSmallIntegerField(_("returned"), default=0)
    part_count = models.PositiveSmallIntegerField(_("parts"), default=0, editable=False)
    open_conflicts = models.PositiveSmallIntegerField(_("open conflicts"), default=0, editable=False)

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
            models.Index(fields=["reporter", "due_at", "id"], condition=Q(is_open=True), name="case_open_reporter"),
            models.Index(fields=["due_at", "id"], condition=Q(is_open=True), name="case_open_due"),
            # The same of ended ones; reports are in none of these.
            models.Index(fields=["due_at", "id"], condition=Q(is_open=False), name="case_ended_due"),
            models.Index(fields=["town_code", "due_at", "id"], condition=Q(is_open=False), name="case_ended_town"),
            models.Index(
                fields=["village_code", "due_at", "id"], condition=Q(is_open=False), name="case_ended_village"
            ),
            models.Index(fields=["lead_org", "due_at", "id"], condition=Q(is_open=False), name="case_ended_org"),
            models.Index(fields=["assignee", "due_at", "id"], condition=Q(is_open=False), name="case_ended_assignee"),
            models.Index(fields=["reporter", "due_at", "id"], condition=Q(is_open=False), name="case_ended_reporter"),
            models.Index(fields=["due_at", "id"], condition=Q(state="closed"), name="case_closed_due"),
            models.Index(fields=["closed_at", "id"], condition=Q(closed_at__isnull=False), name="case_closed_at"),
            models.Index(
                fields=["lead_org", "closed_at", "id"], condition=Q(closed_at__isnull=False), name="case_org_closed"
            ),
            # What is rare, which a walk along the others would look for everywhere.
            models.Index(fields=["is_open", "due_at", "id"], condition=Q(emergency=True), name="case_emergency"),
            models.Index(fields=["is_open", "due_at", "id"], condition=~Q(level="general"), name="case_grave"),
            models.Index(fields=["is_open", "due_at", "id"], condition=Q(hop_count__gt=0), name="case_hops"),
            models.Index(fields=["is_open", "due_at", "id"], condition=Q(rework_count__gt=0), name="case_rework"),
            models.Index(fields=["is_open", "due_at", "id"], condition=Q(reopen_count__gt=0), name="case_reopened"),
            models.Index(fields=["is_open", "due_at", "id"], condition=Q(part_count__gt=0), name="case_has_parts"),
            models.Index(fields=["is_open", "due_at", "id"], condition=Q(open_conflicts__gt=0), name="case_conflicts"),
            GinIndex(fields=["handled_by"], condition=~Q(handled_by=[]), name="case_handled_by"),
            # Lists of everything, newest first.
            models.Index(F("town_code"), F("reported_at").desc(), F("id").desc(), name="case_town_reported"),
            models.Index(F("village_code"), F("reported_at").desc(), F("id").desc(), name="case_village_reported"),
            models.Index(F("duty_cell_code"), F("reported_at").desc(), F("id").desc(), name="case_duty_reported"),
            models.Index(F("reporter"), F("reported_at").desc(), F("id").desc(), name="case_reporter_reported"),
            models.Index(F("lead_org"), F("reported_at").desc(), F("id").desc(), name="case_org_reported"),
            models.Index(
                F("assignee"),
                F("reported_at").desc(),
                F("id").desc(),
                condition=Q(assignee__isnull=False),
                name="case_assignee_reported",
            ),
            models.Index(F("reported_at").desc(), F("id").desc(), name="case_reported"),
            models.Index(fields=["town_code", "closed_at"], name="case_town_closed"),
            # What waits beside the running clock: a handover, a decision, a reply, a file to put away.
            models.Index(fields=["take_due_at"], condition=Q(state="assigned"), name="case_to_take"),
            models.Index(fields=["asked_for"], condition=~Q(asked_for=""), name="case_asked"),
            models.Index(fields=["supervision_due_at"], condition=~Q(supervision=""), name="case_supervised"),
            models.Index(fields=["archive_due_at"], condition=Q(state="closed"), name="case_to_archive"),
            models.Index(fields=["suspended_until"], condition=Q(state="suspended"), name="case_suspended"),
            models.Index(fields=["parent"], condition=Q(parent__isnull=False), name="case_parts"),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="case_merged_into"),
            GinIndex(fields=["assistants"], condition=~Q(assistants=[]), name="case_assistants"),
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

"""Shapes that go in and out. What goes out is documented here and made by the selectors."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from cases.api.filters import FiltersSerializer
from cases.api.party_shapes import ReportedPartiesField
from cases.deadlines import DayReason, Half, Unit
from cases.models import CaseFile
from cases.selectors.lists import ORDERINGS
from cases.workflow import Act, Level, Outcome, Stage, State, Supervision
from grid.api.areas import AreaRefSerializer, FiniteFloatField
from grid.coordinates import Datum
from staff.api.session import NamedSerializer

LIGHTS = ["none", "green", "yellow", "red", "dark_red"]
STATES = [s.value for s in State]
STAGES = [s.value for s in Stage]
ACTS = [a.value for a in Act]
FILE_KINDS = CaseFile.Kind.values
HALVES = [h.value for h in Half]
DAY_REASONS = [r.value for r in DayReason]
UNITS = [u.value for u in Unit]
ASKED = ["extension", "suspension"]
LEVELS = [one.value for one in Level]
SUPERVISIONS = [one.value for one in Supervision]


class CategoryRefSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()


class CategorySerializer(CategoryRefSerializer):
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    parent = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    emergency = serializers.BooleanField()
    initials = serializers.CharField(help_text="of the pinyin of the Chinese name: “ljdf” for 垃圾堆放")
    keywords = serializers.ListField(
        child=serializers.CharField(), help_text="words of a report by which the category is proposed"
    )


class CategoriesSerializer(serializers.Serializer[Any]):
    results = CategorySerializer(many=True)


class CaseRowSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    number = serializers.CharField()
    state = serializers.ChoiceField(choices=STATES)
    state_name = serializers.CharField()
    category = CategoryRefSerializer()
    area = AreaRefSerializer()
    village = AreaRefSerializer()
    description = serializers.CharField(help_text="the first 80 characters in lists, everything on the case page")
    lon = serializers.FloatField(allow_null=True)
    lat = serializers.FloatField(allow_null=True)
    reported_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True, help_text="end of the running stage; null while suspended")
    due_stage = serializers.ChoiceField(choices=STAGES, allow_null=True)
    overdue = serializers.BooleanField()
    light = serializers.ChoiceField(choices=LIGHTS)
    lead_org = NamedSerializer(allow_null=True)
    assignee = NamedSerializer(allow_null=True)
    version = serializers.IntegerField()
    rework_count = serializers.IntegerField()
    hop_count = serializers.IntegerField()
    emergency = serializers.BooleanField()
    level = serializers.ChoiceField(choices=LEVELS)
    self_handled = serializers.BooleanField(help_text="solved on the spot by whoever reported it")
    supervision_level = serializers.ChoiceField(choices=SUPERVISIONS, allow_null=True)
    asked_for = serializers.ChoiceField(choices=ASKED, allow_null=True, help_text="by the unit, not yet answered")
    conflicts = serializers.IntegerField(help_text="done without signal, too late, and not yet decided")


class CasePageSerializer(serializers.Serializer[Any]):
    results = CaseRowSerializer(many=True)
    next = serializers.CharField(allow_null=True, help_text="cursor of the next page")
    previous = serializers.CharField(allow_null=True, help_text="cursor of the previous page")


class CaseRefSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    number = serializers.CharField()


class FileSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    client_id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=FILE_KINDS)
    name = serializers.CharField(allow_blank=True, help_text="of a document")
    caption = serializers.CharField(allow_blank=True)
    moment = serializers.ChoiceField(choices=CaseFile.Moment.values, allow_null=True)
    pair = serializers.IntegerField(allow_null=True, help_text="the file that shows the same at the other moment")
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    seconds = serializers.FloatField(allow_null=True, help_text="null when the file does not say")
    taken_at = serializers.DateTimeField(allow_null=True, help_text="as the camera wrote it")
    taken_metres_away = serializers.IntegerField(
        allow_null=True, help_text="from the place of the case, in tens of metres, if the camera wrote where it was"
    )
    check_state = serializers.ChoiceField(
        choices=CaseFile.Check.values, help_text="infected: kept apart, never handed out"
    )
    check_name = serializers.CharField()
    sha256 = serializers.CharField(help_text="of the bytes kept here")
    url = serializers.CharField()
    thumbnail_url = serializers.CharField(allow_null=True, help_text="photos only, and null until it is made")
    uploaded_at = serializers.DateTimeField()
    by = NamedSerializer()


class ChoiceSerializer(serializers.Serializer[Any]):
    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class ActFieldSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.ChoiceField(
        choices=[
            *("text", "line", "number", "organisation", "organisations", "user", "datetime", "date"),
            *("choice", "boolean", "case", "category"),
        ]
    )
    label = serializers.CharField()  # type: ignore[assignment]
    required = serializers.BooleanField()  # type: ignore[assignment]
    choices = ChoiceSerializer(many=True, allow_null=True)


class ActSerializer(serializers.Serializer[Any]):
    act = serializers.ChoiceField(choices=ACTS)
    name = serializers.CharField()
    primary = serializers.BooleanField()
    fields = ActFieldSerializer(many=True)  # type: ignore[assignment]


class AnswerSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField(help_text="the question as it was asked")  # type: ignore[assignment]
    value = serializers.CharField()
    value_label = serializers.CharField()


class AskedSerializer(serializers.Serializer[Any]):
    amount = serializers.IntegerField(allow_null=True, help_text="in the unit of the limit")
    until = serializers.DateField(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        """`for` is no name for a class attribute."""
        return {"for": serializers.ChoiceField(choices=ASKED), **super().get_fields()}


class SupervisionSerializer(serializers.Serializer[Any]):
    level = serializers.ChoiceField(choices=SUPERVISIONS)
    level_name = serializers.CharField()
    by = NamedSerializer()
    due_at = serializers.DateTimeField(allow_null=True)
    replied_at = serializers.DateTimeField(allow_null=True)


class CaseDetailSerializer(CaseRowSerializer):
    client_id = serializers.UUIDField()
    town = AreaRefSerializer()
    accuracy_m = serializers.FloatField(allow_null=True)
    datum_in = serializers.CharField()
    received_at = serializers.DateTimeField()
    reporter = NamedSerializer()
    accepted_at = serializers.DateTimeField(allow_null=True)
    assigned_at = serializers.DateTimeField(allow_null=True)
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    feedback_at = serializers.DateTimeField(allow_null=True)
    verified_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.ChoiceField(choices=[o.value for o in Outcome], allow_null=True)
    outcome_name = serializers.CharField(allow_null=True)
    merged_into = CaseRefSerializer(allow_null=True)
    suspended_until = serializers.DateField(allow_null=True)
    level = serializers.ChoiceField(choices=LEVELS)
    level_name = serializers.CharField()
    self_handled = serializers.BooleanField()
    answers = AnswerSerializer(many=True)
    assistants = NamedSerializer(many=True)
    first_responsible = serializers.BooleanField(help_text="named by the head of the center; cannot send it back")
    authority = serializers.CharField(allow_blank=True)
    take_due_at = serializers.DateTimeField(allow_null=True)
    archive_due_at = serializers.DateTimeField(allow_null=True)
    archived_at = serializers.DateTimeField(allow_null=True)
    asked = AskedSerializer(allow_null=True)
    extension_count = serializers.IntegerField()
    reopen_count = serializers.IntegerField()
    satisfaction = serializers.CharField(allow_null=True)
    supervision = SupervisionSerializer(allow_null=True)
    parent = CaseRefSerializer(allow_null=True)
    files = FileSerializer(many=True)
    acts = ActSerializer(many=True)


class ReportSerializer(serializers.Serializer[Any]):
    client_id = serializers.UUIDField(help_text="made by the client; the same again is the same case")
    category = serializers.CharField(max_length=8)
    description = serializers.CharField(max_length=4000)
    lon = FiniteFloatField(min_value=-180, max_value=180, required=False, allow_null=True)
    lat = FiniteFloatField(min_value=-90, max_value=90, required=False, allow_null=True)
    datum = serializers.ChoiceField(choices=[d.value for d in Datum], default=Datum.WGS84.value)
    accuracy_m = FiniteFloatField(min_value=0, max_value=1e6, required=False, allow_null=True)
    area = serializers.RegexField(r"^\d{9}(\d{3}){0,2}$", required=False, allow_null=True)
    self_handled = serializers.BooleanField(default=False, help_text="solved on the spot: nothing more to do")
    reported_at = serializers.DateTimeField(required=False, allow_null=True)
    answers = serializers.DictField(
        child=serializers.CharField(max_length=1000, allow_blank=True),
        required=False,
        allow_null=True,
        help_text="to the questions of the category by their keys; left out by a client that knows of none",
    )
    parties = ReportedPartiesField()


class CaseQuerySerializer(FiltersSerializer):
    """A page of a list."""

    ordering = serializers.ChoiceField(
        choices=ORDERINGS,
        required=False,
        help_text="if not given: -closed_at with closed_from or closed_to, -reported_at with reported_from or"
        " reported_to, else due_at",
    )
    cursor = serializers.CharField(required=False, max_length=200)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=200, default=50)


class EventSerializer(serializers.Serializer[Any]):
    seq = serializers.IntegerField()
    act = serializers.ChoiceField(choices=ACTS)
    act_name = serializers.CharField()
    from_state = serializers.CharField(allow_null=True)
    to_state = serializers.CharField()
    to_state_name = serializers.CharField()
    actor = NamedSerializer(allow_null=True, help_text="null: the system")
    at = serializers.DateTimeField()
    text = serializers.CharField(allow_blank=True)
    data = serializers.DictField()  # type: ignore[assignment]
    hash = serializers.CharField()


class EventsSerializer(serializers.Serializer[Any]):
    results = EventSerializer(many=True)


class DayNoteSerializer(serializers.Serializer[Any]):
    date = serializers.DateField()
    half = serializers.ChoiceField(choices=HALVES, allow_null=True, help_text="null: the whole day")
    counted = serializers.BooleanField()
    reason = serializers.ChoiceField(choices=DAY_REASONS)
    reason_name = serializers.CharField()
    extension = serializers.BooleanField(help_text="counted only because more time was given")


class ClockRuleSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    valid_from = serializers.DateField()
    category = serializers.CharField(allow_blank=True, help_text="blank: every category")
    level = serializers.CharField(allow_blank=True, help_text="blank: every level")
    level_name = serializers.CharField(allow_blank=True)
    organisation = NamedSerializer(allow_null=True, help_text="null: every unit")
    amount = serializers.IntegerField()
    unit = serializers.ChoiceField(choices=UNITS)
    unit_name = serializers.CharField()
    basis = serializers.CharField()


class ClockSerializer(serializers.Serializer[Any]):
    stage = serializers.ChoiceField(choices=STAGES)
    stage_name = serializers.CharField()
    started_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    done_at = serializers.DateTimeField(allow_null=True)
    limit_amount = serializers.IntegerField()
    limit_unit = serializers.CharField()
    limit_unit_name = serializers.CharField()
    basis = serializers.CharField()
    rule = ClockRuleSerializer()
    extension = serializers.IntegerField(help_text="how much more time was given, in the unit of the limit")
    fixed = serializers.BooleanField(help_text="a date named by a person counts instead of the rule's")
    on_the_spot = serializers.BooleanField(help_text="solved before it was reported: the clock never ran")
    standing = serializers.BooleanField(help_text="the clock stands now, and has no end")
    recorded_due_at = serializers.DateTimeField(allow_null=True, help_text="as written when it was last set")
    agrees = serializers.BooleanField(help_text="false: the calendar or a rule was changed after this clock had ended")
    days = DayNoteSerializer(many=True)


class ClocksSerializer(serializers.Serializer[Any]):
    clocks = ClockSerializer(many=True)


class CountSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    open = serializers.IntegerField()
    overdue = serializers.IntegerField()


class CountsSerializer(serializers.Serializer[Any]):
    results = CountSerializer(many=True)
    as_of = serializers.DateTimeField()


class SummarySerializer(serializers.Serializer[Any]):
    open = serializers.IntegerField()
    overdue = serializers.IntegerField()
    due_today = serializers.IntegerField()
    due_soon = serializers.IntegerField()
    reported_week = serializers.IntegerField()
    closed_week = serializers.IntegerField()
    as_of = serializers.DateTimeField()


class UploadSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(
        help_text="a photo (JPEG, PNG, WebP, HEIC), a PDF, an audio note (M4A, AAC, MP3, Ogg, WebM, WAV, AMR) or a "
        "short video (MP4, MOV, WebM), told by its content"
    )
    client_id = serializers.UUIDField()
    act = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text="client id of one's own act or report it belongs to: with it the file is taken in for 30 days after"
        " that arrived, although the case is out of sight by now",
    )
    caption = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")
    moment = serializers.ChoiceField(
        choices=CaseFile.Moment.values, required=False, allow_blank=True, default="", help_text="of a photo or video"
    )
    taken_at = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="read on the phone before the photo was made small"
    )
    taken_lon = FiniteFloatField(required=False, min_value=-180, max_value=180, help_text="WGS-84; with taken_lat")
    taken_lat = FiniteFloatField(required=False, min_value=-90, max_value=90)


class FileChangeSerializer(serializers.Serializer[Any]):
    """What is left out stays as it is."""

    caption = serializers.CharField(required=False, allow_blank=True, max_length=200)
    moment = serializers.ChoiceField(choices=CaseFile.Moment.values, required=False, allow_null=True)
    pair = serializers.IntegerField(
        required=False, allow_null=True, max_value=2**62, help_text="a file of the same case; null ends the pair"
    )

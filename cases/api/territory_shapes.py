"""Shapes of the ground's doors. What goes out is documented here and made by the selectors."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from grid.api.areas import AreaRefSerializer
from grid.api.shapes import GeoJSONField
from grid.models import Area, BoundaryChange

ACTS = ["draw", "redraw", "split", "merge", "retire"]


class WishSerializer(serializers.Serializer[Any]):
    act = serializers.ChoiceField(choices=ACTS)
    cells = serializers.ListField(
        child=serializers.RegexField(r"^\d{15}$"), default=list, max_length=50, help_text="codes of the cells"
    )
    on = serializers.DateField(allow_null=True, default=None, help_text="first day; today without it")
    reason = serializers.CharField(max_length=200, error_messages={"blank": _("Say why: it stays with the history.")})
    village = serializers.RegexField(r"^(\d{12})?$", default="", allow_blank=True, help_text="for draw")
    geometry = GeoJSONField(kinds=("Polygon", "MultiPolygon"), allow_null=True, default=None)
    line = GeoJSONField(kinds=("LineString", "MultiLineString"), allow_null=True, default=None, help_text="for split")
    keep = serializers.CharField(
        allow_null=True, default=None, max_length=15, help_text="for merge: the code that stays"
    )
    name = serializers.CharField(max_length=100, allow_blank=True, default="")
    kind = serializers.ChoiceField(choices=Area.Kind.choices, default=Area.Kind.GENERAL.value)
    names = serializers.ListField(
        child=serializers.CharField(max_length=100, allow_blank=True), default=list, max_length=50
    )
    neighbours_adapt = serializers.BooleanField(
        default=False, help_text="redraw: neighbours in the village give way and take what is left"
    )
    posts_follow = serializers.BooleanField(default=True, help_text="whether workers go with their ground")


class AreaMarkSerializer(AreaRefSerializer):
    id = serializers.IntegerField()


class ChangeSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=BoundaryChange.Kind.choices)
    kind_name = serializers.CharField()
    area = AreaRefSerializer()
    effective_at = serializers.DateTimeField()
    reason = serializers.CharField()
    before = AreaMarkSerializer(many=True)
    after = AreaMarkSerializer(many=True)
    made_at = serializers.DateTimeField()
    made_by = serializers.CharField()
    settled = serializers.BooleanField(help_text="whether open cases and places were handed on")


class ChangesSerializer(serializers.Serializer[Any]):
    results = ChangeSerializer(many=True)


class OutlineSerializer(AreaRefSerializer):
    geometry = serializers.DictField(help_text="GeoJSON, WGS-84")


class NewOutlineSerializer(OutlineSerializer):
    area_m2 = serializers.FloatField()
    new = serializers.BooleanField()


class GroundProblemSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    geometry = serializers.DictField(allow_null=True)


class GapSerializer(serializers.Serializer[Any]):
    geometry = serializers.DictField()
    area_m2 = serializers.FloatField()


class GapsSerializer(serializers.Serializer[Any]):
    results = GapSerializer(many=True)


# "from" is a word of Python: these shapes are written as functions of names.
CaseMoveSerializer = type(
    "CaseMoveSerializer",
    (serializers.Serializer,),
    {
        "id": serializers.IntegerField(),
        "number": serializers.CharField(),
        "from": serializers.CharField(allow_blank=True),
        "to": serializers.CharField(allow_blank=True),
    },
)
PostMoveSerializer = type(
    "PostMoveSerializer",
    (serializers.Serializer,),
    {
        "person": serializers.CharField(),
        "role": serializers.CharField(),
        "role_name": serializers.CharField(),
        "from": serializers.CharField(),
        "to": serializers.CharField(allow_null=True),
        "ends": serializers.BooleanField(),
        "backup": serializers.BooleanField(),
    },
)
PlaceMoveSerializer = type(
    "PlaceMoveSerializer",
    (serializers.Serializer,),
    {
        "id": serializers.IntegerField(),
        "name": serializers.CharField(),
        "from": serializers.CharField(allow_blank=True),
        "to": serializers.CharField(allow_blank=True),
    },
)


class CaseMovesSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    rows = CaseMoveSerializer(many=True)


class PostMovesSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    rows = PostMoveSerializer(many=True)


class PlaceMovesSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    rows = PlaceMoveSerializer(many=True)


class MovesSerializer(serializers.Serializer[Any]):
    cases = CaseMovesSerializer()
    posts = PostMovesSerializer()
    places = PlaceMovesSerializer()


class PreviewSerializer(serializers.Serializer[Any]):
    allowed = serializers.BooleanField()
    effective_at = serializers.DateTimeField()
    before = OutlineSerializer(many=True)
    after = NewOutlineSerializer(many=True)
    problems = GroundProblemSerializer(many=True)
    gaps = GapSerializer(many=True)
    moves = MovesSerializer()


class OnSerializer(serializers.Serializer[Any]):
    on = serializers.DateField(required=False, help_text="the day (Asia/Shanghai); today without it")


class BoundarySerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    valid_from = serializers.DateTimeField()
    valid_to = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()
    current = serializers.BooleanField()


class BoundaryDetailSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    valid_from = serializers.DateTimeField()
    valid_to = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()
    geometry = serializers.DictField()


class AreaDetailSerializer(AreaRefSerializer):
    id = serializers.IntegerField()
    level = serializers.ChoiceField(choices=Area.Level.choices)
    kind = serializers.ChoiceField(choices=Area.Kind.choices)
    parent = AreaRefSerializer(allow_null=True)
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True)
    predecessor = AreaRefSerializer(allow_null=True)
    successors = AreaRefSerializer(many=True)
    synthetic = serializers.BooleanField()
    geometry = serializers.DictField(allow_null=True)
    centroid = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    area_m2 = serializers.FloatField(allow_null=True)
    boundaries = BoundarySerializer(many=True)
    changes = ChangeSerializer(many=True)
    open_cases = serializers.IntegerField()
    overdue_cases = serializers.IntegerField()
    places = serializers.IntegerField()
    last_patrol_at = serializers.DateTimeField(allow_null=True)


class SerialSerializer(AreaRefSerializer):
    serial = serializers.CharField()
    proposed = serializers.CharField()


class SerialsSerializer(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True)
    results = SerialSerializer(many=True)


class GroundQuerySerializer(serializers.Serializer[Any]):
    to = serializers.DateField(help_text="last day, Asia/Shanghai")
    cut = serializers.ChoiceField(choices=["reported", "current"], default="reported")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        first = serializers.DateField(source="from_", help_text="first day, Asia/Shanghai")
        return {"from": first, **super().get_fields()}


class GroundRowSerializer(AreaRefSerializer):
    reported = serializers.IntegerField()
    closed = serializers.IntegerField()


class GroundSerializer(serializers.Serializer[Any]):
    cut = serializers.CharField()
    results = GroundRowSerializer(many=True)

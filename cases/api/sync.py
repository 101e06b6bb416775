"""What a phone holds, over HTTP: first what changed, then only that."""

from __future__ import annotations

from typing import Any, Final

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api.serializers import ActSerializer, CaseDetailSerializer, EventSerializer
from cases.api.views import user_of
from cases.selectors.sync import bundles, held_by

AT_ONCE: Final = 25


class BundleSerializer(serializers.Serializer[Any]):
    case = CaseDetailSerializer()
    events = EventSerializer(many=True)
    then = serializers.DictField(
        child=ActSerializer(many=True),
        help_text="for each act that moves the case, the acts this person will have once it is done",
    )


class HeldSerializer(serializers.Serializer[Any]):
    unchanged = serializers.BooleanField(
        help_text="true: what the phone has under its cursor is right; no more follows"
    )
    cursor = serializers.CharField()
    server_time = serializers.DateTimeField()
    held = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2),
        required=False,
        help_text="id and number of events of each case to hold, newest first; anything else can go",
    )
    truncated = serializers.BooleanField(required=False, help_text="there would be more than 500")
    first = BundleSerializer(many=True, required=False, help_text=f"the newest {AT_ONCE} of them, if asked for")


class BundlesSerializer(serializers.Serializer[Any]):
    results = BundleSerializer(many=True)
    gone = serializers.ListField(child=serializers.IntegerField(), help_text="not, or no longer, to be seen")


@extend_schema_field(OpenApiTypes.STR)
class IdsField(serializers.Field[list[int], Any, str, Any]):
    """Numbers with commas."""

    def to_internal_value(self, data: Any) -> list[int]:
        words = str(data).split(",")
        if len(words) > AT_ONCE or not all(word.isascii() and word.isdigit() and len(word) < 19 for word in words):
            raise serializers.ValidationError(f"1,2,3 (≤ {AT_ONCE})", code="invalid")
        return [int(word) for word in words]

    def to_representation(self, value: list[int]) -> str:
        return ",".join(map(str, value))


class HeldQuerySerializer(serializers.Serializer[Any]):
    cursor = serializers.CharField(required=False, max_length=100, allow_blank=True, help_text="of the last answer")
    first = serializers.BooleanField(
        required=False, help_text=f"for a phone that holds nothing yet: also the newest {AT_ONCE} cases themselves"
    )


class IdsQuerySerializer(serializers.Serializer[Any]):
    ids = IdsField(help_text=f"at most {AT_ONCE}, with commas")


class SyncView(APIView):
    @extend_schema(operation_id="sync", parameters=[HeldQuerySerializer], responses=HeldSerializer)
    def get(self, request: Request) -> Response:
        """Which cases a phone should hold for this person, and how far each has come. Nothing more if none changed."""
        query = HeldQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        user, now = user_of(request), timezone.now()
        held = held_by(user=user, now=now)
        same = query.validated_data.get("cursor") == held.cursor
        answer: dict[str, Any] = {"unchanged": same, "cursor": held.cursor, "server_time": now}
        if same:
            return Response(answer)
        answer |= {"held": held.rows, "truncated": held.truncated}
        if query.validated_data.get("first"):
            answer["first"] = bundles(user=user, ids=[row[0] for row in held.rows[:AT_ONCE]], now=now)[0]
        return Response(answer)


class SyncCasesView(APIView):
    @extend_schema(
        operation_id="sync_cases",
        parameters=[OpenApiParameter("ids", str, required=True, description=f"at most {AT_ONCE}, with commas")],
        responses=BundlesSerializer,
    )
    def get(self, request: Request) -> Response:
        """Everything a phone needs of these cases to work without signal."""
        query = IdsQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        results, gone = bundles(user=user_of(request), ids=query.validated_data["ids"], now=timezone.now())
        return Response({"results": results, "gone": gone})

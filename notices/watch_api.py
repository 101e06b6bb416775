"""The watch list over HTTP."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api.serializers import CaseRowSerializer
from cases.api.views import user_of
from notices.watch import MACHINE_KINDS, retry, watch_list

PEOPLE_KINDS = (
    *("accept", "info", "take", "handle", "verify", "upper", "supervision", "request", "resume", "archive", "hops"),
    "conflict",
)


class WaitingCaseSerializer(CaseRowSerializer):
    late_since = serializers.DateTimeField(
        allow_null=True, help_text="when it should have been done; of a request: when it was made"
    )


class PeopleWaitSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=PEOPLE_KINDS)
    name = serializers.CharField()
    count = serializers.IntegerField()
    results = WaitingCaseSerializer(many=True, help_text="the 20 that wait longest")


class MachineRowSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    what = serializers.CharField(allow_blank=True, help_text="whose, or the number of the case; blank if not yours")
    since = serializers.DateTimeField()
    tries = serializers.IntegerField(allow_null=True)
    error = serializers.CharField(allow_blank=True)


class MachineWaitSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=MACHINE_KINDS)
    name = serializers.CharField()
    count = serializers.IntegerField()
    results = MachineRowSerializer(many=True, help_text="the 20 that wait longest")


class WatchSerializer(serializers.Serializer[Any]):
    people = PeopleWaitSerializer(many=True)
    machine = MachineWaitSerializer(many=True)
    may_retry = serializers.BooleanField()
    as_of = serializers.DateTimeField()


class RetriedSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=MACHINE_KINDS)
    id = serializers.IntegerField()


class WatchView(APIView):
    @extend_schema(
        operation_id="watch_list",
        responses={200: WatchSerializer, 403: OpenApiResponse(description="Not this person's to see.")},
    )
    def get(self, request: Request) -> Response:
        """What waits on a person beyond its clock, or on the background beyond its limit, longest first."""
        return Response(watch_list(user=user_of(request), now=timezone.now()))


class RetryView(APIView):
    @extend_schema(
        operation_id="watch_retry",
        parameters=[OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=list(MACHINE_KINDS))],
        request=None,
        responses={202: RetriedSerializer},
    )
    def post(self, request: Request, kind: str, pk: int) -> Response:
        """Have the background try it again now. 404 for what does not wait there any more."""
        if kind not in MACHINE_KINDS or not retry(kind=kind, pk=pk, by=user_of(request), now=timezone.now()):
            raise Http404
        return Response({"kind": kind, "id": pk}, status=202)

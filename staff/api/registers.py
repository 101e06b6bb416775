"""Places, their kinds, reaches of waters, cameras."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grid.api.areas import AreaRefSerializer
from grid.models import Camera, PlaceKind, Reach, WaterBody
from staff.api.ground import WithinSerializer, asked_within, scope_for
from staff.api.tokens import CameraTokenAuthentication
from staff.selectors import registers as read
from staff.services.cameras import CameraReport, take_camera_reports

MOST_REPORTS: Final = 1000
CLOCK_ERROR: Final = timedelta(minutes=5)
"""How far the clock of a video platform may be ahead."""


class KindSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    group = serializers.ChoiceField(choices=PlaceKind.Group.choices)
    group_name = serializers.CharField()


class PlaceKindSerializer(KindSerializer):
    basis = serializers.CharField()


class PlaceKindsSerializer(serializers.Serializer[Any]):
    results = PlaceKindSerializer(many=True)


class PlaceSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    kind = KindSerializer()
    lon = serializers.FloatField()
    lat = serializers.FloatField()
    address = serializers.CharField()
    village = AreaRefSerializer()
    cell = AreaRefSerializer(allow_null=True)


class PlacesSerializer(serializers.Serializer[Any]):
    results = PlaceSerializer(many=True)
    more = serializers.BooleanField(help_text="whether there are more than the 500 listed")


class ContactSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    phone = serializers.CharField(help_text="with its middle hidden for some readers")


class PlaceDetailSerializer(PlaceSerializer):
    responsible = ContactSerializer()
    safety = ContactSerializer()
    note = serializers.CharField()
    valid_from = serializers.DateField()


class PlaceQuerySerializer(WithinSerializer):
    group = serializers.ChoiceField(choices=PlaceKind.Group.choices, required=False)
    kind = serializers.CharField(max_length=20, required=False, help_text="code of a kind")
    q = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    bbox = serializers.CharField(max_length=100, required=False, help_text="west,south,east,north in WGS-84")

    def validate_bbox(self, value: str) -> tuple[float, float, float, float]:
        try:
            west, south, east, north = (float(part) for part in value.split(","))
        except ValueError:
            raise serializers.ValidationError("west,south,east,north", code="invalid") from None
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            raise serializers.ValidationError("west,south,east,north", code="invalid")
        return west, south, east, north


class WaterNameSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=WaterBody.Kind.choices)


class ChiefSerializer(ContactSerializer):
    title = serializers.CharField()


class ReachSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    water = WaterNameSerializer()
    name = serializers.CharField()
    level = serializers.ChoiceField(choices=Reach.Level.choices)
    level_name = serializers.CharField()
    area = AreaRefSerializer()
    geometry = serializers.DictField(help_text="GeoJSON MultiLineString, WGS-84")
    chief = ChiefSerializer(allow_null=True)


class ReachesSerializer(serializers.Serializer[Any]):
    results = ReachSerializer(many=True)
    more = serializers.BooleanField(help_text="whether there are more than the 500 listed")


class CameraSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    gb28181_id = serializers.CharField()
    type = serializers.ChoiceField(choices=Camera.Type.choices)
    type_name = serializers.CharField()
    village = AreaRefSerializer()
    cell = AreaRefSerializer(allow_null=True)
    lon = serializers.FloatField()
    lat = serializers.FloatField()
    owner = serializers.CharField()
    online = serializers.BooleanField(help_text="false, too, for one that has not reported for long")
    reported_at = serializers.DateTimeField(allow_null=True)
    stream_reference = serializers.CharField(help_text="for the center; empty for everybody else")


class CamerasSerializer(serializers.Serializer[Any]):
    results = CameraSerializer(many=True)
    more = serializers.BooleanField(help_text="whether there are more than the 500 listed")


class CameraReportSerializer(serializers.Serializer[Any]):
    gb28181_id = serializers.CharField(max_length=40)
    online = serializers.BooleanField()
    at = serializers.DateTimeField(required=False, allow_null=True, default=None, help_text="default: now")

    def validate_at(self, value: datetime | None) -> datetime | None:
        if value is not None and value > timezone.now() + CLOCK_ERROR:
            message = _("This moment is still to come. Check the clock of the platform.")
            raise serializers.ValidationError(message, code="in_future")
        return value


class CameraReportsSerializer(serializers.Serializer[Any]):
    results = CameraReportSerializer(many=True)

    def validate_results(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len(value) > MOST_REPORTS:
            message = _("Send at most %(most)d at once.") % {"most": MOST_REPORTS}
            raise serializers.ValidationError(message, code="too_many")
        return value


class CamerasTakenSerializer(serializers.Serializer[Any]):
    updated = serializers.IntegerField()
    unknown = serializers.ListField(
        child=serializers.CharField(), help_text="numbers that are not registered in the areas of the token's person"
    )


class CameraSummarySerializer(serializers.Serializer[Any]):
    registered = serializers.IntegerField()
    online = serializers.IntegerField()
    villages = serializers.IntegerField()
    connected_villages = serializers.IntegerField(help_text="villages with at least one camera that is online")
    share = serializers.FloatField(allow_null=True, help_text="connected of all villages; null without villages")
    as_of = serializers.DateTimeField()
    stale_after_minutes = serializers.IntegerField()


def _page(page: read.Page) -> Response:
    return Response({"results": page.rows, "more": page.more})


class PlaceKindListView(APIView):
    @extend_schema(operation_id="place_kinds_list", responses=PlaceKindsSerializer)
    def get(self, request: Request) -> Response:
        """Kinds of places in use, with what makes them one."""
        return Response({"results": read.place_kinds()})


class PlaceListView(APIView):
    @extend_schema(operation_id="places_list", parameters=[PlaceQuerySerializer], responses=PlacesSerializer)
    def get(self, request: Request) -> Response:
        """Places in the areas of one's posts, by name; at most 500."""
        query = PlaceQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        filters = read.PlaceFilters(
            inside=asked.get("within", ""),
            group=asked.get("group"),
            kind=asked.get("kind"),
            q=asked["q"],
            bbox=asked.get("bbox"),
        )
        return _page(read.place_page(scope=scope_for(request), filters=filters, now=timezone.now()))


class PlaceView(APIView):
    @extend_schema(operation_id="places_read", responses=PlaceDetailSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """One place with the people who answer for it."""
        row = read.place_detail(pk=pk, scope=scope_for(request), now=timezone.now())
        if row is None:
            raise Http404
        return Response(row)


class ReachListView(APIView):
    @extend_schema(operation_id="reaches_list", parameters=[WithinSerializer], responses=ReachesSerializer)
    def get(self, request: Request) -> Response:
        """Reaches of rivers and canals with their chiefs."""
        return _page(read.reach_page(scope=scope_for(request), inside=asked_within(request), now=timezone.now()))


class CameraListView(APIView):
    @extend_schema(operation_id="cameras_list", parameters=[WithinSerializer], responses=CamerasSerializer)
    def get(self, request: Request) -> Response:
        """Registered cameras in the areas of one's posts and whether they are online; at most 500."""
        return _page(read.camera_page(scope=scope_for(request), inside=asked_within(request), now=timezone.now()))


class CameraSummaryView(APIView):
    @extend_schema(operation_id="cameras_summary", parameters=[WithinSerializer], responses=CameraSummarySerializer)
    def get(self, request: Request) -> Response:
        """How many cameras are online, and how many villages have one that is."""
        row = read.camera_summary(scope=scope_for(request), inside=asked_within(request), now=timezone.now())
        return Response(row)


class CameraStatusView(APIView):
    authentication_classes = (CameraTokenAuthentication,)

    @extend_schema(operation_id="cameras_status", request=CameraReportsSerializer, responses=CamerasTakenSerializer)
    def post(self, request: Request) -> Response:
        """A video platform says which cameras are online. Older reports than the last one change nothing."""
        data = CameraReportsSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        now = timezone.now()
        reports = [
            CameraReport(row["gb28181_id"], row["online"], min(row["at"] or now, now))
            for row in data.validated_data["results"]
        ]
        taken = take_camera_reports(reports=reports, scope=scope_for(request))
        return Response({"updated": taken.updated, "unknown": taken.unknown})

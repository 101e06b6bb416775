"""Patrols: start, points, ticks, stop; one's own rounds; where nobody has been for long."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grid.api.areas import AreaRefSerializer, FiniteFloatField
from grid.coordinates import Datum, to_wgs84
from grid.models import PatrolArea
from staff.api.ground import MOST_ID, WithinSerializer, asked_within, overseen, scope_for, user_of
from staff.api.session import NamedSerializer
from staff.models import Patrol
from staff.selectors import patrols as read
from staff.services import patrols as walk

MOST_POINTS = 500


class SpotSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    lon = serializers.FloatField()
    lat = serializers.FloatField()
    last_visited_at = serializers.DateTimeField(allow_null=True)


class PatrolAreaSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=PatrolArea.Kind.choices)
    kind_name = serializers.CharField()
    area = AreaRefSerializer()
    every_days = serializers.IntegerField()
    basis = serializers.CharField()
    reach_metres = serializers.IntegerField(help_text="how near one must pass to have been there")
    cells = serializers.ListField(child=serializers.CharField(), help_text="codes")
    line = serializers.DictField(allow_null=True, help_text="GeoJSON MultiLineString, WGS-84")
    check_points = SpotSerializer(many=True)
    last_visited_at = serializers.DateTimeField(
        allow_null=True, help_text="of its most forgotten part; null if a part was never visited"
    )
    days_since = serializers.IntegerField(allow_null=True)
    late = serializers.BooleanField()


class PatrolAreasSerializer(serializers.Serializer[Any]):
    results = PatrolAreaSerializer(many=True)


class PatrolQuerySerializer(WithinSerializer):
    mine = serializers.BooleanField(default=False)


class PatrolInputSerializer(serializers.Serializer[Any]):
    client_id = serializers.UUIDField()
    patrol_area = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=MOST_ID
    )
    started_at = serializers.DateTimeField()


class PatrolSerializer(serializers.Serializer[Any]):
    client_id = serializers.UUIDField()
    person = NamedSerializer()
    patrol_area = NamedSerializer(allow_null=True)
    started_at = serializers.DateTimeField()
    stopped_at = serializers.DateTimeField(allow_null=True)


class PatrolsSerializer(serializers.Serializer[Any]):
    results = PatrolSerializer(many=True)


class VisitedCellSerializer(AreaRefSerializer):
    at = serializers.DateTimeField()


class VisitedSpotSerializer(NamedSerializer):
    at = serializers.DateTimeField()
    by_hand = serializers.BooleanField()


class PatrolDetailSerializer(PatrolSerializer):
    cells = VisitedCellSerializer(many=True)
    check_points = VisitedSpotSerializer(many=True)
    points = serializers.DictField(allow_null=True, help_text="GeoJSON LineString, WGS-84")
    times = serializers.ListField(child=serializers.DateTimeField(), help_text="when, one for each point")


class PointInputSerializer(serializers.Serializer[Any]):
    lon = FiniteFloatField(min_value=-180, max_value=180)
    lat = FiniteFloatField(min_value=-90, max_value=90)
    accuracy_m = FiniteFloatField(required=False, allow_null=True, default=None, min_value=0)
    at = serializers.DateTimeField()


class PointsInputSerializer(serializers.Serializer[Any]):
    points = PointInputSerializer(many=True)
    datum = serializers.ChoiceField(choices=[d.value for d in Datum], default=Datum.WGS84.value)

    def validate_points(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len(value) > MOST_POINTS:
            message = _("Send at most %(most)d at once.") % {"most": MOST_POINTS}
            raise serializers.ValidationError(message, code="too_many")
        return value


class KeptSerializer(serializers.Serializer[Any]):
    kept = serializers.IntegerField()
    dropped = serializers.IntegerField(help_text="outside start and stop, known already, or too near to another one")


class TickInputSerializer(serializers.Serializer[Any]):
    check_point = serializers.IntegerField(min_value=1, max_value=MOST_ID)
    at = serializers.DateTimeField()
    by_hand = serializers.BooleanField(default=True)


class StopInputSerializer(serializers.Serializer[Any]):
    stopped_at = serializers.DateTimeField()


class CoverageSerializer(AreaRefSerializer):
    village = AreaRefSerializer()
    last_visited_at = serializers.DateTimeField(allow_null=True)
    days_since = serializers.IntegerField(allow_null=True)


class CoverageListSerializer(serializers.Serializer[Any]):
    results = CoverageSerializer(many=True)


class ClientIdConflict(APIException):
    status_code = 409
    default_code = "client_id_conflict"


class PatrolAreaListView(APIView):
    @extend_schema(operation_id="patrol_areas_list", parameters=[WithinSerializer], responses=PatrolAreasSerializer)
    def get(self, request: Request) -> Response:
        """Patrol areas, how often they are to be walked, and for how long nobody has."""
        rows = read.patrol_area_rows(scope=scope_for(request), inside=asked_within(request), now=timezone.now())
        return Response({"results": rows})


class PatrolListView(APIView):
    @extend_schema(operation_id="patrols_list", parameters=[PatrolQuerySerializer], responses=PatrolsSerializer)
    def get(self, request: Request) -> Response:
        """One's own patrols; for the center those of its area. The newest 100."""
        query = PatrolQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        found = read.patrol_list(scope=scope_for(request), mine=asked["mine"], inside=asked.get("within", ""))
        return Response({"results": [read.patrol_row(patrol) for patrol in found]})

    @extend_schema(
        operation_id="patrols_start",
        request=PatrolInputSerializer,
        responses={201: PatrolSerializer, 200: PatrolSerializer},
    )
    def post(self, request: Request) -> Response:
        """Start a patrol. The same client id with the same content answers 200 with the same patrol; else 409."""
        data = PatrolInputSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        said = data.validated_data
        try:
            patrol, new = walk.start_patrol(
                client_id=said["client_id"],
                patrol_area_id=said["patrol_area"],
                started_at=said["started_at"],
                by=user_of(request),
            )
        except walk.PatrolConflictError as error:
            message = _("This id was already used for something else. Send again with a new id.")
            raise ClientIdConflict({"client_id": [message]}) from error
        return Response(read.patrol_row(patrol), status=201 if new else 200)


def _own(request: Request, client_id: UUID) -> Patrol:
    patrol = read.own_patrol(client_id=client_id, scope=scope_for(request))
    if patrol is None:
        raise Http404
    return patrol


class PatrolView(APIView):
    @extend_schema(operation_id="patrols_read", responses=PatrolDetailSerializer)
    def get(self, request: Request, client_id: UUID) -> Response:
        """One patrol with what was visited and its points, for whoever walked it and the center."""
        patrol = read.patrol_by_id(client_id=client_id, scope=scope_for(request))
        if patrol is None:
            raise Http404
        return Response(read.patrol_detail(patrol))


class PatrolPointsView(APIView):
    @extend_schema(operation_id="patrols_points", request=PointsInputSerializer, responses=KeptSerializer)
    def post(self, request: Request, client_id: UUID) -> Response:
        """Add points of one's own patrol. Only those between start and stop are kept, thinned."""
        patrol = _own(request, client_id)
        data = PointsInputSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        datum = Datum(data.validated_data["datum"])
        spots = []
        for point in data.validated_data["points"]:
            lon, lat = to_wgs84(lon=point["lon"], lat=point["lat"], datum=datum)
            spots.append(walk.Spot(lon=lon, lat=lat, accuracy_m=point["accuracy_m"], at=point["at"]))
        kept = walk.add_points(patrol=patrol, spots=spots)
        return Response({"kept": kept.kept, "dropped": kept.dropped})


class PatrolTicksView(APIView):
    @extend_schema(operation_id="patrols_tick", request=TickInputSerializer, responses=PatrolDetailSerializer)
    def post(self, request: Request, client_id: UUID) -> Response:
        """Tick off a check-point on one's own patrol."""
        patrol = _own(request, client_id)
        data = TickInputSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        said = data.validated_data
        walk.tick_check_point(
            patrol=patrol,
            check_point_id=said["check_point"],
            at=said["at"],
            by_hand=said["by_hand"],
            by=user_of(request),
        )
        return Response(read.patrol_detail(patrol))


class PatrolStopView(APIView):
    @extend_schema(operation_id="patrols_stop", request=StopInputSerializer, responses=PatrolDetailSerializer)
    def post(self, request: Request, client_id: UUID) -> Response:
        """Stop one's own patrol; what was visited is worked out. It ends 24 hours after its start at the latest."""
        patrol = _own(request, client_id)
        data = StopInputSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        stopped = walk.stop_patrol(patrol=patrol, stopped_at=data.validated_data["stopped_at"])
        return Response(read.patrol_detail(stopped))


class CoverageView(APIView):
    @extend_schema(operation_id="patrols_coverage", parameters=[WithinSerializer], responses=CoverageListSerializer)
    def get(self, request: Request) -> Response:
        """For how many days nobody on patrol was in a cell, most forgotten first. Names nobody."""
        rows = read.coverage_rows(prefixes=overseen(request), inside=asked_within(request), now=timezone.now())
        return Response({"results": rows})

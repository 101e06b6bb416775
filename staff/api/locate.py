"""From a point to its cell and who answers for it. Open to whoever is signed in; phones are masked by role."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grid.api.areas import AreaLevelSerializer, AreaRefSerializer, FiniteFloatField, located_row
from grid.coordinates import Datum, to_wgs84
from grid.selectors.ground import locate, locate_many
from staff.api.ground import ResponsibleSerializer
from staff.models import User
from staff.scope import scope_of
from staff.selectors.responsible import responsible_rows

MOST: Final = 1000
"""Points of one bulk request."""
DATUMS: Final = [datum.value for datum in Datum]


class LocateQuerySerializer(serializers.Serializer[Any]):
    lon = FiniteFloatField(min_value=-180, max_value=180)
    lat = FiniteFloatField(min_value=-90, max_value=90)
    datum = serializers.ChoiceField(choices=DATUMS, default=Datum.WGS84.value)
    at = serializers.DateTimeField(required=False, help_text="the moment; now without it")


class PlaceFoundSerializer(serializers.Serializer[Any]):
    area = AreaLevelSerializer()
    village = AreaRefSerializer(allow_null=True)
    town = AreaRefSerializer(allow_null=True)
    approximate = serializers.BooleanField(help_text="outside every outline; the nearest cell within 200 m")
    distance_m = serializers.FloatField(help_text="metres to that cell; 0 inside")


class LocatedSerializer(PlaceFoundSerializer):
    responsible = ResponsibleSerializer(many=True, help_text="who answers there at that moment, the first one first")


class BulkSerializer(serializers.Serializer[Any]):
    points = serializers.ListField(
        child=serializers.ListField(child=FiniteFloatField(), min_length=2, max_length=2),
        min_length=1,
        max_length=MOST,
        help_text="[lon, lat] each",
        error_messages={"max_length": gettext_lazy("Send at most {max_length} points at once.")},
    )
    datum = serializers.ChoiceField(choices=DATUMS, default=Datum.WGS84.value)

    def validate_points(self, points: list[list[float]]) -> list[list[float]]:
        for number, (lon, lat) in enumerate(points, 1):
            if not (-180 <= lon <= 180 and -90 <= lat <= 90):
                message = _("Point %(n)d is no position: longitude first, within ±180, then latitude, within ±90.")
                raise serializers.ValidationError(message % {"n": number})
        return points


class BulkRowSerializer(PlaceFoundSerializer):
    area = AreaLevelSerializer(allow_null=True, help_text="null where there is no area")


class BulkFoundSerializer(serializers.Serializer[Any]):
    results = BulkRowSerializer(many=True, help_text="in the order of the points")


class OutsideAreaError(APIException):
    status_code = 404
    default_code = "outside_area"


NOWHERE: Final = {"area": None, "village": None, "town": None, "approximate": False, "distance_m": 0.0}


def _moment(said: datetime | None) -> datetime:
    return said or timezone.now()


class LocateView(APIView):
    @extend_schema(operation_id="areas_locate", parameters=[LocateQuerySerializer], responses=LocatedSerializer)
    def get(self, request: Request) -> Response:
        """The grid cell a point falls into at a moment, and who answers for it."""
        assert isinstance(request.user, User)
        query = LocateQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        at = _moment(asked.get("at"))
        lon, lat = to_wgs84(lon=asked["lon"], lat=asked["lat"], datum=Datum(asked["datum"]))
        found = locate(lon=lon, lat=lat, at=at)
        if found is None:
            raise OutsideAreaError(_("This point is in no area of the system."))
        people = responsible_rows(code=found.area.code, at=at, scope=scope_of(request.user))
        return Response({**located_row(found), "responsible": people})

    @extend_schema(operation_id="areas_locate_many", request=BulkSerializer, responses=BulkFoundSerializer)
    def post(self, request: Request) -> Response:
        """The cells of up to 1,000 points now, in their order; `area` is null where there is none."""
        data = BulkSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        datum = Datum(data.validated_data["datum"])
        points = [to_wgs84(lon=lon, lat=lat, datum=datum) for lon, lat in data.validated_data["points"]]
        found = locate_many(points=points, at=timezone.now())
        return Response({"results": [located_row(one) if one else NOWHERE for one in found]})

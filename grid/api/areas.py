"""Areas and waters. Open to whoever is signed in: areas are public knowledge."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.contrib.gis.db.models.functions import AsGeoJSON, Centroid
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grid.models import Area, AreaBoundary, WaterBody
from grid.selectors.areas import AreaRef, Located, valid_areas, within
from grid.selectors.history import moment_of_day


class FiniteFloatField(serializers.FloatField):
    """A number that is one: neither NaN nor infinite."""

    def to_internal_value(self, data: Any) -> float:
        value = super().to_internal_value(data)
        if value != value or value in (float("inf"), float("-inf")):
            self.fail("invalid")
        return value


class AreaRefSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()


class AreaLevelSerializer(AreaRefSerializer):
    level = serializers.ChoiceField(choices=Area.Level.choices)


class AreaSerializer(AreaLevelSerializer):
    id = serializers.IntegerField()
    parent = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    kind = serializers.ChoiceField(choices=Area.Kind.choices)
    synthetic = serializers.BooleanField()
    centroid = serializers.ListField(child=serializers.FloatField(), allow_null=True, help_text="[lon, lat], WGS-84")
    geometry = serializers.DictField(allow_null=True, help_text="GeoJSON, WGS-84; null unless asked for")


class AreasSerializer(serializers.Serializer[Any]):
    results = AreaSerializer(many=True)


class AreaQuerySerializer(serializers.Serializer[Any]):
    level = serializers.ChoiceField(choices=Area.Level.choices, required=False)
    within = serializers.RegexField(r"^\d{6}(\d{3}){0,3}$", required=False, help_text="code of the area they lie in")
    geometry = serializers.BooleanField(default=False)
    on = serializers.DateField(required=False, help_text="the day (Asia/Shanghai); today without it")


class WaterSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=WaterBody.Kind.choices)
    geometry = serializers.DictField(help_text="GeoJSON, WGS-84")


class WatersSerializer(serializers.Serializer[Any]):
    results = WaterSerializer(many=True)


def _area_rows(*, level: str | None, inside: str | None, geometry: bool, on: date | None) -> list[dict[str, Any]]:
    """Areas as the map wants them, as they were, are or will be on a day; one statement."""
    now = moment_of_day(on=on, now=timezone.now())
    areas = valid_areas(on=timezone.localdate(now))
    if level:
        areas = areas.filter(level=level)
    if inside:
        areas = areas.filter(within([inside]))
    boundary = AreaBoundary.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=now), area=OuterRef("pk"), valid_from__lte=now
    )
    areas = areas.annotate(
        center=Subquery(boundary.annotate(c=AsGeoJSON(Centroid("geometry"), precision=6)).values("c")[:1])
    )
    columns = ["id", "code", "name", "level", "kind", "synthetic", "parent__code", "center"]
    if geometry:
        areas = areas.annotate(shape=Subquery(boundary.annotate(g=AsGeoJSON("geometry", precision=6)).values("g")[:1]))
        columns.append("shape")
    return [
        {
            "id": row["id"],
            "code": row["code"],
            "name": row["name"],
            "level": row["level"],
            "parent": row["parent__code"],
            "kind": row["kind"],
            "synthetic": row["synthetic"],
            "centroid": json.loads(row["center"])["coordinates"] if row["center"] else None,
            "geometry": json.loads(row["shape"]) if row.get("shape") else None,
        }
        for row in areas.order_by("code").values(*columns)
    ]


class AreaListView(APIView):
    @extend_schema(operation_id="areas_list", parameters=[AreaQuerySerializer], responses=AreasSerializer)
    def get(self, request: Request) -> Response:
        """Areas of a level, or inside another, with their outlines if asked for."""
        query = AreaQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        rows = _area_rows(
            level=asked.get("level"), inside=asked.get("within"), geometry=asked["geometry"], on=asked.get("on")
        )
        return Response({"results": rows})


def _ref(ref: AreaRef | None) -> dict[str, str] | None:
    return {"code": ref.code, "name": ref.name} if ref else None


def located_row(found: Located) -> dict[str, Any]:
    return {
        "area": {"code": found.area.code, "name": found.area.name, "level": found.area.level},
        "village": _ref(found.village),
        "town": _ref(found.town),
        "approximate": found.approximate,
        "distance_m": round(found.distance_m, 1),
    }


class WaterListView(APIView):
    @extend_schema(
        operation_id="areas_water",
        parameters=[OpenApiParameter("within", str, description="code of the area they lie in")],
        responses=WatersSerializer,
    )
    def get(self, request: Request) -> Response:
        """Rivers and canals as lines."""
        waters = WaterBody.objects.annotate(shape=AsGeoJSON("geometry", precision=6))
        if inside := request.query_params.get("within"):
            waters = waters.filter(area__code__startswith=inside[:9])
        return Response(
            {"results": [{"id": w.pk, "name": w.name, "kind": w.kind, "geometry": json.loads(w.shape)} for w in waters]}
        )

"""Doors to the ground as it was, is and will be: one area with all that hangs on it, and the acts that change it."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api import territory_shapes as shapes
from cases.api.views import user_of, visible
from cases.selectors import ground as ground_rows
from cases.services.territory import Preview, change_ground, preview_change
from grid.metres import area_m2
from grid.selectors.history import change_rows, changes_within, find_area, gap_rows, serial_rows, version_row
from grid.services.changes import Wish
from grid.services.ground import problem_text
from grid.shapes import geojson
from staff.models import Post
from staff.scope import scope_of

SHOWN: Final = 50
"""Rows of what moves that a preview lists; the count says how many there are."""
CODE: Final = OpenApiParameter("code", str, OpenApiParameter.PATH)


def _wish(data: dict[str, Any]) -> Wish:
    return Wish(
        act=data["act"],
        reason=data["reason"],
        cells=tuple(data["cells"]),
        on=data["on"],
        village=data["village"],
        geometry=data["geometry"],
        line=data["line"],
        keep=data["keep"],
        name=data["name"],
        kind=data["kind"],
        names=tuple(data["names"]),
        neighbours_adapt=data["neighbours_adapt"],
    )


def _asked(request: Request) -> tuple[Wish, bool]:
    data = shapes.WishSerializer(data=request.data)
    data.is_valid(raise_exception=True)
    return _wish(data.validated_data), data.validated_data["posts_follow"]


class PreviewView(APIView):
    @extend_schema(
        operation_id="ground_preview", request=shapes.WishSerializer, responses={200: shapes.PreviewSerializer}
    )
    def post(self, request: Request) -> Response:
        """What a change of cells would do: outlines, problems, gaps, and the cases, posts and places that move."""
        wish, follow = _asked(request)
        found = preview_change(wish=wish, by=user_of(request), now=timezone.now(), posts_follow=follow)
        return Response(_preview_row(found))


class ChangeListView(APIView):
    @extend_schema(
        operation_id="ground_changes",
        parameters=[OpenApiParameter("within", str, description="code of the area they are about")],
        responses=shapes.ChangesSerializer,
    )
    def get(self, request: Request) -> Response:
        """What was changed on the ground, newest first: at most 100."""
        within = request.query_params.get("within", "")
        return Response({"results": change_rows(changes_within(code=within)[:100])})

    @extend_schema(
        operation_id="ground_change", request=shapes.WishSerializer, responses={201: shapes.ChangeSerializer}
    )
    def post(self, request: Request) -> Response:
        """Change cells from a day on. For the head of the center and the administrator."""
        wish, follow = _asked(request)
        change = change_ground(wish=wish, by=user_of(request), now=timezone.now(), posts_follow=follow)
        return Response(change_rows([change])[0], status=201)


def _preview_row(found: Preview) -> dict[str, Any]:
    plan = found.plan
    before = {old.area_id for old in plan.before}
    places = ground_rows.place_moves(plan=plan)
    return {
        "allowed": not plan.problems,
        "effective_at": plan.effective_at,
        "before": [{"code": old.code, "name": old.name, "geometry": geojson(old.shape)} for old in plan.before],
        "after": [
            {
                "code": part.code,
                "name": part.name,
                "geometry": geojson(part.shape),
                "area_m2": area_m2(part.shape),
                "new": part.area_id not in before,
            }
            for part in plan.after
        ],
        "problems": [
            {"code": one.code, "message": problem_text(one), "geometry": geojson(one.geometry)} for one in plan.problems
        ],
        "gaps": [{"geometry": geojson(gap.geometry), "area_m2": gap.area_m2} for gap in found.gaps],
        "moves": {
            "cases": {
                "count": len(found.cases),
                "rows": [
                    {"id": move.id, "number": move.number, "from": move.from_code, "to": move.to_code}
                    for move in found.cases[:SHOWN]
                ],
            },
            "posts": {
                "count": len(found.posts),
                "rows": [
                    {
                        "person": move.post.user.display_name,
                        "role": move.post.role,
                        "role_name": str(Post.Role(move.post.role).label),
                        "from": move.from_code,
                        "to": move.to_code,
                        "ends": move.ends,
                        "backup": move.backup,
                    }
                    for move in found.posts[:SHOWN]
                ],
            },
            "places": {"count": len(places), "rows": places[:SHOWN]},
        },
    }


def _day(request: Request) -> date | None:
    asked = shapes.OnSerializer(data=request.query_params)
    asked.is_valid(raise_exception=True)
    day: date | None = asked.validated_data.get("on")
    return day


class AreaView(APIView):
    @extend_schema(
        operation_id="areas_read", parameters=[CODE, shapes.OnSerializer], responses=shapes.AreaDetailSerializer
    )
    def get(self, request: Request, code: str) -> Response:
        """One area on a day (today without `on`): outline, history, and what hangs on it for this person."""
        day = _day(request)
        row = find_area(code=code, on=day, now=timezone.now())
        if row is None:
            raise Http404
        scope = scope_of(user_of(request))
        return Response({**row, **ground_rows.what_hangs_on(code=code, cases=visible(request), scope=scope)})


class BoundaryView(APIView):
    @extend_schema(operation_id="areas_boundary", parameters=[CODE], responses=shapes.BoundaryDetailSerializer)
    def get(self, request: Request, code: str, pk: int) -> Response:
        """One version of an area's outline."""
        row = version_row(code=code, pk=pk)
        if row is None:
            raise Http404
        return Response(row)


class GapView(APIView):
    @extend_schema(operation_id="areas_gaps", parameters=[CODE], responses=shapes.GapsSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Land of a village that no cell covers, largest first."""
        return Response({"results": gap_rows(code=code, at=timezone.now())})


class SerialView(APIView):
    @extend_schema(operation_id="areas_serials", parameters=[CODE], responses=shapes.SerialsSerializer)
    def get(self, request: Request, code: str) -> Response:
        """The cells of a village in reading order with the serial each would have, and the next free one."""
        return Response(serial_rows(code=code, at=timezone.now()))


class GroundView(APIView):
    @extend_schema(
        operation_id="cases_ground", parameters=[shapes.GroundQuerySerializer], responses=shapes.GroundSerializer
    )
    def get(self, request: Request) -> Response:
        """Cases reported in a period by cell: as they were reported, or as the cells are drawn today."""
        query = shapes.GroundQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        if asked["to"] < asked["from_"]:
            message = _("The last day lies before the first. Choose a later one.")
            raise serializers.ValidationError({"to": [serializers.ErrorDetail(message, "invalid")]})
        rows = ground_rows.counted(
            cases=visible(request), first=asked["from_"], last=asked["to"], cut=asked["cut"], now=timezone.now()
        )
        return Response({"results": rows, "cut": asked["cut"]})

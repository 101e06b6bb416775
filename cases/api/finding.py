"""Finding cases over HTTP: the same matter, what hangs together, acts on many, saved views."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api import serializers as shapes
from cases.api.act_shapes import ActWordsSerializer
from cases.api.filters import QueryField
from cases.api.views import found, user_of, visible
from cases.models import SavedView
from cases.selectors import lists, saved_views, similar
from cases.services import many
from cases.services.acts import ActInput
from cases.services.errors import CaseNotFoundError
from cases.services.saved_views import change_view, create_view, delete_view
from cases.workflow import Act
from grid.api.areas import FiniteFloatField
from staff.api.session import NamedSerializer
from staff.scope import scope_of


class MatterSerializer(serializers.Serializer[Any]):
    """What is about to be reported."""

    lon = FiniteFloatField(min_value=-180, max_value=180, required=False)
    lat = FiniteFloatField(min_value=-90, max_value=90, required=False)
    area = serializers.RegexField(r"^\d{9}(\d{3}){0,2}$", required=False, help_text="without a place")
    category = serializers.RegexField(r"^[A-Z](\d\d)?$")
    text = serializers.CharField(required=False, allow_blank=True, max_length=4000, default="")
    party = serializers.ListField(
        child=serializers.CharField(max_length=60),
        required=False,
        max_length=20,
        help_text="name or phone of a party, once for each; compared only with what one may know",
    )
    exclude = serializers.IntegerField(required=False, min_value=1, max_value=2**62)
    metres = serializers.IntegerField(required=False, min_value=1, max_value=2000, default=similar.METRES)
    days = serializers.IntegerField(required=False, min_value=1, max_value=366, default=similar.DAYS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("lon" in attrs) is not ("lat" in attrs):
            missing = "lat" if "lon" in attrs else "lon"
            raise _invalid(missing, _("Give both longitude and latitude."), "required")
        if "lon" not in attrs and "area" not in attrs:
            raise _invalid("area", _("Give a place or an area."), "required")
        return attrs


def _invalid(name: str, message: str, code: str) -> serializers.ValidationError:
    return serializers.ValidationError({name: [serializers.ErrorDetail(message, code)]})


class ReachSerializer(serializers.Serializer[Any]):
    metres = serializers.IntegerField(required=False, min_value=1, max_value=2000, default=similar.METRES)
    days = serializers.IntegerField(required=False, min_value=1, max_value=366, default=similar.DAYS)


class SimilarSerializer(serializers.Serializer[Any]):
    case = shapes.CaseRowSerializer()
    distance_m = serializers.IntegerField(allow_null=True, help_text="null without a place")
    why = serializers.ListField(child=serializers.ChoiceField(choices=["party", "category", "words"]))
    words = serializers.ListField(child=serializers.CharField(), help_text="pairs of characters in common")


class SimilarsSerializer(serializers.Serializer[Any]):
    results = SimilarSerializer(many=True)


class SimilarView(APIView):
    @extend_schema(operation_id="cases_similar", parameters=[MatterSerializer], responses=SimilarsSerializer)
    def get(self, request: Request) -> Response:
        """At most 10 open cases that may be the matter one is about to report: near it, of its kind or in its words,
        or with the same party anywhere.
        """
        data = MatterSerializer(data=request.query_params)
        data.is_valid(raise_exception=True)
        said, now = dict(data.validated_data), timezone.now()
        metres, days = said.pop("metres"), said.pop("days")
        return Response(
            {
                "results": similar.similar(
                    user=user_of(request),
                    matter=similar.Matter.said(**said),
                    since=similar.since_days(days, now=now),
                    now=now,
                    metres=metres,
                )
            }
        )


class CaseSimilarView(APIView):
    @extend_schema(operation_id="cases_similar_to", parameters=[ReachSerializer], responses=SimilarsSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Open cases that may be the same matter as this one, reported from so many days before it."""
        data = ReachSerializer(data=request.query_params)
        data.is_valid(raise_exception=True)
        case, now = found(request, pk), timezone.now()
        return Response(
            {
                "results": similar.similar(
                    user=user_of(request),
                    matter=similar.Matter.of(case, scope=scope_of(user_of(request))),
                    since=similar.since_days(data.validated_data["days"], now=case.reported_at),
                    now=now,
                    metres=data.validated_data["metres"],
                )
            }
        )


class RelatedSerializer(serializers.Serializer[Any]):
    parent = shapes.CaseRowSerializer(allow_null=True)
    parts = shapes.CaseRowSerializer(many=True)
    merged_into = shapes.CaseRowSerializer(allow_null=True)
    merged = shapes.CaseRowSerializer(many=True)


class RelatedView(APIView):
    @extend_schema(operation_id="cases_related", responses=RelatedSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """What it is a part of, its parts, what it was merged into and what into it; of these what one may see."""
        return Response(similar.related(user=user_of(request), case=found(request, pk), now=timezone.now()))


# -- one act on many cases


class OneSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(min_value=1, max_value=2**62)
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class ManySerializer(ActWordsSerializer):
    """`cases`, and what the act needs, the same for all."""

    version = None  # type: ignore[assignment]
    client_id = serializers.UUIDField(help_text="the same again does nothing twice")
    cases = serializers.ListField(child=OneSerializer(), min_length=1, max_length=many.MOST)

    def validate_cases(self, value: list[dict[str, int]]) -> list[dict[str, int]]:
        if len({one["id"] for one in value}) != len(value):
            raise serializers.ValidationError(_("Name each case once."), code="twice")
        return value


def _typed(given: dict[str, Any]) -> ActInput:
    said = {name: value for name, value in given.items() if value is not None and value != ""}
    if "assistants" in said:
        said["assistants"] = tuple(said["assistants"])
    return ActInput(**said)


class DoneSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    ok = serializers.BooleanField()
    code = serializers.CharField(allow_null=True, help_text="as a single act would answer")
    message = serializers.CharField(allow_null=True)
    field = serializers.CharField(allow_null=True)
    case = shapes.CaseRowSerializer(allow_null=True, help_text="as it is now; null when it is not yours to see")


class ManyDoneSerializer(serializers.Serializer[Any]):
    results = DoneSerializer(many=True)


class ManyView(APIView):
    @extend_schema(
        operation_id="cases_act_on_many",
        parameters=[OpenApiParameter("act", str, OpenApiParameter.PATH, enum=[act.value for act in many.MANY_ACTS])],
        request=ManySerializer,
        responses=ManyDoneSerializer,
    )
    def post(self, request: Request, act: str) -> Response:
        """Do an act on up to 100 cases, each for itself; one answer per case, in the order sent."""
        if act not in many.MANY_ACTS:
            raise CaseNotFoundError
        data = ManySerializer(data=request.data)
        data.is_valid(raise_exception=True)
        given = dict(data.validated_data)
        rows, client_id = [many.One(one["id"], one["version"]) for one in given.pop("cases")], given.pop("client_id")
        done = many.act_on_many(act=Act(act), rows=rows, by=user_of(request), given=_typed(given), client_id=client_id)
        return Response({"results": self._answers(request, done)})

    def _answers(self, request: Request, done: Sequence[many.Done]) -> list[dict[str, Any]]:
        cases = visible(request).filter(pk__in=[one.case_id for one in done]).order_by()
        rows = {row["id"]: row for row in lists.show_rows(lists.read_rows(cases), now=timezone.now())}
        return [
            {
                "id": one.case_id,
                "ok": one.refusal is None,
                **self._said(one.refusal),
                "case": rows.get(one.case_id),
            }
            for one in done
        ]

    def _said(self, refusal: Exception | None) -> dict[str, Any]:
        """What a single act would have answered."""
        if refusal is None:
            return {"code": None, "message": None, "field": None}
        answer = self.get_exception_handler()(refusal, self.get_exception_handler_context())
        assert answer is not None, "every refusal of an act has its answer"
        return {name: answer.data[name] for name in ("code", "message", "field")}


# -- saved views


class SavedViewSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    query = serializers.DictField(child=serializers.CharField())
    organisation = NamedSerializer(allow_null=True, help_text="the unit it is shared with")
    owner = NamedSerializer()
    mine = serializers.BooleanField()


class SavedViewsSerializer(serializers.Serializer[Any]):
    results = SavedViewSerializer(many=True)


class ViewInputSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=50)
    query = QueryField()
    organisation = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=2**62)


class ViewChangeSerializer(ViewInputSerializer):
    name = serializers.CharField(max_length=50, required=False)
    query = QueryField(required=False)


def _row(view: SavedView, request: Request) -> dict[str, Any]:
    return saved_views.view_row(view, user=user_of(request))


class SavedViewListView(APIView):
    @extend_schema(operation_id="saved_views_list", responses=SavedViewsSerializer)
    def get(self, request: Request) -> Response:
        """One's own views and those shared with one's units, by name. What each shows is one's own cases, as always."""
        return Response({"results": [_row(view, request) for view in saved_views.seen_views(user=user_of(request))]})

    @extend_schema(operation_id="saved_views_create", request=ViewInputSerializer, responses={201: SavedViewSerializer})
    def post(self, request: Request) -> Response:
        """Keep a list under a name. `query` is what stands in the address of the list, without the page."""
        data = ViewInputSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        said = data.validated_data
        view = create_view(
            by=user_of(request), name=said["name"], query=said["query"], organisation=said.get("organisation")
        )
        return Response(_row(view, request), status=201)


class SavedViewView(APIView):
    @extend_schema(operation_id="saved_views_change", request=ViewChangeSerializer, responses=SavedViewSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Change a view of one's own."""
        data = ViewChangeSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        return Response(_row(change_view(view_id=pk, by=user_of(request), changes=data.validated_data), request))

    @extend_schema(operation_id="saved_views_delete", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Drop a view of one's own."""
        delete_view(view_id=pk, by=user_of(request))
        return Response(status=204)

"""What helps to report and to write, over HTTP: questions, standard texts, and what bounces."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api.serializers import ACTS, CaseRefSerializer, CategoryRefSerializer, ChoiceSerializer
from cases.api.views import user_of, visible
from cases.models import Category, Question
from cases.policy import CENTER_ROLES
from cases.selectors.bounces import bounce_rows
from cases.selectors.questions import all_questions, question_rows, questions_of
from cases.selectors.texts import text_rows
from staff.api.session import NamedSerializer
from staff.models import Post
from staff.scope import scope_of

REFUSED = OpenApiResponse(description="Not this person's to see.")


class CategoryQuerySerializer(serializers.Serializer[Any]):
    category = serializers.CharField(required=False, max_length=8, help_text="A01; without it, those of all")


class QuestionSerializer(serializers.Serializer[Any]):
    category = serializers.CharField(help_text="whose question it is: A for one that all of A… are asked")
    key = serializers.CharField()
    kind = serializers.ChoiceField(choices=Question.Kind.choices)
    label = serializers.CharField()  # type: ignore[assignment]
    required = serializers.BooleanField()  # type: ignore[assignment]
    choices = ChoiceSerializer(many=True, allow_null=True)


class QuestionsSerializer(serializers.Serializer[Any]):
    results = QuestionSerializer(many=True)


class QuestionListView(APIView):
    @extend_schema(operation_id="questions_list", parameters=[CategoryQuerySerializer], responses=QuestionsSerializer)
    def get(self, request: Request) -> Response:
        """What else is asked when a matter of the category is reported, those of its level 1 too."""
        query = CategoryQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        code = query.validated_data.get("category")
        if code is None:
            return Response({"results": question_rows(all_questions())})
        category = Category.objects.filter(code=code, active=True).first()
        found = questions_of(category=category) if category else []
        return Response({"results": question_rows(found, emergency=bool(category and category.emergency))})


class TextQuerySerializer(CategoryQuerySerializer):
    act = serializers.ChoiceField(choices=ACTS, required=False)


class ReplyTextSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    act = serializers.ChoiceField(choices=ACTS)
    act_name = serializers.CharField()
    category = serializers.CharField(allow_null=True, help_text="null: for every category")
    text = serializers.CharField()


class ReplyTextsSerializer(serializers.Serializer[Any]):
    results = ReplyTextSerializer(many=True)


class ReplyTextListView(APIView):
    @extend_schema(operation_id="reply_texts_list", parameters=[TextQuerySerializer], responses=ReplyTextsSerializer)
    def get(self, request: Request) -> Response:
        """Standard texts for an act, those of the nearest category first. Whoever sends one may change it."""
        query = TextQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        return Response({"results": text_rows(act=asked.get("act"), category=asked.get("category"))})


class MonthSerializer(serializers.Serializer[Any]):
    month = serializers.RegexField(
        r"^20\d\d-(0[1-9]|1[0-2])$", required=False, help_text="2026-11; without it, this month"
    )


class BounceSerializer(serializers.Serializer[Any]):
    category = CategoryRefSerializer()
    organisation = NamedSerializer()
    hops = serializers.IntegerField(help_text="the next three together")
    returned = serializers.IntegerField(help_text="sent back by the unit")
    moved = serializers.IntegerField(help_text="taken from the unit and given to another")
    within = serializers.IntegerField(help_text="given to another person of the unit once work had begun")
    cases_count = serializers.IntegerField()
    cases = CaseRefSerializer(many=True, help_text="the first 50")


class BouncesSerializer(serializers.Serializer[Any]):
    month = serializers.CharField()
    results = BounceSerializer(many=True)


class BounceListView(APIView):
    @extend_schema(
        operation_id="cases_bounces", parameters=[MonthSerializer], responses={200: BouncesSerializer, 403: REFUSED}
    )
    def get(self, request: Request) -> Response:
        """Which category sent to which unit bounced most in a month, over the cases one sees; the 50 worst pairs."""
        if not scope_of(user_of(request)).codes(*CENTER_ROLES, Post.Role.LEADER):
            raise PermissionDenied
        query = MonthSerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        today = timezone.localdate()
        said = query.validated_data.get("month") or f"{today:%Y-%m}"
        year, month = said.split("-")
        rows = bounce_rows(cases=visible(request), month=date(int(year), int(month), 1))
        return Response({"month": said, "results": rows})

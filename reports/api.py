"""The weekly figures on the page: the same that the mail carries."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.models import Case
from grid.api.areas import AreaRefSerializer
from grid.models import Area
from grid.selectors.areas import valid_areas
from reports.periods import Week
from reports.selectors import FORMULAS, figures_of, frozen
from staff.models import User
from staff.policy import FIGURES
from staff.scope import scope_of


class FiguresSerializer(serializers.Serializer[Any]):
    reported = serializers.IntegerField()
    closed = serializers.IntegerField()
    closure_rate = serializers.FloatField(allow_null=True, help_text="0–1; null when there was nothing to divide by")
    on_time_rate = serializers.FloatField(allow_null=True)
    overdue_now = serializers.IntegerField()
    reported_closed = serializers.IntegerField(help_text="numerator of closure_rate")
    on_time = serializers.IntegerField(help_text="numerator of on_time_rate")


class FiguresRowSerializer(FiguresSerializer):
    code = serializers.CharField()
    name = serializers.CharField()
    previous = FiguresSerializer()


class CountPairSerializer(serializers.Serializer[Any]):
    value = serializers.IntegerField()
    previous = serializers.IntegerField()


class RatePairSerializer(serializers.Serializer[Any]):
    value = serializers.FloatField(allow_null=True)
    previous = serializers.FloatField(allow_null=True)


class TotalsSerializer(serializers.Serializer[Any]):
    reported = CountPairSerializer()
    closed = CountPairSerializer()
    closure_rate = RatePairSerializer()
    on_time_rate = RatePairSerializer()
    overdue_now = CountPairSerializer()
    reported_closed = CountPairSerializer()
    on_time = CountPairSerializer()


class FormulasSerializer(serializers.Serializer[Any]):
    reported = serializers.CharField()
    closed = serializers.CharField()
    closure_rate = serializers.CharField()
    on_time_rate = serializers.CharField()
    overdue_now = serializers.CharField()


def _weekly_fields() -> dict[str, Any]:
    return {
        "week": serializers.CharField(),
        "area": AreaRefSerializer(),
        "from": serializers.DateTimeField(),
        "to": serializers.DateTimeField(),
        "as_of": serializers.DateTimeField(),
        "frozen": serializers.BooleanField(help_text="as it was sent; false: counted just now"),
        "totals": TotalsSerializer(),
        "by_village": FiguresRowSerializer(many=True),
        "by_category": FiguresRowSerializer(many=True),
        "formulas": FormulasSerializer(),
    }


# "from" is a keyword, so the class cannot be written out.
WeeklySerializer: type[serializers.Serializer[Any]] = type(
    "WeeklySerializer", (serializers.Serializer,), _weekly_fields()
)


class WeekQuerySerializer(serializers.Serializer[Any]):
    week = serializers.RegexField(r"^\d{4}-W\d{2}$", required=False, help_text="2026-W47; this week without it")
    area = serializers.RegexField(r"^\d{6}(\d{3}){0,2}$", required=False)

    def validate_week(self, value: str) -> Week:
        try:
            week = Week.named(value)
            _ = week.start, week.end, week.previous.start
        except (ValueError, OverflowError):
            raise serializers.ValidationError("2026-W47", code="invalid") from None
        return week


class WeeklyView(APIView):
    @extend_schema(operation_id="reports_weekly", parameters=[WeekQuerySerializer], responses=WeeklySerializer)
    def get(self, request: Request) -> Response:
        """The figures of a week of one's area: frozen once sent, counted now before."""
        assert isinstance(request.user, User)
        query = WeekQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        now = timezone.now()
        week = query.validated_data.get("week") or Week.of(now)
        area = _area(request.user, query.validated_data.get("area"))
        known = frozen(area=area, week=week)
        figures = (
            known.figures
            if known is not None
            else figures_of(cases=Case.objects.visible_to(request.user), area=area, week=week, now=now)
        )
        return Response(_answer(figures, is_frozen=known is not None))


def _area(user: User, code: str | None) -> Area:
    """The area asked for, if a post that reads figures covers it; the post's own without asking. Else 404."""
    scope = scope_of(user)
    codes = scope.codes(*FIGURES)
    wanted = code or next(iter(codes), None)
    if wanted is None or not scope.covers(wanted, *FIGURES):
        raise Http404
    area = valid_areas(on=timezone.localdate()).filter(code=wanted).first()
    if area is None:
        raise Http404
    return area


def _answer(figures: dict[str, Any], *, is_frozen: bool) -> dict[str, Any]:
    english = (get_language() or "").startswith("en")
    categories = [{**row, "name": row["name_en" if english else "name_zh"]} for row in figures["by_category"]]
    return {
        **figures,
        "by_category": categories,
        "frozen": is_frozen,
        "formulas": {key: str(text) for key, text in FORMULAS.items()},
    }

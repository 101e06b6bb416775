"""How far the working calendar reaches, for the apps' banner."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.selectors.calendar import banner, coverage


class CalendarSerializer(serializers.Serializer[Any]):
    complete = serializers.BooleanField(help_text="this year and, from November on, the next are entered")
    until = serializers.DateField(help_text="the last day the calendar knows; after it weekends are assumed")
    missing_years = serializers.ListField(child=serializers.IntegerField())
    banner = serializers.CharField(allow_blank=True, help_text="in the language of the request; blank when complete")


class CalendarView(APIView):
    @extend_schema(operation_id="calendar_read", responses=CalendarSerializer)
    def get(self, request: Request) -> Response:
        """Whether the working calendar is complete, and what to show while it is not."""
        found = coverage(today=timezone.localdate())
        return Response(
            {
                "complete": found.complete,
                "until": found.until,
                "missing_years": list(found.missing),
                "banner": banner(found=found),
            }
        )

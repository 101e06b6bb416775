"""Shapes of an act as it is sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework import serializers

from cases.api.serializers import STATES


class SeenSerializer(serializers.Serializer[Any]):
    """How the case stood for whoever acted."""

    state = serializers.ChoiceField(choices=STATES)
    lead_org = serializers.IntegerField(required=False, allow_null=True, max_value=2**62)
    assignee = serializers.IntegerField(required=False, allow_null=True, max_value=2**62)


class ActWordsSerializer(serializers.Serializer[Any]):
    """What the acts ask for; each reads its own."""

    version = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=2**31 - 1)
    client_id = serializers.UUIDField(required=False, allow_null=True, help_text="makes a retry safe")
    text = serializers.CharField(required=False, allow_blank=True, max_length=4000, default="")
    category = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=8)
    organisation = serializers.IntegerField(required=False, allow_null=True, max_value=2**62)
    assignee = serializers.IntegerField(required=False, allow_null=True, max_value=2**62)
    due_at = serializers.DateTimeField(required=False, allow_null=True)
    passed = serializers.BooleanField(required=False, allow_null=True, default=None)
    outcome = serializers.CharField(required=False, allow_null=True, max_length=20)
    until = serializers.DateField(required=False, allow_null=True)
    into = serializers.CharField(required=False, allow_null=True, max_length=20)
    level = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=8)
    assistants = serializers.ListField(
        child=serializers.IntegerField(max_value=2**62), required=False, allow_null=True, max_length=20
    )
    amount = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=1000)
    authority = serializers.CharField(required=False, allow_blank=True, max_length=100, default="")
    taken_over = serializers.BooleanField(required=False, allow_null=True, default=None)
    supervision = serializers.CharField(required=False, allow_null=True, max_length=8)
    reply_by = serializers.DateTimeField(required=False, allow_null=True)
    satisfaction = serializers.CharField(required=False, allow_null=True, max_length=13)


class ActInputSerializer(ActWordsSerializer):
    """An act, and when and on what it was done if that was without signal."""

    done_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="by the device's clock, if it was done before it is sent"
    )
    kept = serializers.BooleanField(
        required=False,
        default=False,
        help_text="it was done without signal: never thrown away, but kept as a conflict (202) if it is too late; needs"
        " client_id",
    )
    seen = SeenSerializer(
        required=False, allow_null=True, help_text="as the phone showed it; counts for more than version"
    )

    after = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        max_length=50,
        help_text="client ids of one's own acts on this case that waited on the phone before this one, oldest first:"
        " with them the server knows what it was built upon",
    )

    def validate_done_at(self, value: datetime | None) -> datetime | None:
        """A year that a clock can show."""
        if value is not None and not 1970 <= value.year <= 2199:
            raise serializers.ValidationError("1970-2199", code="invalid")
        return value

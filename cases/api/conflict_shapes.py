"""Shapes of conflicts, in and out."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from cases.api.serializers import ACTS, CaseRefSerializer
from cases.models import CaseConflict
from staff.api.session import NamedSerializer


class SideSerializer(serializers.Serializer[Any]):
    value = serializers.JSONField()
    shown = serializers.CharField(allow_blank=True, help_text="the value in words")
    by = NamedSerializer(allow_null=True, help_text="null: the system")
    at = serializers.DateTimeField(allow_null=True)


class ConflictFieldSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    mine = SideSerializer(help_text="what the author of the conflict said")
    theirs = SideSerializer(
        allow_null=True, help_text="what others made of it meanwhile; null if nothing, or not the reader's to see"
    )


class ConflictSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    case = CaseRefSerializer()
    client_id = serializers.UUIDField()
    act = serializers.ChoiceField(choices=ACTS)
    act_name = serializers.CharField()
    reason = serializers.ChoiceField(choices=CaseConflict.Reason.values)
    reason_name = serializers.CharField()
    by = NamedSerializer()
    done_at = serializers.DateTimeField(allow_null=True, help_text="as the device said")
    received_at = serializers.DateTimeField()
    base_version = serializers.IntegerField(allow_null=True)
    given = serializers.DictField(help_text="everything that was typed, as fields of the act")
    fields = ConflictFieldSerializer(many=True)  # type: ignore[assignment]
    state = serializers.ChoiceField(choices=CaseConflict.State.values)
    state_name = serializers.CharField()
    decided_by = NamedSerializer(allow_null=True)
    decided_by_side = serializers.BooleanField(
        help_text="decided by one of the two, whose center had nobody else who may"
    )
    decided_at = serializers.DateTimeField(allow_null=True)
    words = serializers.CharField(allow_blank=True, help_text="of whoever decided")
    is_side = serializers.BooleanField(help_text="the reader is one of the two")
    may_decide = serializers.BooleanField(
        help_text="it is open and the reader's to decide: of the center, and not one of the two unless nobody else may"
    )


class ConflictsSerializer(serializers.Serializer[Any]):
    results = ConflictSerializer(many=True)
    may_decide = serializers.BooleanField(help_text="the reader decides for the center; see each one's own")


class KeptActSerializer(serializers.Serializer[Any]):
    """The answer to an act that was kept but not done."""

    conflict = ConflictSerializer(
        allow_null=True,
        help_text="null: this very act was done before, and the case is out of its author's sight since",
    )


class DecisionSerializer(serializers.Serializer[Any]):
    decision = serializers.ChoiceField(
        choices=["keep", "take", "both"],
        help_text="keep: the first stays; take: the second is done now; both: its words are added as a comment",
    )
    text = serializers.CharField(
        required=False, allow_blank=True, max_length=4000, default="", help_text="needed with keep: the author reads it"
    )

"""Shapes of parties, in reports and on their own."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from cases.models import CaseParty, CasePartyLook
from cases.models.parties import NAME_AT_MOST, PHONE_AT_MOST
from cases.services.parties import PartyEntry
from staff.api.session import NamedSerializer

KINDS = CaseParty.Kind.values
SIDES = CaseParty.Side.values
PURPOSES = CasePartyLook.Purpose.values


class PartyInputSerializer(serializers.Serializer[Any]):
    client_id = serializers.UUIDField(help_text="made by the client; the same again is the same party")
    kind = serializers.ChoiceField(choices=KINDS)
    side = serializers.ChoiceField(choices=SIDES)
    name = serializers.CharField(max_length=NAME_AT_MOST)
    phone = serializers.CharField(max_length=PHONE_AT_MOST, required=False, allow_blank=True, default="")


class ReportedPartiesField(serializers.ListField):
    """Parties that come along with a report."""

    child = PartyInputSerializer()

    def __init__(self) -> None:
        told = "whom the matter is between, if that is known already"
        super().__init__(required=False, max_length=20, help_text=told)


def entry_from(said: dict[str, Any]) -> PartyEntry:
    return PartyEntry(**said)


class PartySerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    client_id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=KINDS)
    kind_name = serializers.CharField()
    side = serializers.ChoiceField(choices=SIDES)
    side_name = serializers.CharField()
    name = serializers.CharField(help_text="of a person masked: 张*")
    phone = serializers.CharField(allow_blank=True, help_text="masked: 138****0000")
    added_by = NamedSerializer()
    added_at = serializers.DateTimeField()
    may_remove = serializers.BooleanField()


class PartiesSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    names_shown = serializers.BooleanField(help_text="false: only how many there are is this person's to know")
    may_add = serializers.BooleanField()
    may_look = serializers.BooleanField()
    may_read_looks = serializers.BooleanField()
    results = PartySerializer(many=True)


class RemovalSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=200)


class LookInputSerializer(serializers.Serializer[Any]):
    purpose = serializers.ChoiceField(choices=PURPOSES)
    words = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class WholePartySerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    phone = serializers.CharField(allow_blank=True)


class LookQuerySerializer(serializers.Serializer[Any]):
    before = serializers.IntegerField(
        required=False, min_value=1, max_value=2**62, help_text="`next` of the page before"
    )


class LookSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    by = NamedSerializer()
    party = serializers.IntegerField()
    side = serializers.ChoiceField(choices=SIDES)
    side_name = serializers.CharField()
    purpose = serializers.ChoiceField(choices=PURPOSES)
    purpose_name = serializers.CharField()
    words = serializers.CharField(allow_blank=True)


class LooksSerializer(serializers.Serializer[Any]):
    results = LookSerializer(many=True)
    next = serializers.IntegerField(allow_null=True)

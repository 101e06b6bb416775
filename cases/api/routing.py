"""Routing over HTTP: why a case goes where, the rules, and what a rule would have done."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api.serializers import CategoryRefSerializer
from cases.api.views import found, user_of, visible
from cases.models import RoutingRule
from cases.policy import CENTER_ROLES, parties
from cases.selectors import routing_rows as rows
from cases.selectors.routing import Why
from cases.services.errors import NotYoursError
from cases.services.routing import (
    KEEPERS,
    Draft,
    change_rule,
    create_rule,
    draft_rule,
    end_rule,
    keeper_codes,
    reorder_rules,
)
from cases.workflow import Act, Level, Party
from grid.api.areas import AreaRefSerializer
from staff.api.session import NamedSerializer
from staff.models import Post
from staff.scope import scope_of

REFUSED = OpenApiResponse(description="Not this person's to see.")
READERS = (*CENTER_ROLES, Post.Role.LEADER, Post.Role.AUDITOR, Post.Role.ADMIN)
LEVELS = [one.value for one in Level]
ROLES = [Post.Role.VILLAGE_OFFICER.value, Post.Role.MEDIATOR.value]
MOST_ID = 2**62


class RouteMatchedSerializer(serializers.Serializer[Any]):
    category = serializers.CharField(allow_blank=True, help_text="code the rule names; blank: every category")
    area = serializers.CharField(allow_blank=True, help_text="code the rule names; blank: everywhere")
    level = serializers.CharField(allow_blank=True, help_text="blank: every level")
    role = serializers.CharField(allow_blank=True, help_text="the post the rule names instead of a unit")


class RoutePassedSerializer(serializers.Serializer[Any]):
    rule = serializers.IntegerField()
    basis = serializers.CharField()
    why = serializers.ChoiceField(choices=[one.value for one in Why])
    why_name = serializers.CharField()


class RouteProposalSerializer(serializers.Serializer[Any]):
    rule = serializers.IntegerField()
    basis = serializers.CharField()
    organisation = NamedSerializer()
    handles = serializers.CharField(allow_blank=True, help_text="what the unit takes on; blank for one of the past")
    person = NamedSerializer(allow_null=True)
    matched = RouteMatchedSerializer()
    passed = RoutePassedSerializer(many=True)


class RouteAssignmentSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    by = NamedSerializer(allow_null=True)
    organisation = NamedSerializer()
    person = NamedSerializer(allow_null=True)
    proposal = RouteProposalSerializer(allow_null=True, help_text="what the rules said then; null when none fitted")
    followed = serializers.BooleanField(allow_null=True)
    text = serializers.CharField(allow_blank=True)


class RouteSerializer(serializers.Serializer[Any]):
    proposal = RouteProposalSerializer(allow_null=True, help_text="now, for whoever may assign; null when no rule fits")
    passed = RoutePassedSerializer(many=True, help_text="rules for the category that do not name the unit")
    assigned = RouteAssignmentSerializer(allow_null=True, help_text="why this unit; null while none leads")


class RouteView(APIView):
    @extend_schema(operation_id="cases_route", responses={200: RouteSerializer, 403: REFUSED})
    def get(self, request: Request, pk: int) -> Response:
        """Where the rules would send the case (for the center), and why it is where it is (for all who see it)."""
        case = found(request, pk)
        chooses = case.is_open and Party.CENTER in parties(case=case, scope=scope_of(user_of(request)))
        event = rows.last_assignment(case=case)
        if not chooses and event is None:
            raise NotYoursError(act=Act.ASSIGN)
        said = rows.proposal_rows(case=case) if chooses else {"proposal": None, "passed": []}
        return Response({**said, "assigned": rows.assignment_row(event) if event else None})


class RoutingRuleSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    order = serializers.IntegerField()
    category = CategoryRefSerializer(allow_null=True)
    area = AreaRefSerializer(allow_null=True)
    level = serializers.ChoiceField(choices=LEVELS, allow_null=True)
    organisation = NamedSerializer(allow_null=True)
    role = serializers.ChoiceField(choices=ROLES, allow_null=True)
    role_name = serializers.CharField(allow_null=True)
    basis = serializers.CharField()
    active = serializers.BooleanField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True, help_text="first day without it")
    ended = serializers.BooleanField()
    may_change = serializers.BooleanField()


class RoutingRulesSerializer(serializers.Serializer[Any]):
    results = RoutingRuleSerializer(many=True)


class RoutingDraftSerializer(serializers.Serializer[Any]):
    order = serializers.IntegerField(min_value=0, max_value=32767, default=100)
    category = serializers.CharField(max_length=8, required=False, allow_null=True, allow_blank=True)
    area = serializers.RegexField(
        r"^\d{6}(\d{3}){0,3}$", required=False, allow_null=True, help_text="without it: all of one's own"
    )
    level = serializers.ChoiceField(choices=LEVELS, required=False, allow_null=True)
    organisation = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=MOST_ID)
    role = serializers.ChoiceField(choices=ROLES, required=False, allow_null=True, help_text="instead of a unit")
    basis = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    valid_from = serializers.DateField(required=False, allow_null=True)


class RoutingTriedSerializer(RoutingDraftSerializer):
    id = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MOST_ID,
        help_text="a rule that is there, tried as it is",
    )


class RoutingChangeSerializer(serializers.Serializer[Any]):
    active = serializers.BooleanField(required=False)
    order = serializers.IntegerField(min_value=0, max_value=32767, required=False)
    valid_to = serializers.DateField(required=False, allow_null=True, help_text="first day without it")


class RoutingOrderSerializer(serializers.Serializer[Any]):
    ids = serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=MOST_ID), max_length=500)


class RoutingWentSerializer(serializers.Serializer[Any]):
    organisation = NamedSerializer(allow_null=True, help_text="null: no unit leads")
    count = serializers.IntegerField()


class RoutingSampleSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    number = serializers.CharField()
    description = serializers.CharField()
    reported_at = serializers.DateTimeField()
    went = NamedSerializer(allow_null=True)
    would = NamedSerializer(allow_null=True)
    taken_by = serializers.IntegerField(allow_null=True, help_text="the rule before it that takes the case")
    agrees = serializers.BooleanField(allow_null=True)


class RoutingPreviewSerializer(serializers.Serializer[Any]):
    days = serializers.IntegerField()
    fit = serializers.IntegerField(help_text="cases the rule is meant for: the next three together")
    caught = serializers.IntegerField(help_text="of them, those it would have named the unit of")
    taken_before = serializers.IntegerField(help_text="taken by a rule in force before it")
    nowhere = serializers.IntegerField(help_text="the post is vacant there, or the unit closed")
    agree = serializers.IntegerField(help_text="caught, and the unit that leads is the same")
    differ = serializers.IntegerField(help_text="caught, and another unit leads")
    unassigned = serializers.IntegerField(help_text="caught, and no unit leads")
    went = RoutingWentSerializer(many=True)
    sample = RoutingSampleSerializer(many=True)


def _draft(said: dict[str, Any]) -> Draft:
    return Draft(
        basis=said["basis"],
        category_code=said.get("category") or None,
        area_code=said.get("area") or "",
        level=said.get("level") or "",
        organisation_id=said.get("organisation"),
        role=said.get("role") or "",
        order=said["order"],
        valid_from=said.get("valid_from"),
    )


def _answer(request: Request, rules: list[RoutingRule]) -> list[dict[str, Any]]:
    codes = scope_of(user_of(request)).codes(*KEEPERS)
    return rows.rule_rows(rules, codes=codes, day=timezone.localdate())


def _rule(request: Request, pk: int) -> RoutingRule:
    """The rule, for whoever reads rules there. Raises Http404 for unknown and other towns' alike."""
    rule = rows.rules_seen(scope=scope_of(user_of(request)), roles=READERS).filter(pk=pk).first()
    if rule is None:
        raise Http404
    return rule


class RuleListView(APIView):
    @extend_schema(operation_id="routing_rules_list", responses={200: RoutingRulesSerializer, 403: REFUSED})
    def get(self, request: Request) -> Response:
        """The routing rules of one's town in their order, ended ones and those switched off too."""
        scope = scope_of(user_of(request))
        if not scope.codes(*READERS):
            raise PermissionDenied
        return Response({"results": _answer(request, list(rows.rules_seen(scope=scope, roles=READERS)))})

    @extend_schema(
        operation_id="routing_rules_make", request=RoutingDraftSerializer, responses={201: RoutingRuleSerializer}
    )
    def post(self, request: Request) -> Response:
        """Make a rule. It is switched off until somebody has looked at its preview and switches it on."""
        keeper_codes(by=user_of(request))
        data = RoutingDraftSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        rule = create_rule(by=user_of(request), draft=_draft(data.validated_data))
        return Response(_answer(request, [rule])[0], status=201)


class RuleView(APIView):
    @extend_schema(
        operation_id="routing_rules_change", request=RoutingChangeSerializer, responses=RoutingRuleSerializer
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Switch a rule on or off, move it, or name its last day. What it says never changes: make a new one."""
        rule = _rule(request, pk)
        data = RoutingChangeSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        rule = change_rule(rule=rule, by=user_of(request), changes=dict(data.validated_data))
        return Response(_answer(request, [rule])[0])

    @extend_schema(operation_id="routing_rules_end", responses=RoutingRuleSerializer)
    def delete(self, request: Request, pk: int) -> Response:
        """End a rule today. It stays in the list: old cases name it."""
        return Response(_answer(request, [end_rule(rule=_rule(request, pk), by=user_of(request))])[0])


class RuleOrderView(APIView):
    @extend_schema(operation_id="routing_rules_order", request=RoutingOrderSerializer, responses=RoutingRulesSerializer)
    def post(self, request: Request) -> Response:
        """Put one's rules in this order: the first that fits is proposed."""
        keeper_codes(by=user_of(request))
        data = RoutingOrderSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        reorder_rules(by=user_of(request), ids=data.validated_data["ids"])
        scope = scope_of(user_of(request))
        return Response({"results": _answer(request, list(rows.rules_seen(scope=scope, roles=READERS)))})


class RulePreviewView(APIView):
    @extend_schema(
        operation_id="routing_rules_preview", request=RoutingTriedSerializer, responses=RoutingPreviewSerializer
    )
    def post(self, request: Request) -> Response:
        """What a rule would have done with the cases of the past 90 days one sees. Writes nothing."""
        user = user_of(request)
        keeper_codes(by=user)
        data = RoutingTriedSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        said = data.validated_data
        rule = _rule(request, said["id"]) if said.get("id") else draft_rule(by=user, draft=_draft(said))
        return Response(rows.preview(draft=rule, cases=visible(request), now=timezone.now()))

"""Who answers where, cells in which nobody does, and leave."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grid.api.areas import AreaRefSerializer
from staff.models import Post, User
from staff.scope import Scope, scope_of
from staff.selectors.leaves import CODE, area_known, leave_in_sight, leaves_of, post_in_sight
from staff.selectors.responsible import (
    As,
    PostRow,
    Reason,
    reason_name,
    responsible_row,
    roster,
    unattended,
)
from staff.services.leaves import enter_leave, withdraw_leave
from staff.sight import OVERSEERS, is_neighbourly, phone_seen

MOST_ID: Final = 2**63 - 1


class WithinSerializer(serializers.Serializer[Any]):
    within = serializers.RegexField(
        r"^[0-9]{6}([0-9]{3}){0,3}$", required=False, help_text="code of the area they lie in"
    )


class PersonSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    phone = serializers.CharField(help_text="empty where it is unknown, with its middle hidden for some readers")


class ResponsibleSerializer(serializers.Serializer[Any]):
    person = PersonSerializer()
    role = serializers.ChoiceField(choices=Post.Role.choices)
    role_name = serializers.CharField()
    as_name = serializers.CharField()
    because = serializers.CharField(help_text="why it is not the holder of the main post; empty for that person")
    until = serializers.DateField(allow_null=True, help_text="last day of it, if one is known")
    area = AreaRefSerializer()

    def get_fields(self) -> dict[str, Any]:
        # "as" is a word of Python and cannot be an attribute.
        return {**super().get_fields(), "as": serializers.ChoiceField(choices=[value.value for value in As])}


class StandsInSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="id of the post")
    name = serializers.CharField(help_text="who holds it")


class LeaveSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    substitute = PersonSerializer(allow_null=True)


class AreaPostSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    person = PersonSerializer()
    role = serializers.ChoiceField(choices=Post.Role.choices)
    role_name = serializers.CharField()
    backup = serializers.BooleanField()
    stands_in_for = StandsInSerializer(allow_null=True)
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True, help_text="first day without the post")
    on_leave_until = serializers.DateField(allow_null=True)
    area = AreaRefSerializer()
    leaves = LeaveSerializer(many=True, help_text="not over yet; empty for colleagues from elsewhere in the town")


class PeopleSerializer(serializers.Serializer[Any]):
    responsible = ResponsibleSerializer(many=True, help_text="who answers now, the first to call first")
    posts = AreaPostSerializer(many=True)
    history = AreaPostSerializer(many=True, help_text="ended posts; empty for colleagues from elsewhere in the town")


class UnattendedSerializer(AreaRefSerializer):
    village = AreaRefSerializer()
    since = serializers.DateField(allow_null=True)
    reason = serializers.ChoiceField(choices=[value.value for value in Reason])
    reason_name = serializers.CharField()


class UnattendedListSerializer(serializers.Serializer[Any]):
    results = UnattendedSerializer(many=True)


class LeaveInputSerializer(serializers.Serializer[Any]):
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    substitute = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=MOST_ID, help_text="id of the person"
    )


def user_of(request: Request) -> User:
    assert isinstance(request.user, User), "the default permission lets nobody else in"
    return request.user


def scope_for(request: Request) -> Scope:
    return scope_of(user_of(request))


def asked_within(request: Request) -> str:
    """The code of `within`, or nothing. Raises ValidationError for what is no code."""
    query = WithinSerializer(data=request.query_params)
    query.is_valid(raise_exception=True)
    return str(query.validated_data.get("within", ""))


def overseen(request: Request) -> tuple[str, ...]:
    """Area codes whose gaps the person looks after. Raises PermissionDenied for whoever looks after none."""
    codes = scope_for(request).codes(*OVERSEERS)
    if not codes:
        raise PermissionDenied
    return codes


def _post_row(post: PostRow, *, code: str, scope: Scope, leaves: list[dict[str, Any]]) -> dict[str, Any]:
    stands_in = post.stands_in_for and {"id": post.stands_in_for, "name": post.stands_in_for_name}
    return {
        "id": post.id,
        "person": {
            "id": post.user_id,
            "name": post.name,
            "phone": phone_seen(scope=scope, code=code, phone=post.phone),
        },
        "role": post.role,
        "role_name": str(Post.Role(post.role).label),
        "backup": post.backup,
        "stands_in_for": stands_in or None,
        "valid_from": post.valid_from,
        "valid_to": post.valid_to,
        "on_leave_until": post.leave_until,
        "area": {"code": post.area_code, "name": post.area_name},
        "leaves": leaves,
    }


class AreaPeopleView(APIView):
    @extend_schema(operation_id="areas_people", responses=PeopleSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Who answers for the area now, who holds a post there, and who did. For people of the same town."""
        scope = scope_for(request)
        if not CODE.fullmatch(code) or not is_neighbourly(scope=scope, code=code) or not area_known(code=code):
            raise Http404
        inside = scope.covers(code)
        found = roster(code=code, at=timezone.now(), history=inside)
        leaves = leaves_of(post_ids=[post.id for post in found.posts], code=code, scope=scope) if inside else {}
        return Response(
            {
                "responsible": [responsible_row(one, code=code, scope=scope) for one in found.responsible],
                "posts": [
                    _post_row(post, code=code, scope=scope, leaves=leaves.get(post.id, [])) for post in found.posts
                ],
                "history": [_post_row(post, code=code, scope=scope, leaves=[]) for post in found.ended],
            }
        )


class UnattendedView(APIView):
    @extend_schema(operation_id="areas_unattended", parameters=[WithinSerializer], responses=UnattendedListSerializer)
    def get(self, request: Request) -> Response:
        """Cells in which nobody acts: without a post, or on leave without anybody to stand in."""
        found = unattended(prefixes=overseen(request), inside=asked_within(request), at=timezone.now())
        return Response(
            {
                "results": [
                    {
                        "code": cell.code,
                        "name": cell.name,
                        "village": {"code": cell.village_code, "name": cell.village_name},
                        "since": cell.since,
                        "reason": cell.reason.value,
                        "reason_name": reason_name(cell.reason),
                    }
                    for cell in found
                ]
            }
        )


class PostLeavesView(APIView):
    @extend_schema(operation_id="leaves_enter", request=LeaveInputSerializer, responses={201: LeaveSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Enter leave for the holder of a post; the substitute gets the same post for these days."""
        scope = scope_for(request)
        post = post_in_sight(pk=pk, scope=scope)
        if post is None:
            raise Http404
        data = LeaveInputSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        said = data.validated_data
        leave = enter_leave(
            post=post,
            first_day=said["first_day"],
            last_day=said["last_day"],
            substitute_id=said["substitute"],
            by=user_of(request),
        )
        rows = leaves_of(post_ids=[post.pk], code=post.area.code, scope=scope)[post.pk]
        return Response(next(row for row in rows if row["id"] == leave.pk), status=201)


class LeaveView(APIView):
    @extend_schema(operation_id="leaves_withdraw", request=None, responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Withdraw leave: it does not happen, or ends yesterday if it has begun."""
        leave = leave_in_sight(pk=pk, scope=scope_for(request))
        if leave is None:
            raise Http404
        withdraw_leave(leave=leave, by=user_of(request))
        return Response(status=204)

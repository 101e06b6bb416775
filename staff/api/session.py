"""Signing in, who one is, and the units a case can be assigned to."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.middleware.csrf import get_token
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grid.api.areas import AreaLevelSerializer, AreaRefSerializer
from staff.models import Organisation, Post, User
from staff.policy import abilities
from staff.scope import Scope, scope_of, today
from staff.selectors.people import members_of, organisations_for
from staff.services.devices import note_own_sign_out
from staff.services.session import check_password, set_language
from staff.sign_in import address_of


class NamedSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class PostSerializer(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=Post.Role.choices)
    role_name = serializers.CharField()
    area = AreaLevelSerializer()
    organisation = NamedSerializer(allow_null=True)


class CanSerializer(serializers.Serializer[Any]):
    report = serializers.BooleanField()
    queue = serializers.BooleanField()
    map = serializers.BooleanField()
    ground = serializers.BooleanField()
    redraw = serializers.BooleanField()
    oversee = serializers.BooleanField()
    leave = serializers.BooleanField()
    weekly = serializers.BooleanField()
    mailbox = serializers.BooleanField()
    admin = serializers.BooleanField()


class MeSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    display_name = serializers.CharField()
    language = serializers.ChoiceField(choices=["zh-hans", "en"])
    roles = serializers.ListField(child=serializers.CharField())
    posts = PostSerializer(many=True)
    can = CanSerializer()


class SessionSerializer(serializers.Serializer[Any]):
    signed_in = serializers.BooleanField()
    demo = serializers.BooleanField()
    language = serializers.CharField()
    user = MeSerializer(allow_null=True)


class SignInSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=200, trim_whitespace=False)


class MePatchSerializer(serializers.Serializer[Any]):
    language = serializers.ChoiceField(choices=["zh-hans", "en"])


class DemoSignInSerializer(serializers.Serializer[Any]):
    username = serializers.CharField()
    password = serializers.CharField()
    role = serializers.ChoiceField(choices=Post.Role.choices)
    role_name = serializers.CharField()
    area = serializers.CharField()
    area_name = serializers.CharField()
    display_name = serializers.CharField()


class DemoSignInsSerializer(serializers.Serializer[Any]):
    results = DemoSignInSerializer(many=True)


class MemberOrganisationSerializer(NamedSerializer):
    kind = serializers.ChoiceField(choices=Organisation.Kind.choices)
    area = AreaRefSerializer()
    handles = serializers.CharField()
    members = NamedSerializer(many=True)


class OrganisationsSerializer(serializers.Serializer[Any]):
    results = MemberOrganisationSerializer(many=True)


def me_row(*, user: User, scope: Scope) -> dict[str, Any]:
    return {
        "id": user.pk,
        "username": user.username,
        "display_name": user.display_name,
        "language": user.language,
        "roles": sorted(scope.roles),
        "posts": [
            {
                "role": post.role,
                "role_name": str(Post.Role(post.role).label),
                "area": {"code": post.area_code, "name": post.area_name, "level": post.area_level},
                "organisation": (
                    {"id": post.organisation_id, "name": post.organisation_name} if post.organisation_id else None
                ),
            }
            for post in scope.posts
        ],
        "can": abilities(scope=scope, staff=user.is_staff, demo=settings.DEMO),
    }


def _session(request: Request, user: User | AnonymousUser) -> dict[str, Any]:
    get_token(request._request)
    known = user if isinstance(user, User) else None
    return {
        "signed_in": known is not None,
        "demo": settings.DEMO,
        "language": known.language if known else translation.get_language(),
        "user": me_row(user=known, scope=scope_of(known)) if known else None,
    }


class SessionView(APIView):
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="session_read", responses=SessionSerializer)
    def get(self, request: Request) -> Response:
        """Who is signed in; also sets the CSRF cookie."""
        return Response(_session(request, request.user))

    @extend_schema(operation_id="session_sign_in", request=SignInSerializer, responses=SessionSerializer)
    @method_decorator(csrf_protect)
    def post(self, request: Request) -> Response:
        """Sign in. Ten failures in five minutes pause the name from that address."""
        data = SignInSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        user = check_password(address=address_of(request._request), **data.validated_data)
        if user is None:
            message = _("The user name or the password is wrong. Check both and try again.")
            raise serializers.ValidationError({"password": [serializers.ErrorDetail(message, "invalid_credentials")]})
        login(request._request, user)
        return Response(_session(request, user))

    @extend_schema(operation_id="session_sign_out", request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Sign out; signing out twice is no error."""
        if isinstance(request.user, User):
            note_own_sign_out(session_key=request.session.session_key, by=request.user)
        logout(request._request)
        return Response(status=204)


class MeView(APIView):
    @extend_schema(operation_id="me_read", responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """The person, their posts of today, and which parts of the apps are theirs."""
        assert isinstance(request.user, User)
        return Response(me_row(user=request.user, scope=scope_of(request.user)))

    @extend_schema(operation_id="me_change", request=MePatchSerializer, responses=MeSerializer)
    def patch(self, request: Request) -> Response:
        """Change one's own language."""
        assert isinstance(request.user, User)
        data = MePatchSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        set_language(user=request.user, language=data.validated_data["language"])
        return self.get(request)


class DemoSignInsView(APIView):
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="demo_sign_ins", responses=DemoSignInsSerializer)
    def get(self, request: Request) -> Response:
        """The invented people one can sign in as. Exists in demo mode only."""
        if not settings.DEMO or not settings.DEMO_FILE.is_file():
            raise Http404
        demo = json.loads(settings.DEMO_FILE.read_text(encoding="utf-8"))
        return Response(
            {"results": [{**row, "role_name": str(Post.Role(row["role"]).label)} for row in demo["sign_ins"]]}
        )


class OrganisationListView(APIView):
    @extend_schema(operation_id="organisations_list", responses=OrganisationsSerializer)
    def get(self, request: Request) -> Response:
        """Units of one's own towns, what they handle, and who works there."""
        assert isinstance(request.user, User)
        units = list(organisations_for(scope=scope_of(request.user)))
        members = members_of(organisation_ids=[unit.pk for unit in units], day=today())
        return Response(
            {
                "results": [
                    {
                        "id": unit.pk,
                        "name": unit.name,
                        "kind": unit.kind,
                        "area": {"code": unit.area.code, "name": unit.area.name},
                        "handles": unit.handles,
                        "members": [{"id": m.pk, "name": m.display_name} for m in members.get(unit.pk, [])],
                    }
                    for unit in units
                ]
            }
        )

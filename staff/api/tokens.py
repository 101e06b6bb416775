"""Lets machines in: `Authorization: Bearer wg_…`, one class per purpose, named by the few views that take it."""

from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from staff.models import Token, User
from staff.services.tokens import user_of_token


class TokenAuthentication(BaseAuthentication):
    """Raises AuthenticationFailed (401) for a token that is unknown, ended or made for something else."""

    purpose: ClassVar[str]

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        user = user_of_token(text=text.strip(), purpose=self.purpose)
        if user is None:
            raise AuthenticationFailed(_("This token is not valid here. Ask the administrator for another."))
        return user, self.purpose

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class MapTokenAuthentication(TokenAuthentication):
    purpose = Token.Purpose.MAP


class CameraTokenAuthentication(TokenAuthentication):
    purpose = Token.Purpose.CAMERAS


class _TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Names the token in the API description."""

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class MapTokenScheme(_TokenScheme):  # type: ignore[no-untyped-call]
    target_class = "staff.api.tokens.MapTokenAuthentication"
    name = "map_token"


class CameraTokenScheme(_TokenScheme):  # type: ignore[no-untyped-call]
    target_class = "staff.api.tokens.CameraTokenAuthentication"
    name = "camera_token"

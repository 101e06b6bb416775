"""Phones: which are signed in, signing them out from afar, and what a phone asks before it empties itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from staff.api.ground import MOST_ID, scope_for, user_of
from staff.selectors import devices as read
from staff.services.devices import (
    SessionEndedError,
    device_name,
    note_wiped,
    register_device,
    sign_out_device,
)
from staff.sign_in import address_of


class DeviceSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="made by the phone")
    name = serializers.CharField(help_text="in plain words, e.g. “Android · Chrome”; empty if it tells nothing")
    first_seen = serializers.DateTimeField()
    last_seen = serializers.DateTimeField(help_text="within ten minutes")
    signed_out_at = serializers.DateTimeField(allow_null=True)
    wipe_asked_at = serializers.DateTimeField(allow_null=True)
    wiped_at = serializers.DateTimeField(allow_null=True, help_text="when the phone said that it is empty")
    here = serializers.BooleanField(help_text="whether this is the phone that asks")


class RegisteredDeviceSerializer(DeviceSerializer):
    wipe = serializers.BooleanField(help_text="the phone is still to be emptied of what it held before")


class DevicesSerializer(serializers.Serializer[Any]):
    results = DeviceSerializer(many=True)


class DeviceInputSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=60, help_text="empty: what User-Agent tells"
    )


class DevicesQuerySerializer(serializers.Serializer[Any]):
    user = serializers.IntegerField(required=False, min_value=1, max_value=MOST_ID, help_text="default: oneself")


class SignOutDeviceSerializer(serializers.Serializer[Any]):
    wipe = serializers.BooleanField(default=False, help_text="the phone empties itself when it next comes online")


class FateSerializer(serializers.Serializer[Any]):
    wipe = serializers.BooleanField()
    signed_out = serializers.BooleanField()


class FateThrottle(SimpleRateThrottle):
    """By address, and generous: a whole town's phones may come through one address of the mobile network."""

    rate = "60/min"
    scope = "device-fate"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return f"device-fate:{address_of(request._request)}"


class DeviceListView(APIView):
    @extend_schema(operation_id="devices_list", parameters=[DevicesQuerySerializer], responses=DevicesSerializer)
    def get(self, request: Request) -> Response:
        """One's own phones; with `user` those of somebody whose sessions one may end (else 404)."""
        query = DevicesQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        person = query.validated_data.get("user", user_of(request).pk)
        if not read.may_list_devices(user_id=person, scope=scope_for(request)):
            raise Http404
        here = request.session.session_key
        return Response(
            {"results": [read.device_row(row, session_key=here) for row in read.devices_of(user_id=person)]}
        )


class DeviceView(APIView):
    @extend_schema(operation_id="devices_register", request=DeviceInputSerializer, responses=RegisteredDeviceSerializer)
    def put(self, request: Request, device_id: UUID) -> Response:
        """This session is on that phone; sent at each start. Whoever used the phone before is signed out there."""
        data = DeviceInputSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        key = request.session.session_key
        name = data.validated_data["name"] or device_name(request.headers.get("User-Agent", ""))
        try:
            device = register_device(phone_id=device_id, user=user_of(request), name=name, session_key=key or "")
        except SessionEndedError as error:
            raise NotAuthenticated from error
        fate = read.fate_of(phone_id=device_id)
        return Response({**read.device_row(device, session_key=key), "wipe": fate.wipe})


class DeviceSignOutView(APIView):
    @extend_schema(operation_id="devices_sign_out", request=SignOutDeviceSerializer, responses=DeviceSerializer)
    def post(self, request: Request, device_id: UUID) -> Response:
        """End the session of this phone at once: one's own, or of somebody whose sessions one may end (else 404)."""
        data = SignOutDeviceSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        device = read.device_in_sight(phone_id=device_id, scope=scope_for(request))
        if device is None:
            raise Http404
        device = sign_out_device(device=device, by=user_of(request), wipe=data.validated_data["wipe"])
        return Response(read.device_row(device, session_key=request.session.session_key))


class DeviceFateView(APIView):
    """The phone that asks has been signed out: it has no session, only the id that it made itself."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (FateThrottle,)

    @extend_schema(operation_id="devices_fate", responses=FateSerializer)
    def get(self, request: Request, device_id: UUID) -> Response:
        """Whether the phone was signed out from afar or is to be emptied; twice no for a phone nobody knows."""
        fate = read.fate_of(phone_id=device_id)
        return Response({"wipe": fate.wipe, "signed_out": fate.signed_out})


class DeviceWipedView(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (FateThrottle,)

    @extend_schema(operation_id="devices_wiped", request=None, responses={204: None})
    def post(self, request: Request, device_id: UUID) -> Response:
        """The phone says that it is empty now. Always 204; counts only if it was asked to."""
        note_wiped(phone_id=device_id)
        return Response(status=204)

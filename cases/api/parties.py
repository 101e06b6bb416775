"""The parties of a case over HTTP: masked for those who may know, whole by a look that is kept."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api import party_shapes as shapes
from cases.api.views import found, user_of
from cases.selectors.parties import look_rows, party_list, party_row, sight_of
from cases.services.parties import add_party, look_at_party, remove_party
from staff.scope import scope_of

REFUSED = OpenApiResponse({"$ref": "#/components/schemas/Error"}, description="Not this person's to read.")
UNKEPT = {"Cache-Control": "private, no-store"}
"""Names are kept nowhere on the way, nor in the browser of a shared desk."""


class PartyListView(APIView):
    @extend_schema(operation_id="cases_parties", responses=shapes.PartiesSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """The parties, masked, by side; only `count` for those who see the case but need not know whom it is between.

        Masked for the center, the unit that leads and those who assist, whoever reported it and the village officer.
        """
        case = found(request, pk)
        return Response(party_list(case=case, scope=scope_of(user_of(request))), headers=UNKEPT)

    @extend_schema(
        operation_id="cases_add_party",
        request=shapes.PartyInputSerializer,
        responses={201: shapes.PartySerializer, 200: shapes.PartySerializer},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Write a party down. The same client id with the same content answers 200 with the same party; else 409."""
        data = shapes.PartyInputSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        user = user_of(request)
        party, new = add_party(case_id=pk, by=user, entry=shapes.entry_from(data.validated_data))
        removable = sight_of(case=party.case, scope=scope_of(user)).may_remove(party, user.pk)
        return Response(party_row(party, removable=removable), status=201 if new else 200, headers=UNKEPT)


class PartyView(APIView):
    @extend_schema(
        operation_id="cases_remove_party",
        parameters=[shapes.RemovalSerializer],
        responses={204: None},
    )
    def delete(self, request: Request, pk: int, party: int) -> Response:
        """Take a party out, with the reason in the query: it is kept with the case and must name nobody. Again: 204."""
        data = shapes.RemovalSerializer(data=request.query_params)
        data.is_valid(raise_exception=True)
        remove_party(case_id=pk, party_id=party, by=user_of(request), reason=data.validated_data["reason"])
        return Response(status=204)


class PartyLookView(APIView):
    @extend_schema(
        operation_id="cases_look_at_party", request=shapes.LookInputSerializer, responses=shapes.WholePartySerializer
    )
    def post(self, request: Request, pk: int, party: int) -> Response:
        """The whole name and phone, for a purpose that is kept with who looked and when. Center and leading unit."""
        data = shapes.LookInputSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        seen = look_at_party(case_id=pk, party_id=party, by=user_of(request), **data.validated_data)
        return Response({"id": seen.pk, "name": seen.name, "phone": seen.phone}, headers=UNKEPT)


class PartyLookListView(APIView):
    @extend_schema(
        operation_id="cases_party_looks",
        parameters=[shapes.LookQuerySerializer],
        responses={200: shapes.LooksSerializer, 403: REFUSED},
    )
    def get(self, request: Request, pk: int) -> Response:
        """Who looked at whole names, when and what for, newest first. For the head of the center and the auditor."""
        data = shapes.LookQuerySerializer(data=request.query_params)
        data.is_valid(raise_exception=True)
        case = found(request, pk)
        if not sight_of(case=case, scope=scope_of(user_of(request))).log:
            raise PermissionDenied
        rows, following = look_rows(case=case, before=data.validated_data.get("before"))
        return Response({"results": rows, "next": following}, headers=UNKEPT)

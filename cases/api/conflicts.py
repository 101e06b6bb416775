"""Conflicts over HTTP: what was done without signal and came too late, and the decision."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api.conflict_shapes import ConflictSerializer, ConflictsSerializer, DecisionSerializer
from cases.api.views import user_of, visible
from cases.policy import open_moves
from cases.selectors.conflicts import conflict_rows, conflicts_of
from cases.selectors.deciders import decidable
from cases.services.errors import CaseNotFoundError
from cases.services.settle import settle_conflict
from cases.workflow import Act
from staff.scope import scope_of


class ConflictListView(APIView):
    @extend_schema(operation_id="cases_conflicts", responses=ConflictsSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """What came too late for this case, and what became of it. Its author reads their own even out of sight."""
        user = user_of(request)
        case = visible(request).filter(pk=pk).first()
        rows = conflicts_of(case_id=pk, by=user, in_sight=case is not None)
        if case is None and not rows:
            raise CaseNotFoundError
        if case is None:
            return Response({"results": conflict_rows(rows, in_sight=False, reader=user), "may_decide": False})
        scope = scope_of(user)
        mine = decidable(case=case, scope=scope, conflicts=rows, day=timezone.localdate())
        may = bool(open_moves(case=case, scope=scope, act=Act.SETTLE_CONFLICT))
        return Response({"results": conflict_rows(rows, in_sight=True, reader=user, decidable=mine), "may_decide": may})


class ConflictView(APIView):
    @extend_schema(operation_id="cases_settle_conflict", request=DecisionSerializer, responses=ConflictSerializer)
    def post(self, request: Request, pk: int, conflict: int) -> Response:
        """Decide between the two. By the center of the case, and by one of the two only where nobody else of it may;
        the same decision again changes nothing.
        """
        data = DecisionSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        said = data.validated_data
        settled = settle_conflict(
            case_id=pk,
            conflict_id=conflict,
            by=user_of(request),
            decision=said["decision"],
            text=said["text"],
        )
        return Response(conflict_rows([settled], in_sight=True, reader=user_of(request))[0])

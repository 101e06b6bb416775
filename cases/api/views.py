"""Cases over HTTP: list, report, read, act."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api import serializers as shapes
from cases.api.act_shapes import ActInputSerializer
from cases.api.conflict_shapes import KeptActSerializer
from cases.api.party_shapes import entry_from
from cases.models import Case, CaseConflict, CaseQuerySet, Category
from cases.pinyin import initials
from cases.policy import UNIT_ROLES
from cases.selectors import counts, detail, explain, filters, lists
from cases.selectors.conflicts import conflict_rows
from cases.selectors.standing import Standing
from cases.services.acts import ActInput, perform_act
from cases.services.acts.offline import Offline
from cases.services.conflicts import perform_kept
from cases.services.errors import CaseNotFoundError
from cases.services.report import Report, open_case
from cases.workflow import Act
from grid.coordinates import Datum
from staff.models import User
from staff.scope import scope_of

NOT_BY_REQUEST = (
    *(Act.REPORT, Act.ATTACH, Act.PARTY_ADDED, Act.PARTY_REMOVED, Act.CONFLICT, Act.SETTLE_CONFLICT),
    *(Act.DUE_SOON, Act.OVERDUE, Act.CELL_CHANGED, Act.CLOCK_CHANGED),
)
"""A report, a file, a party and a conflict have addresses of their own; the rest happens by itself."""
PEOPLE_ACTS = tuple(act for act in Act if act not in NOT_BY_REQUEST)


def user_of(request: Request) -> User:
    assert isinstance(request.user, User), "the default permission lets nobody else in"
    return request.user


def visible(request: Request) -> CaseQuerySet:
    return Case.objects.visible_to(user_of(request))


def found(request: Request, pk: int) -> Case:
    """The case with what its page names. Raises CaseNotFoundError for unknown and forbidden alike."""
    case = detail.find(cases=visible(request), pk=pk)
    if case is None:
        raise CaseNotFoundError
    return case


def case_answer(request: Request, case: Case, *, new: bool = False) -> dict[str, Any]:
    """The case page's content. A case that is `new` has no files to look for.

    After an act it is not read again: whoever gave the case away by it (a unit that sends it back) sees it this once
    more, with nothing left to do; "not found" would say that the act failed.
    """
    files = [] if new else detail.files_of(case=case)
    return detail.case_detail(case=case, scope=scope_of(user_of(request)), files=files, now=timezone.now())


class CategoryListView(APIView):
    @extend_schema(operation_id="categories_list", responses=shapes.CategoriesSerializer)
    def get(self, request: Request) -> Response:
        """Categories in use, both levels, by code."""
        rows = Category.objects.filter(active=True).select_related("parent").order_by("code")
        return Response(
            {
                "results": [
                    {
                        "code": row.code,
                        "name": row.name,
                        "name_zh": row.name_zh,
                        "name_en": row.name_en,
                        "parent": row.parent.code if row.parent else None,
                        "emergency": row.emergency,
                        "initials": initials(row.name_zh),
                        "keywords": row.keywords.split(),
                    }
                    for row in rows
                ]
            }
        )


class CaseListView(APIView):
    @extend_schema(
        operation_id="cases_list",
        parameters=[shapes.CaseQuerySerializer],
        responses=shapes.CasePageSerializer,
    )
    def get(self, request: Request) -> Response:
        """Cases one may see, by keyset pages. `mine`: reported by me, assigned to me, or open for my unit to take."""
        query = shapes.CaseQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        user, now = user_of(request), timezone.now()
        narrow = filters.Filters.of(asked)
        ordering = asked.get("ordering") or narrow.usual_ordering
        parts = filters.parts(
            filters=narrow,
            user=user,
            orgs=scope_of(user).organisation_ids(*UNIT_ROLES),
            now=now,
            ordering=ordering,
        )
        page = lists.page(parts=parts, ordering=ordering, cursor=_cursor(asked), now=now, size=asked["limit"])
        return Response({"results": page.rows, "next": page.next, "previous": page.previous})

    @extend_schema(
        operation_id="cases_report",
        request=shapes.ReportSerializer,
        responses={201: shapes.CaseDetailSerializer, 200: shapes.CaseDetailSerializer},
    )
    def post(self, request: Request) -> Response:
        """Report a case. The same client id with the same content answers 200 with the same case; else 409."""
        data = shapes.ReportSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        said = data.validated_data
        report = Report(
            client_id=said["client_id"],
            category_code=said["category"],
            description=said["description"],
            lon=said.get("lon"),
            lat=said.get("lat"),
            datum=Datum(said["datum"]),
            accuracy_m=said.get("accuracy_m"),
            area_code=said.get("area"),
            reported_at=said.get("reported_at"),
            self_handled=said["self_handled"],
            answers=said.get("answers"),
            parties=tuple(entry_from(one) for one in said.get("parties", ())),
        )
        case, new = open_case(by=user_of(request), report=report)
        return Response(case_answer(request, case, new=new), status=201 if new else 200)


def _cursor(asked: dict[str, Any]) -> lists.Cursor | None:
    if not asked.get("cursor"):
        return None
    try:
        return lists.Cursor.decode(asked["cursor"])
    except ValueError:
        message = _("This is not a page of this list. Start again from the first page.")
        raise serializers.ValidationError({"cursor": [serializers.ErrorDetail(message, "invalid")]}) from None


class CaseView(APIView):
    @extend_schema(operation_id="cases_read", responses=shapes.CaseDetailSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """One case, with the acts this person may do now."""
        return Response(case_answer(request, found(request, pk)))


class ActView(APIView):
    @extend_schema(
        operation_id="cases_act",
        parameters=[
            OpenApiParameter("act", str, OpenApiParameter.PATH, enum=[a.value for a in PEOPLE_ACTS]),
        ],
        request=ActInputSerializer,
        responses={200: shapes.CaseDetailSerializer, 202: KeptActSerializer},
    )
    def post(self, request: Request, pk: int, act: str) -> Response:
        """Do an act. The case page lists which ones are possible and what each needs.

        With `kept`, what cannot be done any more is not refused but kept whole until a person has decided: 202.
        """
        if act not in PEOPLE_ACTS:
            raise CaseNotFoundError
        data = ActInputSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        given = dict(data.validated_data)
        version, client_id, offline = given.pop("version", None), given.pop("client_id", None), _offline(given)
        doing: dict[str, Any] = {"case_id": pk, "act": Act(act), "by": user_of(request), "given": _typed(given)}
        if not offline.kept:
            case = perform_act(**doing, version=version, client_id=client_id, offline=offline)
            return Response(_act_answer(request, case))
        if client_id is None:
            message = _("What is kept needs an id of its own.")
            raise serializers.ValidationError({"client_id": [serializers.ErrorDetail(message, "required")]})
        done = perform_kept(**doing, version=version, client_id=client_id, offline=offline)
        return Response(_act_answer(request, done)) if isinstance(done, Case) else _kept_answer(request, done)


def _offline(given: dict[str, Any]) -> Offline:
    """When and on what it was done, taken out of what was sent."""
    seen = given.pop("seen", None)
    return Offline(
        done_at=given.pop("done_at", None),
        kept=bool(given.pop("kept", False)),
        seen=Standing(seen["state"], seen.get("lead_org"), seen.get("assignee")) if seen else None,
        after=tuple(given.pop("after", ())),
    )


def _typed(given: dict[str, Any]) -> ActInput:
    given["category"] = given.get("category") or None
    if given.get("assistants") is not None:
        given["assistants"] = tuple(given["assistants"])
    return ActInput(**given)


def _act_answer(request: Request, case: Case) -> dict[str, Any]:
    answer = case_answer(request, case)
    if not visible(request).filter(pk=case.pk).exists():
        answer["acts"] = []
    return answer


def _kept_answer(request: Request, conflict: CaseConflict | None) -> Response:
    """202: nothing was lost, and nothing was done."""
    if conflict is None:
        return Response({"conflict": None}, status=202)
    in_sight = visible(request).filter(pk=conflict.case_id).exists()
    row = conflict_rows([conflict], in_sight=in_sight, reader=user_of(request))[0]
    return Response({"conflict": row}, status=202)


class EventListView(APIView):
    @extend_schema(operation_id="cases_events", responses=shapes.EventsSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """What happened to the case, oldest first, each with its place in the hash chain."""
        return Response({"results": detail.event_rows(case=found(request, pk))})


class DeadlineListView(APIView):
    @extend_schema(operation_id="cases_deadlines", responses=shapes.ClocksSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """How each due time came about, day by day."""
        return Response({"clocks": explain.explain_clocks(case=found(request, pk))})


class CountView(APIView):
    @extend_schema(
        operation_id="cases_counts",
        parameters=[OpenApiParameter("by", str, enum=["cell", "village"], required=False)],
        responses=shapes.CountsSerializer,
    )
    def get(self, request: Request) -> Response:
        """Open and overdue cases per cell or village."""
        by = request.query_params.get("by", "cell")
        if by not in ("cell", "village"):
            raise serializers.ValidationError({"by": [serializers.ErrorDetail("cell, village", "invalid_choice")]})
        now = timezone.now()
        return Response({"results": counts.counts_by(cases=visible(request), by=by, now=now), "as_of": now})


class SummaryView(APIView):
    @extend_schema(operation_id="cases_summary", responses=shapes.SummarySerializer)
    def get(self, request: Request) -> Response:
        """The figures at the head of the page, over the cases one may see."""
        return Response(counts.summary(cases=visible(request), now=timezone.now()))

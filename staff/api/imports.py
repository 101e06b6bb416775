"""Imports over HTTP: for heads of centers within their area, and for administrators."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grid.crs import SYSTEMS
from grid.models import Area, ImportJob
from grid.selectors.imports import COUNTS, job_rows, jobs_of
from grid.services.ground import Actor
from grid.services.imports.jobs import EVERYWHERE, create_job, want_applied
from grid.services.imports.owners import ANY, CELL
from grid.services.imports.texts import ENCODINGS
from staff.models import Post, User
from staff.scope import scope_of

KINDS = ImportJob.Kind.choices
STATES = ImportJob.State.choices
LEVELS = [*Area.Level.values, ANY]
LISTED = 100
"""So many jobs are listed."""


class CrsSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()


class CrsListSerializer(serializers.Serializer[Any]):
    results = CrsSerializer(many=True)


class SendSerializer(serializers.Serializer[Any]):
    """The form of an import."""

    file = serializers.FileField(max_length=200, help_text="at most 200 MB")
    kind = serializers.ChoiceField(choices=KINDS)
    valid_from = serializers.DateField(
        required=False, allow_null=True, help_text="first day; without it now, or today for a list"
    )
    crs = serializers.ChoiceField(choices=list(SYSTEMS), required=False, help_text="needed for boundaries")
    level = serializers.ChoiceField(choices=LEVELS, default=CELL, help_text="any: by the length of each code")
    code_field = serializers.CharField(
        max_length=50, default="code", allow_blank=True, help_text="blank: every outline is that of a new cell"
    )
    name_field = serializers.CharField(max_length=50, default="name")
    encoding = serializers.ChoiceField(choices=list(ENCODINGS), default="auto")
    reason = serializers.CharField(max_length=200, default="", allow_blank=True, help_text="needed for boundaries")

    def validate_valid_from(self, value: date | None) -> date | None:
        if value is not None and not 1900 <= value.year <= 2200:
            raise serializers.ValidationError(_("Choose a day between 1900 and 2200."), code="out_of_range")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["kind"] == ImportJob.Kind.BOUNDARIES:
            missing = {
                "crs": _("Say which coordinate system the file is in: it is never guessed."),
                "reason": _("Say why: it stays with the boundary's history."),
            }
            errors = {name: [serializers.ErrorDetail(text, "required")] for name, text in missing.items()}
            errors = {name: error for name, error in errors.items() if not attrs.get(name)}
            if errors:
                raise serializers.ValidationError(errors)
        return attrs


class OptionsSerializer(serializers.Serializer[Any]):
    valid_from = serializers.DateField(allow_null=True)
    crs = serializers.CharField(allow_null=True)
    level = serializers.CharField(allow_null=True)
    code_field = serializers.CharField(allow_null=True)
    name_field = serializers.CharField(allow_null=True)
    encoding = serializers.CharField(allow_null=True)
    reason = serializers.CharField(allow_null=True)


class ProposedSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()


class WarningSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()


class ImportSummarySerializer(serializers.Serializer[Any]):
    """What was done, or would be."""

    proposed = ProposedSerializer(many=True, help_text="codes for new cells that came without one")
    warnings = WarningSerializer(many=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {**{name: serializers.IntegerField() for name in COUNTS}, **super().get_fields()}


class ImportProblemSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField(help_text="of the list, or number of the outline; 0 is the whole file")
    field = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    message = serializers.CharField()


class JobSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=KINDS)
    kind_name = serializers.CharField()
    state = serializers.ChoiceField(choices=STATES)
    state_name = serializers.CharField()
    file_name = serializers.CharField()
    options = OptionsSerializer()
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    summary = ImportSummarySerializer()
    problems = ImportProblemSerializer(many=True, help_text="the first 500")
    problem_count = serializers.IntegerField()
    made_at = serializers.DateTimeField()
    made_by = serializers.CharField()


class JobsSerializer(serializers.Serializer[Any]):
    results = JobSerializer(many=True)


REFUSED = OpenApiResponse({"$ref": "#/components/schemas/Error"}, "Whoever may change no boundaries has no imports.")


class NotCheckedError(APIException):
    status_code = 409
    default_code = "not_checked"


def _importer(request: Request) -> tuple[User, tuple[str, ...]]:
    """The person and the codes of the areas they may change. Raises PermissionDenied for whoever may change none."""
    user = request.user
    assert isinstance(user, User), "the permission classes let nobody else in"
    scope = scope_of(user)
    if Post.Role.ADMIN in scope.roles:
        return user, EVERYWHERE
    codes = scope.codes(Post.Role.CENTER_HEAD)
    if not codes:
        raise PermissionDenied
    return user, codes


def _job(request: Request, pk: int) -> ImportJob:
    user, codes = _importer(request)
    job = jobs_of(user_id=user.pk, everybody=codes == EVERYWHERE).filter(pk=pk).first()
    if job is None:
        raise Http404
    return job


class CrsListView(APIView):
    @extend_schema(operation_id="imports_crs", responses=CrsListSerializer)
    def get(self, request: Request) -> Response:
        """The coordinate systems that boundaries may come in."""
        return Response({"results": [{"code": crs.code, "name": str(crs.name)} for crs in SYSTEMS.values()]})


class ImportListView(APIView):
    parser_classes = (MultiPartParser,)

    @extend_schema(operation_id="imports_list", responses={200: JobsSerializer, 403: REFUSED})
    def get(self, request: Request) -> Response:
        """One's own imports, newest first; an administrator sees everybody's."""
        user, codes = _importer(request)
        # What is wrong in each line stands in the import itself.
        jobs = jobs_of(user_id=user.pk, everybody=codes == EVERYWHERE).defer("problems")[:LISTED]
        return Response({"results": job_rows(list(jobs), problems=False)})

    @extend_schema(
        operation_id="imports_send", request={"multipart/form-data": SendSerializer}, responses={201: JobSerializer}
    )
    def post(self, request: Request) -> Response:
        """Send a list or boundaries. The file is checked in the background; nothing is taken until it is applied."""
        user, codes = _importer(request)
        form = SendSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        sent = form.validated_data
        outlines = sent["kind"] == ImportJob.Kind.BOUNDARIES
        names = ("crs", "level", "code_field", "name_field", "encoding", "reason") if outlines else ("encoding",)
        day = sent.get("valid_from")
        job = create_job(
            kind=sent["kind"],
            upload=sent["file"],
            options={"valid_from": day.isoformat() if day else None, **{name: sent[name] for name in names}},
            scope=codes,
            by=Actor(user.pk, user.display_name),
        )
        return Response(job_rows([job])[0], status=201)


class ImportView(APIView):
    @extend_schema(operation_id="imports_read", responses={200: JobSerializer, 403: REFUSED})
    def get(self, request: Request, pk: int) -> Response:
        """How far an import is, and what was found."""
        return Response(job_rows([_job(request, pk)])[0])


class ImportApplyView(APIView):
    @extend_schema(operation_id="imports_apply", request=None, responses={202: JobSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Take in what was checked, whole or not at all. It is checked again first."""
        _user, codes = _importer(request)
        job = _job(request, pk)
        if not want_applied(job_id=job.pk, scope=codes):
            message = _("Only an import that was checked and has no errors can be applied, and only once.")
            raise NotCheckedError(message)
        return Response(job_rows([_job(request, pk)])[0], status=202)

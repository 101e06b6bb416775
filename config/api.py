"""What every endpoint shares: sign-in, JSON, and one shape for every error."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any, Final

import orjson
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions, parsers, renderers, status
from rest_framework.authentication import SessionAuthentication as DrfSessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response

from cases.labels import act_name, state_name
from cases.services.errors import (
    CannotTakeError,
    CaseNotFoundError,
    ClientIdConflictError,
    ConflictSettledError,
    NotAllowedNowError,
    NotYoursError,
    PartyToItError,
    StaleVersionError,
)
from staff.services.session import TooManyTriesError

logger = logging.getLogger(__name__)

Answer = tuple[int, dict[str, Any]]


class CsrfFailed(exceptions.PermissionDenied):
    default_code = "csrf_failed"


class SessionAuthentication(DrfSessionAuthentication):
    """Django's session; says 401, not 403, to whoever is not signed in."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied as error:
            message = _("This page is too old to send from. Reload it and try again; what you typed stays.")
            raise CsrfFailed(message) from error


class OrjsonRenderer(renderers.BaseRenderer):
    """JSON by orjson: moments in UTC with Z, several times as fast as the standard encoder."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        if data is None:
            return b""
        return orjson.dumps(data, default=str, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


class StrictJSONParser(parsers.BaseParser):
    """JSON objects only: no NaN, no lists, nothing PostgreSQL cannot store."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        try:
            data = orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            raise exceptions.ParseError(_("This is not JSON."), code="not_json") from error
        if not isinstance(data, dict):
            raise exceptions.ParseError(_("Send a JSON object."), code="not_an_object")
        return data


def _body(code: str, message: str, field: str | None = None, **more: Any) -> dict[str, Any]:
    error = {"code": code, "message": message, "field": field}
    return {**error, "errors": [error], **more}


def _from_list(errors: list[dict[str, Any]]) -> dict[str, Any]:
    return {**errors[0], "errors": errors}


def _flatten(detail: Any, field: str | None = None) -> Iterator[dict[str, Any]]:
    """Every error of DRF's nested detail, with its field's dotted name."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            inner_field = None if name in ("non_field_errors", NON_FIELD_ERRORS) else str(name)
            yield from _flatten(inner, inner_field if field is None else f"{field}.{inner_field}")
    elif isinstance(detail, list):
        for inner in detail:
            yield from _flatten(inner, field)
    else:
        yield {"code": getattr(detail, "code", "invalid"), "message": str(detail), "field": field}


def _from_django(error: DjangoValidationError) -> dict[str, Any]:
    named = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    return _from_list(
        [
            {
                "code": inner.code or "invalid",
                "message": " ".join(inner.messages),
                "field": None if name == NON_FIELD_ERRORS else name,
            }
            for name, inners in named.items()
            for inner in inners
        ]
    )


def _stale(error: StaleVersionError) -> Answer:
    who = error.by or _("the system")
    message = _(
        "%(who)s changed this case meanwhile (%(act)s). Look at it again, then send yours; your words are kept."
    )
    return 409, _body(
        "stale_version",
        message % {"who": who, "act": act_name(error.act)},
        "version",
        current_version=error.current,
        changed_by=error.by or None,
        changed_at=error.at,
        act=error.act,
    )


def _not_now(error: NotAllowedNowError) -> Answer:
    message = _("“%(act)s” is not possible while the case is “%(state)s”.")
    return 409, _body("not_allowed_now", message % {"act": act_name(error.act), "state": state_name(error.state)})


def _not_yours(error: NotYoursError) -> Answer:
    return 403, _body("permission_denied", _("“%(act)s” is not yours to do here.") % {"act": act_name(error.act)})


def _party_to_it(error: PartyToItError) -> Answer:
    return 403, _body("party_to_it", _("You are one of the two here: somebody else of your center decides."))


def _conflict(error: ClientIdConflictError) -> Answer:
    message = _("This id was already used for something else. Send again with a new id.")
    return 409, _body("client_id_conflict", message, "client_id")


def _cannot_take(error: CannotTakeError) -> Answer:
    message = _("“%(act)s” is not possible any more while the case is “%(state)s”. Possible for you now: %(possible)s.")
    if error.why:
        message = _("“%(act)s” is not possible any more: %(why)s Possible for you now: %(possible)s.")
    possible = _(", ").join(act_name(act) for act in error.possible)
    said = {"act": act_name(error.act), "state": state_name(error.state), "why": error.why, "possible": possible}
    return 409, _body("cannot_take", message % said, "decision", possible=list(error.possible))


def _settled(error: ConflictSettledError) -> Answer:
    message = _("%(who)s decided this already.")
    return 409, _body("settled", message % {"who": error.by}, changed_by=error.by, changed_at=error.at)


def _tries(error: TooManyTriesError) -> Answer:
    message = _("Too many failed sign-ins. Wait %(minutes)d minutes and try again.")
    return 429, _body("throttled", message % {"minutes": -(-error.seconds // 60)})


_DOMAIN: Final[dict[type[Exception], Callable[[Any], Answer]]] = {
    StaleVersionError: _stale,
    NotAllowedNowError: _not_now,
    PartyToItError: _party_to_it,
    NotYoursError: _not_yours,
    ClientIdConflictError: _conflict,
    CannotTakeError: _cannot_take,
    ConflictSettledError: _settled,
    TooManyTriesError: _tries,
    DjangoValidationError: lambda error: (400, _from_django(error)),
}


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every error in the one shape: code, message in the user's language, field, and all errors of the request."""
    if isinstance(error, Http404 | CaseNotFoundError):
        # Unknown and forbidden are one answer: what may not be seen is not confirmed to exist.
        error = exceptions.NotFound(_("There is no such thing here, or it is not yours to see."))
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(_("This is not yours to do."))
    for kind, answer in _DOMAIN.items():
        if isinstance(error, kind):
            code, body = answer(error)
            return Response(body, status=code)
    if not isinstance(error, exceptions.APIException):
        return None
    return _from_drf(error)


def _from_drf(error: exceptions.APIException) -> Response:
    headers = {}
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    errors = list(_flatten(error.detail))
    if isinstance(error, exceptions.NotAuthenticated):
        errors = [{"code": "not_authenticated", "message": _("Sign in first."), "field": None}]
    return Response(_from_list(errors), status=error.status_code, headers=headers)


def json_error(*, code: str, message: str, http_status: int) -> HttpResponse:
    """The same shape for errors outside DRF."""
    return HttpResponse(orjson.dumps(_body(code, message)), content_type="application/json", status=http_status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's own CSRF check (the admin): a sentence instead of a code."""
    message = _("This page is too old to send from. Reload it and try again; what you typed stays.")
    return json_error(code="csrf_failed", message=message, http_status=status.HTTP_403_FORBIDDEN)


def api_not_found(request: HttpRequest, path: str = "") -> HttpResponse:
    """Addresses below /api/ that lead nowhere answer in JSON, not with the app's page."""
    return json_error(code="not_found", message=_("There is no such address."), http_status=404)

"""Adds to the OpenAPI schema what every endpoint shares: the error shape and the answers it comes with."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension

ERROR: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["code", "message", "field", "errors"],
    "properties": {
        "code": {"type": "string", "description": "for programs; stays the same in every language"},
        "message": {"type": "string", "description": "for people, in the language asked for"},
        "field": {"type": ["string", "null"], "description": "the field to mend, if it is one"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "message", "field"],
                "properties": {
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                    "field": {"type": ["string", "null"]},
                },
            },
        },
        "current_version": {"type": "integer", "description": "with stale_version"},
        "changed_by": {"type": ["string", "null"]},
        "changed_at": {"type": "string", "format": "date-time"},
        "act": {"type": "string"},
        "possible": {
            "type": "array",
            "items": {"type": "string"},
            "description": "with cannot_take: acts that whoever decides may do now",
        },
    },
}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Names the session cookie in the schema."""

    target_class = "config.api.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "wangge_session"}


_WHY: Final = {
    "400": "Something sent is missing or wrong; `field` names it.",
    "401": "Not signed in.",
    "403": "Not this person's to do, or the CSRF token is missing.",
    "404": "Unknown, or not this person's to see.",
    "405": "This address has no such method.",
    "409": "The case changed meanwhile, the act is not possible now, or the id was used before.",
    "415": "Not a content type this address takes.",
    "429": "Too many failed sign-ins, or too many requests from this address.",
}


def _codes(path: str, method: str) -> list[str]:
    codes = ["400", "401", "404"]
    if method in ("post", "put", "patch", "delete"):
        codes += ["403", "409", "415"]
    if (path.endswith("/session/") and method == "post") or path.endswith(("/fate/", "/wiped/")):
        codes.append("429")
    return codes


def add_error_answers(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A drf-spectacular hook."""
    result["components"]["schemas"]["Error"] = ERROR
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for path, methods in result["paths"].items():
        for method, operation in methods.items():
            for code in _codes(path, method):
                operation["responses"].setdefault(code, {"description": _WHY[code], "content": content})
    return result

"""The pages that are not the API: the two apps' shells and the mark that demo mode puts on every page."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie


def demo_mark(request: HttpRequest) -> dict[str, object]:
    """Context for Django's own templates (the admin): `demo` is true in demo mode."""
    return {"demo": settings.DEMO}


def _shell(name: str) -> HttpResponse:
    path = Path(settings.FRONTEND_DIST) / name
    if not path.is_file():
        text = render_to_string("front_end_missing.html", {"title": _("The front end is not built")})
        return HttpResponse(text, status=503)
    response = HttpResponse(path.read_bytes(), content_type="text/html; charset=utf-8")
    # The shell names hashed files; a kept old shell would ask for files that are gone.
    response["Cache-Control"] = "no-cache"
    return response


@ensure_csrf_cookie
def center(request: HttpRequest, path: str = "") -> HttpResponse:
    """The center app; its router takes it from here."""
    return _shell("center.html")


@ensure_csrf_cookie
def field(request: HttpRequest, path: str = "") -> HttpResponse:
    """The field app, at /m/."""
    return _shell("field.html")

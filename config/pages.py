"""What is not the API: the two apps' shells, how a phone installs one, and the mark of demo mode on every page."""

from __future__ import annotations

from pathlib import Path

import orjson
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie


class Shell(HttpResponse):
    """What an app begins with: the same in every language, which the app itself chooses."""


class LanguageMiddleware(LocaleMiddleware):
    """Django's own; but a shell does not vary by language.

    The phone keeps one, and a phone that was set to another language meanwhile must still find it without signal.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return response if isinstance(response, Shell) else super().process_response(request, response)


def demo_mark(request: HttpRequest) -> dict[str, object]:
    """Context for Django's own templates (the admin): `demo` is true in demo mode."""
    return {"demo": settings.DEMO}


def _shell(name: str) -> HttpResponse:
    path = Path(settings.FRONTEND_DIST) / name
    if not path.is_file():
        text = render_to_string("front_end_missing.html", {"title": _("The front end is not built")})
        return HttpResponse(text, status=503)
    response = Shell(path.read_bytes(), content_type="text/html; charset=utf-8")
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


def worker(request: HttpRequest) -> HttpResponse:
    """The field app's service worker, which keeps the app itself on the phone; made when the front end is built."""
    path = Path(settings.FRONTEND_DIST) / "sw.js"
    if not path.is_file():
        raise Http404
    response = HttpResponse(path.read_bytes(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    response["Service-Worker-Allowed"] = "/m/"
    return response


def _icon(name: str, side: int, purpose: str) -> dict[str, str]:
    source = f"{settings.STATIC_URL}app/icons/{name}-{side}.png"
    return {"src": source, "sizes": f"{side}x{side}", "type": "image/png", "purpose": purpose}


def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to put the field app on its home screen. The icons are drawn by deploy/icons.py."""
    english = (get_language() or "").startswith("en")
    described = {
        "id": "/m/",
        "name": _("Wangge · field"),
        "short_name": _("Wangge"),
        "description": _("Report, handle and verify matters of the grid, also without a network."),
        "lang": "en" if english else "zh-Hans",
        "dir": "ltr",
        "start_url": "/m/",
        "scope": "/m/",
        "display": "standalone",
        "theme_color": "#07343e",
        "background_color": "#f4f7f8",
        "icons": [
            _icon(name, side, purpose)
            for name, purpose in (("icon", "any"), ("maskable", "maskable"))
            for side in (192, 512)
        ],
        "shortcuts": [{"name": _("Report"), "url": "/m/report", "icons": [_icon("icon", 192, "any")]}],
    }
    response = HttpResponse(orjson.dumps(described), content_type="application/manifest+json")
    response["Cache-Control"] = "no-cache"
    return response

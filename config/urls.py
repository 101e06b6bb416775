"""Every address of the product."""

from __future__ import annotations

import os

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config import health, pages
from config.api import api_not_found
from config.live import stream

admin.site.site_header = "网格 · Wangge"
admin.site.site_title = "网格 · Wangge"

web: list[URLPattern | URLResolver] = [
    # Before grid.urls: `areas/changes/`, `areas/export/` and their like are no area codes.
    path("api/v1/", include("cases.territory_urls")),
    path("api/v1/", include("cases.map_urls")),
    path("api/v1/", include("cases.sheet_urls")),
    path("api/v1/", include("staff.import_urls")),
    path("api/v1/", include("staff.ground_urls")),
    path("api/v1/", include("grid.urls")),
    path("api/v1/", include("staff.urls")),
    path("api/v1/", include("cases.area_urls")),
    # Before cases.urls: `cases/similar/` and its like.
    path("api/v1/", include("cases.finding_urls")),
    path("api/v1/", include("cases.help_urls")),
    path("api/v1/", include("cases.clock_urls")),
    path("api/v1/", include("cases.sync_urls")),
    path("api/v1/", include("cases.urls")),
    path("api/v1/", include("notices.urls")),
    path("api/v1/", include("reports.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    re_path(r"^api/(?P<path>.*)$", api_not_found),
    path("ogc/", include("cases.ogc_urls")),
    path("admin/", admin.site.urls),
    path("readyz", health.readyz),
    path("m/sw.js", pages.worker),
    path("m/", pages.field, name="field"),
    path("m/manifest.webmanifest", pages.manifest, name="manifest"),
    path("m/<path:path>", pages.field),
    re_path(r"^(?!api/|ogc(?:/|$)|admin|static/|sse/|healthz|readyz|m/)(?P<path>.*)$", pages.center, name="center"),
]
live: list[URLPattern | URLResolver] = [path("sse/", stream, name="sse")]

urlpatterns = [
    path("healthz", health.healthz),
    *(live if os.environ.get("WANGGE_PROCESS") == "live" else web),
]

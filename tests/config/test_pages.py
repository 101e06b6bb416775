"""The pages that are not the API: the two apps' shells, their headers, and nothing else's."""

from __future__ import annotations

import pytest
from django.test import Client

CENTER, FIELD = "<title>center</title>", "<title>field</title>"


@pytest.fixture
def built(settings, tmp_path, own_places, db):
    """A front end of two pages."""
    settings.FRONTEND_DIST = tmp_path / "dist"
    settings.FRONTEND_DIST.mkdir()
    (settings.FRONTEND_DIST / "center.html").write_text(CENTER, encoding="utf-8")
    (settings.FRONTEND_DIST / "field.html").write_text(FIELD, encoding="utf-8")
    return Client()


class TestShells:
    @pytest.mark.parametrize(
        "path", ["/", "/cases/17", "/queue", "/reports/weekly?week=2026-W47", "/sign-in", "/x/y/z"]
    )
    def test_every_route_of_the_center_app_is_its_shell(self, built, path):
        answer = built.get(path)
        assert (answer.status_code, answer.content.decode()) == (200, CENTER)

    @pytest.mark.parametrize("path", ["/m/", "/m/report", "/m/cases/17"])
    def test_every_route_of_the_field_app_is_its_shell(self, built, path):
        answer = built.get(path)
        assert (answer.status_code, answer.content.decode()) == (200, FIELD)

    @pytest.mark.parametrize("path", ["/", "/m/"])
    def test_a_kept_shell_is_asked_for_again(self, built, path):
        assert built.get(path)["Cache-Control"] == "no-cache"

    @pytest.mark.parametrize("path", ["/", "/m/"])
    def test_a_kept_shell_is_found_in_whatever_language_the_phone_is(self, built, path):
        assert "Accept-Language" not in built.get(path).get("Vary", "")
        assert "Accept-Language" in built.get("/api/v1/session/")["Vary"]

    @pytest.mark.parametrize("path", ["/", "/m/"])
    def test_the_shell_brings_the_csrf_cookie(self, built, path):
        assert built.get(path).cookies["csrftoken"].value

    def test_a_front_end_that_was_not_built_says_so(self, built, settings, tmp_path):
        settings.FRONTEND_DIST = tmp_path / "nowhere"
        answer = built.get("/")
        assert answer.status_code == 503
        assert answer["Content-Type"].startswith("text/html")

    @pytest.mark.parametrize("path", ["/api/v1/nothing", "/static/nothing.js", "/healthz", "/admin/"])
    def test_other_addresses_are_not_the_apps(self, built, path):
        assert CENTER not in built.get(path).content.decode()


class TestHeaders:
    @pytest.mark.parametrize("path", ["/", "/m/", "/admin/login/", "/api/docs/", "/api/v1/session/"])
    def test_nothing_foreign_is_loaded_and_nobody_frames_it(self, built, path):
        answer = built.get(path)
        assert answer.status_code == 200
        policy = dict(
            part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";") if part.strip()
        )
        assert policy["script-src"] == "'self'"
        assert policy["default-src"] == "'self'"
        assert policy["connect-src"] == "'self'"
        assert policy["object-src"] == policy["frame-ancestors"] == "'none'"
        assert "http" not in answer["Content-Security-Policy"]
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"

    @pytest.mark.parametrize("path", ["/admin/login/", "/api/docs/"])
    def test_the_pages_keep_to_that_policy(self, built, path):
        page = built.get(path).content.decode()
        for foreign in ("http://", "https://", 'src="//', "cdn."):
            assert foreign not in page.replace("http://www.w3.org", ""), foreign


class TestDemoMark:
    @pytest.mark.parametrize("demo", [True, False])
    def test_the_admin_says_so_on_its_pages_only_in_the_demo(self, built, settings, demo):
        settings.DEMO = demo
        page = Client(headers={"accept-language": "zh-Hans"}).get("/admin/login/").content.decode()
        assert ("演示数据" in page) is demo

    def test_the_apps_learn_it_from_the_session(self, built, settings):
        settings.DEMO = True
        assert built.get("/api/v1/session/").json()["demo"] is True

"""Signing in and out, and who one is."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from tests.schema import operations
from tests.town import CELL_A

PASSWORD = "correct horse 9 battery"


@pytest.fixture
def worker_with_password(worker):
    worker.set_password(PASSWORD)
    worker.save(update_fields=["password"])
    return worker


@pytest.fixture
def phone(browser):
    return browser(None)


def sign_in(phone, username="worker", password=PASSWORD):
    return phone.post("session/", {"username": username, "password": password})


class TestSigningIn:
    def test_a_stranger_is_told_so_and_gets_a_csrf_cookie(self, phone):
        answer = phone.get("session/")
        assert answer.json() == {"signed_in": False, "demo": False, "language": "zh-hans", "user": None}
        assert answer.cookies["csrftoken"].value

    def test_the_right_password_signs_in(self, phone, worker_with_password):
        answer = sign_in(phone)
        assert answer.status_code == 200
        assert answer.json()["user"]["display_name"] == "阿珍"
        assert phone.get("session/").json()["signed_in"] is True

    def test_the_password_is_kept_as_argon2(self, worker_with_password):
        assert worker_with_password.password.startswith("argon2$")

    def test_the_session_cookie_is_out_of_reach_of_scripts(self, phone, worker_with_password):
        cookie = sign_in(phone).cookies["wangge_session"]
        assert cookie["httponly"] is True
        assert cookie["samesite"] == "Lax"

    def test_wrong_password_and_unknown_name_get_the_same_answer(self, phone, worker_with_password):
        wrong = sign_in(phone, password="wrong")
        unknown = sign_in(phone, username="nobody")
        assert wrong.status_code == unknown.status_code == 400
        assert wrong.json() == unknown.json()
        assert wrong.json()["code"] == "invalid_credentials"

    def test_an_inactive_person_cannot_sign_in(self, phone, worker_with_password):
        worker_with_password.is_active = False
        worker_with_password.save(update_fields=["is_active"])
        assert sign_in(phone).json()["code"] == "invalid_credentials"

    @pytest.mark.parametrize("body", [{}, {"username": "worker"}, {"username": "worker", "password": ""}])
    def test_missing_fields_are_named(self, phone, body):
        answer = phone.post("session/", body)
        assert answer.status_code == 400
        assert answer.json()["field"] in {"username", "password"}

    def test_ten_failures_pause_the_name_even_for_the_right_password(self, phone, worker_with_password):
        for _ in range(10):
            assert sign_in(phone, password="wrong").status_code == 400
        answer = sign_in(phone)
        assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
        assert "5" in answer.json()["message"]

    def test_the_pause_is_for_the_name_from_that_address_alone(self, browser, worker_with_password):
        for _ in range(10):
            browser(None).post("session/", {"username": "worker", "password": "wrong"}, REMOTE_ADDR="10.0.0.9")
        assert sign_in(browser(None)).status_code == 200

    def test_a_success_forgets_the_failures_before_it(self, phone, worker_with_password):
        for _ in range(9):
            sign_in(phone, password="wrong")
        assert sign_in(phone).status_code == 200
        assert sign_in(phone, password="wrong").status_code == 400
        assert sign_in(phone).status_code == 200


class TestCsrf:
    @pytest.fixture
    def strict(self, own_places, db) -> Client:
        return Client(enforce_csrf_checks=True)

    def post(self, strict, path, body, **headers):
        return strict.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers=headers)

    def test_signing_in_without_the_token_is_refused(self, strict, worker_with_password):
        answer = self.post(strict, "session/", {"username": "worker", "password": PASSWORD})
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")

    def test_signing_in_with_the_token_works(self, strict, worker_with_password):
        token = strict.get("/api/v1/session/").cookies["csrftoken"].value
        body = {"username": "worker", "password": PASSWORD}
        assert self.post(strict, "session/", body, **{"x-csrftoken": token}).status_code == 200

    def test_every_unsafe_request_of_a_session_needs_the_token(self, strict, worker):
        strict.force_login(worker)
        for path, method, operation in operations():
            # What only takes a token has no session to protect.
            of_sessions = any("session" in one for one in operation["security"])
            if method in ("post", "put", "patch", "delete") and of_sessions and path != "/api/v1/session/":
                answer = getattr(strict, method)(path, "{}", content_type="application/json")
                assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed"), path


class TestSigningOut:
    def test_signing_out_ends_the_session(self, browser, worker):
        phone = browser(worker)
        assert phone.delete("session/").status_code == 204
        assert phone.get("session/").json()["signed_in"] is False
        assert phone.get("cases/").status_code == 401

    def test_signing_out_twice_is_no_error(self, browser, worker):
        phone = browser(worker)
        phone.delete("session/")
        assert phone.delete("session/").status_code == 204


class TestMe:
    def test_the_person_their_posts_and_their_apps(self, browser, worker):
        assert browser(worker).get("me/").json() == {
            "id": worker.pk,
            "username": "worker",
            "display_name": "阿珍",
            "language": "zh-hans",
            "roles": ["grid_worker"],
            "posts": [
                {
                    "role": "grid_worker",
                    "role_name": "网格员",
                    "area": {"code": CELL_A, "name": "东村01网格", "level": "cell"},
                    "organisation": None,
                }
            ],
            "can": {
                "report": True,
                "queue": True,
                "map": True,
                "ground": True,
                "redraw": False,
                "oversee": False,
                "leave": False,
                "weekly": False,
                "mailbox": False,
                "admin": False,
            },
        }

    @pytest.mark.parametrize(
        ("name", "can"),
        [
            ("worker", {"report", "queue", "map", "ground"}),
            ("officer", {"report", "queue", "map", "ground", "oversee", "leave"}),
            ("mediator", {"report", "queue", "map", "ground"}),
            ("handler", {"report", "queue", "map", "ground"}),
            ("operator", {"report", "queue", "map", "weekly", "ground", "oversee", "leave"}),
            ("head", {"report", "queue", "map", "weekly", "ground", "redraw", "oversee", "leave"}),
            ("leader", {"queue", "map", "weekly", "ground", "oversee"}),
            ("auditor", {"queue", "map", "weekly", "ground", "oversee"}),
            ("admin", {"admin", "ground", "redraw"}),
        ],
    )
    def test_each_role_is_offered_its_parts(self, browser, cast, name, can):
        offered = browser(getattr(cast, name)).get("me/").json()["can"]
        assert {part for part, open_ in offered.items() if open_} == can

    def test_the_mailbox_is_the_demo_admins_alone(self, browser, admin, worker, settings):
        settings.DEMO = True
        assert browser(admin).get("me/").json()["can"]["mailbox"] is True
        assert browser(worker).get("me/").json()["can"]["mailbox"] is False

    def test_the_language_follows_the_person(self, browser, worker):
        phone = browser(worker)
        assert phone.patch("me/", {"language": "en"}).json()["language"] == "en"
        assert phone.get("session/").json()["language"] == "en"
        worker.refresh_from_db()
        assert worker.language == "en"

    def test_an_unknown_language_is_refused(self, browser, worker):
        answer = browser(worker).patch("me/", {"language": "fr"})
        assert (answer.status_code, answer.json()["field"]) == (400, "language")

    def test_nothing_but_the_language_can_be_changed(self, browser, worker):
        browser(worker).patch("me/", {"language": "en", "username": "boss", "is_staff": True, "display_name": "x"})
        worker.refresh_from_db()
        assert (worker.username, worker.is_staff, worker.display_name) == ("worker", False, "阿珍")


class TestStrangers:
    OPEN = ("/api/v1/session/", "/api/v1/demo/sign-ins/")
    OF_PHONES_SIGNED_OUT = ("/fate/", "/wiped/")

    def test_every_address_but_the_sign_in_asks_to_sign_in(self, browser):
        client = browser(None).client
        asked = set()
        for path, method, _ in operations():
            if path in self.OPEN or path.endswith(self.OF_PHONES_SIGNED_OUT):
                continue
            answer = getattr(client, method)(path, "{}" if method != "get" else None, content_type="application/json")
            assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated"), (method, path)
            asked.add((method, path))
        assert len(asked) >= 20


class TestDemoSignIns:
    @pytest.fixture
    def demo_file(self, settings):
        row = {"username": "grid_worker", "password": "p", "role": "grid_worker", "role_name": "网格员"}
        row |= {"area": CELL_A, "area_name": "东村01网格", "display_name": "阿珍"}
        settings.DEMO_FILE.write_text(json.dumps({"address": "", "sign_ins": [row]}), encoding="utf-8")

    def test_they_are_hidden_from_an_ordinary_site(self, phone, demo_file):
        assert phone.get("demo/sign-ins/").status_code == 404

    def test_the_demo_shows_them(self, phone, demo_file, settings):
        settings.DEMO = True
        rows = phone.get("demo/sign-ins/").json()["results"]
        assert [(row["username"], row["role_name"]) for row in rows] == [("grid_worker", "网格员")]

    def test_a_demo_without_its_file_has_none(self, phone, settings):
        settings.DEMO = True
        assert phone.get("demo/sign-ins/").status_code == 404

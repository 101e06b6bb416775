"""Every error has the one shape, with a code for programs and a sentence in the reader's language."""

from __future__ import annotations

import json

import pytest
from django.test import Client


def check(answer, status: int, code: str, field: str | None = None) -> dict:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/json"
    body = answer.json()
    assert (body["code"], body["field"]) == (code, field)
    assert body["message"].strip()
    assert body["errors"], "the list names at least the first"
    assert {key: body[key] for key in ("code", "message", "field")} == body["errors"][0]
    for error in body["errors"]:
        assert set(error) == {"code", "message", "field"}
    return body


class TestTheShape:
    def test_400_names_each_field(self, browser, worker):
        answer = browser(worker).post("cases/", {"lon": "x"})
        body = check(answer, 400, "required", "client_id")
        assert {error["field"] for error in body["errors"]} == {"client_id", "category", "description", "lon"}

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("{", "not_json"),
            ("{'a': 1}", "not_json"),
            ('{"lon": NaN}', "not_json"),
            ("[]", "not_an_object"),
            ('"x"', "not_an_object"),
            ("null", "not_an_object"),
        ],
    )
    def test_400_for_what_is_no_json_object(self, browser, worker, text, code):
        client = browser(worker).client
        check(client.post("/api/v1/cases/", text, content_type="application/json"), 400, code)

    def test_401(self, browser):
        answer = browser(None).get("cases/")
        check(answer, 401, "not_authenticated")
        assert answer["WWW-Authenticate"]

    def test_403(self, browser, leader):
        said = {"client_id": "11111111-1111-4111-8111-111111111111", "category": "C01", "description": "x"}
        check(browser(leader).post("cases/", said), 403, "permission_denied")

    def test_403_csrf(self, worker):
        client = Client(enforce_csrf_checks=True)
        client.force_login(worker)
        check(client.post("/api/v1/cases/", "{}", content_type="application/json"), 403, "csrf_failed")

    def test_404(self, browser, worker):
        check(browser(worker).get("cases/999999999/"), 404, "not_found")

    @pytest.mark.parametrize("path", ["nothing/", "cases/x/", "cases", "cases/1/acts/", "files/1", "../v1/x"])
    def test_404_for_an_address_that_is_none(self, browser, worker, path):
        check(browser(worker).get(path), 404, "not_found")

    @pytest.mark.parametrize("path", ["/api/", "/api/v2/cases/", "/api/v1", "/api/x.php"])
    def test_404_below_api_is_never_the_apps_page(self, path):
        check(Client().get(path), 404, "not_found")

    def test_405(self, browser, worker):
        check(browser(worker).patch("cases/", {}), 405, "method_not_allowed")
        check(browser(worker).delete("cases/1/"), 405, "method_not_allowed")

    def test_409(self, stories, browser, operator):
        case = stories.case_in("closed")
        answer = browser(operator).post(f"cases/{case.pk}/acts/accept/", {"version": case.version})
        check(answer, 409, "not_allowed_now")

    def test_415(self, browser, worker):
        client = browser(worker).client
        check(client.post("/api/v1/cases/", "a=b", content_type="text/plain"), 415, "unsupported_media_type")
        check(client.post("/api/v1/cases/", {"a": "b"}), 415, "unsupported_media_type")

    def test_a_very_large_body_is_refused_not_read(self, browser, worker):
        client = browser(worker).client
        text = json.dumps({"description": "x" * (3 * 1024 * 1024)})
        answer = client.post("/api/v1/cases/", text, content_type="application/json")
        assert answer.status_code in (400, 413)


class TestLanguages:
    @pytest.mark.parametrize(
        ("language", "word"), [("zh-Hans", "登录"), ("en", "Sign in"), ("fr", "登录"), ("", "登录")]
    )
    def test_messages_follow_the_language_asked_for_and_chinese_is_first(self, browser, language, word):
        answer = browser(None, **{"accept-language": language}).get("me/")
        assert word in answer.json()["message"]

    def test_codes_do_not(self, browser, worker):
        codes = {
            language: browser(worker, **{"accept-language": language}).get("cases/1/").json()["code"]
            for language in ("zh-Hans", "en")
        }
        assert set(codes.values()) == {"not_found"}

    @pytest.mark.parametrize("language", ["zh-Hans", "en"])
    def test_no_message_is_left_in_the_other_language(self, stories, browser, operator, leader, language):
        case = stories.report()
        phone = browser(operator, **{"accept-language": language})
        answers = [
            browser(None, **{"accept-language": language}).get("me/"),
            phone.get("cases/1/"),
            phone.get("nothing/"),
            phone.post(f"cases/{case.pk}/acts/accept/", {"version": 9}),
            phone.post(f"cases/{case.pk}/acts/close/", {"version": 1}),
            phone.post(f"cases/{case.pk}/acts/accept/", {}),
            phone.post(f"cases/{case.pk}/acts/reject/", {"version": 1}),
            phone.post("cases/", {}),
            phone.get("cases/", cursor="x"),
            phone.get("areas/locate/", lon=1, lat=1),
            browser(leader, **{"accept-language": language}).post(f"cases/{case.pk}/acts/accept/", {"version": 1}),
        ]
        for answer in answers:
            assert answer.status_code >= 400
            for error in answer.json()["errors"]:
                words = error["message"].replace("阿珍", "")  # who changed it is called by name
                chinese = any("\u4e00" <= character <= "\u9fff" for character in words)
                assert chinese == (language == "zh-Hans"), error

"""Captions, and pairs of before and after: by whoever sent the file and by the center, while the case is open."""

from __future__ import annotations

import pytest
from django.test import Client

from cases.models import CaseEvent, CaseFile
from cases.services.evidence import verify_chain
from tests.uploads import jpeg, send


@pytest.fixture
def case(stories):
    return stories.report()


@pytest.fixture
def phone(browser, worker):
    return browser(worker)


@pytest.fixture
def before(phone, case):
    return send(phone, case, jpeg(), moment="before").json()


@pytest.fixture
def after(phone, case):
    return send(phone, case, jpeg((9, 9)), moment="after").json()


def files(browser, case):
    return {row["id"]: row for row in browser.get(f"cases/{case.pk}/").json()["files"]}


class TestCaption:
    @pytest.mark.parametrize("name", ["worker", "operator", "head"])
    def test_the_sender_and_the_center_may_change_it(self, browser, cast, phone, case, before, name):
        answer = browser(getattr(cast, name)).patch(f"files/{before['id']}/", {"caption": "东侧沟渠"})
        assert (answer.status_code, answer.json()["caption"]) == (200, "东侧沟渠")
        assert answer.json() == files(phone, case)[before["id"]]

    @pytest.mark.parametrize(
        ("name", "status"),
        [
            ("officer", 403),
            ("leader", 403),
            ("auditor", 403),
            ("neighbour", 404),
            ("handler", 404),
            ("admin", 404),
            ("outsider", 404),
        ],
    )
    def test_nobody_else_may(self, browser, cast, before, name, status):
        answer = browser(getattr(cast, name)).patch(f"files/{before['id']}/", {"caption": "x"})
        assert answer.status_code == status
        assert CaseFile.objects.get().caption == ""

    def test_a_stranger_must_sign_in(self, before):
        answer = Client().patch(f"/api/v1/files/{before['id']}/", {"caption": "x"}, content_type="application/json")
        assert answer.status_code == 401

    def test_it_is_put_on_record_with_what_stood_there_before(self, phone, case, before):
        phone.patch(f"files/{before['id']}/", {"caption": "东侧"})
        event = CaseEvent.objects.filter(case=case).order_by("-seq").first()
        assert (event.act, event.text) == ("attach", "东侧")
        assert event.data == {"file": before["id"], "sha256": before["sha256"], "changed": {"caption": ["", "东侧"]}}
        case.refresh_from_db()
        assert case.version == 1, "a caption is no reason for others to look again before they act"
        assert list(verify_chain(case=case)) == []

    def test_the_same_again_changes_and_records_nothing(self, phone, before):
        phone.patch(f"files/{before['id']}/", {"caption": "东侧"})
        count = CaseEvent.objects.count()
        assert phone.patch(f"files/{before['id']}/", {"caption": "东侧"}).status_code == 200
        assert phone.patch(f"files/{before['id']}/", {}).status_code == 200
        assert CaseEvent.objects.count() == count

    def test_not_after_the_case_has_ended(self, phone, stories, case, before):
        stories.act(case, "reject")
        answer = phone.patch(f"files/{before['id']}/", {"caption": "x"})
        assert (answer.status_code, answer.json()["code"]) == (409, "not_allowed_now")

    @pytest.mark.parametrize(
        ("body", "field"),
        [({"caption": "字" * 201}, "caption"), ({"caption": "\0"}, "caption"), ({"moment": "during"}, "moment")],
    )
    def test_what_is_wrong_is_named(self, phone, before, body, field):
        answer = phone.patch(f"files/{before['id']}/", body)
        assert (answer.status_code, answer.json()["field"]) == (400, field)


class TestPairs:
    def test_a_photo_from_after_shows_the_same_as_one_from_before(self, phone, case, before, after):
        answer = phone.patch(f"files/{after['id']}/", {"pair": before["id"]})
        assert (answer.status_code, answer.json()["pair"], answer.json()["moment"]) == (200, before["id"], "after")
        assert files(phone, case)[before["id"]]["pair"] is None, "the later one names the earlier"

    def test_moment_and_pair_in_one(self, phone, case, before):
        plain = send(phone, case, jpeg((7, 7))).json()
        assert plain["moment"] is None
        answer = phone.patch(f"files/{plain['id']}/", {"moment": "after", "pair": before["id"]})
        assert (answer.status_code, answer.json()["pair"]) == (200, before["id"])

    def test_null_takes_it_apart(self, phone, before, after):
        phone.patch(f"files/{after['id']}/", {"pair": before["id"]})
        answer = phone.patch(f"files/{after['id']}/", {"pair": None, "moment": None})
        assert (answer.json()["pair"], answer.json()["moment"]) == (None, None)

    def test_two_of_the_same_moment_are_no_pair(self, phone, case, before):
        other = send(phone, case, jpeg((6, 6)), moment="before").json()
        answer = phone.patch(f"files/{other['id']}/", {"pair": before["id"]})
        assert (answer.status_code, answer.json()["field"], answer.json()["code"]) == (400, "pair", "same_moment")

    def test_a_file_without_a_moment_is_no_pair(self, phone, case, before):
        plain = send(phone, case, jpeg((6, 6))).json()
        assert phone.patch(f"files/{plain['id']}/", {"pair": before["id"]}).json()["code"] == "same_moment"

    @pytest.mark.parametrize("which", ["before", "after"])
    def test_the_moment_of_one_in_a_pair_stays(self, phone, before, after, which):
        phone.patch(f"files/{after['id']}/", {"pair": before["id"]})
        one = {"before": before, "after": after}[which]
        swapped = {"before": "after", "after": "before"}[which]
        assert phone.patch(f"files/{one['id']}/", {"moment": swapped}).json()["code"] == "same_moment"

    @pytest.mark.parametrize("of", ["itself", "another case", "nowhere"])
    def test_it_must_be_another_file_of_the_case(self, phone, stories, before, after, of):
        elsewhere = send(phone, stories.report(), jpeg((5, 5)), moment="before").json()
        pk = {"itself": after["id"], "another case": elsewhere["id"], "nowhere": 2**61}[of]
        answer = phone.patch(f"files/{after['id']}/", {"pair": pk})
        assert (answer.status_code, answer.json()["field"], answer.json()["code"]) == (400, "pair", "does_not_exist")

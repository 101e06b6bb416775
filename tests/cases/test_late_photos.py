"""The photo of an act arrives after the act, perhaps when its author may not see the case any more: it is taken in."""

from __future__ import annotations

from datetime import date

import pytest

from cases.models import Case, CaseEvent, CaseFile
from staff.models import Post
from tests.phone import ID, Phone

pytestmark = pytest.mark.usefixtures("every_record_holds")

SENT_BACK = {"text": "不属于本单位职责"}


@pytest.fixture
def case(stories) -> Case:
    return stories.case_in("processing")


@pytest.fixture
def phone(handler, case) -> Phone:
    """王工 has sent the case back without signal; it left their sight as it arrived, and the photo is still here."""
    phone = Phone.of(handler).sees(case)
    assert phone.did(case, "return", **SENT_BACK).status_code == 200
    assert phone.browser.get(f"cases/{case.pk}/").status_code == 404
    return phone


class TestTakenIn:
    def test_the_photo_of_what_was_sent_back(self, case, phone):
        assert phone.sends_photo(case, act=ID).status_code == 201
        assert phone.sends_photo(case, act=ID).status_code == 200, "the answer was lost, and it is sent again"
        file = CaseFile.objects.get(case=case)
        event = CaseEvent.objects.get(case=case, act="attach")
        assert (file.uploaded_by.username, event.actor.username, event.data["with_act"]) == ("handler", "handler", ID)

    def test_the_center_sees_it_and_whose_it_is(self, case, phone, browser, operator):
        phone.sends_photo(case, act=ID)
        (file,) = browser(operator).get(f"cases/{case.pk}/").json()["files"]
        assert file["by"]["name"] == "王工"
        assert browser(operator).get(f"files/{file['id']}/").status_code == 200

    def test_also_when_it_was_kept_as_a_conflict_that_is_decided_by_now(self, stories, case, handler, units, operator):
        phone = Phone.of(handler).sees(case)
        stories.act(case, "assign", by=stories.cast.head, organisation=units.services.pk, text="另派")
        conflict = phone.did(case, "feedback", text="今早已清运完").json()["conflict"]
        Phone.of(operator).decides(case, conflict, "both")
        assert phone.sends_photo(case).status_code == 404
        assert phone.sends_photo(case, act=ID).status_code == 201

    def test_of_a_report_whose_author_has_no_post_any_more(self, stories, worker, clock):
        case = stories.report(client_id=ID)
        clock.to("2026-11-27 10:00")
        Post.objects.filter(user=worker).update(valid_to=date(2026, 11, 26))
        phone = Phone.of(worker)
        assert phone.browser.get(f"cases/{case.pk}/").status_code == 404
        assert phone.sends_photo(case).status_code == 404
        assert phone.sends_photo(case, act=ID).status_code == 201


class TestNothingIsOpened:
    def test_its_author_reads_nothing_of_the_case_and_not_even_the_photo(self, stories, case, phone):
        stories.act(case, "assign", by=stories.cast.head, organisation=stories.units.services.pk, text="另派")
        stories.act(case, "comment", text="与该单位无关的话")
        answer = phone.sends_photo(case, act=ID)
        assert "无关" not in answer.content.decode()
        assert case.number not in answer.content.decode()
        file = CaseFile.objects.get(case=case)
        for address in (f"cases/{case.pk}/", f"cases/{case.pk}/events/", f"files/{file.pk}/"):
            assert phone.browser.get(address).status_code == 404

    def test_without_the_act_the_case_is_as_unknown_as_ever(self, case, phone):
        assert phone.sends_photo(case).status_code == 404
        assert phone.sends_photo(case, act="77777777-7777-4777-8777-777777777777").status_code == 404

    @pytest.mark.parametrize("name", ["outsider", "other_handler", "mediator", "neighbour", "admin"])
    def test_nobody_gets_in_by_the_id_of_anothers_act(self, case, phone, cast, name):
        for act in (ID, case.client_id):
            assert Phone.of(getattr(cast, name)).sends_photo(case, act=act).status_code == 404
        assert not CaseFile.objects.exists()

    def test_strangers_sign_in_first(self, case, phone, browser):
        assert browser(None).post(f"cases/{case.pk}/files/", {"act": ID}).status_code == 401

    def test_an_act_on_one_case_opens_no_other(self, stories, phone):
        other = stories.act(stories.case_in("processing"), "return")
        assert phone.sends_photo(other, act=ID).status_code == 404

    def test_not_a_month_later(self, case, phone, clock):
        clock.to("2026-12-25 09:59")
        assert phone.sends_photo(case, act=ID).status_code == 201
        clock.to("2026-12-25 10:01")
        assert phone.sends_photo(case, "55555555-5555-4555-8555-555555555555", act=ID).status_code == 404

    def test_not_without_end(self, stories, case, phone, monkeypatch):
        monkeypatch.setattr("cases.selectors.deliveries.FILES_PER_ACT", 2)
        sent = [phone.sends_photo(case, stories.client_id(), act=ID).status_code for _ in range(3)]
        assert sent == [201, 201, 404]

    def test_what_somebody_could_never_add_is_not_added_by_an_act(self, stories, case, leader):
        """Leaders instruct; photos are not theirs to add."""
        Phone.of(leader).did(case, "instruct", text="请抓紧")
        assert Phone.of(leader).sends_photo(case, act=ID).status_code == 403

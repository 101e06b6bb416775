"""The parties of a case: who learns how many, who learns who, who may write, take out, and look at a whole name."""

from __future__ import annotations

import io

import pytest
from django.db import DatabaseError, transaction
from pypdf import PdfReader

from cases.models import Case, CaseEvent, CaseParty, CasePartyLook
from cases.selectors.parties import LOOKS, known_q, masked_name, sight_of
from staff.models import Post
from staff.scope import scope_of
from tests.cases.party_people import COMPLAINANT, FACTORY, NEIGHBOUR, body, write_down
from tests.town import Cast

NAMES = {"worker", "officer", "operator", "head", "handler", "other_handler"}
"""Reporter, village officer, center, the unit that leads, the one that helps."""
WRITE = NAMES - {"officer"}
WHOLE = {"operator", "head", "handler"}
LOG = {"head", "auditor"}
ONLY_HOW_MANY = {"mediator", "leader", "auditor"}
NOTHING = {"neighbour", "admin", "outsider"}
EVERYBODY = sorted(Cast.__slots__)


@pytest.fixture
def case(stories, units):
    """A dispute 阿珍 reported; 王工's unit leads, 李工's helps."""
    case = stories.report(category="A02", description="两家为排水沟争执")
    case = stories.walk(case, "accept")
    case = stories.act(case, "assign", organisation=units.enforcement.pk, assistants=(units.services.pk,))
    return stories.walk(case, "acknowledge")


@pytest.fixture
def parties(case, operator):
    return [
        write_down(case, by=operator, number=number, **who)
        for number, who in enumerate((NEIGHBOUR, FACTORY, COMPLAINANT), 1)
    ]


def listed(browser, person, case):
    return browser(person).get(f"cases/{case.pk}/parties/")


def test_everybody_of_the_town_is_in_the_matrix():
    assert set(EVERYBODY) == NAMES | ONLY_HOW_MANY | NOTHING


@pytest.mark.parametrize("name", EVERYBODY)
class TestWho:
    def test_sees_what(self, browser, cast, case, parties, name):
        answer = listed(browser, getattr(cast, name), case)
        if name in NOTHING:
            assert answer.status_code == 404
            return
        seen = answer.json()
        assert seen["count"] == 3
        assert seen["names_shown"] is (name in NAMES)
        assert seen["may_add"] is (name in WRITE)
        assert seen["may_look"] is (name in WHOLE)
        assert seen["may_read_looks"] is (name in LOG)
        assert len(seen["results"]) == (3 if name in NAMES else 0)
        assert "甲某某" not in answer.text
        assert "no-store" in answer["Cache-Control"]

    def test_writes_down(self, browser, cast, case, name):
        answer = browser(getattr(cast, name)).post(f"cases/{case.pk}/parties/", body())
        wanted = 201 if name in WRITE else 404 if name in NOTHING else 403
        assert answer.status_code == wanted
        assert CaseParty.objects.count() == (wanted == 201)

    def test_looks_at_a_whole_name(self, browser, cast, case, parties, name):
        url = f"cases/{case.pk}/parties/{parties[2].pk}/look/"
        answer = browser(getattr(cast, name)).post(url, {"purpose": "contact", "words": "约时间"})
        if name in WHOLE:
            assert answer.json() == {"id": parties[2].pk, "name": "甲某某", "phone": "100 0000 1234"}
            look = CasePartyLook.objects.get()
            assert (look.by, look.party, look.purpose, look.words) == (
                *(getattr(cast, name), parties[2], "contact"),
                "约时间",
            )
        else:
            assert answer.status_code == (404 if name in NOTHING else 403)
            assert "甲" not in answer.text
            assert not CasePartyLook.objects.exists()

    def test_takes_out(self, browser, cast, case, parties, name):
        answer = browser(getattr(cast, name)).delete(f"cases/{case.pk}/parties/{parties[0].pk}/?reason=写错了")
        wanted = 204 if name in WHOLE else 404 if name in NOTHING else 403
        assert answer.status_code == wanted
        assert CaseParty.objects.filter(removed_at=None).count() == 3 - (wanted == 204)

    def test_reads_who_looked(self, browser, cast, case, parties, name):
        browser(cast.handler).post(f"cases/{case.pk}/parties/{parties[2].pk}/look/", {"purpose": "handle"})
        answer = browser(getattr(cast, name)).get(f"cases/{case.pk}/parties/looks/")
        if name in LOG:
            (look,) = answer.json()["results"]
            assert (look["by"]["name"], look["purpose"], look["party"]) == ("王工", "handle", parties[2].pk)
            assert "某" not in answer.text
        else:
            assert answer.status_code == (404 if name in NOTHING else 403)

    def test_the_filter_for_searches_agrees_with_the_page(self, cast, case, name):
        scope = scope_of(getattr(cast, name))
        on_page = sight_of(case=case, scope=scope).names
        visible = Case.objects.visible_to(getattr(cast, name))
        assert visible.filter(known_q(scope), pk=case.pk).exists() is (on_page and name not in NOTHING)


class TestStrangers:
    def test_without_signing_in_there_is_nothing(self, browser, case, parties):
        nobody = browser(None)
        assert listed(browser, None, case).status_code == 401
        assert nobody.post(f"cases/{case.pk}/parties/", body()).status_code == 401
        assert nobody.post(f"cases/{case.pk}/parties/{parties[0].pk}/look/", {"purpose": "handle"}).status_code == 401
        assert nobody.delete(f"cases/{case.pk}/parties/{parties[0].pk}/?reason=x").status_code == 401
        assert nobody.get(f"cases/{case.pk}/parties/looks/").status_code == 401

    def test_a_worker_of_the_cell_who_did_not_report_it_learns_only_how_many(self, stories, browser, cast):
        case = stories.report(by=cast.operator, category="A02")
        write_down(case, by=cast.operator)
        seen = listed(browser, cast.worker, case).json()
        assert (seen["count"], seen["names_shown"], seen["results"]) == (1, False, [])

    def test_a_reporter_who_is_an_auditor_now_learns_only_how_many(self, stories, browser, cast):
        case = stories.report(category="A02")
        write_down(case, by=cast.worker)
        Post.objects.filter(user=cast.worker).update(role="auditor")
        assert listed(browser, type(cast).load().worker, case).json()["names_shown"] is False

    def test_a_unit_that_gave_the_case_back_learns_nothing_more(self, stories, browser, cast, case, parties):
        stories.act(case, "return")
        assert listed(browser, cast.handler, case).status_code == 404

    def test_a_mediator_whose_committee_leads_sees_and_looks(self, stories, browser, cast, units):
        case = stories.walk(stories.report(category="A02"), "accept")
        case = stories.act(case, "assign", organisation=units.mediation.pk)
        party = write_down(case, by=cast.worker)
        assert listed(browser, cast.mediator, case).json()["names_shown"] is True
        url = f"cases/{case.pk}/parties/{party.pk}/look/"
        assert browser(cast.mediator).post(url, {"purpose": "mediate"}).json()["name"] == "甲某某"

    def test_a_party_of_another_case_is_not_found(self, stories, browser, cast, case, parties):
        other = stories.report(category="A02")
        url = f"cases/{other.pk}/parties/{parties[0].pk}/"
        assert browser(cast.operator).post(f"{url}look/", {"purpose": "handle"}).status_code == 404
        assert browser(cast.operator).delete(f"{url}?reason=x").status_code == 404


class TestMasks:
    def test_names_of_people_and_all_numbers_are_masked_and_sides_in_order(self, browser, cast, case, parties):
        rows = listed(browser, cast.operator, case).json()["results"]
        assert [(row["side_name"], row["name"], row["phone"]) for row in rows] == [
            ("申请方", "甲**", "100******1234"),
            ("被申请方", "欧阳**", ""),
            ("相关人", "示例陶瓷厂", "076*****4567"),
        ]

    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            ("甲某", "甲*"),
            ("欧阳某", "欧阳*"),
            ("欧阳", "欧*"),
            ("甲", "甲*"),
            ("例依古丽·例买提", "例*******"),
            ("Example", "E******"),
        ],
    )
    def test_the_family_name_stays(self, name, shown):
        assert masked_name(kind="person", name=name) == shown

    @pytest.mark.parametrize(("name", "shown"), [("operator", "申请方: 甲** 100******1234"), ("leader", "3")])
    def test_the_printed_sheet_masks_them_too(self, browser, cast, case, parties, name, shown):
        paper = browser(getattr(cast, name)).get(f"cases/{case.pk}/sheet.pdf").content
        page = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages)
        (line,) = [line for line in page.splitlines() if line.startswith("当事人") and shown in line]
        assert ("甲" in line) is (name == "operator")
        assert "甲某" not in page


class TestLooks:
    def test_a_look_needs_a_purpose_from_the_list(self, browser, operator, case, parties):
        url = f"cases/{case.pk}/parties/{parties[2].pk}/look/"
        for given in ({}, {"purpose": "curiosity"}):
            answer = browser(operator).post(url, given)
            assert (answer.status_code, answer.json()["field"]) == (400, "purpose")
        assert not CasePartyLook.objects.exists()

    def test_each_look_is_kept_and_nobody_can_change_one(self, browser, operator, case, parties):
        url = f"cases/{case.pk}/parties/{parties[2].pk}/look/"
        for _ in range(2):
            browser(operator).post(url, {"purpose": "duplicate"})
        assert CasePartyLook.objects.count() == 2
        for change in (lambda: CasePartyLook.objects.update(purpose="handle"), CasePartyLook.objects.all().delete):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()

    def test_the_log_goes_on_over_its_first_page(self, browser, cast, case, parties):
        party = parties[2]
        CasePartyLook.objects.bulk_create(
            CasePartyLook(party=party, case=case, by=cast.operator, at=case.received_at, purpose="handle")
            for _ in range(LOOKS + 1)
        )
        first = browser(cast.auditor).get(f"cases/{case.pk}/parties/looks/").json()
        second = browser(cast.auditor).get(f"cases/{case.pk}/parties/looks/", before=first["next"]).json()
        assert (len(first["results"]), len(second["results"]), second["next"]) == (LOOKS, 1, None)

    def test_who_was_taken_out_is_not_looked_at(self, browser, operator, case, parties):
        browser(operator).delete(f"cases/{case.pk}/parties/{parties[2].pk}/?reason=不是当事人")
        answer = browser(operator).post(f"cases/{case.pk}/parties/{parties[2].pk}/look/", {"purpose": "handle"})
        assert answer.status_code == 404


class TestTakingOut:
    def test_it_goes_from_the_list_and_the_row_stays(self, browser, operator, case, parties):
        assert browser(operator).delete(f"cases/{case.pk}/parties/{parties[2].pk}/?reason=重复登记").status_code == 204
        assert listed(browser, operator, case).json()["count"] == 2
        kept = CaseParty.objects.get(pk=parties[2].pk)
        assert (kept.name, kept.removed_by) == ("甲某某", operator)
        event = CaseEvent.objects.filter(case=case).latest("seq")
        assert (event.act, event.text, event.actor) == ("party_removed", "重复登记", operator)

    def test_twice_is_once(self, browser, operator, case, parties):
        url = f"cases/{case.pk}/parties/{parties[2].pk}/?reason=重复登记"
        assert [browser(operator).delete(url).status_code for _ in range(2)] == [204, 204]
        assert CaseEvent.objects.filter(act="party_removed").count() == 1

    def test_a_reason_is_needed(self, browser, operator, case, parties):
        for query in ("", "?reason=", "?reason=%20"):
            answer = browser(operator).delete(f"cases/{case.pk}/parties/{parties[2].pk}/{query}")
            assert (answer.status_code, answer.json()["field"]) == (400, "reason")

    def test_helper_and_reporter_take_back_what_they_wrote(self, browser, cast, case, parties):
        for number, person in ((7, cast.worker), (8, cast.other_handler)):
            own = write_down(case, by=person, number=number, name=f"丙某{number}")
            rows = {row["id"]: row["may_remove"] for row in listed(browser, person, case).json()["results"]}
            assert rows == {parties[0].pk: False, parties[1].pk: False, parties[2].pk: False, own.pk: True}
            assert browser(person).delete(f"cases/{case.pk}/parties/{own.pk}/?reason=记错").status_code == 204

    def test_after_the_end_nobody_is_added_and_a_wrong_name_can_still_go(self, stories, browser, cast, case, parties):
        own = write_down(case, by=cast.worker, number=7, name="丙某")
        stories.walk(case, "feedback verify close")
        answer = browser(cast.operator).post(f"cases/{case.pk}/parties/", body(8, name="丁某"))
        assert (answer.status_code, answer.json()["code"]) == (409, "not_allowed_now")
        assert browser(cast.worker).delete(f"cases/{case.pk}/parties/{own.pk}/?reason=记错").status_code == 403
        assert browser(cast.operator).delete(f"cases/{case.pk}/parties/{own.pk}/?reason=记错").status_code == 204

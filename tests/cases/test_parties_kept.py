"""What is kept of a party: sealed in the database, told by the chain without a name, once however often it is sent."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
from django.db import connection

from cases.models import Case, CaseEvent, CaseParty, name_key, phone_key
from cases.services.errors import ClientIdConflictError
from cases.services.evidence import verify_chain
from cases.services.parties import MOST, PartyEntry, add_party, entry_of
from staff.models import User
from tests.cases.party_people import COMPLAINANT, FACTORY, NUMBER, body, write_down
from tests.database import at_once
from tests.statements import statements
from tests.town import IN_A

SAID = {"client_id": str(UUID(int=77, version=4)), "category": "A02", "description": "两家为排水沟争执"}


@pytest.fixture
def case(stories):
    return stories.report(category="A02", description="两家为排水沟争执")


def everything(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")
        return cursor.fetchone()[0] or ""


class TestSealed:
    def test_no_table_shows_a_name_or_a_number(self, browser, worker, operator, case):
        party = write_down(case, by=worker)
        browser(operator).post(f"cases/{case.pk}/parties/{party.pk}/look/", {"purpose": "handle"})
        browser(operator).delete(f"cases/{case.pk}/parties/{party.pk}/?reason=记错")
        browser(worker).post("cases/", {**SAID, "lon": IN_A[0], "lat": IN_A[1], "parties": [body(2)]})
        for table in ("cases_caseparty", "cases_casepartylook", "cases_caseevent", "cases_case"):
            rows = everything(table)
            assert rows
            # Bytes are written as hex in text.
            for secret in ("甲某", NUMBER, "100 0000", "甲某某".encode().hex(), b"100 0000".hex()):
                assert secret not in rows, table

    def test_it_is_read_again_as_it_was_written(self, worker, case):
        write_down(case, by=worker)
        party = CaseParty.objects.get()
        assert (party.name, party.phone) == (COMPLAINANT["name"], COMPLAINANT["phone"])

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("甲某某", "甲 某　某"),
            ("例依古丽·例买提", "例依古丽•例买提"),
            ("示例（甲）厂", "示例(甲)厂"),
            ("ABC厂", "abc厂"),
        ],
    )
    def test_a_name_is_found_however_it_was_spaced(self, one, other):
        assert name_key(one) == name_key(other) != name_key("乙某某")

    @pytest.mark.parametrize("other", ["100-0000-1234", "１００００００１２３４", "(100) 0000 1234"])
    def test_a_number_is_its_digits(self, other):
        assert phone_key(other) == phone_key(NUMBER) != ""

    def test_the_country_s_code_is_no_part_of_a_mobile_number(self):
        assert phone_key("+86 100 0000 1234") == phone_key("0086-10000001234") == phone_key(NUMBER)
        assert phone_key("8612345") != phone_key("12345")


class TestTheChain:
    def test_adding_and_taking_out_are_told_without_a_name_and_prove_the_row(self, browser, operator, worker, case):
        party = write_down(case, by=worker)
        browser(operator).delete(f"cases/{case.pk}/parties/{party.pk}/?reason=记错")
        added, removed = CaseEvent.objects.filter(act__startswith="party_").order_by("seq")
        assert added.data == removed.data == entry_of(party).record()
        assert set(added.data) == {"party", "kind", "side", "digest"}
        assert added.data["digest"] not in (party.name_index, party.phone_index)
        CaseParty.objects.update(name="丙某", name_index=name_key("丙某"))
        assert entry_of(CaseParty.objects.get()).record() != added.data
        case.refresh_from_db()
        assert list(verify_chain(case=case)) == []
        assert (case.version, case.state) == (1, "reported")

    def test_two_cases_with_the_same_party_cannot_be_told_from_their_events(self, stories, worker, case):
        write_down(case, by=worker)
        write_down(stories.report(category="A02"), by=worker, number=2)
        one, two = CaseEvent.objects.filter(act="party_added").values_list("data", flat=True)
        assert one["digest"] != two["digest"]

    def test_others_who_act_meanwhile_are_not_told_that_they_are_late(self, stories, browser, operator, worker, case):
        write_down(case, by=worker)
        answer = browser(operator).post(f"cases/{case.pk}/acts/accept/", {"version": case.version})
        assert answer.status_code == 200


class TestOnce:
    def test_the_same_again_is_the_same_party(self, browser, worker, case):
        first, again = [browser(worker).post(f"cases/{case.pk}/parties/", body()) for _ in range(2)]
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()
        assert CaseEvent.objects.filter(act="party_added").count() == 1

    @pytest.mark.parametrize("more", [{"name": "丙某"}, {"phone": "0768-7654321"}, {"side": "respondent"}])
    def test_the_same_id_for_something_else_is_refused(self, browser, worker, case, more):
        browser(worker).post(f"cases/{case.pk}/parties/", body())
        answer = browser(worker).post(f"cases/{case.pk}/parties/", body(**more))
        assert (answer.status_code, answer.json()["code"]) == (409, "client_id_conflict")

    def test_the_id_of_another_case_or_person_is_refused(self, stories, browser, worker, operator, case):
        write_down(case, by=worker)
        other = stories.report(category="A02")
        for person, which in ((worker, other), (operator, case)):
            answer = browser(person).post(f"cases/{which.pk}/parties/", body())
            assert (answer.status_code, answer.json()["code"]) == (409, "client_id_conflict")

    def test_the_same_person_twice_on_one_side_is_told(self, browser, worker, operator, case):
        write_down(case, by=worker)
        answer = browser(operator).post(f"cases/{case.pk}/parties/", body(2, name="甲 某某"))
        assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (400, "already_there", "name")
        CaseParty.objects.update(removed_at=case.received_at, removed_by=operator)
        assert browser(operator).post(f"cases/{case.pk}/parties/", body(2)).status_code == 201

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": "\u200b"}, "name"),
            ({"name": "长" * 61}, "name"),
            ({"phone": "12"}, "phone"),
            ({"phone": "没有"}, "phone"),
            ({"kind": "dog"}, "kind"),
            ({"side": "left"}, "side"),
            ({"client_id": "x"}, "client_id"),
        ],
        ids=str,
    )
    def test_what_is_wrong_is_named(self, browser, worker, case, more, field):
        answer = browser(worker).post(f"cases/{case.pk}/parties/", body(**more))
        assert (answer.status_code, answer.json()["field"]) == (400, field)
        assert not CaseParty.objects.exists()

    def test_a_case_has_room_for_a_workshop_and_not_for_a_town(self, browser, worker, case):
        for number in range(MOST):
            row = {**COMPLAINANT, "client_id": UUID(int=number + 1, version=4), "name": "", "name_index": str(number)}
            CaseParty.objects.create(case=case, added_by=worker, added_at=case.received_at, **row)
        answer = browser(worker).post(f"cases/{case.pk}/parties/", body())
        assert (answer.status_code, answer.json()["code"]) == (400, "too_many")


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def entry(self, number: int = 1) -> PartyEntry:
        return PartyEntry(UUID(int=number, version=4), **COMPLAINANT)

    def test_one_entry_sent_twice_becomes_one(self, stories, worker):
        case = stories.report(category="A02")

        def send():
            return add_party(case_id=case.pk, by=User.objects.get(pk=worker.pk), entry=self.entry())

        assert sorted(new for _, new in at_once(send, send)) == [False, True]
        case.refresh_from_db()
        assert CaseParty.objects.count() == 1
        assert (list(verify_chain(case=case)), case.event_count) == ([], 2)

    def test_two_people_write_two_down(self, stories, worker, operator):
        case = stories.report(category="A02")
        people = ((worker, 1, "甲某"), (operator, 2, "乙某"))

        def send(person, number, name):
            user = User.objects.get(pk=person.pk)
            return write_down(case, by=user, number=number, name=name)

        at_once(*(lambda one=one: send(*one) for one in people))
        case.refresh_from_db()
        assert CaseParty.objects.filter(case=case).count() == 2
        assert (list(verify_chain(case=case)), case.event_count) == ([], 3)

    def test_one_id_for_two_cases_serves_the_first(self, stories, worker):
        cases = [stories.report(category="A02") for _ in range(2)]

        def send(case):
            return add_party(case_id=case.pk, by=User.objects.get(pk=worker.pk), entry=self.entry())

        results = at_once(*(lambda case=case: send(case) for case in cases))
        assert sorted(type(result) is ClientIdConflictError for result in results) == [False, True]
        assert CaseParty.objects.count() == 1


class TestWithTheReport:
    @pytest.fixture
    def send(self, browser, worker):
        def report(*parties, **more):
            place = {"lon": IN_A[0], "lat": IN_A[1]}
            return browser(worker).post("cases/", {**SAID, **place, "parties": list(parties), **more})

        return report

    def test_they_come_in_one_entry_and_one_event(self, send, browser, worker):
        answer = send(body(), body(2, **FACTORY))
        assert answer.status_code == 201
        seen = browser(worker).get(f"cases/{answer.json()['id']}/parties/").json()
        assert [row["name"] for row in seen["results"]] == ["甲**", "示例陶瓷厂"]
        (event,) = CaseEvent.objects.all()
        assert [one["side"] for one in event.data["parties"]] == ["applicant", "concerned"]
        assert event.data["parties"] == [entry_of(party).record() for party in CaseParty.objects.order_by("pk")]
        assert "甲" not in json.dumps(event.data, ensure_ascii=False)
        assert list(verify_chain(case=Case.objects.get())) == []

    def test_sent_again_it_is_the_same_case(self, send):
        assert [send(body()).status_code for _ in range(2)] == [201, 200]
        assert (Case.objects.count(), CaseParty.objects.count()) == (1, 1)

    def test_with_other_parties_it_is_another_report(self, send):
        send(body())
        for others in ([], [body(name="丙某")], [body(), body(2, **FACTORY)]):
            answer = send(*others)
            assert (answer.status_code, answer.json()["code"]) == (409, "client_id_conflict")

    def test_an_id_of_another_case_is_refused_and_nothing_is_opened(self, send, stories, worker):
        write_down(stories.report(category="A02"), by=worker)
        answer = send(body())
        assert (answer.status_code, answer.json()["code"]) == (409, "client_id_conflict")
        assert Case.objects.count() == 1

    @pytest.mark.parametrize(
        "parties",
        [
            [body(), body(2)],
            [body(), body(1, name="丙某")],
            [body(name="\u200b")],
            [body(phone="12")],
            [body(number, name=f"某{number}") for number in range(21)],
        ],
        ids=["the same person", "the same id", "no name", "no number", "a crowd"],
    )
    def test_what_cannot_be_is_refused_whole(self, send, parties):
        answer = send(*parties)
        assert answer.status_code == 400
        assert answer.json()["field"].startswith("parties")
        assert not Case.objects.exists()

    def test_a_report_without_any_is_as_before(self, send, stories):
        assert send().status_code == 201
        assert "parties" not in CaseEvent.objects.get().data


@pytest.mark.parametrize("many", [1, 30])
def test_the_list_asks_no_more_however_many_there_are(browser, operator, case, many):
    for number in range(many):
        write_down(case, by=operator, number=number, name=f"甲某{number}")
    desk = browser(operator)
    desk.get(f"cases/{case.pk}/")
    with statements(
        [
            ("who is signed in", 'FROM "staff_user"'),
            ("their posts", 'FROM "staff_post"'),
            ("the case", 'FROM "cases_case"'),
            ("its parties and who wrote them", 'FROM "cases_caseparty".*JOIN "staff_user"'),
        ]
    ):
        assert desk.get(f"cases/{case.pk}/parties/").json()["count"] == many

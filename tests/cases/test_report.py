"""A report becomes one case, in the right cell, whatever the phone and the net do."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from cases.models import Case, CaseEvent, Category
from cases.services.evidence import verify_chain
from cases.services.report import Report, open_case
from grid.coordinates import gcj02_to_bd09, wgs84_to_gcj02
from staff.models import User
from tests.database import at_once
from tests.town import CELL_A, CELL_B, EAST, IN_A, IN_B, IN_WEST_ONLY, NOW, OUTSIDE, TOWN, WEST, at

ID = "11111111-1111-4111-8111-111111111111"


def said(**more):
    body = {"client_id": ID, "category": "C01", "description": "村口垃圾堆放多日未清，有异味。"}
    return {**body, "lon": IN_A[0], "lat": IN_A[1], **more}


@pytest.fixture
def phone(browser, worker):
    return browser(worker)


class TestTheAnswer:
    def test_a_report_becomes_a_case_in_the_cell_of_its_point(self, phone, worker):
        answer = phone.post("cases/", said(accuracy_m=12.5, reported_at="2026-11-25T01:58:00Z"))
        assert answer.status_code == 201
        case = answer.json()
        assert case["client_id"] == ID
        assert case["state"] == "reported"
        assert case["area"] == {"code": CELL_A, "name": "东村01网格"}
        assert case["village"] == {"code": EAST, "name": "东村"}
        assert case["town"] == {"code": TOWN, "name": "样板镇"}
        assert (case["lon"], case["lat"], case["accuracy_m"], case["datum_in"]) == (*IN_A, 12.5, "WGS-84")
        assert case["reporter"] == {"id": worker.pk, "name": "阿珍"}
        assert case["reported_at"] == "2026-11-25T01:58:00Z"
        assert case["due_at"] == "2026-11-26T09:30:00Z"
        assert (case["due_stage"], case["overdue"], case["light"]) == ("accept", False, "green")
        assert (case["version"], case["emergency"]) == (1, False)

    def test_the_number_says_the_day_in_shanghai_and_is_never_given_twice(self, phone, clock):
        clock.to("2026-11-25 00:30")
        numbers = [phone.post("cases/", said(client_id=str(uuid.UUID(int=n)))).json()["number"] for n in (1, 2)]
        assert all(number.startswith("261125-") and len(number) == 13 for number in numbers)
        assert len(set(numbers)) == 2

    def test_an_emergency_is_due_within_the_hour(self, phone):
        case = phone.post("cases/", said(category="J03")).json()
        assert case["emergency"] is True
        assert case["due_at"] == "2026-11-25T03:00:00Z"

    def test_the_chain_of_events_begins(self, phone, worker):
        case = Case.objects.get(pk=phone.post("cases/", said()).json()["id"])
        event = CaseEvent.objects.get(case=case)
        assert (event.seq, event.act, event.from_state, event.to_state) == (1, "report", "", "reported")
        assert event.actor == worker
        assert event.prev_hash == ""
        assert (case.event_count, case.event_hash) == (1, event.hash)
        assert list(verify_chain(case=case)) == []


class TestAgain:
    def test_the_same_report_again_is_the_same_case(self, phone):
        first = phone.post("cases/", said())
        again = phone.post("cases/", said())
        assert (first.status_code, again.status_code) == (201, 200)
        assert again.json() == first.json()
        assert CaseEvent.objects.count() == 1

    def test_hours_later_it_is_still_the_same_case(self, phone, clock):
        first = phone.post("cases/", said(reported_at="2026-11-25T01:58:00Z")).json()
        clock.to("2026-11-25 16:00")
        assert phone.post("cases/", said(reported_at="2026-11-25T01:58:00Z")).json()["id"] == first["id"]

    @pytest.mark.parametrize(
        "other",
        [
            {"category": "C02"},
            {"description": "别的事"},
            {"lon": IN_A[0] + 1e-6},
            {"lat": IN_A[1] + 1e-6},
            {"datum": "CGCS2000"},
            {"accuracy_m": 3},
            {"area": CELL_B},
            {"reported_at": "2026-11-25T01:00:00Z"},
        ],
        ids=lambda other: next(iter(other)),
    )
    def test_the_same_id_with_other_content_is_refused(self, phone, other):
        phone.post("cases/", said())
        answer = phone.post("cases/", said(**other))
        assert (answer.status_code, answer.json()["code"]) == (409, "client_id_conflict")
        assert answer.json()["field"] == "client_id"
        assert Case.objects.count() == 1

    def test_somebody_elses_id_is_refused_and_tells_nothing(self, phone, browser, cast):
        case = phone.post("cases/", said()).json()
        answer = browser(cast.outsider).post("cases/", said())
        assert (answer.status_code, answer.json()["code"]) == (409, "client_id_conflict")
        assert case["number"] not in answer.content.decode()

    @pytest.mark.django_db(transaction=True)
    def test_two_sent_at_once_become_one_case(self, worker):
        report = Report(client_id=uuid.UUID(ID), category_code="C01", description="x", lon=IN_A[0], lat=IN_A[1])

        def send():
            return open_case(by=User.objects.get(pk=worker.pk), report=report)

        results = at_once(send, send, send)
        assert sorted(new for _, new in results) == [False, False, True]
        assert len({case.pk for case, _ in results}) == 1
        assert Case.objects.count() == CaseEvent.objects.count() == 1


class TestTheClock:
    def test_a_phone_ahead_of_time_cannot_report_from_the_future(self, phone):
        case = phone.post("cases/", said(reported_at="2026-11-25T05:00:00Z")).json()
        assert case["reported_at"] == case["received_at"] == "2026-11-25T02:00:00Z"

    @pytest.mark.parametrize("moment", ["1970-01-01T00:00:00Z", "0789-03-26T01:27:36Z", "2025-11-23T01:59:00Z"])
    def test_a_phone_whose_clock_was_reset_reports_now(self, phone, moment):
        answer = phone.post("cases/", said(reported_at=moment))
        assert answer.status_code == 201
        assert answer.json()["reported_at"] == "2026-11-25T02:00:00Z"
        assert answer.json()["overdue"] is False

    def test_a_report_kept_offline_for_weeks_is_believed(self, phone):
        case = phone.post("cases/", said(reported_at="2026-10-12T02:00:00Z")).json()
        assert case["reported_at"] == "2026-10-12T02:00:00Z"

    def test_the_phones_own_time_is_kept_with_the_first_event(self, phone):
        pk = phone.post("cases/", said(reported_at="2026-11-25T05:00:00Z")).json()["id"]
        assert CaseEvent.objects.get(case=pk).data["device_time"] == "2026-11-25T05:00:00+00:00"

    def test_a_report_kept_offline_counts_from_when_it_was_made(self, phone):
        case = phone.post("cases/", said(reported_at="2026-11-23T09:00:00+08:00")).json()
        assert case["reported_at"] == "2026-11-23T01:00:00Z"
        assert case["received_at"] == "2026-11-25T02:00:00Z"
        assert case["due_at"] == "2026-11-24T09:30:00Z"
        assert case["overdue"] is True

    def test_without_a_time_it_is_now(self, phone):
        assert phone.post("cases/", said()).json()["reported_at"] == "2026-11-25T02:00:00Z"

    @pytest.mark.parametrize("moment", ["gestern", "2026-13-01T00:00:00Z", 17])
    def test_a_time_that_is_none_is_refused(self, phone, moment):
        answer = phone.post("cases/", said(reported_at=moment))
        assert (answer.status_code, answer.json()["field"]) == (400, "reported_at")


class TestThePlace:
    @pytest.mark.parametrize(
        ("datum", "point"),
        [
            ("GCJ-02", wgs84_to_gcj02(*IN_B)),
            ("BD-09", gcj02_to_bd09(*wgs84_to_gcj02(*IN_B))),
            ("CGCS2000", IN_B),
        ],
    )
    def test_every_datum_is_turned_into_wgs84(self, phone, datum, point):
        case = phone.post("cases/", said(lon=point[0], lat=point[1], datum=datum)).json()
        assert (case["lon"], case["lat"]) == pytest.approx(IN_B, abs=1e-7)
        assert (case["area"]["code"], case["datum_in"]) == (CELL_B, datum)

    def test_a_point_without_a_cell_belongs_to_its_village(self, phone):
        case = phone.post("cases/", said(lon=IN_WEST_ONLY[0], lat=IN_WEST_ONLY[1])).json()
        assert case["area"] == case["village"] == {"code": WEST, "name": "西村"}

    def test_outside_every_area_it_is_kept_in_the_reporters_own_cell_with_its_point(self, phone):
        case = phone.post("cases/", said(lon=OUTSIDE[0], lat=OUTSIDE[1])).json()
        assert case["area"]["code"] == CELL_A
        assert (case["lon"], case["lat"]) == OUTSIDE

    def test_without_a_point_it_is_kept_in_the_reporters_own_cell(self, phone):
        body = said()
        del body["lon"], body["lat"]
        case = phone.post("cases/", body).json()
        assert (case["area"]["code"], case["lon"], case["lat"]) == (CELL_A, None, None)

    def test_without_a_point_an_area_may_be_named(self, phone):
        case = phone.post("cases/", said(lon=None, lat=None, area=CELL_B)).json()
        assert case["area"]["code"] == CELL_B

    def test_an_operator_without_a_point_reports_for_the_town(self, browser, operator):
        case = browser(operator).post("cases/", said(lon=None, lat=None)).json()
        assert case["area"]["code"] == TOWN
        assert case["village"]["code"] == ""

    def test_the_codes_of_the_day_stay_with_the_case(self, stories):
        case = stories.report()
        assert (case.town_code, case.village_code, case.cell_code) == (TOWN, EAST, CELL_A)
        assert case.boundary is not None
        assert case.boundary.area.code == CELL_A

    @pytest.mark.parametrize(("body", "field"), [({"lat": None}, "lat"), ({"lon": None}, "lon")])
    def test_half_a_point_is_refused(self, phone, body, field):
        answer = phone.post("cases/", said(**body))
        assert (answer.status_code, answer.json()["field"], answer.json()["code"]) == (400, field, "required")

    def test_an_unknown_area_is_refused(self, phone):
        answer = phone.post("cases/", said(lon=None, lat=None, area="990000009999"))
        assert (answer.status_code, answer.json()["field"]) == (400, "area")


class TestRefusals:
    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"category": "Z99"}, "category"),
            ({"category": ""}, "category"),
            ({"description": "  "}, "description"),
            ({"description": "长" * 4001}, "description"),
            ({"client_id": "not-an-id"}, "client_id"),
            ({"lon": 181}, "lon"),
            ({"lat": "北"}, "lat"),
            ({"accuracy_m": -1}, "accuracy_m"),
            ({"datum": "XIAN-80"}, "datum"),
            ({"area": "12"}, "area"),
            ({"description": "\x00"}, "description"),
        ],
    )
    def test_what_is_wrong_is_named(self, phone, body, field):
        answer = phone.post("cases/", said(**body))
        assert (answer.status_code, answer.json()["field"]) == (400, field)
        assert Case.objects.count() == 0

    def test_all_that_is_missing_is_named_at_once(self, phone):
        answer = phone.post("cases/", {})
        assert {error["field"] for error in answer.json()["errors"]} == {"client_id", "category", "description"}

    def test_a_category_no_longer_in_use_is_refused(self, phone):
        Category.objects.filter(code="C01").update(active=False)
        assert phone.post("cases/", said()).json()["field"] == "category"

    @pytest.mark.parametrize("name", ["leader", "auditor", "admin"])
    def test_who_only_reads_cannot_report(self, browser, cast, name):
        answer = browser(getattr(cast, name)).post("cases/", said())
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")

    @pytest.mark.parametrize("name", ["worker", "officer", "mediator", "handler", "operator", "head"])
    def test_whoever_works_on_the_ground_can_report(self, browser, cast, name):
        assert browser(getattr(cast, name)).post("cases/", said()).status_code == 201

    def test_a_refused_report_leaves_the_id_free(self, phone):
        phone.post("cases/", said(category="Z99"))
        assert phone.post("cases/", said()).status_code == 201


def test_reported_at_is_never_after_received_at(stories):
    case = stories.report(reported_at=NOW + timedelta(days=400))
    assert case.reported_at == case.received_at == NOW


def test_past_records_are_brought_in_with_their_own_time(stories):
    case = stories.report(at=at("2026-10-09 09:00"))
    assert case.received_at == at("2026-10-09 09:00")
    assert case.number.startswith("261009-")
    assert case.due_at == datetime(2026, 10, 10, 9, 30, tzinfo=UTC)

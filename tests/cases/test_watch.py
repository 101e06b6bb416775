"""The watch list: whatever waits on a person beyond its clock, or on the background beyond its limit, and retry."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from cases.models import Case, CaseExport, CaseFile
from cases.selectors.watch import a_working_day_before
from cases.services.files import thumbnails_to_make
from grid.models import ImportJob
from grid.names import Names
from notices.models import Message
from notices.selectors import messages_due
from tests.statements import statements
from tests.town import ZONE, at


def watched(phone):
    """What waits on people: numbers by kind, kinds without any left out."""
    rows = phone.get("watch/").json()["people"]
    return {row["kind"]: [one["number"] for one in row["results"]] for row in rows if row["count"]}


def machines(phone):
    return {row["kind"]: (row["count"], row["results"]) for row in phone.get("watch/").json()["machine"]}


@pytest.fixture
def desk(browser, operator):
    return browser(operator)


class TestPeople:
    @pytest.mark.parametrize(
        ("state", "kind"),
        [
            ("reported", "accept"),
            ("draft", "info"),
            ("accepted", "handle"),
            ("processing", "handle"),
            ("awaiting_verify", "verify"),
            ("verified", "verify"),
            ("escalated", "upper"),
            ("closed", "archive"),
        ],
    )
    def test_each_clock_that_has_run_out(self, desk, stories, clock, state, kind):
        case = stories.case_in(state)
        assert watched(desk) == {}, "nothing is late yet"
        clock.to("2027-03-01 10:00")
        assert watched(desk) == {kind: [case.number]}

    def test_a_handover_nobody_took(self, desk, stories, clock):
        case = stories.case_in("assigned")
        clock.moment = Case.objects.get(pk=case.pk).take_due_at.astimezone(ZONE) + timedelta(minutes=1)
        assert watched(desk) == {"take": [case.number]}
        stories.act(case, "acknowledge")
        assert watched(desk) == {}

    def test_a_supervision_nobody_answered(self, desk, stories, clock):
        case = stories.case_in("processing")
        stories.act(case, "supervise", reply_by=at("2026-11-26 12:00"))
        clock.to("2026-11-26 12:01")
        assert watched(desk) == {"supervision": [case.number]}
        stories.act(case, "supervision_reply")
        assert watched(desk) == {}

    @pytest.mark.parametrize("act", ["ask_extension", "ask_suspension"])
    def test_a_request_nobody_decided_for_more_than_a_working_day(self, desk, stories, clock, act):
        case = stories.case_in("processing")
        stories.act(case, act)
        clock.to("2026-11-26 17:30")
        assert "request" not in watched(desk)
        clock.to("2026-11-26 17:31")
        assert watched(desk) == {"request": [case.number]}
        late = next(row for row in desk.get("watch/").json()["people"] if row["kind"] == "request")
        assert late["results"][0]["late_since"] == "2026-11-25T02:00:00Z"

    def test_a_weekend_is_no_working_day(self, desk, stories, clock):
        case = stories.case_in("processing")
        clock.to("2026-11-27 09:00")
        stories.act(case, "ask_extension")
        clock.to("2026-11-30 17:00")
        assert "request" not in watched(desk)
        clock.to("2026-11-30 17:31")
        assert watched(desk) == {"request": [case.number]}

    def test_a_pause_that_should_have_ended(self, desk, stories, clock):
        case = stories.walk(stories.report(), "accept assign acknowledge")
        stories.act(case, "suspend", until=at("2026-11-27 00:00").date())
        clock.to("2026-11-27 23:00")
        assert watched(desk) == {}
        clock.to("2026-11-28 00:01")
        assert watched(desk) == {"resume": [case.number]}

    def test_a_case_passed_on_too_often(self, desk, stories, settings):
        settings.HOPS_AT_MOST = 2
        case = stories.walk(stories.report(), "accept assign return assign")
        assert watched(desk) == {}
        stories.act(case, "return")
        assert watched(desk) == {"hops": [case.number]}

    def test_a_case_may_wait_in_two_ways(self, desk, stories, clock):
        case = stories.case_in("assigned")
        clock.to("2027-03-01 10:00")
        assert watched(desk) == {"take": [case.number], "handle": [case.number]}

    def test_the_longest_first_twenty_of_each_and_how_many_there_are(self, desk, stories, clock):
        numbers = []
        for minute in range(22):
            clock.to(f"2026-11-25 10:{minute:02}")
            numbers.append(stories.report(category="J03").number)
        clock.to("2026-11-25 12:00")
        accept = desk.get("watch/").json()["people"][0]
        assert (accept["kind"], accept["count"]) == ("accept", 22)
        assert [row["number"] for row in accept["results"]] == numbers[:20]
        assert accept["results"][0]["late_since"] == accept["results"][0]["due_at"] == "2026-11-25T03:00:00Z"

    def test_the_cutoff_looks_back_over_the_national_day_week(self, db):
        assert a_working_day_before(now=at("2026-10-08 17:31")) == at("2026-10-08 00:00")


@pytest.fixture
def late(stories, operator, worker, clock):
    """A mail, a photo, an export and an import that got nowhere for a quarter of an hour."""
    now = timezone.now()
    message = Message.objects.create(
        key="k", kind="digest", recipient=worker, subject="s", text="t", created_at=now, next_try_at=now, tries=3,
        last_error="ConnectionRefusedError",
    )  # fmt: skip
    Message.objects.filter(pk=message.pk).update(next_try_at=now + timedelta(hours=4))
    case = stories.report()
    photo = stories.photo(case)
    CaseFile.objects.filter(pk=photo.pk).update(thumbnail="")
    export = CaseExport.objects.create(
        made_by=operator, made_at=now, purpose="月报", format="csv", language="zh-hans", state="running"
    )
    job = ImportJob.objects.create(
        kind="divisions", state="checking", file="imports/x", file_name="x", made_by=stories.cast.head.pk,
        made_by_name="主任", summary={"tries": 3},
    )  # fmt: skip
    clock.to("2026-11-25 10:15")
    return {"mail": message, "file": photo, "export": export, "import": job, "case": case}


class TestMachine:
    def test_within_the_limit_nothing_is_shown(self, desk, late, clock):
        clock.to("2026-11-25 10:09")
        assert {kind: count for kind, (count, _rows) in machines(desk).items()} == {
            "mail": 0,
            "file": 0,
            "import": 0,
            "export": 0,
        }

    def test_beyond_it_whose_since_when_and_what_went_wrong(self, desk, late):
        rows = {kind: rows for kind, (_count, rows) in machines(desk).items()}
        assert rows["mail"] == [
            {
                "id": late["mail"].pk,
                "what": "阿珍",
                "since": "2026-11-25T02:00:00Z",
                "tries": 3,
                "error": "ConnectionRefusedError",
            }
        ]
        assert [(one["what"], one["error"]) for one in rows["file"]] == [(late["case"].number, "no thumbnail")]
        assert [(one["what"], one["error"]) for one in rows["export"]] == [("值班", "running")]
        assert [(one["what"], one["error"]) for one in rows["import"]] == [("主任", "checking")]

    def test_done_it_waits_no_more(self, desk, late):
        Message.objects.update(sent_at=timezone.now())
        CaseExport.objects.update(state="ready")
        ImportJob.objects.update(state="applied")
        CaseFile.objects.update(thumbnail="x.jpg")
        assert {count for count, _rows in machines(desk).values()} == {0}

    def test_an_infected_photo_gets_no_thumbnail_and_waits_for_nothing(self, desk, late):
        CaseFile.objects.update(check_state="infected")
        assert machines(desk)["file"] == (0, [])

    def test_another_town_sees_none_of_it(self, browser, outsider, late):
        assert {count for count, _rows in machines(browser(outsider)).values()} == {0}

    def test_the_administrator_sees_the_background_and_no_case(self, browser, admin, late, clock):
        clock.to("2027-03-01 10:00")
        answer = browser(admin).get("watch/").json()
        assert answer["people"] == []
        files = next(row for row in answer["machine"] if row["kind"] == "file")
        assert [(one["id"], one["what"]) for one in files["results"]] == [(late["file"].pk, "")]
        assert late["case"].number not in str(answer)


class TestRetry:
    def test_a_mail_is_due_at_once(self, browser, head, late):
        assert not messages_due(now=timezone.now()).exists()
        answer = browser(head).post(f"watch/mail/{late['mail'].pk}/retry/")
        assert (answer.status_code, answer.json()) == (202, {"kind": "mail", "id": late["mail"].pk})
        assert messages_due(now=timezone.now()).get() == late["mail"]

    def test_a_photo_is_handed_out_again(self, browser, head, late):
        assert thumbnails_to_make() == [late["file"].pk]
        assert thumbnails_to_make() == [], "handed out within the last minute"
        assert browser(head).post(f"watch/file/{late['file'].pk}/retry/").status_code == 202
        assert thumbnails_to_make() == [late["file"].pk]

    def test_an_export_is_queued_with_its_time_again(self, browser, head, late, clock):
        CaseExport.objects.update(state="failed")
        clock.to("2026-11-25 12:00")
        assert browser(head).post(f"watch/export/{late['export'].pk}/retry/").status_code == 202
        export = CaseExport.objects.get()
        assert (export.state, export.made_at) == ("waiting", timezone.now())

    def test_an_import_has_its_tries_again(self, browser, head, late):
        assert browser(head).post(f"watch/import/{late['import'].pk}/retry/").status_code == 202
        job = ImportJob.objects.get()
        assert (job.state, job.summary) == ("checking", {})

    def test_an_import_that_failed_is_checked_anew_before_it_is_applied(self, browser, head, late):
        ImportJob.objects.update(state="failed", apply_wanted=True, problem_count=1, problems=[{"line": 0}])
        assert browser(head).post(f"watch/import/{late['import'].pk}/retry/").status_code == 202
        job = ImportJob.objects.get()
        assert (job.state, job.apply_wanted, job.problem_count, job.problems) == ("waiting", False, 0, [])

    @pytest.mark.parametrize("kind", ["mail", "file", "export", "import"])
    def test_what_waits_no_more_is_not_there(self, browser, head, late, kind):
        Message.objects.update(sent_at=timezone.now())
        CaseExport.objects.update(state="ready")
        ImportJob.objects.update(state="applied")
        CaseFile.objects.update(thumbnail="x.jpg")
        assert browser(head).post(f"watch/{kind}/{late[kind].pk}/retry/").status_code == 404
        assert CaseExport.objects.get().state == "ready"

    def test_what_there_is_not_is_not_there(self, browser, head, late):
        for path in ("watch/case/1/retry/", f"watch/mail/{10**30}/retry/", "watch/mail/0/retry/"):
            assert browser(head).post(path).status_code == 404

    @pytest.mark.parametrize(
        ("who", "status"),
        [
            *((None, 401), ("worker", 403), ("handler", 403), ("auditor", 403), ("outsider", 403)),
            *(("operator", 403), ("leader", 403), ("head", 202), ("admin", 202)),
        ],
    )
    def test_the_head_and_the_administrator_only(self, browser, cast, late, who, status):
        phone = browser(who and getattr(cast, who))
        for kind in ("mail", "file", "export", "import"):
            assert phone.post(f"watch/{kind}/{late[kind].pk}/retry/").status_code == status

    def test_not_what_another_town_waits_for(self, browser, head, outsider, late):
        Message.objects.update(recipient=outsider)
        ImportJob.objects.update(made_by=outsider.pk)
        CaseExport.objects.update(made_by=outsider)
        for kind in ("mail", "import", "export"):
            assert browser(head).post(f"watch/{kind}/{late[kind].pk}/retry/").status_code == 404


class TestWho:
    @pytest.mark.parametrize(
        ("who", "status", "may_retry"),
        [
            *((None, 401, None), ("worker", 403, None), ("handler", 403, None), ("mediator", 403, None)),
            *(("officer", 403, None), ("auditor", 403, None), ("operator", 200, False), ("leader", 200, False)),
            *(("head", 200, True), ("admin", 200, True), ("outsider", 200, False)),
        ],
    )
    def test_the_center_leaders_and_the_administrator_read_it(self, browser, cast, who, status, may_retry):
        answer = browser(who and getattr(cast, who)).get("watch/")
        assert (answer.status_code, answer.json().get("may_retry")) == (status, may_retry)

    def test_another_town_sees_none_of_our_cases(self, browser, outsider, stories, clock):
        stories.report()
        clock.to("2027-03-01 10:00")
        assert watched(browser(outsider)) == {}


def test_the_statements_do_not_grow_with_what_waits(desk, stories, clock, late):
    clock.to("2027-03-01 10:00")
    desk.get("session/")
    budget = [
        ("who is signed in", "staff_user"),
        ("their posts", "staff_post"),
        ("the calendar", "cases_workday"),
        ("what waits on people, each kind's first twenty", "UNION ALL"),
        ("their rows", 'FROM "cases_case"'),
        ("names of areas", "grid_area"),
        ("names of units and people", "staff_"),
        ("names of categories", "cases_category"),
        ("mails", "notices_message"),
        ("files", "cases_casefile"),
        ("imports", "grid_importjob"),
        ("exports", "cases_caseexport"),
    ]
    for state in ("processing", "escalated"):
        clock.to("2026-11-25 10:15")
        stories.case_in(state)
        clock.to("2026-12-25 10:15")
        Names.forget_all()
        with statements(budget):
            desk.get("watch/")

"""Lists taken out as files: who may, what is in them, and what becomes of them."""

from __future__ import annotations

import csv
import io
import logging
import zipfile
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from cases.models import Case, CaseExport
from cases.selectors.exports import without_phones
from cases.services.exports import remove_expired, run_exports, write_export
from tests.town import IN_C, NOW
from workers.tasks import exports as task


@pytest.fixture
def ask(browser, cast):
    def send(by=None, **said):
        return browser(by or cast.operator).post("exports/", {"purpose": "月度通报", "format": "csv", **said})

    return send


@pytest.fixture
def taken(ask, browser, cast):
    """The rows of a file that was asked for, written and fetched; the mark and the headings before them."""

    def go(by=None, **said) -> list[list[str]]:
        person = by or cast.operator
        pk = ask(person, **said).json()["id"]
        assert run_exports() == 1
        answer = browser(person).get(f"exports/{pk}/file/")
        assert answer.status_code == 200
        text = b"".join(answer.streaming_content).decode("utf-8")
        assert text[0] == "\ufeff"
        return list(csv.reader(io.StringIO(text[1:])))

    return go


class TestAsking:
    def test_it_waits_until_it_is_written_and_says_how_far_it_is(self, ask, browser, operator, stories):
        for _ in range(3):
            stories.report()
        asked = ask(query={"open": "true", "state": "reported"})
        assert asked.status_code == 201
        export = asked.json()
        assert (export["state"], export["file_url"], export["mine"]) == ("waiting", None, True)
        assert export["query"] == {"open": True, "state": ["reported"]}
        path = f"exports/{export['id']}/"
        assert browser(operator).get(path + "file/").status_code == 404
        task.run()
        ready = browser(operator).get(path).json()
        assert (ready["state"], ready["done"], ready["total"]) == ("ready", 3, 3)
        assert ready["expires_at"] == "2026-12-02T02:00:00Z"
        assert ready["file_url"] == f"/api/v1/{path}file/"
        assert len(ready["sha256"]) == 64

    def test_who_may(self, ask, cast):
        codes = {name: ask(getattr(cast, name)).status_code for name in cast.__slots__}
        no = {"worker": 403, "neighbour": 403, "admin": 403}
        assert codes == {**dict.fromkeys(cast.__slots__, 201), **no}

    def test_strangers(self, browser):
        assert browser(None).post("exports/", {"purpose": "x", "format": "csv"}).status_code == 401
        for path in ("exports/", "exports/1/", "exports/1/file/"):
            assert browser(None).get(path).status_code == 401

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"purpose": " "}, "purpose"),
            ({"purpose": "长" * 201}, "purpose"),
            ({"format": "pdf"}, "format"),
            ({"language": "fr"}, "language"),
            ({"query": {"state": "asleep"}}, "query.state"),
            ({"query": {"limit": "5"}}, "query.limit"),
        ],
        ids=str,
    )
    def test_what_makes_no_sense_is_named(self, ask, said, field):
        answer = ask(**said)
        assert (answer.status_code, answer.json()["field"]) == (400, field)
        assert not CaseExport.objects.exists()

    def test_three_at_once_are_enough(self, ask):
        assert [ask().status_code for _ in range(4)] == [201, 201, 201, 400]


class TestContent:
    def test_the_mark_comes_first_then_headings_then_the_newest(self, taken, stories, clock):
        stories.report(description="先报的")
        clock.to("2026-11-25 10:05")
        late = stories.report(description="后报的")
        rows = taken()
        assert rows[0] == ["值班 · 2026-11-25 10:05 · 月度通报"]
        assert rows[2][0] == late.number
        assert [row[8] for row in rows[2:]] == ["后报的", "先报的"]
        assert rows[2][9] == "阿珍"
        assert len({len(row) for row in rows[1:]}) == 1

    def test_in_the_demo_every_file_says_that_it_is_invented(self, taken, stories, settings):
        stories.report()
        settings.DEMO = True
        assert taken()[0][0].endswith("· 演示数据 · 虚构")

    def test_only_what_its_maker_may_see_when_it_is_written(self, taken, stories, cast):
        stories.case_in("assigned")
        stories.report(by=cast.operator, point=IN_C)
        assert len(taken()) == 4
        assert len(taken(cast.handler)) == 3
        assert len(taken(cast.outsider)) == 2

    def test_whoever_lost_the_post_meanwhile_gets_nothing(self, ask, cast, browser):
        pk = ask().json()["id"]
        cast.operator.posts.update(valid_to=NOW.date())
        assert run_exports() == 0
        assert CaseExport.objects.get(pk=pk).state == "failed"

    def test_filters_narrow_it(self, taken, stories):
        stories.report(description="河道堆沙")
        stories.case_in("accepted")
        assert [row[8] for row in taken(query={"q": "河道", "reported_from": "2026-11-25"})[2:]] == ["河道堆沙"]

    @pytest.mark.parametrize("words", ["=1+1", "+86", "-2", "@x", "\t=1", " =1"])
    def test_no_cell_of_csv_is_a_formula(self, taken, stories, words):
        stories.report(description=words)
        assert taken()[2][8] == f"'{words}"

    def test_phones_never_leave(self, taken, stories):
        stories.report(description="请打13800138000或0768-2255667，路灯杆号12345678")
        assert taken()[2][8] == "请打***或***，路灯杆号12345678"

    @pytest.mark.parametrize("number", ["+86 138 0013 8000", "86-13800138000", "138-0013-8000", "07682255667"])
    def test_however_they_are_written(self, number):
        assert without_phones(f"电话{number}。") == "电话***。"

    @pytest.mark.parametrize("number", ["2026-11-25", "261125-000001", "12345", "445102199001011234"])
    def test_other_numbers_stay(self, number):
        assert without_phones(number) == number

    def test_in_the_language_asked_for(self, taken, stories):
        stories.report()
        assert taken(language="en")[2][3] == "Waste"
        assert taken(language="zh-hans")[2][3] == "垃圾堆放"

    def test_xlsx_with_the_mark_on_every_page_and_texts_only(self, ask, browser, operator, stories):
        stories.report(description="=1+1")
        pk = ask(format="xlsx", purpose="A&B").json()["id"]
        run_exports()
        answer = browser(operator).get(f"exports/{pk}/file/")
        assert "attachment" in answer["Content-Disposition"]
        with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as book:
            page = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in page
        assert "=1+1" in page
        assert page.count("值班 · 2026-11-25 10:00 · A&amp;&amp;B") == 2

    def test_more_than_a_file_holds(self, taken, stories, monkeypatch):
        for _ in range(3):
            stories.report()
        for module in ("selectors", "services"):
            monkeypatch.setattr(f"cases.{module}.exports.MOST", 2)
        rows = taken()
        assert len(rows) == 2 + 2 + 1
        assert "2" in rows[-1][0]

    def test_in_batches(self, taken, stories, monkeypatch):
        monkeypatch.setattr("cases.services.exports.BATCH", 2)
        for _ in range(5):
            stories.report()
        assert len(taken()) == 7


class TestAgain:
    def test_a_second_run_finds_nothing_to_do(self, ask, stories):
        pk = ask().json()["id"]
        assert write_export(export_id=pk)
        before = CaseExport.objects.get(pk=pk)
        assert not write_export(export_id=pk)
        assert run_exports() == 0
        assert CaseExport.objects.get(pk=pk).sha256 == before.sha256

    def test_what_a_killed_run_left_is_begun_anew(self, ask, stories):
        pk = ask().json()["id"]
        CaseExport.objects.filter(pk=pk).update(state="running", done=7, total=9)
        assert run_exports() == 1
        assert CaseExport.objects.get(pk=pk).state == "ready"

    def test_one_that_cannot_be_written_fails_and_holds_up_no_other(self, ask, stories, monkeypatch):
        stories.report()
        bad, good = ask().json()["id"], ask().json()["id"]
        CaseExport.objects.filter(pk=bad).update(query={"state": 7})
        assert run_exports() == 1
        states = dict(CaseExport.objects.values_list("pk", "state"))
        assert states == {bad: "failed", good: "ready"}


class TestTaking:
    @pytest.fixture
    def ready(self, ask, stories) -> str:
        stories.report()
        pk = ask().json()["id"]
        run_exports()
        return f"exports/{pk}/"

    def test_each_taking_is_counted_and_logged_without_names(self, ready, browser, operator, caplog):
        with caplog.at_level(logging.INFO):
            for _ in range(2):
                assert browser(operator).get(ready + "file/").status_code == 200
        assert browser(operator).get(ready).json()["taken_count"] == 2
        lines = [r.getMessage() for r in caplog.records if r.getMessage().startswith("export_taken")]
        assert lines == [f"export_taken export={CaseExport.objects.get().pk} by={operator.pk}"] * 2

    def test_nobody_else_takes_it(self, ready, browser, cast):
        for person in (cast.head, cast.auditor, cast.leader, cast.outsider, cast.admin):
            assert browser(person).get(ready + "file/").status_code == 404
        assert CaseExport.objects.get().taken_count == 0

    def test_the_auditor_of_the_area_sees_who_took_what(self, ready, browser, cast):
        (seen,) = browser(cast.auditor).get("exports/").json()["results"]
        assert (seen["made_by"]["name"], seen["purpose"]) == ("值班", "月度通报")
        assert (seen["mine"], seen["file_url"]) == (False, None)
        assert browser(cast.auditor).get(ready).status_code == 200
        for person in (cast.head, cast.outsider, cast.admin, cast.worker):
            assert browser(person).get("exports/").json()["results"] == []
            assert browser(person).get(ready).status_code == 404

    def test_after_its_days_the_file_is_gone(self, ready, browser, operator, clock):
        name = CaseExport.objects.get().file.name
        assert default_storage.exists(name)
        clock.to("2026-12-02 10:01")
        # even before the task has come by
        assert browser(operator).get(ready + "file/").status_code == 404
        assert remove_expired(now=timezone.now()) == 1
        assert not default_storage.exists(name)
        assert browser(operator).get(ready).json()["state"] == "gone"
        assert remove_expired(now=timezone.now()) == 0

    def test_the_site_says_how_many_days(self, ask, settings, stories):
        settings.EXPORT_DAYS = 1
        pk = ask().json()["id"]
        run_exports()
        export = CaseExport.objects.get(pk=pk)
        assert export.expires_at - export.ready_at == timedelta(days=1)


def test_a_change_of_the_case_meanwhile_is_in_the_file(ask, stories, browser, operator):
    case = stories.report()
    pk = ask().json()["id"]
    stories.act(case, "accept")
    run_exports()
    text = b"".join(browser(operator).get(f"exports/{pk}/file/").streaming_content).decode()
    assert Case.objects.get().state == "accepted"
    assert "已受理" in text

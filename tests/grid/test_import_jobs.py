"""An import is sent, checked apart, seen, and applied by whoever may; a killed run is taken up again."""

from __future__ import annotations

import os
import stat
import threading
from datetime import date
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from grid.models import Area, BoundaryChange, ImportJob
from grid.selectors.imports import job_rows, set_progress
from grid.services.imports import jobs
from grid.services.imports.jobs import run_waiting
from tests.grid.outline_files import cell, geojson, square
from tests.statements import statements
from tests.town import CELL_C, OTHER_TOWN, TOWN, WEST
from workers.schedule import SCHEDULE

NEW = f"{WEST}002"
D = square(118.03, 118.04)
LIST = f"code,name,level,parent_code\n{TOWN}203,北村,village,{TOWN}\n"
State = ImportJob.State


@pytest.fixture
def send(browser, tmp_path):
    """A person sends a file, by default the outline of a new cell; the answer."""

    def run(user, *, rows=None, text=None, **more):
        if text is None:
            path = geojson(tmp_path / "cells.geojson", rows or [cell(NEW, "西村02网格", D)])
            form = {"kind": "boundaries", "crs": "WGS-84", "reason": "测绘", **more}
            upload = SimpleUploadedFile("网格.geojson", path.read_bytes())
        else:
            form = {"kind": "divisions", **more}
            upload = SimpleUploadedFile("区划.csv", text.encode())
        return browser(user).client.post("/api/v1/imports/", {"file": upload, **form})

    return run


@pytest.fixture
def checked(send, head) -> int:
    """主任's import, checked."""
    pk = send(head).json()["id"]
    run_waiting()
    return pk


class TestTheWholeWay:
    def test_boundaries_are_checked_then_applied(self, send, head, browser):
        answer = send(head)
        assert answer.status_code == 201
        job = answer.json()
        assert (job["state"], job["file_name"], job["made_by"]) == ("waiting", "网格.geojson", "主任")
        assert job["options"]["crs"] == "WGS-84"

        run_waiting()
        job = browser(head).get(f"imports/{job['id']}/").json()
        assert (job["state"], job["done"], job["total"], job["problems"]) == ("checked", 1, 1, [])
        assert (job["summary"]["created"], job["summary"]["drawn"]) == (1, 1)
        assert not Area.objects.filter(code=NEW).exists()

        answer = browser(head).post(f"imports/{job['id']}/apply/")
        assert (answer.status_code, answer.json()["state"]) == (202, "applying")
        assert not Area.objects.filter(code=NEW).exists()
        run_waiting()
        assert browser(head).get(f"imports/{job['id']}/").json()["state"] == "applied"
        assert Area.objects.get(code=NEW).name == "西村02网格"
        assert BoundaryChange.objects.get(kind="import").made_by == head.pk

    def test_a_list_of_divisions(self, send, head, browser):
        pk = send(head, text=LIST).json()["id"]
        run_waiting()
        assert browser(head).post(f"imports/{pk}/apply/").status_code == 202
        run_waiting()
        made = Area.objects.get(code=f"{TOWN}203")
        assert (made.name, made.valid_from) == ("北村", date(2026, 11, 25))

    def test_problems_are_told_in_the_reader_s_language(self, send, head, browser):
        pk = send(head, rows=[cell(NEW, "", D)]).json()["id"]
        run_waiting()
        job = browser(head, **{"accept-language": "en"}).get(f"imports/{pk}/").json()
        assert (job["state"], job["problem_count"]) == ("refused", 1)
        assert job["problems"] == [
            {"line": 1, "field": "name", "code": "name_missing", "message": "The name is missing."}
        ]
        assert ImportJob.objects.get(pk=pk).problems == [
            {"line": 1, "field": "name", "code": "name_missing", "values": {}}
        ]

    def test_what_changed_since_it_was_checked_is_seen(self, checked, head, browser):
        Area.objects.create(
            code=NEW, name="旧", level="cell", parent=Area.objects.get(code=WEST), valid_from=date(2027, 1, 1)
        )
        browser(head).post(f"imports/{checked}/apply/")
        run_waiting()
        job = browser(head).get(f"imports/{checked}/").json()
        assert (job["state"], [one["code"] for one in job["problems"]]) == ("refused", ["code_used"])

    def test_twice_is_refused(self, checked, head, browser):
        assert browser(head).post(f"imports/{checked}/apply/").status_code == 202
        again = browser(head).post(f"imports/{checked}/apply/")
        assert (again.status_code, again.json()["code"]) == (409, "not_checked")
        run_waiting()
        assert browser(head).post(f"imports/{checked}/apply/").status_code == 409

    @pytest.mark.parametrize("state", [State.WAITING, State.CHECKING, State.REFUSED, State.FAILED, State.APPLIED])
    def test_only_what_was_checked_is_applied(self, checked, head, browser, state):
        ImportJob.objects.filter(pk=checked).update(state=state)
        assert browser(head).post(f"imports/{checked}/apply/").status_code == 409
        assert ImportJob.objects.get(pk=checked).state == state


NOT_THEIRS = ["worker", "neighbour", "officer", "operator", "handler", "mediator", "leader", "auditor", "outsider"]


class TestWhoMay:
    @pytest.mark.parametrize("name", NOT_THEIRS)
    def test_others_are_refused_at_every_door(self, cast, checked, send, browser, name):
        user = getattr(cast, name)
        assert send(user).status_code == 403
        assert browser(user).get("imports/").status_code == 403
        assert browser(user).get(f"imports/{checked}/").status_code == 403
        assert browser(user).post(f"imports/{checked}/apply/").status_code == 403
        assert ImportJob.objects.count() == 1

    def test_strangers_sign_in_first(self, checked, send, browser):
        assert send(None).status_code == 401
        for path in ("imports/", f"imports/{checked}/", "imports/crs/", "areas/export/"):
            assert browser(None).get(path).status_code == 401
        assert browser(None).post(f"imports/{checked}/apply/").status_code == 401

    def test_a_head_sees_only_their_own_and_an_administrator_all(self, cast, checked, send, browser):
        theirs = send(cast.admin).json()["id"]
        ids = [job["id"] for job in browser(cast.head).get("imports/").json()["results"]]
        assert ids == [checked]
        assert browser(cast.head).get(f"imports/{theirs}/").status_code == 404
        assert browser(cast.head).post(f"imports/{theirs}/apply/").status_code == 404
        everything = browser(cast.admin).get("imports/").json()["results"]
        assert [job["id"] for job in everything] == [theirs, checked]

    def test_a_head_changes_nothing_outside_their_town(self, send, head, browser):
        foreign = cell(f"{OTHER_TOWN}201002", "外村02网格", square(118.105, 118.106, 22.02, 22.03))
        pk = send(head, rows=[cell(NEW, "西村02网格", D), foreign]).json()["id"]
        listed = send(head, text=f"code,name,level,parent_code\n{OTHER_TOWN},新名,town,990000\n").json()["id"]
        run_waiting()
        for job, line in ((pk, 2), (listed, 2)):
            found = browser(head).get(f"imports/{job}/").json()
            assert found["state"] == "refused"
            assert (line, "not_yours") in [(one["line"], one["code"]) for one in found["problems"]]

    def test_an_administrator_may_change_every_area(self, send, admin, browser):
        pk = send(admin, text=f"code,name,level,parent_code\n{OTHER_TOWN},新名,town,990000\n").json()["id"]
        run_waiting()
        browser(admin).post(f"imports/{pk}/apply/")
        run_waiting()
        assert Area.objects.get(code=OTHER_TOWN).name == "新名"

    def test_it_is_applied_within_what_the_person_may_change_by_then(self, checked, head, browser):
        head.posts.update(area=Area.objects.get(code=f"{TOWN}201"))
        browser(head).post(f"imports/{checked}/apply/")
        run_waiting()
        assert browser(head).get(f"imports/{checked}/").json()["problems"][0]["code"] == "not_yours"
        assert not Area.objects.filter(code=NEW).exists()


class TestWhatIsSent:
    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"kind": "people"}, "kind"),
            ({"crs": "EPSG:2414"}, "crs"),
            ({"crs": ""}, "crs"),
            ({"reason": ""}, "reason"),
            ({"level": "province"}, "level"),
            ({"encoding": "utf-7"}, "encoding"),
            ({"valid_from": "0001-01-01"}, "valid_from"),
            ({"valid_from": "tomorrow"}, "valid_from"),
        ],
    )
    def test_what_makes_no_sense_names_its_field(self, send, head, more, field):
        answer = send(head, **more)
        assert (answer.status_code, answer.json()["field"]) == (400, field)
        assert not ImportJob.objects.exists()

    def test_a_file_that_is_too_large(self, send, head, monkeypatch):
        monkeypatch.setattr(jobs, "MOST_BYTES", 100)
        answer = send(head)
        assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (400, "too_large", "file")
        assert not ImportJob.objects.exists()

    def test_it_is_kept_under_a_name_of_ours_and_nobody_else_may_read_it(self, send, head, settings):
        send(head)
        path = Path(ImportJob.objects.get().file.path)
        assert path.is_relative_to(Path(settings.MEDIA_ROOT) / "imports")
        assert "网格" not in path.name
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600

    def test_the_systems_to_choose_from(self, worker, browser):
        found = browser(worker).get("imports/crs/").json()["results"]
        assert len(found) == 47
        assert [found[0]["code"], found[-1]["code"]] == ["WGS-84", "BD-09"]


class TestKilledAndRepeated:
    @pytest.mark.parametrize("state", [State.WAITING, State.CHECKING])
    def test_a_check_that_broke_off_is_done_again(self, send, head, state):
        pk = send(head).json()["id"]
        ImportJob.objects.filter(pk=pk).update(state=state)
        assert run_waiting() == 1
        assert ImportJob.objects.get(pk=pk).state == State.CHECKED

    def test_applying_that_broke_off_is_done_again(self, checked):
        ImportJob.objects.filter(pk=checked).update(state=State.APPLYING)
        assert run_waiting() == 1
        assert ImportJob.objects.get(pk=checked).state == State.APPLIED
        assert Area.objects.filter(code=NEW).count() == 1
        assert run_waiting() == 0

    def test_a_file_that_kills_its_worker_is_given_up(self, send, head):
        pk = send(head).json()["id"]
        ImportJob.objects.filter(pk=pk).update(state=State.CHECKING, summary={"tries": 3})
        run_waiting()
        job = ImportJob.objects.get(pk=pk)
        assert (job.state, [one["code"] for one in job.problems]) == (State.FAILED, ["gave_up"])

    def test_an_accident_writes_nothing_and_the_next_job_goes_on(self, checked, send, head, monkeypatch):
        ImportJob.objects.filter(pk=checked).update(state=State.APPLYING)
        other = send(head, text=LIST).json()["id"]
        real = jobs.import_outlines

        def broken(**kwargs):
            real(**kwargs)
            raise RuntimeError("power cut")

        monkeypatch.setattr(jobs, "import_outlines", broken)
        assert run_waiting() == 2
        first, second = (ImportJob.objects.get(pk=pk) for pk in (checked, other))
        assert (first.state, first.problems[0]["code"], second.state) == (State.FAILED, "failed", State.CHECKED)
        assert not Area.objects.filter(code=NEW).exists()

    def test_how_far_it_is_is_read_from_the_cache_while_it_runs(self, checked):
        job = ImportJob.objects.get(pk=checked)
        set_progress(checked, done=3, total=7)
        assert (job_rows([job])[0]["done"], job_rows([job])[0]["total"]) == (1, 1)
        job.state = State.APPLYING
        assert (job_rows([job])[0]["done"], job_rows([job])[0]["total"]) == (3, 7)

    def test_the_schedule_looks_for_them(self):
        assert SCHEDULE["imports"]["task"] == "workers.tasks.imports.run"


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_run_imports_at_once(send, head):
    """The second finds the lock taken and leaves; the first goes on undisturbed."""
    send(head)
    found = []

    def second() -> None:
        try:
            found.append(run_waiting())
        finally:
            connection.close()

    with jobs._only_one() as mine:
        assert mine
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(timeout=20)
    assert found == [0]
    assert run_waiting() == 1


def test_a_list_of_jobs_costs_the_same_with_many(checked, send, head, browser):
    budget = [
        ("the person", r"staff_user"),
        ("their posts", r"staff_post"),
        ("the jobs", r"grid_importjob"),
    ]
    page = browser(head)
    for more in (0, 5):
        for _ in range(more):
            send(head)
        with statements(budget):
            assert len(page.get("imports/").json()["results"]) == 1 + more


def test_cells_of_the_town_stay_as_they_are_while_a_file_is_only_looked_at(checked):
    assert Area.objects.get(code=CELL_C).boundaries.count() == 1

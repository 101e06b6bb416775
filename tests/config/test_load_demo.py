"""The demo town: fictional, whole, and the same twice."""

from __future__ import annotations

import io
import json
import stat
from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from cases.models import Case, CaseEvent, CaseFile
from cases.selectors.explain import explain_clocks
from cases.services.evidence import verify_chain
from config.demo.town import TOWN
from grid.models import Area, AreaBoundary, WaterBody
from grid.names import Names
from notices.models import Message
from reports.models import WeeklyReport
from reports.selectors import late_at
from staff.models import Organisation, Post, User
from tests import database
from tests.town import ZONE, at

NOW = at("2026-11-25 10:00")
ROLES = {role.value for role in Post.Role}


def load() -> dict[str, object]:
    """On an empty database, as on the first `make run`."""
    database.empty()
    Names.forget_all()
    call_command("load_demo", now=NOW, stdout=io.StringIO())
    return picture()


def picture() -> dict[str, object]:
    """What somebody would see: everything but keys, passwords and times of writing."""
    cases = Case.objects.order_by("reported_at", "number").values_list(
        "client_id", "state", "category_code", "cell_code", "description", "reported_at", "due_at", "hop_count"
    )
    events = CaseEvent.objects.order_by("case__reported_at", "case__client_id", "seq")
    return {
        "areas": list(Area.objects.order_by("code").values_list("code", "name", "level")),
        "people": list(User.objects.order_by("username").values_list("username", "display_name")),
        "units": list(Organisation.objects.order_by("name").values_list("name", "kind")),
        "cases": list(cases),
        "events": list(events.values_list("case__client_id", "seq", "act", "at", "text")),
        "photos": CaseFile.objects.count(),
    }


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker, tmp_path_factory):
    """The town, loaded once for all tests of this module; before that twice with fewer cases, to be compared."""
    folder = tmp_path_factory.mktemp("demo")
    places = {"VAR_DIR": folder, "MEDIA_ROOT": folder / "media", "DEMO_FILE": folder / "demo.json"}
    with django_db_blocker.unblock():
        with override_settings(DEMO=True, **places), pytest.MonkeyPatch.context() as patch:
            patch.setattr("django.utils.timezone.now", lambda: NOW)
            with pytest.MonkeyPatch.context() as fewer:
                fewer.setattr("config.demo.stories.CASES", 40)
                twice = [load(), load()]
            load()
        yield {"twice": twice, "file": folder / "demo.json"}
        database.put_back()


@pytest.fixture
def town(demo, db, settings, own_places):
    settings.DEMO, settings.DEMO_FILE = True, demo["file"]
    return demo


class TestTheTown:
    def test_loaded_again_it_is_the_same(self, town):
        first, again = town["twice"]
        assert len(first["cases"]) > 40
        for part, seen in first.items():
            assert again[part] == seen, part

    def test_sixteen_villages_and_about_sixty_cells_with_a_worker_each(self, town):
        levels = Counter(Area.objects.filter(code__startswith=TOWN).values_list("level", flat=True))
        assert (levels["town"], levels["village"]) == (1, 16)
        assert 55 <= levels["cell"] <= 65
        assert Post.objects.filter(role="grid_worker").count() == levels["cell"]
        assert Post.objects.filter(role="village_officer").count() == 16
        assert WaterBody.objects.count() == 2

    def test_everything_is_marked_as_invented(self, town):
        assert not Area.objects.filter(synthetic=False).exists()
        assert not AreaBoundary.objects.exclude(reason="示意，非行政界线").exists()
        assert not User.objects.exclude(email__endswith=".invalid").exists()

    def test_cells_of_fifteen_digits_begin_with_their_village(self, town):
        for cell in Area.objects.filter(level="cell").select_related("parent"):
            assert len(cell.code) == 15
            assert cell.code.startswith(cell.parent.code)

    def test_three_months_of_cases_in_every_state(self, town):
        states = Counter(Case.objects.values_list("state", flat=True))
        assert set(states) == {state for state, _ in Case._meta.get_field("state").choices}
        assert Case.objects.count() > 300
        reported = Case.objects.order_by("reported_at").values_list("reported_at", flat=True)
        assert 85 <= (reported.last() - reported.first()).days <= 95
        assert reported.last() <= NOW

    def test_the_special_cases_are_there(self, town):
        open_ = Case.objects.filter(is_open=True)
        assert open_.filter(state="reported", due_at__lt=NOW).count() >= 2, "late to accept"
        assert open_.filter(state="processing", due_at__lt=NOW).count() >= 4, "late to handle"
        today = [case for case in open_.exclude(due_at=None) if case.due_at.astimezone(ZONE).date() == NOW.date()]
        assert len(today) >= 2
        assert Case.objects.filter(hop_count__gte=2).exists()
        assert Case.objects.filter(rework_count__gte=1).exists()
        assert Case.objects.exclude(merged_into=None).exists()
        assert open_.filter(state="suspended").exists()
        assert CaseFile.objects.exists()

    def test_one_case_was_suspended_over_the_national_holiday(self, town):
        pauses = CaseEvent.objects.filter(act="suspend", at__date__lt="2026-10-01", data__until__gte="2026-10-08")
        assert pauses.exists()

    def test_nothing_happens_in_the_future_and_everything_in_order(self, town):
        assert not CaseEvent.objects.filter(at__gt=NOW).exists()
        last: dict[int, tuple] = {}
        for case, seq, moment in CaseEvent.objects.order_by("case", "seq").values_list("case_id", "seq", "at"):
            assert last.get(case, (0, moment)) <= (seq, moment)
            assert seq == last.get(case, (0, moment))[0] + 1
            last[case] = (seq, moment)

    def test_last_weeks_mail_is_written(self, town):
        assert WeeklyReport.objects.get().week == "2026-W47"
        assert Message.objects.filter(kind="weekly").count() == 3


class TestWhatTheProductPromisesHoldsHere:
    def test_every_chain_holds(self, town):
        breaks = [found for case in Case.objects.all() for found in verify_chain(case=case)]
        assert breaks == []

    def test_every_due_time_can_be_worked_out_again(self, town):
        wrong = []
        for case in Case.objects.all():
            stored = {"accept": case.accept_due_at, "handle": case.handle_due_at, "verify": case.verify_due_at}
            for clock in explain_clocks(case=case):
                if clock["due_at"] != stored[clock["stage"]]:
                    wrong.append((case.number, case.state, clock["stage"], clock["due_at"], stored[clock["stage"]]))
        assert wrong == []

    def test_overdue_in_the_figures_is_overdue_in_the_lists(self, town):
        late = set(Case.objects.filter(late_at(NOW)).values_list("pk", flat=True))
        assert late == set(Case.objects.overdue(now=NOW).values_list("pk", flat=True))
        assert len(late) >= 6

    def test_every_case_lies_in_the_cell_of_its_point(self, town):
        strays = [
            case.number
            for case in Case.objects.exclude(point=None).select_related("boundary")
            if not case.boundary.geometry.covers(case.point)
        ]
        assert strays == []

    def test_no_case_was_verified_by_who_handled_it(self, town):
        for event in CaseEvent.objects.filter(act="verify").select_related("case"):
            assert event.actor_id not in event.case.handled_by, event.case


class TestSignIns:
    def test_one_for_each_role_and_each_works(self, town, browser):
        content = json.loads(town["file"].read_text(encoding="utf-8"))
        rows = content["sign_ins"]
        assert sorted(row["role"] for row in rows) == sorted(ROLES)
        assert set(rows[0]) == {"username", "password", "role", "role_name", "area", "area_name", "display_name"}
        for row in rows:
            phone = browser(None)
            answer = phone.post("session/", {"username": row["username"], "password": row["password"]})
            assert answer.json()["user"]["roles"] == [row["role"]]

    def test_the_file_is_its_owners_alone(self, town):
        assert stat.S_IMODE(town["file"].stat().st_mode) == 0o600

    def test_everybody_else_cannot_sign_in(self, town):
        names = {row["username"] for row in json.loads(town["file"].read_text(encoding="utf-8"))["sign_ins"]}
        others = User.objects.exclude(username__in=names)
        assert others.count() > 80
        assert not any(user.has_usable_password() for user in others)

    def test_the_sign_in_page_offers_them(self, town, browser):
        assert len(browser(None).get("demo/sign-ins/").json()["results"]) == len(ROLES)


class TestTheCommand:
    def test_a_town_that_is_there_is_left_alone(self, town):
        out, before = io.StringIO(), Case.objects.count()
        call_command("load_demo", stdout=out)
        assert "nothing was changed" in out.getvalue()
        assert Case.objects.count() == before

    def test_outside_the_demo_it_is_refused(self, db, settings):
        settings.DEMO = False
        with pytest.raises(CommandError, match="DEMO=1"):
            call_command("load_demo")

"""The demo town: fictional, whole, and the same twice."""

from __future__ import annotations

import io
import json
import re
import stat
from collections import Counter
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from cases.models import Case, CaseConflict, CaseEvent, CaseFile, CaseParty
from cases.selectors.deciders import sides_of
from cases.services.evidence import verify_chain
from config.demo.parties import PEOPLE, WORKSHOP
from config.demo.town import TOWN
from grid.cameras import camera_number
from grid.models import (
    Area,
    AreaBoundary,
    BoundaryChange,
    Camera,
    CheckPoint,
    PatrolArea,
    Place,
    Reach,
    ReachChief,
    WaterBody,
)
from grid.names import Names
from grid.services.places import place_in_ground
from notices.models import Message
from reports.models import WeeklyReport
from reports.selectors import late_at
from staff.models import Leave, Organisation, Patrol, PatrolPoint, PatrolVisit, Post, User
from staff.scope import scope_of
from staff.selectors.patrols import coverage_rows, patrol_area_rows
from staff.selectors.responsible import responsible_in, unattended
from tests import database
from tests.cases.test_explain import agree
from tests.town import ZONE, at

NOW = at("2026-11-25 10:00")
ROLES = {role.value for role in Post.Role}
SIDES = ("grid_worker", "village_officer")
POST = ("user__username", "role", "area__code", "backup", "stands_in_for__user__username", "valid_from", "valid_to")


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
    spots = CheckPoint.objects.order_by("patrol_area__name", "order")
    return {
        "areas": list(Area.objects.order_by("code").values_list("code", "name", "level")),
        "people": list(User.objects.order_by("username").values_list("username", "display_name")),
        "units": list(Organisation.objects.order_by("name").values_list("name", "kind")),
        "cases": list(cases),
        "events": list(events.values_list("case__client_id", "seq", "act", "at", "text")),
        "photos": CaseFile.objects.count(),
        "posts": list(Post.objects.order_by("area__code", "user__username", "pk").values_list(*POST)),
        "leaves": list(Leave.objects.order_by("post__area__code").values_list("post__area__code", "first_day")),
        "places": list(Place.objects.order_by("pk").values_list("name", "cell_code", "responsible_phone", "point")),
        "chiefs": list(ReachChief.objects.order_by("pk").values_list("name", "reach__name", "phone")),
        "cameras": list(Camera.objects.order_by("gb28181_id").values_list("gb28181_id", "name", "online", "point")),
        "check points": list(spots.values_list("name", "patrol_area__name", "point")),
        "patrols": list(Patrol.objects.order_by("pk").values_list("client_id", "user__username", "started_at")),
        "visits": PatrolVisit.objects.count(),
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

    def test_sixteen_villages_and_about_sixty_cells_with_a_worker_each_but_one(self, town):
        levels = Counter(Area.objects.filter(code__startswith=TOWN).values_list("level", flat=True))
        assert (levels["town"], levels["village"]) == (1, 16)
        assert 55 <= levels["cell"] <= 65
        main = Post.objects.filter(role="grid_worker", backup=False, stands_in_for=None)
        assert main.filter(valid_to=None).count() == levels["cell"] - 1
        assert Post.objects.filter(role="village_officer").count() == 16
        assert WaterBody.objects.count() == 2

    def test_everything_is_marked_as_invented(self, town):
        assert not Area.objects.filter(synthetic=False).exists()
        assert not AreaBoundary.objects.filter(synthetic=False).exists()
        drawn = AreaBoundary.objects.filter(change=None)
        assert not drawn.exclude(reason="示意，非行政界线").exists()
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

    def test_one_conflict_waits_and_whoever_can_sign_in_at_the_center_may_decide_it(self, town, browser):
        """The worker one can sign in as found it done, the village officer did not."""
        conflict = CaseConflict.objects.get()
        case = conflict.case
        assert (conflict.state, conflict.act, case.state, case.open_conflicts) == ("open", "verify", "verified", 1)
        assert sides_of(conflict) == set(User.objects.filter(username__in=SIDES).values_list("pk", flat=True))
        for username in ("center_operator", "center_head"):
            desk = browser(User.objects.get(username=username))
            assert [row["id"] for row in desk.get("cases/", conflict="true").json()["results"]] == [case.pk]
            (row,) = desk.get(f"cases/{case.pk}/conflicts/").json()["results"]
            assert row["may_decide"] is True
        answer = desk.post(f"cases/{case.pk}/conflicts/{conflict.pk}/", {"decision": "take"})
        assert (answer.status_code, Case.objects.get(pk=case.pk).state) == (200, "processing")

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


class TestTheGround:
    def test_nobody_acts_in_one_cell_and_a_substitute_and_a_backup_in_two_others(self, town):
        alone = unattended(prefixes=[TOWN], inside="", at=NOW)
        assert [(one.reason, one.since) for one in alone] == [("no_post", date(2026, 11, 13))]
        codes = Area.objects.filter(level="cell").values_list("code", flat=True)
        acting = Counter(found[0].as_ for found in responsible_in(codes=codes, at=NOW).values())
        assert acting == {"main": len(codes) - 3, "substitute": 1, "backup": 1, "officer": 1}

    def test_whoever_can_sign_in_as_grid_worker_has_their_own_cell_and_no_other(self, town):
        worker = User.objects.get(username="grid_worker")
        assert [(post.area.code, post.backup) for post in worker.posts.all()] == [(f"{TOWN}200001", False)]
        assert Post.objects.filter(area__code=f"{TOWN}200001", backup=True).exists()

    def test_nobody_is_away_who_did_something_meanwhile(self, town):
        for leave in Leave.objects.select_related("post"):
            begun = at(f"{leave.first_day} 00:00")
            assert not CaseEvent.objects.filter(actor=leave.post.user_id, at__gte=begun).exists()
        for post in Post.objects.filter(valid_to__lte=NOW.date(), stands_in_for=None):
            assert not CaseEvent.objects.filter(actor=post.user_id, at__gte=at(f"{post.valid_to} 00:00")).exists()
            assert not Patrol.objects.filter(user=post.user_id, started_at__gte=at(f"{post.valid_to} 00:00")).exists()

    def test_no_telephone_can_be_a_real_one(self, town):
        phones = [*User.objects.values_list("phone", flat=True), *ReachChief.objects.values_list("phone", flat=True)]
        phones += [phone for row in Place.objects.values_list("responsible_phone", "safety_phone") for phone in row]
        assert len(set(phones)) > 150
        assert not [phone for phone in phones if phone and not re.fullmatch("100[0-9]{8}", phone)]
        assert User.objects.get(username="village_officer").phone != ""

    def test_disputes_are_between_people_whom_nobody_can_call(self, town):
        disputes = Case.objects.filter(category_code__startswith="A")
        parties = list(CaseParty.objects.all())
        assert {party.case_id for party in parties} == set(disputes.values_list("pk", flat=True))
        assert {party.name for party in parties} <= {*PEOPLE, WORKSHOP}
        assert all(re.fullmatch("(100[0-9]{8})?", party.phone) for party in parties)
        assert {party.name for party in parties if party.kind == "organisation"} == {WORKSHOP}

    def test_places_of_many_kinds_lie_where_they_say(self, town):
        places = Place.objects.select_related("kind", "village")
        assert places.count() == 60
        assert set(places.values_list("kind__group", flat=True)) == {"key", "small", "facility"}
        assert not places.filter(synthetic=False).exists()
        for place in places:
            placed = place_in_ground(point=place.point, at=NOW, village_code=place.village.code)
            assert (placed.village_code, placed.cell_code) == (place.village_code, place.cell_code)

    def test_each_water_has_a_reach_for_the_town_and_some_for_villages_with_a_chief_each(self, town):
        for water in WaterBody.objects.all():
            levels = Counter(water.reaches.values_list("level", flat=True))
            assert levels["town"] == 1
            assert levels["village"] >= 2
        assert ReachChief.objects.count() == Reach.objects.filter(synthetic=True).count() == Reach.objects.count()

    def test_cameras_are_in_eleven_of_sixteen_villages_and_some_are_offline(self, town):
        cameras = Camera.objects.filter(synthetic=True)
        assert cameras.count() == Camera.objects.count() == 24
        villages = set(cameras.values_list("village_code", flat=True))
        online = set(cameras.filter(online=True).values_list("village_code", flat=True))
        assert (len(villages), len(online)) == (11, 10)
        for camera in cameras:
            assert camera_number(camera.gb28181_id).center == "99000001"
            placed = place_in_ground(point=camera.point, at=NOW)
            assert (placed.village_code, placed.cell_code) == (camera.village_code, camera.cell_code)

    def test_seven_patrol_areas_of_all_kinds_and_rounds_that_left_some_cells_out(self, town):
        assert Counter(PatrolArea.objects.values_list("kind", flat=True)) == {"cells": 2, "line": 2, "points": 3}
        assert not PatrolArea.objects.filter(synthetic=False).exists()
        started = Patrol.objects.order_by("started_at").values_list("started_at", flat=True)
        assert NOW - timedelta(days=90) < started.first()
        assert not Patrol.objects.filter(stopped_at__gt=NOW).exists()
        assert PatrolPoint.objects.count() > 800
        days = [row["days_since"] for row in coverage_rows(prefixes=[TOWN], inside="", now=NOW)]
        assert None in days
        assert any(one is not None and one > 14 for one in days)
        assert sum(one is not None and one <= 5 for one in days) > 10
        assert PatrolVisit.objects.filter(check_point__isnull=False).count() >= 15

    def test_whoever_can_sign_in_as_grid_worker_is_late_with_a_round_and_not_with_all(self, town):
        scope = scope_of(User.objects.get(username="grid_worker"), on=NOW.date())
        late = {row["name"]: row["late"] for row in patrol_area_rows(scope=scope, inside="", now=NOW)}
        assert late["甲村低洼易涝点巡查"] is True
        assert late["甲村重点部位夜巡"] is False

    def test_one_cell_was_split_some_weeks_ago_by_the_head_of_the_center(self, town):
        change = BoundaryChange.objects.get()
        assert (change.kind, change.made_by) == ("split", User.objects.get(username="center_head").pk)
        assert change.effective_at == at("2026-10-18 10:00")
        assert change.settled_at is not None
        old, new = change.before[0]["code"], change.after[1]["code"]
        assert AreaBoundary.objects.filter(area__code=old).count() == 2
        cut = Area.objects.get(code=new)
        assert (cut.predecessor.code, cut.name[-4:]) == (old, "新区网格")
        # No story happens in what was cut off, so every case lies in the cell of its day.
        assert not Case.objects.filter(cell_code=new).exists()
        assert [post.user_id for post in cut.posts.all()] == [Post.objects.filter(area__code=old)[0].user_id]


class TestWhatTheProductPromisesHoldsHere:
    def test_every_chain_holds(self, town):
        breaks = [found for case in Case.objects.all() for found in verify_chain(case=case)]
        assert breaks == []

    def test_every_due_time_can_be_worked_out_again(self, town):
        seen: Counter[str] = Counter()
        for case in Case.objects.all():
            seen.update(list(agree(case)))
        assert set(seen) >= {"accept", "take", "handle", "verify", "archive"}

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

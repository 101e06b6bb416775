"""The register of cameras, what the video platform reports, and how many villages have one that works."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.core.exceptions import ValidationError
from django.test import Client

from grid.cameras import camera_number
from grid.models import Area, Camera
from staff.models import Post, Token, User
from staff.scope import scope_of
from staff.services.cameras import CameraReport, take_camera_reports
from staff.services.tokens import make_token
from tests.database import at_once
from tests.statements import statements
from tests.town import CELL_A, EAST, IN_A, IN_C, IN_OTHER_TOWN, SINCE, TOWN, WEST, at

NOW = at("2026-11-25 10:00")
NUMBERS = {
    "A": "99000009001320000001",
    "B": "99000009001320000002",
    "C": "99000009001320000003",
    "X": "99000008001320000001",
}


def camera(key: str, place: tuple[float, float], village: str, cell: str = "", **more: Any) -> Camera:
    return Camera.objects.create(
        name=f"示意{key}",
        gb28181_id=NUMBERS[key],
        village=Area.objects.get(code=village),
        village_code=village,
        cell_code=cell,
        point=Point(*place, srid=4326),
        owner="示意单位",
        stream_reference=f"stream/{key}",
        **more,
    )


@pytest.fixture
def cameras(cast) -> dict[str, Camera]:
    """A in cell A and B in 东村, C in 西村, X in the other town."""
    return {
        "A": camera("A", IN_A, EAST, CELL_A),
        "B": camera("B", IN_A, EAST),
        "C": camera("C", IN_C, WEST, "990000009202001"),
        "X": camera("X", IN_OTHER_TOWN, "990000008201"),
    }


class Platform:
    """A machine with a token."""

    def __init__(self, text: str) -> None:
        self.client = Client(headers={"authorization": f"Bearer {text}"})

    def send(self, *results: dict[str, Any]) -> Any:
        body = {"results": list(results)}
        return self.client.post("/api/v1/cameras/status/", body, content_type="application/json")


@pytest.fixture
def platform(operator) -> Platform:
    return Platform(make_token(user=operator, name="视频平台", purpose=Token.Purpose.CAMERAS))


def says(key: str, online: bool = True, moment: str | None = None) -> dict[str, Any]:
    more = {"at": at(f"2026-11-25 {moment}").isoformat()} if moment else {}
    return {"gb28181_id": NUMBERS.get(key, key), "online": online, **more}


def state(key: str) -> tuple[bool, str | None]:
    one = Camera.objects.get(gb28181_id=NUMBERS[key])
    return one.online, one.reported_at and f"{one.reported_at.astimezone(NOW.tzinfo):%H:%M}"


class TestNumber:
    def test_its_parts(self):
        number = camera_number("44510200001320000017")
        assert (number.center, number.industry, number.type, number.network, number.serial) == (
            "44510200",
            "00",
            "132",
            "0",
            "000017",
        )

    @pytest.mark.parametrize("text", ["11010100001310000001", "82000000001320000001", "99000009001320000001"])
    def test_provinces_and_the_demo_are_plausible(self, text):
        assert camera_number(text).center == text[:8]

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("", "not_20_digits"),
            ("4451020000132000001", "not_20_digits"),
            ("445102000013200000177", "not_20_digits"),
            ("4451020000132000001x", "not_20_digits"),
            ("٤٤٥١٠٢٠٠٠٠١٣٢٠٠٠٠٠١٧", "not_20_digits"),
            ("44510200001320000017\n", "not_20_digits"),
            ("10510200001320000017", "no_province"),
            ("83510200001320000017", "no_province"),
            ("00000000001320000017", "no_province"),
        ],
    )
    def test_what_is_none(self, text, code):
        with pytest.raises(ValidationError) as refused:
            camera_number(text)
        assert refused.value.code == code


class TestStatus:
    def test_a_report_updates_what_is_in_sight(self, platform, cameras):
        answer = platform.send(says("A"), says("C", online=False, moment="09:58"))
        assert answer.status_code == 200
        assert answer.json() == {"updated": 2, "unknown": []}
        assert (state("A"), state("C"), state("B")) == ((True, "10:00"), (False, "09:58"), (False, None))

    def test_foreign_unknown_and_unused_cameras_are_one_answer(self, platform, cameras):
        Camera.objects.filter(pk=cameras["B"].pk).update(active=False)
        nobody = "99000009001320009999"
        answer = platform.send(says("X"), says(nobody), says("B"), says("nonsense"))
        assert answer.json() == {"updated": 0, "unknown": [NUMBERS["X"], nobody, NUMBERS["B"], "nonsense"]}
        assert state("X") == (False, None)

    def test_an_older_report_changes_nothing(self, platform, cameras):
        platform.send(says("A", moment="09:50"))
        assert platform.send(says("A", online=False, moment="09:49")).json() == {"updated": 0, "unknown": []}
        assert state("A") == (True, "09:50")

    def test_of_two_in_one_report_the_newer_counts(self, platform, cameras):
        platform.send(says("A", online=False, moment="09:58"), says("A", online=True, moment="09:55"))
        assert state("A") == (False, "09:58")

    def test_a_clock_that_is_ahead_a_little_is_now_and_more_is_refused(self, platform, cameras):
        platform.send(says("A", moment="10:04"))
        assert state("A") == (True, "10:00")
        answer = platform.send(says("B"), says("A", moment="10:06"))
        assert answer.status_code == 400
        assert (answer.json()["code"], answer.json()["field"]) == ("in_future", "results.1.at")
        assert state("B") == (False, None)

    def test_no_more_than_a_thousand_at_once(self, platform, cameras):
        answer = platform.send(*[says("A")] * 1001)
        assert (answer.status_code, answer.json()["code"]) == (400, "too_many")

    def test_the_sight_is_that_of_the_tokens_person(self, cameras, officer):
        village = Platform(make_token(user=officer, name="村平台", purpose=Token.Purpose.CAMERAS))
        assert village.send(says("A"), says("C")).json() == {"updated": 1, "unknown": [NUMBERS["C"]]}

    def test_a_thousand_are_as_many_statements_as_one(self, platform, cameras):
        budget = [
            ("the token", r'FROM "staff_token"'),
            ("its use is noted", r'UPDATE "staff_token"'),
            ("posts", r'FROM "staff_post"'),
            ("cameras in sight", r'FROM "grid_camera".*FOR UPDATE'),
            ("the update", r"UPDATE grid_camera"),
        ]
        with statements(budget):
            assert platform.send(says("A"), *[says(f"{n:020}") for n in range(999)]).json()["updated"] == 1

    @pytest.mark.parametrize("text", ["", "wg_nothing", "map"])
    def test_without_the_right_token_it_is_401(self, operator, cameras, text):
        if text == "map":
            text = make_token(user=operator, name="地图", purpose=Token.Purpose.MAP)
        answer = Platform(text).send(says("A"))
        assert answer.status_code == 401
        assert state("A") == (False, None)

    def test_an_ended_token_and_a_closed_account_are_401(self, platform, operator, cameras):
        Token.objects.update(valid_to=date(2026, 11, 25), valid_from=SINCE)
        assert platform.send(says("A")).status_code == 401
        Token.objects.update(valid_to=None)
        User.objects.filter(pk=operator.pk).update(is_active=False)
        assert platform.send(says("A")).status_code == 401

    def test_a_person_without_a_post_reports_on_nothing(self, platform, operator, cameras):
        Post.objects.filter(user=operator).delete()
        assert platform.send(says("A")).json() == {"updated": 0, "unknown": [NUMBERS["A"]]}

    def test_a_session_is_not_enough(self, browser, operator, cameras):
        assert browser(operator).post("cameras/status/", {"results": [says("A")]}).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_of_two_reports_at_once_the_newest_stands(cast, clock):
    for key in ("A", "B"):
        camera(key, IN_A, EAST)
    scope = scope_of(cast.operator)
    older = [CameraReport(NUMBERS[key], False, NOW - timedelta(minutes=1)) for key in ("A", "B")]
    newer = [CameraReport(NUMBERS[key], True, NOW) for key in ("B", "A")]
    results = at_once(
        lambda: take_camera_reports(reports=older, scope=scope), lambda: take_camera_reports(reports=newer, scope=scope)
    )
    assert [result.unknown for result in results] == [[], []]
    assert (state("A"), state("B")) == ((True, "10:00"), (True, "10:00"))


class TestRegister:
    @pytest.mark.parametrize(
        ("who", "seen"),
        [
            ("worker", {"A"}),
            ("neighbour", set()),
            ("officer", {"A", "B"}),
            ("operator", {"A", "B", "C"}),
            ("leader", {"A", "B", "C"}),
            ("handler", {"A", "B", "C"}),
            ("admin", set()),
            ("outsider", {"X"}),
        ],
    )
    def test_everybody_sees_those_in_the_area_of_their_posts(self, browser, cast, cameras, who, seen):
        rows = browser(getattr(cast, who)).get("cameras/").json()["results"]
        assert {row["gb28181_id"] for row in rows} == {NUMBERS[key] for key in seen}

    @pytest.mark.parametrize(
        ("who", "reference"), [("operator", "stream/A"), ("head", "stream/A"), ("officer", ""), ("leader", "")]
    )
    def test_only_the_center_gets_the_stream(self, browser, cast, cameras, who, reference):
        [row] = browser(getattr(cast, who)).get("cameras/", within=CELL_A).json()["results"]
        assert row["stream_reference"] == reference

    def test_a_row_says_where_it_is_and_how_it_is(self, browser, platform, operator, cameras):
        platform.send(says("A"))
        [row] = browser(operator).get("cameras/", within=CELL_A).json()["results"]
        assert row == {
            "id": cameras["A"].pk,
            "name": "示意A",
            "gb28181_id": NUMBERS["A"],
            "type": "bullet",
            "type_name": cameras["A"].get_type_display(),
            "village": {"code": EAST, "name": "东村"},
            "cell": {"code": CELL_A, "name": "东村01网格"},
            "lon": IN_A[0],
            "lat": IN_A[1],
            "owner": "示意单位",
            "online": True,
            "reported_at": "2026-11-25T02:00:00Z",
            "stream_reference": "stream/A",
        }

    def test_one_that_is_silent_for_too_long_counts_as_offline(self, browser, clock, platform, operator, cameras):
        platform.send(says("A"))
        for moment, online in (("2026-11-25 11:00", True), ("2026-11-25 11:01", False)):
            clock.to(moment)
            assert browser(operator).get("cameras/", within=CELL_A).json()["results"][0]["online"] is online

    def test_one_out_of_use_is_not_listed(self, browser, operator, cameras):
        Camera.objects.update(active=False)
        assert browser(operator).get("cameras/").json() == {"results": [], "more": False}

    def test_a_stranger_sees_none(self, browser, cameras):
        assert browser(None).get("cameras/").status_code == 401
        assert browser(None).get("cameras/summary/").status_code == 401


class TestSummary:
    def summary(self, browser, user, **query: Any) -> tuple[int, int, int, int, float | None]:
        row = browser(user).get("cameras/summary/", **query).json()
        return row["registered"], row["online"], row["villages"], row["connected_villages"], row["share"]

    def test_villages_with_at_least_one_online_camera(self, browser, platform, operator, cameras):
        platform.send(says("A"), says("B"), says("C", online=False))
        assert self.summary(browser, operator) == (3, 2, 2, 1, 0.5)
        assert self.summary(browser, operator, within=WEST) == (1, 0, 1, 0, 0.0)

    def test_it_says_how_fresh_it_is(self, browser, operator, cameras, settings):
        settings.CAMERA_STALE_MINUTES = 30
        row = browser(operator).get("cameras/summary/").json()
        assert (row["as_of"], row["stale_after_minutes"]) == ("2026-11-25T02:00:00Z", 30)

    def test_silence_longer_than_the_setting_is_offline(self, browser, clock, platform, operator, cameras, settings):
        settings.CAMERA_STALE_MINUTES = 30
        platform.send(says("A"))
        clock.to("2026-11-25 10:31")
        assert self.summary(browser, operator) == (3, 0, 2, 0, 0.0)

    def test_villages_are_those_of_today(self, browser, platform, operator, cameras):
        platform.send(says("A"), says("C"))
        Area.objects.filter(code=WEST).update(valid_to=date(2026, 11, 25))
        assert self.summary(browser, operator) == (3, 2, 1, 1, 1.0)

    def test_without_villages_there_is_no_share(self, browser, platform, worker, operator, cameras):
        platform.send(says("A"))
        assert self.summary(browser, worker) == (1, 1, 0, 0, None)
        assert self.summary(browser, operator, within=CELL_A) == (1, 1, 0, 0, None)

    def test_others_count_their_own(self, browser, cast, cameras):
        assert self.summary(browser, cast.outsider) == (1, 0, 1, 0, 0.0)
        assert self.summary(browser, cast.admin) == (0, 0, 0, 0, None)
        assert self.summary(browser, cast.officer, within=TOWN) == (2, 0, 1, 0, 0.0)

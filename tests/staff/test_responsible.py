"""Who answers for an area now, and the cells in which nobody does."""

from __future__ import annotations

from datetime import date

import pytest

from grid.models import Area
from staff.models import Leave, Organisation, Post, User
from staff.scope import scope_of
from staff.selectors.responsible import responsible_for, responsible_in, responsible_rows, unattended
from tests.statements import statements
from tests.town import CELL_A, CELL_B, CELL_C, DISTRICT, EAST, SINCE, TOWN, WEST, at

NOW = at("2026-11-25 10:00")
PHONE, HIDDEN = "13800001111", "138****1111"


@pytest.fixture
def post_a(worker) -> Post:
    """阿珍's post on cell A; her phone is known."""
    worker.phone = PHONE
    worker.save(update_fields=["phone"])
    return Post.objects.get(user=worker)


def on_leave(post: Post, first: str = "2026-11-24", last: str = "2026-11-27") -> Leave:
    return Leave.objects.create(post=post, first_day=date.fromisoformat(first), last_day=date.fromisoformat(last))


def stand_in(user: User, post: Post, first: str = "2026-11-24", after: str = "2026-11-28") -> Post:
    return Post.objects.create(
        user=user,
        role=post.role,
        area=post.area,
        backup=post.backup,
        stands_in_for=post,
        valid_from=date.fromisoformat(first),
        valid_to=date.fromisoformat(after),
    )


def backup_in(user: User, code: str, role: str = "grid_worker") -> Post:
    area = Area.objects.get(code=code)
    return Post.objects.create(user=user, role=role, area=area, backup=True, valid_from=SINCE)


def answering(code: str, moment=NOW) -> list[tuple[str, str]]:
    return [(one.name, one.as_.value) for one in responsible_for(code=code, at=moment)]


class TestWhoAnswers:
    def test_the_holder_of_the_main_post_answers_alone(self, post_a, neighbour):
        backup_in(neighbour, CELL_A)
        [one] = responsible_for(code=CELL_A, at=NOW)
        assert (one.name, one.as_, one.because, one.until) == ("阿珍", "main", "", None)

    def test_on_leave_the_substitute_answers_and_says_until_when(self, post_a, neighbour, officer):
        on_leave(post_a)
        stand_in(neighbour, post_a)
        backup_in(officer, CELL_A)
        [one] = responsible_for(code=CELL_A, at=NOW)
        assert (one.name, one.as_, one.until) == ("邻格", "substitute", date(2026, 11, 27))
        assert "阿珍" in one.because
        assert "2026-11-27" in one.because

    def test_without_a_substitute_the_backup_answers(self, post_a, neighbour):
        on_leave(post_a)
        backup_in(neighbour, CELL_A)
        assert answering(CELL_A) == [("邻格", "backup")]

    def test_a_backup_answers_where_nobody_holds_the_main_post(self, neighbour):
        backup_in(neighbour, CELL_C)
        [one] = responsible_for(code=CELL_C, at=NOW)
        assert (one.name, one.as_.value, one.until) == ("邻格", "backup", None)
        assert one.because

    def test_with_nobody_left_the_village_officer_is_named(self, post_a):
        on_leave(post_a)
        [one] = responsible_for(code=CELL_A, at=NOW)
        assert (one.name, one.as_.value, one.role) == ("村长", "officer", "village_officer")
        assert one.area_code == EAST

    def test_a_substitute_or_backup_on_leave_does_not_answer(self, post_a, neighbour):
        on_leave(post_a)
        on_leave(backup_in(neighbour, CELL_A))
        on_leave(stand_in(neighbour, post_a))
        assert answering(CELL_A) == [("村长", "officer")]

    def test_a_backups_substitute_answers_for_the_backup(self, post_a, neighbour, operator):
        on_leave(post_a)
        backup = backup_in(neighbour, CELL_A)
        on_leave(backup)
        stand_in(operator, backup)
        assert answering(CELL_A) == [("值班", "backup")]

    def test_while_the_holder_is_there_the_substitute_rests(self, post_a, neighbour):
        stand_in(neighbour, post_a)
        assert answering(CELL_A) == [("阿珍", "main")]

    def test_a_substitute_goes_on_when_the_holders_account_is_closed(self, post_a, worker, neighbour):
        on_leave(post_a)
        stand_in(neighbour, post_a)
        User.objects.filter(pk=worker.pk).update(is_active=False)
        assert answering(CELL_A) == [("邻格", "substitute")]

    def test_a_closed_account_does_not_count(self, worker):
        User.objects.filter(pk=worker.pk).update(is_active=False)
        assert answering(CELL_A) == [("村长", "officer")]

    def test_where_there_is_nobody_at_all_the_list_is_empty(self, cast):
        assert answering(CELL_C) == []
        assert answering(WEST) == []
        assert answering(TOWN) == []
        assert answering(DISTRICT) == []

    def test_for_a_village_its_officer_answers(self, officer):
        assert answering(EAST) == [("村长", "main")]

    def test_withdrawn_leave_is_none(self, post_a):
        leave = on_leave(post_a)
        Leave.objects.filter(pk=leave.pk).update(cancelled=True)
        assert answering(CELL_A) == [("阿珍", "main")]

    @pytest.mark.parametrize(
        ("moment", "who"),
        [
            ("2026-11-23 23:59", "阿珍"),
            ("2026-11-24 00:00", "邻格"),
            ("2026-11-27 23:59", "邻格"),
            ("2026-11-28 00:00", "阿珍"),
        ],
    )
    def test_days_are_those_of_shanghai(self, post_a, neighbour, moment, who):
        on_leave(post_a)
        stand_in(neighbour, post_a)
        assert [name for name, _ in answering(CELL_A, at(moment))] == [who]

    def test_a_post_ends_with_its_area(self, post_a):
        Area.objects.filter(code=CELL_A).update(valid_to=date(2026, 11, 25))
        assert answering(CELL_A) == [("村长", "officer")]

    def test_many_areas_are_one_statement(self, post_a, neighbour):
        on_leave(post_a)
        with statements([("posts with their leave", r'FROM "staff_post"')]):
            found = responsible_in(codes=[CELL_A, CELL_B, CELL_C, EAST, WEST], at=NOW)
        assert {code: [one.name for one in people] for code, people in found.items()} == {
            CELL_A: ["村长"],
            CELL_B: ["邻格"],
            CELL_C: [],
            EAST: ["村长"],
            WEST: [],
        }


class TestPhones:
    @pytest.mark.parametrize(
        ("reader", "seen"),
        [
            ("worker", PHONE),
            ("officer", PHONE),
            ("operator", PHONE),
            ("head", PHONE),
            ("admin", PHONE),
            ("neighbour", HIDDEN),
            ("handler", HIDDEN),
            ("mediator", HIDDEN),
            ("leader", HIDDEN),
            ("auditor", HIDDEN),
        ],
    )
    def test_whole_for_those_who_work_there_and_masked_for_the_rest(self, cast, post_a, reader, seen):
        [row] = responsible_rows(code=CELL_A, at=NOW, scope=scope_of(getattr(cast, reader)))
        assert row["person"] == {"id": post_a.user_id, "name": "阿珍", "phone": seen}

    def test_people_of_another_town_are_not_named(self, outsider):
        assert responsible_rows(code=CELL_A, at=NOW, scope=scope_of(outsider)) == []

    def test_an_unknown_phone_is_empty(self, neighbour, operator):
        [row] = responsible_rows(code=CELL_B, at=NOW, scope=scope_of(operator))
        assert row["person"]["phone"] == ""


class TestPeopleOfAnArea:
    def test_a_cell_lists_who_answers_its_posts_and_its_village_officer(self, browser, operator, post_a, neighbour):
        on_leave(post_a)
        standing = stand_in(neighbour, post_a)
        found = browser(operator).get(f"areas/{CELL_A}/people/").json()
        [one] = found["responsible"]
        assert (one["as"], one["role_name"], one["until"]) == ("substitute", "网格员", "2026-11-27")
        assert one["as_name"]
        posts = {post["id"]: post for post in found["posts"]}
        assert {post["role"] for post in posts.values()} == {"grid_worker", "village_officer"}
        assert posts[post_a.pk]["on_leave_until"] == "2026-11-27"
        assert posts[post_a.pk]["person"]["phone"] == PHONE
        assert posts[standing.pk]["stands_in_for"] == {"id": post_a.pk, "name": "阿珍"}
        [leave] = posts[post_a.pk]["leaves"]
        assert leave["substitute"]["name"] == "邻格"

    def test_ended_posts_are_history(self, browser, operator, worker, neighbour):
        Post.objects.filter(user=worker).update(valid_to=date(2026, 11, 1))
        found = browser(operator).get(f"areas/{CELL_A}/people/").json()
        assert [(post["person"]["name"], post["valid_to"]) for post in found["history"]] == [("阿珍", "2026-11-01")]
        assert [post["role"] for post in found["posts"]] == ["village_officer"]

    def test_a_post_that_is_still_to_come_is_neither(self, browser, operator, neighbour):
        area = Area.objects.get(code=CELL_C)
        Post.objects.create(user=neighbour, role="grid_worker", area=area, valid_from=date(2026, 11, 26))
        assert browser(operator).get(f"areas/{CELL_C}/people/").json() == {
            "responsible": [],
            "posts": [],
            "history": [],
        }

    def test_colleagues_of_the_town_see_today_without_phones_and_history(self, browser, post_a, neighbour):
        on_leave(post_a)
        Post.objects.create(
            user=neighbour, role="grid_worker", area=post_a.area, valid_from=SINCE, valid_to=date(2025, 1, 1)
        )
        found = browser(neighbour).get(f"areas/{CELL_A}/people/").json()
        assert [post["person"]["phone"] for post in found["posts"]] == [HIDDEN, ""]
        assert [post["leaves"] for post in found["posts"]] == [[], []]
        assert found["history"] == []

    def test_administrators_are_no_people_of_the_town(self, browser, operator):
        roles = {post["role"] for post in browser(operator).get(f"areas/{TOWN}/people/").json()["posts"]}
        assert "center_operator" in roles
        assert "admin" not in roles

    @pytest.mark.parametrize("code", ["990000008201001", "990000009999", "nonsense", "9", CELL_A + "1"])
    def test_foreign_and_unknown_areas_are_the_same_404(self, browser, operator, code):
        answer = browser(operator).get(f"areas/{code}/people/")
        assert answer.status_code == 404
        assert answer.json()["code"] == "not_found"

    def test_strangers_and_people_without_a_post_see_nobody(self, browser, worker):
        assert browser(None).get(f"areas/{CELL_A}/people/").status_code == 401
        Post.objects.filter(user=worker).delete()
        assert browser(User.objects.get(pk=worker.pk)).get(f"areas/{CELL_A}/people/").status_code == 404

    def test_the_number_of_statements_does_not_grow(self, browser, operator, post_a, neighbour):
        phone = browser(operator)
        phone.get("session/")
        for _ in range(5):
            on_leave(post_a)
            stand_in(neighbour, post_a)
        with statements(
            [
                ("who is signed in", r'FROM "staff_user"'),
                ("their posts", r'FROM "staff_post"'),
                ("the area", r'FROM "grid_area"'),
                ("posts of today", r'FROM "staff_post"'),
                ("ended posts", r'FROM "staff_post".*LIMIT 100'),
                ("leaves", r'FROM "staff_leave"'),
                ("substitutes", r'FROM "staff_post"'),
            ]
        ):
            phone.get(f"areas/{CELL_A}/people/")


class TestUnattended:
    def rows(self, browser, user, **query) -> list[tuple[str, str, str | None]]:
        answer = browser(user).get("areas/unattended/", **query)
        assert answer.status_code == 200
        return [(row["code"], row["reason"], row["since"]) for row in answer.json()["results"]]

    def test_a_cell_without_a_post_is_listed(self, browser, operator):
        [row] = browser(operator).get("areas/unattended/").json()["results"]
        assert row == {
            "code": CELL_C,
            "name": "西村01网格",
            "village": {"code": WEST, "name": "西村"},
            "since": None,
            "reason": "no_post",
            "reason_name": row["reason_name"],
        }
        assert row["reason_name"]

    def test_it_says_since_when_the_post_is_empty(self, browser, operator, worker):
        Post.objects.filter(user=worker).update(valid_to=date(2026, 11, 1))
        assert self.rows(browser, operator, within=EAST) == [(CELL_A, "no_post", "2026-11-01")]

    def test_leave_without_anybody_to_stand_in_counts_even_with_an_officer(self, browser, operator, post_a):
        on_leave(post_a)
        assert answering(CELL_A) == [("村长", "officer")]
        assert self.rows(browser, operator, within=EAST) == [(CELL_A, "on_leave", "2026-11-24")]

    def test_with_a_substitute_or_backup_the_cell_is_attended(self, browser, operator, post_a, neighbour):
        on_leave(post_a)
        stand_in(neighbour, post_a)
        assert self.rows(browser, operator, within=EAST) == []

    def test_the_officer_sees_the_own_village_only(self, browser, officer, worker):
        Post.objects.filter(user=worker).update(valid_to=date(2026, 11, 1))
        assert [code for code, _, _ in self.rows(browser, officer)] == [CELL_A]
        assert self.rows(browser, officer, within=WEST) == []

    @pytest.mark.parametrize("reader", ["operator", "head", "leader", "auditor"])
    def test_the_center_and_its_supervisors_see_the_town(self, browser, cast, reader):
        assert [code for code, _, _ in self.rows(browser, getattr(cast, reader))] == [CELL_C]

    def test_another_towns_center_sees_its_own_gap(self, browser, outsider):
        assert [code for code, _, _ in self.rows(browser, outsider)] == ["990000008201001"]

    @pytest.mark.parametrize("reader", ["worker", "handler", "mediator", "admin"])
    def test_others_may_not(self, browser, cast, reader):
        answer = browser(getattr(cast, reader)).get("areas/unattended/")
        assert answer.status_code == 403
        assert answer.json()["code"] == "permission_denied"

    def test_a_stranger_may_not(self, browser):
        assert browser(None).get("areas/unattended/").status_code == 401

    def test_what_is_no_code_is_refused_by_name(self, browser, operator):
        answer = browser(operator).get("areas/unattended/", within="12")
        assert (answer.status_code, answer.json()["field"]) == (400, "within")

    def test_three_statements_for_any_number_of_cells(self, operator):
        village = Area.objects.get(code=WEST)
        Area.objects.bulk_create(
            Area(code=f"{WEST}{n:03}", name=f"西村{n}", level="cell", parent=village, valid_from=SINCE)
            for n in range(10, 210)
        )
        scope = scope_of(operator)
        with statements(
            [
                ("posts", r'FROM "staff_post"'),
                ("ended posts", r'MAX\("staff_post"."valid_to"\)'),
                ("cells", r'FROM "grid_area"'),
            ]
        ):
            assert len(unattended(prefixes=scope.codes(), inside="", at=NOW)) == 201

    def test_a_unit_named_in_the_post_changes_nothing(self, post_a):
        unit = Organisation.objects.first()
        Post.objects.filter(pk=post_a.pk).update(organisation=unit)
        assert answering(CELL_A) == [("阿珍", "main")]

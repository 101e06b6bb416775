"""Phones: registered by themselves, signed out and emptied from afar by those who may, and by nobody else."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from staff.models import Device, Post
from staff.services.devices import device_name, forget_devices
from tests.database import at_once
from tests.statements import statements

PHONE = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"
UNKNOWN = "99999999-9999-4999-8999-999999999999"
OTHERS = ["neighbour", "officer", "operator", "handler", "other_handler", "mediator", "leader", "auditor", "outsider"]
ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36"


@pytest.fixture
def phone(browser):
    """`phone(worker)`: the person signs in on a phone of their own, which registers."""

    def sign_in(person, phone_id: str = PHONE, agent: str = ANDROID):
        one = browser(person, user_agent=agent)
        answer = one.put(f"devices/{phone_id}/")
        assert answer.status_code == 200, answer.json()
        return one

    return sign_in


@pytest.fixture
def fate(browser):
    """What the phone learns of itself without a session."""
    return lambda phone_id=PHONE: browser(None).get(f"devices/{phone_id}/fate/").json()


def sign_out(browser, phone_id: str = PHONE, *, wipe: bool = False):
    return browser.post(f"devices/{phone_id}/sign-out/", {"wipe": wipe})


def is_signed_in(browser) -> bool:
    answer = browser.get("me/")
    assert answer.status_code in (200, 401)
    return answer.status_code == 200


class TestRegistering:
    def test_a_phone_is_listed_with_a_name_in_plain_words(self, phone, worker):
        [row] = phone(worker).get("devices/").json()["results"]
        assert row == {
            "id": PHONE,
            "name": "Android · Chrome",
            "first_seen": "2026-11-25T02:00:00Z",
            "last_seen": "2026-11-25T02:00:00Z",
            "signed_out_at": None,
            "wipe_asked_at": None,
            "wiped_at": None,
            "here": True,
        }

    def test_a_name_of_its_own_is_kept(self, browser, worker):
        answer = browser(worker).put(f"devices/{PHONE}/", {"name": "备用机"})
        assert (answer.json()["name"], answer.json()["wipe"]) == ("备用机", False)

    @pytest.mark.parametrize(
        ("agent", "name"),
        [
            (ANDROID, "Android · Chrome"),
            (ANDROID + " MicroMessenger/8.0.50", "Android · 微信"),
            (ANDROID + " wxwork/4.1 MicroMessenger/7.0", "Android · 企业微信"),
            ("Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 Chrome/114 Safari/537.36", "HarmonyOS · Chrome"),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "iPhone · Safari"),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Linux · Firefox"),
            ("curl/8", ""),
            ("", ""),
        ],
    )
    def test_names_come_from_what_the_browser_says_of_itself(self, agent, name):
        assert device_name(agent) == name

    def test_registered_again_at_each_start_it_is_the_same_phone(self, clock, phone, worker):
        one = phone(worker)
        clock.to("2026-11-25 10:09")
        one.put(f"devices/{PHONE}/")
        assert Device.objects.get().last_seen.minute == 0
        clock.to("2026-11-25 10:10")
        one.put(f"devices/{PHONE}/")
        device = Device.objects.get()
        assert (device.first_seen.minute, device.last_seen.minute) == (0, 10)

    def test_the_session_is_shown_nowhere(self, phone, worker, admin, browser):
        one = phone(worker)
        key = one.client.session.session_key
        assert key == Device.objects.get().session_key
        admin_page = browser(admin).client.get("/admin/staff/device/").content.decode()
        assert key not in admin_page + one.get("devices/").content.decode()

    def test_a_phone_passed_on_is_the_next_persons(self, phone, worker, neighbour, fate):
        first = phone(worker)
        phone(neighbour)
        assert not is_signed_in(first)
        rows = {row.user: row.signed_out_at for row in Device.objects.all()}
        assert rows[neighbour] is None
        assert rows[worker] is not None
        assert fate() == {"wipe": False, "signed_out": False}

    def test_and_comes_back_when_they_sign_in_again(self, phone, worker, neighbour):
        phone(worker)
        second = phone(neighbour)
        assert is_signed_in(phone(worker))
        assert not is_signed_in(second)
        assert Device.objects.get(signed_out_at=None).user == worker

    @pytest.mark.parametrize("name", ["字" * 61])
    def test_a_name_too_long_is_refused(self, browser, worker, name):
        answer = browser(worker).put(f"devices/{PHONE}/", {"name": name})
        assert (answer.status_code, answer.json()["field"]) == (400, "name")

    def test_nobody_registers_without_signing_in(self, browser):
        assert browser(None).put(f"devices/{PHONE}/").status_code == 401
        assert not Device.objects.exists()


class TestSigningOut:
    @pytest.mark.parametrize("by", ["worker", "head", "admin"])
    def test_the_owner_the_head_of_the_center_and_the_administrator_may(self, cast, browser, phone, by, fate):
        one = phone(cast.worker)
        answer = sign_out(browser(getattr(cast, by)))
        assert (answer.status_code, answer.json()["signed_out_at"]) == (200, "2026-11-25T02:00:00Z")
        assert not is_signed_in(one)
        assert fate() == {"wipe": False, "signed_out": True}
        assert Device.objects.get().signed_out_by == getattr(cast, by)

    @pytest.mark.parametrize("by", OTHERS)
    def test_nobody_else_may_or_learns_that_it_exists(self, cast, browser, phone, by):
        one = phone(cast.worker)
        answer = sign_out(browser(getattr(cast, by)), wipe=True)
        unknown = sign_out(browser(getattr(cast, by)), UNKNOWN, wipe=True)
        assert answer.status_code == unknown.status_code == 404
        assert answer.json() == unknown.json()
        assert is_signed_in(one)
        assert Device.objects.get().wipe_asked_at is None

    def test_nor_does_the_head_of_another_town(self, cast, browser, phone):
        Post.objects.filter(user=cast.outsider).update(role="center_head")
        one = phone(cast.worker)
        assert sign_out(browser(cast.outsider), wipe=True).status_code == 404
        assert is_signed_in(one)

    def test_a_stranger_signs_nobody_out(self, browser, phone, worker):
        one = phone(worker)
        assert sign_out(browser(None)).status_code == 401
        assert is_signed_in(one)

    def test_only_this_phone_is_signed_out(self, browser, phone, worker):
        desk, one, other = browser(worker), phone(worker), phone(worker, OTHER)
        sign_out(desk)
        assert [is_signed_in(each) for each in (desk, one, other)] == [True, False, True]

    def test_a_phone_may_sign_itself_out(self, phone, worker):
        one = phone(worker)
        assert sign_out(one).json()["here"] is False
        assert not is_signed_in(one)

    def test_the_ended_session_does_not_come_back(self, browser, phone, worker):
        """Its last request may be under way while it is ended."""
        one = phone(worker)
        Device.objects.update(signed_out_at="2026-11-25T02:00:00Z")
        answer = one.put(f"devices/{PHONE}/")
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert Device.objects.get().signed_out_at is not None

    def test_signed_out_twice_the_first_moment_stands(self, browser, clock, phone, worker, head):
        phone(worker)
        sign_out(browser(head))
        clock.to("2026-11-25 11:00")
        assert sign_out(browser(worker)).json()["signed_out_at"] == "2026-11-25T02:00:00Z"
        assert Device.objects.get().signed_out_by == head

    def test_signing_out_on_the_phone_itself_is_noted(self, phone, worker, fate):
        phone(worker).delete("session/")
        assert Device.objects.get().signed_out_by == worker
        assert fate() == {"wipe": False, "signed_out": True}

    def test_a_phone_passed_on_is_no_longer_the_first_persons_to_sign_out(self, browser, phone, worker, neighbour):
        phone(worker)
        second = phone(neighbour)
        assert sign_out(browser(worker), wipe=True).status_code == 404
        assert is_signed_in(second)

    def test_the_phone_of_somebody_who_left_is_the_heads_to_sign_out(self, browser, clock, phone, worker, head):
        one = phone(worker)
        Post.objects.filter(user=worker).update(valid_to="2026-11-25")
        assert sign_out(browser(head), wipe=True).status_code == 200
        assert not is_signed_in(one)

    def test_and_of_somebody_who_went_to_another_town_the_head_there(self, cast, browser, phone):
        phone(cast.worker)
        there = Post.objects.get(user=cast.outsider).area
        Post.objects.filter(user=cast.worker).update(valid_to="2026-11-25")
        Post.objects.create(user=cast.worker, role="grid_worker", area=there, valid_from="2026-11-25")
        Post.objects.filter(user=cast.outsider).update(role="center_head")
        assert sign_out(browser(cast.head)).status_code == 404
        assert sign_out(browser(cast.outsider)).status_code == 200


class TestEmptying:
    def test_the_phone_learns_it_and_says_when_it_is_done(self, browser, clock, phone, worker, fate):
        phone(worker)
        sign_out(browser(worker), wipe=True)
        assert fate() == {"wipe": True, "signed_out": True}
        clock.to("2026-11-26 08:00")
        assert browser(None).post(f"devices/{PHONE}/wiped/").status_code == 204
        assert fate() == {"wipe": False, "signed_out": True}
        [row] = browser(worker).get("devices/").json()["results"]
        assert (row["wipe_asked_at"], row["wiped_at"]) == ("2026-11-25T02:00:00Z", "2026-11-26T00:00:00Z")

    def test_a_phone_that_was_signed_out_may_still_be_emptied(self, browser, phone, worker, head, fate):
        phone(worker)
        sign_out(browser(worker))
        sign_out(browser(head), wipe=True)
        assert fate()["wipe"] is True

    def test_signing_in_again_does_not_save_it(self, browser, phone, worker, neighbour, fate):
        for person in (worker, neighbour):
            phone(worker)
            sign_out(browser(worker), wipe=True)
            assert browser(person).put(f"devices/{PHONE}/").json()["wipe"] is True
            assert fate() == {"wipe": True, "signed_out": False}
            browser(None).post(f"devices/{PHONE}/wiped/")
            assert fate() == {"wipe": False, "signed_out": False}

    def test_emptied_and_signed_in_again_it_is_a_phone_like_any_other(self, browser, phone, worker):
        phone(worker)
        sign_out(browser(worker), wipe=True)
        browser(None).post(f"devices/{PHONE}/wiped/")
        [row] = phone(worker).get("devices/").json()["results"]
        assert (row["signed_out_at"], row["wipe_asked_at"], row["wiped_at"]) == (None, None, None)

    def test_a_phone_speaks_for_itself_alone(self, browser, phone, worker, fate):
        for one in (PHONE, OTHER):
            phone(worker, one)
            sign_out(browser(worker), one, wipe=True)
        browser(None).post(f"devices/{PHONE}/wiped/")
        assert (fate(PHONE)["wipe"], fate(OTHER)["wipe"]) == (False, True)

    def test_saying_so_unasked_changes_nothing(self, browser, phone, worker):
        one = phone(worker)
        assert browser(None).post(f"devices/{PHONE}/wiped/").status_code == 204
        assert is_signed_in(one)
        assert Device.objects.get().wiped_at is None

    def test_an_unknown_phone_is_told_nothing(self, browser, fate):
        assert fate(UNKNOWN) == {"wipe": False, "signed_out": False}
        assert browser(None).post(f"devices/{UNKNOWN}/wiped/").status_code == 204
        assert not Device.objects.exists()

    def test_the_phone_needs_no_csrf_token_for_it(self, phone, worker):
        phone(worker)
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(worker)
        assert strict.post(f"/api/v1/devices/{PHONE}/wiped/").status_code == 204

    @pytest.mark.parametrize(("method", "path"), [("get", "fate"), ("post", "wiped")])
    def test_guessing_is_slowed_down_by_address(self, browser, method, path):
        def ask(address: str) -> int:
            client = browser(None).client
            url = f"/api/v1/devices/{uuid.uuid4()}/{path}/"
            return getattr(client, method)(url, headers={"x-real-ip": address}).status_code

        answers = [ask("10.0.0.9") for _ in range(61)]
        assert (answers[59] // 100, answers[60]) == (2, 429)
        assert ask("10.0.0.8") // 100 == 2


class TestListing:
    def test_ones_own_and_nobody_elses(self, phone, worker, neighbour):
        one = phone(worker)
        phone(neighbour, OTHER)
        assert [row["id"] for row in one.get("devices/").json()["results"]] == [PHONE]

    @pytest.mark.parametrize("by", ["head", "admin"])
    def test_the_head_and_the_administrator_see_those_of_their_people(self, cast, browser, phone, by):
        phone(cast.worker)
        [row] = browser(getattr(cast, by)).get("devices/", user=cast.worker.pk).json()["results"]
        assert (row["id"], row["here"]) == (PHONE, False)

    @pytest.mark.parametrize("by", OTHERS)
    def test_others_are_told_nothing(self, cast, browser, phone, by):
        phone(cast.worker)
        one = browser(getattr(cast, by))
        answer, unknown = (one.get("devices/", user=pk) for pk in (cast.worker.pk, 999_999))
        assert answer.status_code == unknown.status_code == 404
        assert answer.json() == unknown.json()

    def test_the_head_does_not_see_those_of_another_town(self, cast, browser, phone):
        phone(cast.outsider)
        assert browser(cast.head).get("devices/", user=cast.outsider.pk).status_code == 404

    def test_signed_in_phones_come_first(self, browser, clock, phone, worker):
        phone(worker, OTHER)
        clock.to("2026-11-25 11:00")
        phone(worker)
        sign_out(browser(worker))
        rows = browser(worker).get("devices/").json()["results"]
        assert [row["id"] for row in rows] == [OTHER, PHONE]

    @pytest.mark.parametrize("user", ["0", "x", str(2**63)])
    def test_what_is_no_person_is_refused(self, browser, worker, user):
        answer = browser(worker).get("devices/", user=user)
        assert (answer.status_code, answer.json()["field"]) == (400, "user")


class TestCost:
    WHO = ("who asks", r"staff_user")
    DEVICES = ("the phones", r'FROM "staff_device"')

    def test_a_list(self, cast, browser, phone):
        for number in range(5):
            phone(cast.worker, str(uuid.UUID(int=number)))
        one, head = browser(cast.worker), browser(cast.head)
        one.get("devices/"), head.get("devices/")
        posts = ("posts of who asks", rf'FROM "staff_post".*"user_id" = {cast.head.pk}')
        theirs = ("posts of whose they are", rf'FROM "staff_post".*"user_id" = {cast.worker.pk}')
        with statements([self.WHO, ("posts of who asks", "staff_post"), self.DEVICES]):
            one.get("devices/")
        with statements([self.WHO, posts, theirs, self.DEVICES]):
            head.get("devices/", user=cast.worker.pk)

    def test_registering_again_writes_nothing(self, phone, worker):
        one = phone(worker)
        with statements([self.WHO, self.DEVICES, ("is it to be emptied", r'FROM "staff_device"')]):
            one.put(f"devices/{PHONE}/", headers={"user-agent": ANDROID})

    def test_asking_for_the_fate(self, browser):
        one = browser(None)
        with statements([self.DEVICES]):
            one.get(f"devices/{PHONE}/fate/")


class TestForgetting:
    def test_a_phone_signed_out_long_ago_is_forgotten(self, browser, clock, phone, worker):
        phone(worker)
        phone(worker, OTHER)
        sign_out(browser(worker))
        assert forget_devices(now=clock.to("2027-02-23 09:59")) == 0
        assert forget_devices(now=clock.to("2027-02-23 10:01")) == 1
        assert str(Device.objects.get().phone_id) == OTHER

    def test_one_that_is_still_to_be_emptied_is_not(self, browser, clock, phone, worker, fate):
        phone(worker)
        sign_out(browser(worker), wipe=True)
        assert forget_devices(now=clock.to("2028-01-01 10:00")) == 0
        assert fate()["wipe"] is True


class TestAdmin:
    def act(self, browser, page: str, action: str, pk: int):
        body = {"action": action, "_selected_action": [pk]}
        return browser.client.post(f"/admin/staff/{page}/", body, follow=True)

    @pytest.mark.parametrize(("action", "wipe"), [("sign_out", False), ("empty", True)])
    def test_a_phone_is_signed_out_from_its_list(self, browser, phone, worker, admin, fate, action, wipe):
        one = phone(worker)
        answer = self.act(browser(admin), "device", action, Device.objects.get().pk)
        assert "已退出 1 部手机" in answer.content.decode()
        assert not is_signed_in(one)
        assert fate() == {"wipe": wipe, "signed_out": True}

    @pytest.mark.parametrize(("action", "wipe"), [("sign_out_phones", False), ("empty_phones", True)])
    def test_all_phones_of_a_person_from_the_list_of_people(self, browser, phone, worker, admin, fate, action, wipe):
        phones = [phone(worker), phone(worker, OTHER)]
        answer = self.act(browser(admin), "user", action, worker.pk)
        assert "已退出 2 部手机" in answer.content.decode()
        assert [is_signed_in(one) for one in phones] == [False, False]
        assert [fate(one)["wipe"] for one in (PHONE, OTHER)] == [wipe, wipe]

    def test_but_not_the_one_that_somebody_else_uses_now(self, browser, phone, worker, neighbour, admin):
        phone(worker)
        second = phone(neighbour)
        self.act(browser(admin), "user", "empty_phones", worker.pk)
        assert is_signed_in(second)

    def test_nobody_else_gets_there(self, browser, phone, worker, head):
        one = phone(worker)
        self.act(browser(head), "device", "sign_out", Device.objects.get().pk)
        assert is_signed_in(one)


@pytest.mark.django_db(transaction=True)
def test_two_tabs_of_a_new_phone_register_it_once(cast, browser, clock):
    tabs = [browser(cast.worker) for _ in range(2)]
    answers = at_once(*[lambda tab=tab: tab.put(f"devices/{PHONE}/").status_code for tab in tabs])
    assert answers == [200, 200]
    assert Device.objects.count() == 1

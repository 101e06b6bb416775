"""Machine tokens: shown once, kept as a hash, good for one purpose, with the sight of one person."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from staff.models import Token
from staff.services.tokens import make_token, user_of_token

MAP, CAMERAS = Token.Purpose.MAP, Token.Purpose.CAMERAS


@pytest.fixture
def token(worker) -> str:
    return make_token(user=worker, name="QGIS", purpose=MAP)


class TestMaking:
    def test_only_a_hash_is_kept(self, token):
        row = Token.objects.get()
        assert row.hash == hashlib.sha256(token.encode()).hexdigest()
        kept = {str(getattr(row, field.attname)) for field in Token._meta.fields}
        assert not [value for value in kept if token in value or token.removeprefix("wg_") in value]

    def test_tokens_are_long_and_never_the_same(self, worker, token):
        assert token.startswith("wg_")
        assert len(token) >= 40
        assert make_token(user=worker, name="QGIS", purpose=MAP) != token


class TestWhose:
    def test_it_is_its_persons(self, token, worker):
        assert user_of_token(text=token, purpose=MAP) == worker

    @pytest.mark.parametrize("text", ["", "wg_", "wg_unknown", "\x00", "电" * 5000])
    def test_an_unknown_one_is_nobodys(self, token, text):
        assert user_of_token(text=text, purpose=MAP) is None

    def test_the_hash_itself_opens_nothing(self, token):
        assert user_of_token(text=Token.objects.get().hash, purpose=MAP) is None

    def test_it_is_for_one_purpose(self, token):
        assert user_of_token(text=token, purpose=CAMERAS) is None

    def test_it_ends_on_its_day(self, worker, clock):
        today = clock.moment.date()
        token = make_token(user=worker, name="QGIS", purpose=MAP, valid_to=today + timedelta(days=1))
        assert user_of_token(text=token, purpose=MAP) == worker
        clock.to("2026-11-26 00:00")
        assert user_of_token(text=token, purpose=MAP) is None

    def test_it_does_not_work_before_its_day(self, token, clock):
        Token.objects.update(valid_from=clock.moment.date() + timedelta(days=1))
        assert user_of_token(text=token, purpose=MAP) is None

    def test_it_ends_with_the_account(self, token, worker):
        worker.is_active = False
        worker.save(update_fields=["is_active"])
        assert user_of_token(text=token, purpose=MAP) is None

    def test_its_use_is_noted_every_ten_minutes_at_most(self, token, clock, django_assert_num_queries):
        with django_assert_num_queries(2):
            user_of_token(text=token, purpose=MAP)
        first = Token.objects.get().used_at
        assert first == timezone.now()
        clock.to("2026-11-25 10:10")
        with django_assert_num_queries(1):
            user_of_token(text=token, purpose=MAP)
        clock.to("2026-11-25 10:11")
        user_of_token(text=token, purpose=MAP)
        assert Token.objects.get().used_at > first


class TestDoor:
    """The map's addresses take it; the rest of the API does not."""

    def machine(self, browser, text: str, scheme: str = "Bearer"):
        return browser(None, authorization=f"{scheme} {text}")

    def test_it_opens_the_map(self, browser, token):
        assert self.machine(browser, token).get("tiles/areas.json").status_code == 200
        assert self.machine(browser, token, "bearer").get("tiles/areas.json").status_code == 200

    @pytest.mark.parametrize("path", ["cases/", "me/", "session/", "areas/", "cases/summary/"])
    def test_it_opens_nothing_else(self, browser, token, path):
        answer = self.machine(browser, token).get(path)
        assert answer.status_code == 401 or (path == "session/" and answer.json().get("user") is None)

    @pytest.mark.parametrize("text", ["wg_unknown", "", "wg_\x7f"])
    def test_a_wrong_one_is_told_so(self, browser, token, text):
        answer = self.machine(browser, text).get("tiles/areas.json")
        assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")

    def test_another_scheme_is_no_token(self, browser, token):
        answer = self.machine(browser, token, "Basic").get("tiles/areas.json")
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")

    @pytest.mark.parametrize("purpose", [CAMERAS])
    def test_one_for_cameras_does_not_open_the_map(self, browser, worker, purpose):
        token = make_token(user=worker, name="NVR", purpose=purpose)
        assert self.machine(browser, token).get("tiles/areas.json").status_code == 401

    def test_an_ended_one_does_not(self, browser, worker, clock):
        token = make_token(user=worker, name="QGIS", purpose=MAP, valid_to=clock.moment.date())
        assert self.machine(browser, token).get("tiles/areas.json").status_code == 401

    def test_it_gives_exactly_the_persons_sight(self, stories, browser, cast):
        stories.report()
        stories.report(by=cast.neighbour, point=(118.015, 22.005))
        seen = {}
        for name in ("worker", "neighbour", "operator", "outsider", "admin"):
            token = make_token(user=getattr(cast, name), name="QGIS", purpose=MAP)
            answer = self.machine(browser, token).client.get("/ogc/collections/cases/items")
            seen[name] = answer.json()["numberReturned"] if answer.status_code == 200 else answer.status_code
        assert seen == {"worker": 1, "neighbour": 1, "operator": 2, "outsider": 0, "admin": 404}


class TestCommand:
    def run(self, *arguments: str) -> str:
        out = StringIO()
        call_command("make_token", *arguments, stdout=out)
        return out.getvalue().strip()

    def test_it_prints_a_token_that_works(self, worker):
        text = self.run("worker", "QGIS 办公室", "map", "--valid-to", "2027-01-01")
        assert user_of_token(text=text, purpose=MAP) == worker
        row = Token.objects.get()
        assert (row.name, str(row.valid_to)) == ("QGIS 办公室", "2027-01-01")

    @pytest.mark.parametrize("closed", [False, True], ids=["unknown", "closed"])
    def test_without_such_an_account_it_says_so(self, worker, closed):
        if closed:
            worker.is_active = False
            worker.save(update_fields=["is_active"])
        with pytest.raises(CommandError, match="no active person"):
            self.run("worker" if closed else "nobody", "QGIS", "map")
        assert not Token.objects.exists()

    def test_it_knows_the_purposes(self, worker):
        with pytest.raises(CommandError, match="purpose"):
            self.run("worker", "QGIS", "everything")

"""Is the process alive, and can it work? Each part that is missing is named."""

from __future__ import annotations

import time

import pytest
from django.core.cache import cache
from django.db import DatabaseError
from django.test import Client

from config import health
from workers.app import app
from workers.schedule import SCHEDULE
from workers.tasks.health import HEARTBEAT, beat


@pytest.fixture
def ask(db, own_places):
    return lambda path: Client().get(path)


class TestHealthz:
    def test_it_answers_without_asking_anybody(self, ask, django_assert_num_queries):
        with django_assert_num_queries(0):
            answer = ask("/healthz")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})

    def test_nobody_keeps_the_answer(self, ask):
        assert ask("/healthz")["Cache-Control"] == "no-store"


class TestReadyz:
    def test_with_everything_there_it_is_ready(self, ask):
        beat()
        answer = ask("/readyz")
        assert answer.status_code == 200
        assert answer.json() == {
            "status": "ok",
            "database": "ok",
            "redis": "ok",
            "migrations": "ok",
            "beat": "ok",
        }

    def not_ready(self, ask) -> dict[str, str]:
        answer = ask("/readyz")
        assert answer.status_code == 503
        assert answer.json()["status"] == "not ready"
        return {part: told for part, told in answer.json().items() if told != "ok" and part != "status"}

    def test_without_a_heartbeat_it_names_beat(self, ask):
        assert self.not_ready(ask) == {"beat": "no heartbeat yet"}

    def test_an_old_heartbeat_counts_as_none(self, ask):
        cache.set(HEARTBEAT, time.time() - 91)
        assert set(self.not_ready(ask)) == {"beat"}
        cache.set(HEARTBEAT, time.time() - 60)
        assert ask("/readyz").status_code == 200

    def test_a_missing_migration_is_counted(self, ask, monkeypatch):
        beat()
        plan = "django.db.migrations.executor.MigrationExecutor.migration_plan"
        monkeypatch.setattr(plan, lambda self, targets: [("x", False), ("y", False)])
        assert self.not_ready(ask) == {"migrations": "2 not applied"}

    def test_a_missing_database_is_named_without_its_address(self, ask, monkeypatch):
        beat()

        def broken():
            raise DatabaseError("connection to 10.1.2.3 password=secret failed")

        monkeypatch.setitem(health.CHECKS, "database", broken)
        assert self.not_ready(ask) == {"database": "DatabaseError"}

    def test_a_missing_redis_is_named(self, ask, settings):
        beat()
        settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/redis.sock"}}
        told = self.not_ready(ask)
        assert set(told) == {"redis", "beat"}
        assert "nowhere" not in str(told)


class TestSchedule:
    def test_every_line_names_a_task_that_exists(self):
        app.loader.import_default_modules()
        assert {line["task"] for line in SCHEDULE.values()} <= set(app.tasks)

    def test_the_heartbeat_is_sent_often_enough_to_be_seen(self):
        assert SCHEDULE["heartbeat"]["schedule"] * 3 < health.BEAT_AGE

    def test_the_weekly_mail_goes_on_monday_at_eight_in_shanghai(self):
        crontab = SCHEDULE["weekly mail"]["schedule"]
        assert (crontab.day_of_week, min(crontab.hour), crontab.minute) == ({1}, 8, {0})
        assert app.conf.timezone == "Asia/Shanghai"

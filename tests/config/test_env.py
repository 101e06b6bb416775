"""Settings come from the environment or from files it names; what is missing is named, nothing is guessed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config import env

GOOD = {
    "SECRET_KEY": "k" * 50,
    "FIELD_KEY": "f" * 32,
    "ALLOWED_HOSTS": "wangge.example.cn",
    "DB_HOST": "/nowhere",
    "REDIS_SOCKET": "/nowhere/redis.sock",
}


def start(**environment: str | None) -> tuple[int, str]:
    """Import the settings in a process of their own with this environment; exit code and last line."""
    given = {name: value for name, value in {**GOOD, **environment}.items() if value is not None}
    done = subprocess.run(
        [sys.executable, "-c", "import config.settings as s; print(s.TLS, s.DEBUG, s.DEMO, s.SECRET_KEY)"],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], **given},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, (done.stderr or done.stdout).strip().splitlines()[-1]


class TestValues:
    def test_a_value_is_taken_from_the_environment(self, monkeypatch):
        monkeypatch.setenv("PUBLIC_URL", "https://wangge.example.cn")
        assert env.text("PUBLIC_URL") == "https://wangge.example.cn"

    def test_or_from_the_file_that_name_file_names(self, monkeypatch, tmp_path):
        (tmp_path / "secret").write_text("  from a file\n", encoding="utf-8")
        monkeypatch.delenv("DB_PASSWORD", raising=False)
        monkeypatch.setenv("DB_PASSWORD_FILE", str(tmp_path / "secret"))
        assert env.text("DB_PASSWORD") == "from a file"

    def test_missing_with_a_default_it_is_the_default(self, monkeypatch):
        monkeypatch.delenv("EMAIL_HOST", raising=False)
        assert env.text("EMAIL_HOST", "") == ""

    def test_missing_without_one_it_is_named_with_both_ways_to_set_it(self, monkeypatch):
        monkeypatch.delenv("DB_HOST", raising=False)
        monkeypatch.delenv("DB_HOST_FILE", raising=False)
        with pytest.raises(ImproperlyConfigured, match=r"DB_HOST \(or DB_HOST_FILE\)"):
            env.text("DB_HOST")

    def test_a_name_that_is_not_listed_cannot_be_read(self):
        with pytest.raises(ImproperlyConfigured, match="NOT_LISTED"):
            env.text("NOT_LISTED", "x")

    @pytest.mark.parametrize(("value", "truth"), [("1", True), ("true", True), ("ON", True), ("0", False), ("", False)])
    def test_flags(self, monkeypatch, value, truth):
        monkeypatch.setenv("DEMO", value)
        assert env.flag("DEMO", default=not truth) is truth

    def test_a_number_that_is_none_is_named(self, monkeypatch):
        monkeypatch.setenv("EMAIL_PORT", "smtp")
        with pytest.raises(ImproperlyConfigured, match="EMAIL_PORT must be a whole number"):
            env.number("EMAIL_PORT", 25)

    def test_words_are_separated_by_commas(self, monkeypatch):
        monkeypatch.setenv("ALLOWED_HOSTS", " a.cn, b.cn ,,")
        assert env.words("ALLOWED_HOSTS") == ["a.cn", "b.cn"]


class TestStarting:
    def test_with_the_least_it_starts_safe(self):
        assert start() == (0, f"True False False {'k' * 50}")

    @pytest.mark.parametrize("name", ["SECRET_KEY", "FIELD_KEY", "ALLOWED_HOSTS", "DB_HOST"])
    def test_what_is_required_and_missing_stops_it_by_name(self, name):
        code, told = start(**{name: None})
        assert code != 0
        assert f"Set {name} (or {name}_FILE)" in told

    def test_without_redis_it_names_both_ways(self):
        code, told = start(REDIS_SOCKET=None)
        assert code != 0
        assert "REDIS_SOCKET or REDIS_URL" in told

    def test_a_short_key_is_refused_and_not_shown(self):
        code, told = start(SECRET_KEY="short-and-guessable")
        assert code != 0
        assert "at least 50 characters" in told
        assert "guessable" not in told

    def test_the_key_may_lie_in_a_file(self, tmp_path):
        (tmp_path / "key").write_text("f" * 60 + "\n", encoding="utf-8")
        assert start(SECRET_KEY=None, SECRET_KEY_FILE=str(tmp_path / "key")) == (0, f"True False False {'f' * 60}")

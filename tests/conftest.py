"""What every test may ask for: the fixed town, its people, a clock that stands still, and a browser for each person."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import TransactionTestCase, override_settings
from hypothesis import settings as hypothesis_settings

from grid.names import Names
from grid.selectors.ground import ground_keeper
from staff.models import User
from tests import database
from tests.client import Browser
from tests.phone import records_hold
from tests.stories import Stories
from tests.town import Cast, Clock, Units, build_town

# The same examples on every run: a test that fails only sometimes proves nothing.
hypothesis_settings.register_profile("fixed", derandomize=True, database=None, deadline=None)
hypothesis_settings.load_profile("fixed")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The fixed town stands before the first test, and again after every test that commits."""
    with django_db_blocker.unblock():
        database.empty()
        build_town()
        database.keep()
    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: database.put_back())
    yield
    patch.undo()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Stands at NOW until a test moves it."""
    clock = Clock()
    monkeypatch.setattr("django.utils.timezone.now", clock)
    return clock


@pytest.fixture
def own_places(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """Files, mails and cache keys of this test only; an ordinary site without TLS, not a demo."""
    settings.DEMO, settings.SECURE_SSL_REDIRECT = False, False
    Names.forget_all()
    ground_keeper.forget()
    settings.VAR_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MAIL_DIR = tmp_path / "mail"
    settings.DEMO_FILE = tmp_path / "demo.json"
    prefix = f"test-{os.environ.get('PYTEST_XDIST_WORKER', '')}-{tmp_path.name}"
    settings.CACHES = {"default": {**settings.CACHES["default"], "KEY_PREFIX": prefix}}
    client = cache._cache.get_client()
    yield tmp_path
    # Only this test's keys: the Redis may be somebody else's too.
    for key in client.scan_iter(f"{prefix}:*"):
        client.delete(key)


@pytest.fixture
def cast(db: None, clock: Clock, own_places: Path) -> Cast:
    return Cast.load()


@pytest.fixture
def units(cast: Cast) -> Units:
    return Units.load()


@pytest.fixture
def stories(cast: Cast, units: Units, clock: Clock) -> Stories:
    return Stories(cast=cast, units=units, clock=clock)


class Lasting:
    """Cases that stand for all tests of a module, which then only read. Each test still ends with a rollback."""

    def __init__(self, *, blocker: Any, folder: Path) -> None:
        self.blocker = blocker
        self.folder = folder

    @contextmanager
    def writing(self) -> Iterator[Stories]:
        clock = Clock()
        with (
            self.blocker.unblock(),
            override_settings(MEDIA_ROOT=self.folder),
            pytest.MonkeyPatch.context() as patch,
        ):
            patch.setattr("django.utils.timezone.now", clock)
            yield Stories(cast=Cast.load(), units=Units.load(), clock=clock, first=1_000_001)


@pytest.fixture(scope="module")
def lasting(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Lasting]:
    """`with lasting.writing() as stories:` in a fixture of the module."""
    yield Lasting(blocker=django_db_blocker, folder=tmp_path_factory.mktemp("lasting"))
    with django_db_blocker.unblock():
        database.put_back()


def _member(name: str) -> Any:
    def fixture(cast: Cast) -> User:
        return getattr(cast, name)

    fixture.__name__ = name
    fixture.__doc__ = f"See tests/town.py: {name}."
    return pytest.fixture(fixture)


# A fixture for each: `worker`, `neighbour`, `officer` …
globals().update({name: _member(name) for name in Cast.__slots__})


@pytest.fixture
def browser(db: None, own_places: Path) -> type[Browser]:
    """`browser(worker)` is 阿珍's phone; `browser(None)` is a stranger's."""
    return Browser


@pytest.fixture
def every_record_holds(db: None) -> Iterator[None]:
    """After the test every chain is whole and every case knows its conflicts."""
    yield
    records_hold()

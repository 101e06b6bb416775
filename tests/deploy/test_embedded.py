"""The private PostgreSQL and Redis: sockets only, right locale, and still there after the worst."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from deploy import embedded, postgres, redis_server
from deploy.places import ROOT, SOCKET_PATH_LIMIT, Places, locate_places, open_places
from deploy.processes import group_members
from tests.deploy.helpers import remove_home

pytestmark = pytest.mark.deploy


def connect(places: Places, **changes: str) -> "psycopg.Connection[tuple[object, ...]]":
    env = embedded.environment(places=places)
    options = {
        "host": env["DB_HOST"],
        "port": env["DB_PORT"],
        "dbname": env["DB_NAME"],
        "user": env["DB_USER"],
        "password": env["DB_PASSWORD"],
    }
    return psycopg.connect(**{**options, **changes}, autocommit=True)


def one(places: Places, sql: str) -> object:
    with connect(places) as connection:
        row = connection.execute(sql).fetchone()  # type: ignore[arg-type]
        assert row is not None
        return row[0]


def listening_sockets_of(pid: int) -> set[str]:
    """Inodes of the TCP sockets that any process of the session holds open in state LISTEN."""
    held = set()
    for member in group_members(session=pid):
        for entry in Path(f"/proc/{member}/fd").iterdir():
            try:
                held.add(os.readlink(entry))
            except OSError:
                continue
    listening = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":
                listening.add(f"socket:[{fields[9]}]")
    return held & listening


def test_services_live_on_unix_sockets_in_utf8_and_under_an_ordinary_role(home: Path) -> None:
    started = embedded.start(home=home, fast=True)
    places = started.places

    for process in started.processes.values():
        assert listening_sockets_of(process.pid) == set()
        assert os.stat(f"/proc/{process.pid}").st_uid == places.account.uid != 0
    assert one(places, "SHOW listen_addresses") == ""
    assert one(places, "SELECT datcollate FROM pg_database WHERE datname = 'wangge'") == "C.UTF-8"
    assert one(places, "SELECT datlocprovider::text FROM pg_database WHERE datname = 'wangge'") == "c"
    assert one(places, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    # C.UTF-8 and not C: under C the trigrams of Chinese words are empty.
    assert one(places, "SELECT cardinality(show_trgm('网格化治理'))") == 6


def test_the_role_of_the_application_makes_databases_with_all_extensions(home: Path) -> None:
    places = embedded.start(home=home, fast=True).places

    with connect(places) as connection:
        connection.execute("CREATE DATABASE test_scratch")
    with connect(places, dbname="test_scratch") as connection:
        found = {row[0] for row in connection.execute("SELECT extname FROM pg_extension")}

    assert found >= set(postgres.EXTENSIONS)


def test_nobody_gets_in_without_the_password(home: Path) -> None:
    places = embedded.start(home=home, fast=True).places

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(places, password="guessed")


def test_secrets_are_for_the_owner_only_and_stay_the_same(home: Path) -> None:
    first = embedded.environment(places=open_places(home=home))
    second = embedded.environment(places=open_places(home=home))

    assert first == second
    assert len(first["SECRET_KEY"]) >= 50
    assert stat.S_IMODE((home / "secrets").stat().st_mode) == 0o700
    for name in ("secret_key", "field_key", "db_password"):
        assert stat.S_IMODE((home / "secrets" / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(locate_places(home=home).sockets.stat().st_mode) == 0o700


def test_committed_work_survives_kill_9_of_every_process(home: Path) -> None:
    started = embedded.start(home=home)
    with connect(started.places) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    for process in started.processes.values():
        for pid in group_members(session=process.pid):
            os.kill(pid, signal.SIGKILL)
        process.wait()

    assert embedded.status(home=home) == {"postgres": None, "redis": None}
    embedded.start(home=home)

    assert one(started.places, "SELECT answer FROM kept") == 42
    assert redis_server.answers(places=started.places)


def test_a_pid_file_that_names_a_stranger_is_not_believed(home: Path) -> None:
    places = embedded.start(home=home, fast=True).places
    pid_file = places.postgres / "postmaster.pid"
    content = pid_file.read_text()
    embedded.stop(home=home)
    # As after a power cut: the number now belongs to another program.
    pid_file.write_text(content.replace(content.split("\n")[0], str(os.getpid()), 1))
    os.chown(pid_file, places.account.uid, places.account.gid)

    assert embedded.status(home=home)["postgres"] is None
    embedded.start(home=home, fast=True)

    assert one(places, "SELECT 1") == 1


def test_stop_leaves_no_process_and_no_socket(home: Path) -> None:
    started = embedded.start(home=home, fast=True)

    embedded.stop(home=home)

    for process in started.processes.values():
        assert group_members(session=process.pid) == []
    assert [path.name for path in started.places.sockets.iterdir()] == []


def test_two_homes_do_not_disturb_each_other(tmp_path: Path, home: Path) -> None:
    other = tmp_path / "other"
    first, second = embedded.start(home=home, fast=True), embedded.start(home=other, fast=True)
    try:
        embedded.stop(home=home)
        assert one(second.places, "SELECT 1") == 1
        assert first.places.sockets != second.places.sockets
    finally:
        remove_home(other)


def test_a_path_too_long_for_a_socket_gets_a_short_private_folder(tmp_path: Path) -> None:
    home = tmp_path / ("long-" * 30) / "var"
    home.mkdir(parents=True)
    # Traversable, so that the data stays inside and only the sockets move.
    for folder in [home, *home.parents][: len(home.parts) - 2]:
        folder.chmod(0o755)

    places = open_places(home=home)

    longest = places.sockets / ".s.PGSQL.5432"
    assert len(os.fsencode(longest)) <= SOCKET_PATH_LIMIT
    assert not places.sockets.is_relative_to(home)
    assert stat.S_IMODE(places.sockets.stat().st_mode) == 0o700
    assert embedded.start(home=home, fast=True).processes.keys() == {"postgres", "redis"}
    remove_home(home)


def test_a_folder_with_chinese_letters_spaces_and_quotes(tmp_path: Path) -> None:
    home = tmp_path / "网格 town's data" / "var"
    started = embedded.start(home=home, fast=True)
    try:
        assert one(started.places, "SELECT 1") == 1
        assert all(embedded.status(home=home).values())
    finally:
        remove_home(home)

    for process in started.processes.values():
        assert group_members(session=process.pid) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts services under another account")
def test_a_checkout_that_the_account_cannot_enter_keeps_its_data_outside(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    places = locate_places(home=closed / "var")

    assert places.outside
    assert places.services.parent == Path("/var/lib/wangge")


def test_exec_runs_with_the_environment_gives_its_exit_code_and_stops(home: Path) -> None:
    program = "import os, sys; sys.exit(7 if os.environ['DB_HOST'] and os.environ['SECRET_KEY'] else 1)"
    command = [sys.executable, str(ROOT / "deploy" / "embedded.py"), "exec", "--home", str(home), "--fast"]

    done = subprocess.run([*command, "--", sys.executable, "-c", program], check=False)

    assert done.returncode == 7
    assert embedded.status(home=home) == {"postgres": None, "redis": None}


def test_exec_leaves_services_running_that_it_found_running(home: Path) -> None:
    embedded.start(home=home, fast=True)

    assert embedded.run_command(home=home, fast=True, command=["true"]) == 0

    assert all(embedded.status(home=home).values())

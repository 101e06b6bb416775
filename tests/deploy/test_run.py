"""`make run`: opens, says what is wrong plainly, and leaves nothing behind however it is stopped."""

import http.client
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.supervisor import read_procfile
from tests.deploy.helpers import gone_within, processes_of

pytestmark = pytest.mark.deploy

Start = Callable[[], "subprocess.Popen[str]"]


def ask(port: int, path: str) -> dict[str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Host": f"localhost:{port}"})
    answer = connection.getresponse()
    assert answer.status == 200
    found: dict[str, str] = json.loads(answer.read())
    connection.close()
    return found


def test_one_address_serves_the_application_and_the_live_updates(start_run: Start, free_port: int) -> None:
    start_run()

    page, live = ask(free_port, "/cases/1"), ask(free_port, "/sse/")

    assert (page["by"], live["by"]) == ("web", "live")
    # The port belongs to the origin: without it every POST would be refused.
    assert page["host"] == f"localhost:{free_port}"


def test_nothing_listens_beyond_this_machine(start_run: Start, free_port: int) -> None:
    start_run()

    table = Path("/proc/net/tcp").read_text().splitlines()[1:]
    listening = {line.split()[1] for line in table if line.split()[3] == "0A"}

    assert f"0100007F:{free_port:04X}" in listening
    assert f"00000000:{free_port:04X}" not in listening


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_being_interrupted_ends_well_and_leaves_nothing(
    start_run: Start, checkout: Path, number: signal.Signals
) -> None:
    process = start_run()

    process.send_signal(number)

    assert process.wait(timeout=60) == 0
    assert processes_of(checkout) == []


def test_even_kill_9_leaves_nothing_running(start_run: Start, checkout: Path) -> None:
    process = start_run()

    process.kill()

    assert gone_within(lambda: processes_of(checkout), seconds=30)


def test_a_child_that_dies_stops_the_rest_and_is_named(start_run: Start, checkout: Path) -> None:
    process = start_run()
    worker = next(pid for pid in os.listdir("/proc") if pid.isdigit() and is_part(pid, checkout, "worker"))

    os.kill(int(worker), signal.SIGKILL)

    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    last = output.strip().splitlines()[-1]
    assert "worker ended by itself (signal SIGKILL)" in last
    assert "Remedy" in last
    assert processes_of(checkout) == []


def is_part(pid: str, checkout: Path, name: str) -> bool:
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
        return line.endswith(f"manage.py\0{name}\0".encode()) and os.readlink(f"/proc/{pid}/cwd") == str(checkout)
    except OSError:
        return False


def test_the_second_start_is_quick_and_builds_no_second_town(start_run: Start, checkout: Path) -> None:
    first = start_run()
    first.send_signal(signal.SIGINT)
    first.wait(timeout=60)

    begun = time.monotonic()
    start_run()

    assert time.monotonic() - begun < 15
    assert (checkout / "var" / "loads").read_text() == "x"


def test_the_sign_ins_are_told_and_kept_for_the_owner_only(start_run: Start, checkout: Path, free_port: int) -> None:
    start_run()

    path = checkout / "var" / "demo.json"

    assert json.loads(path.read_text())["address"] == f"http://localhost:{free_port}"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_taken_port_is_said_before_anything_starts(checkout: Path, free_port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", free_port))
        other.listen()
        for command in (
            [sys.executable, "-m", "deploy.run", "--port", str(free_port)],
            ["deploy/port.sh", str(free_port)],
        ):
            done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
            assert done.returncode == 1
            assert str(free_port) in done.stderr
            assert "make run PORT=" in done.stderr
            assert done.stderr.count("\n") == 1

    assert not (checkout / "var").exists()


def test_a_second_run_of_the_same_checkout_is_refused(start_run: Start, checkout: Path) -> None:
    start_run()

    done = subprocess.run(
        [sys.executable, "-m", "deploy.run", "--port", "1"] if os.geteuid() == 0 else ["false"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    if os.geteuid() == 0:
        assert "already running" in done.stderr


def test_reset_asks_refuses_while_running_and_deletes(start_run: Start, checkout: Path) -> None:
    reset = [sys.executable, "-m", "deploy.halt", "reset"]
    process = start_run()
    refused = subprocess.run([*reset, "--yes"], cwd=checkout, capture_output=True, text=True, check=False)
    stopped = subprocess.run([*reset[:-1], "stop"], cwd=checkout, capture_output=True, check=False)
    unsure = subprocess.run(reset, cwd=checkout, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert (checkout / "var" / "demo.json").exists()

    done = subprocess.run([*reset, "--yes"], cwd=checkout, capture_output=True, text=True, check=False)

    assert (refused.returncode, stopped.returncode, unsure.returncode, done.returncode) == (1, 0, 0, 0)
    assert "running" in refused.stderr
    assert process.wait(timeout=10) == 0
    assert not (checkout / "var" / "demo.json").exists()
    assert not (checkout / "var" / "secrets").exists()


def test_the_procfile_names_the_four_processes() -> None:
    root = Path(__file__).resolve().parents[2]

    commands = read_procfile(path=root / "Procfile", env={"VAR_DIR": "/v"})

    assert list(commands) == ["web", "live", "worker", "beat"]
    assert commands["web"][:2] == ["gunicorn", "config.wsgi:application"]

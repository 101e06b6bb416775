"""Scratch homes and scratch checkouts: each test has services of its own and leaves nothing behind."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.places import ROOT
from tests.deploy.helpers import remove_home

STUB = Path(__file__).with_name("stub_town.py")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "var"
    yield folder
    remove_home(folder)


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """The real deploy/ around a stub of the application: what is tested is starting and stopping."""
    root = tmp_path / "checkout"
    shutil.copytree(ROOT / "deploy", root / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(STUB, root / "manage.py")
    parts = ["web", "live", "worker", "beat"]
    (root / "Procfile").write_text("".join(f"{part}: python manage.py {part}\n" for part in parts))
    (root / ".venv").symlink_to(ROOT / ".venv")
    yield root
    remove_home(root / "var")


@pytest.fixture
def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@pytest.fixture
def start_run(checkout: Path, free_port: int) -> Iterator[Callable[[], "subprocess.Popen[str]"]]:
    """Start `make run`'s program in the scratch checkout and wait until it is open."""
    started: list[subprocess.Popen[str]] = []

    def start() -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.run", "--port", str(free_port)],
            cwd=checkout,
            env={**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        assert process.stdout is not None
        told = []
        for line in process.stdout:
            told.append(line)
            if "Ctrl-C stops everything" in line:
                return process
        raise AssertionError(f"did not open, exit code {process.wait()}: {''.join(told)}")

    yield start
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)

"""Real processes for a story: a database of its own, web server, worker, and a mail server that can hold back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

import httpx
import psycopg
from aiosmtpd.controller import Controller

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "wangge_story"
REDIS_DB = "9"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(what: str, check: Callable[[], Any], seconds: float = 60) -> Any:
    """What `check` gives once it gives something. Fails naming `what` after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = check()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"after {seconds:.0f} s still no {what}")


class HoldingMailbox:
    """An SMTP server's handler. While `holding`, it lets a client send everything and never answers."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.holding = False
        self.waiting = threading.Event()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.holding:
            self.waiting.set()
            # Whoever waits for this answer is killed long before it comes.
            await asyncio.sleep(600)
        message = BytesParser(policy=default).parsebytes(envelope.content)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)
        return "250 OK"


@dataclass
class Town:
    """The running product of one story."""

    env: dict[str, str]
    mailbox: HoldingMailbox
    port: int
    folder: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, command: str) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            command.split(), cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
        )

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        process = self.processes.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        process.wait(timeout=30)

    def start_worker(self) -> None:
        self.start("worker", "celery --app workers.app worker --concurrency 2 --loglevel INFO")

    def run(self, *command: str) -> str:
        """A command to its end, with the product's environment."""
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def call_task(self, name: str) -> None:
        """Put the task on the queue, as beat does."""
        self.run("-m", "celery", "--app", "workers.app", "call", name)

    def person(self, username: str, password: str) -> httpx.Client:
        """A signed-in browser of this person."""
        client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}/api/v1/", timeout=20)
        client.get("session/")
        client.headers["X-CSRFToken"] = client.cookies["csrftoken"]
        answer = client.post("session/", json={"username": username, "password": password})
        assert answer.status_code == 200, answer.text
        client.headers["X-CSRFToken"] = client.cookies["csrftoken"]
        return client

    def healthy(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"http://127.0.0.1:{self.port}/healthz").status_code == 200
        return False


def _admin_connection() -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=os.environ["DB_HOST"],
        user=os.environ.get("DB_USER", "wangge"),
        password=os.environ.get("DB_PASSWORD", ""),
        dbname="postgres",
        autocommit=True,
    )


@contextlib.contextmanager
def running_town(folder: Path, password: str = "", *, build: bool = True, workers: int = 1) -> Iterator[Town]:
    """Database, web server and mail server; the worker is started and killed by the story itself.

    With `build` the fixed town stands and everybody can sign in; else the database is empty.
    """
    mailbox = HoldingMailbox()
    smtp = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    smtp.start()
    port = free_port()
    env = {
        **os.environ,
        "DB_NAME": DATABASE,
        "REDIS_DB": REDIS_DB,
        "VAR_DIR": str(folder),
        "DEBUG": "0",
        "DEMO": "0",
        "TLS": "0",
        "ALLOWED_HOSTS": "127.0.0.1",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(smtp.port),
        "DEFAULT_FROM_EMAIL": "wangge@town.invalid",
    }
    town = Town(env=env, mailbox=mailbox, port=port, folder=folder)
    with _admin_connection() as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {DATABASE}")
    try:
        town.run("-c", "import redis, os; redis.Redis(unix_socket_path=os.environ['REDIS_SOCKET'], db=9).flushdb()")
        if build:
            town.run("-m", "tests.scenarios.story_town", password)
        web = f"gunicorn config.wsgi --worker-class gthread --threads 4 --keep-alive 75 --workers {workers}"
        town.start("web", f"{web} --bind 127.0.0.1:{port}")
        wait_for("web server", town.healthy)
        yield town
    finally:
        for name in list(town.processes):
            town.kill(name, signal.SIGKILL)
        smtp.stop()
        with _admin_connection() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")

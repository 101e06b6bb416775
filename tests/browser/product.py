"""The product as `make run` starts it, for a browser: nginx before gunicorn and uvicorn, a demo town of its own.

The worker and beat stay out: nothing here waits for them, and what they send is sent by the test that reads it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg

from deploy import front
from deploy.embedded import open_places
from deploy.places import ROOT, Places
from deploy.supervisor import Supervisor, read_procfile
from tests.scenarios.processes import free_port, wait_for

DATABASE = "wangge_browser"
REDIS_DB = "11"
SEND_ALL = """
from django.utils import timezone
from notices.selectors import messages_due
from notices.services import deliver_message
for number in list(messages_due(now=timezone.now()).values_list("pk", flat=True)):
    deliver_message(message_id=number)
"""


@dataclass(frozen=True, slots=True)
class Product:
    """A running town: its address, who can sign in, and where its logs are."""

    address: str
    sign_ins: dict[str, dict[str, str]]  # by role
    folder: Path
    env: dict[str, str]
    supervisor: Supervisor

    def start_web(self) -> None:
        command = read_procfile(path=ROOT / "Procfile", env=self.env)["web"]
        self.supervisor.start(name="web", command=command, env=self.env)
        wait_for("web server", lambda: _answers(f"{self.address}/api/v1/session/"), 30)

    def kill_web(self) -> None:
        """In the middle of whatever it does; its workers go with it."""
        group = self.supervisor.children["web"].pid
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
        self.supervisor.stop(names=["web"])

    def run(self, *command: str) -> str:
        """A command to its end, with the product's environment."""
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=180, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def send_mails(self) -> None:
        """What the worker does with the queue, once."""
        self.run("manage.py", "shell", "-v", "0", "-c", SEND_ALL)

    def person(self, role: str) -> httpx.Client:
        """This person at another desk: requests of their own, outside the browser under test."""
        client = httpx.Client(base_url=f"{self.address}/api/v1/", timeout=20, headers={"Accept-Language": "zh-Hans"})
        client.get("session/")
        who = self.sign_ins[role]
        client.headers["X-CSRFToken"] = client.cookies["csrftoken"]
        answer = client.post("session/", json={"username": who["username"], "password": who["password"]})
        assert answer.status_code == 200, answer.text
        client.headers["X-CSRFToken"] = client.cookies["csrftoken"]
        return client


@contextlib.contextmanager
def running_product() -> Iterator[Product]:
    """Everything from an empty database to the first page, and nothing left of it afterwards."""
    # Not below pytest's own folder: nginx and the service account could not enter it.
    folder = Path(tempfile.mkdtemp(prefix="wangge-browser-"))
    folder.chmod(0o711)
    places = open_places(home=folder)
    port = free_port()
    env = _environment(places=places, port=port)
    supervisor = Supervisor(cwd=ROOT, logs=places.logs)
    with _database():
        try:
            yield _open(places=places, env=env, port=port, supervisor=supervisor)
        finally:
            supervisor.stop()
            if failed := _server_errors(places.logs):
                sys.stderr.write(failed)
            shutil.rmtree(folder, ignore_errors=True)


def _open(*, places: Places, env: dict[str, str], port: int, supervisor: Supervisor) -> Product:
    address = f"http://localhost:{port}"
    product = Product(address=address, sign_ins={}, folder=places.home, env=env, supervisor=supervisor)
    product.run(
        "-c", f"import os, redis; redis.Redis(unix_socket_path=os.environ['REDIS_SOCKET'], db={REDIS_DB}).flushdb()"
    )
    for command in ("migrate", "load_demo", "collectstatic"):
        product.run("manage.py", command, "-v", "0", *(["--noinput"] if command != "load_demo" else []))
    # Packed as `make run` does it.
    product.run("-m", "whitenoise.compress", "--quiet", str(places.home / "static" / "app"))
    told = json.loads((places.home / "demo.json").read_text(encoding="utf-8"))
    product.sign_ins.update({row["role"]: row for row in told["sign_ins"]})
    supervisor.start(name="live", command=read_procfile(path=ROOT / "Procfile", env=env)["live"], env=env)
    settings = front.write_settings(places=places, port=port)
    supervisor.start(name="nginx", command=front.command(places=places, settings=settings), env=env)
    product.start_web()
    wait_for("live process", lambda: _answers(f"{product.address}/sse/", status=401), 30)
    return product


def _environment(*, places: Places, port: int) -> dict[str, str]:
    return {
        **os.environ,
        "DB_NAME": DATABASE,
        "REDIS_DB": REDIS_DB,
        "VAR_DIR": str(places.home),
        "DEBUG": "0",
        "DEMO": "1",
        "TLS": "0",
        "ALLOWED_HOSTS": "localhost",
        "PUBLIC_URL": f"http://localhost:{port}",
        "EMAIL_HOST": "",
        "WEB_CONCURRENCY": "2",
        "PYTHONUNBUFFERED": "1",
        "GUNICORN_CMD_ARGS": "--bind " + shlex.quote(f"unix:{front.web_socket(places=places)}"),
        "UVICORN_UDS": str(front.live_socket(places=places)),
    }


@contextlib.contextmanager
def _database() -> Iterator[None]:
    _admin(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    _admin(f"CREATE DATABASE {DATABASE}")
    try:
        yield
    finally:
        _admin(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


def _admin(statement: str) -> None:
    given: dict[str, Any] = {"host": os.environ["DB_HOST"], "user": os.environ.get("DB_USER", "wangge")}
    given |= {"password": os.environ.get("DB_PASSWORD", ""), "port": os.environ.get("DB_PORT", "5432")}
    with psycopg.connect(**given, dbname="postgres", autocommit=True) as connection:
        connection.execute(statement)


def _answers(address: str, status: int = 200) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(address, timeout=2).status_code == status
    return False


def _server_errors(logs: Path) -> str:
    """What the processes complained about: without it a failed page tells half of the story."""
    lines: list[str] = []
    for name in ("web", "live", "nginx"):
        log = logs / f"{name}.log"
        text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        lines += [f"{name}: {line}" for line in text.splitlines() if "ERROR" in line or "Traceback" in line]
    return "\n".join(lines)

"""`make run`: a living demo town on one address of this machine, and nothing left behind when it stops."""

import argparse
import fcntl
import http.client
import os
import shlex
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from deploy import embedded, front, sign_ins
from deploy.console import Failure, Step, fail, step, write
from deploy.places import ROOT, Places
from deploy.processes import last_line, spawn, stop_pid
from deploy.supervisor import Supervisor, read_procfile
from deploy.terminal import Interruption, foreground

HOME = ROOT / "var"
READY_SECONDS = 120.0
# What a site may set for a try and what Unix programs need; nothing else of the caller's environment.
PASSED_ON = (
    *("EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD", "EMAIL_HOST_PASSWORD_FILE"),
    *("EMAIL_USE_TLS", "DEFAULT_FROM_EMAIL", "WEB_CONCURRENCY", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE"),
)


class Stopped(Exception):
    """Somebody asked us to stop."""


@dataclass(slots=True)
class Run:
    port: int
    places: Places
    interruption: Interruption
    supervisor: Supervisor
    env: dict[str, str]

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    def wait(self, *, seconds: float) -> None:
        """Sleep, but not through a wish to stop or the death of a child."""
        deadline = time.monotonic() + seconds
        while True:
            if self.interruption.pending():
                raise Stopped
            self.supervisor.check()
            if time.monotonic() >= deadline:
                return
            time.sleep(0.1)

    def manage(self, *, command: str, options: Sequence[str] = (), en: str, zh: str) -> None:
        """One management command, its output in the log; ended when we are asked to stop."""
        with step(en=en, zh=zh) as current:
            self._manage(command=command, options=options, current=current)

    def _manage(self, *, command: str, options: Sequence[str], current: Step) -> None:
        log = self.places.logs / f"{command}.log"
        child = spawn(
            command=[sys.executable, "manage.py", command, *options], log=log, env=self.env, cwd=ROOT, death_signal=None
        )
        try:
            while child.poll() is None:
                self.wait(seconds=0.1)
                current.tick()
        finally:
            if child.poll() is None:
                child.terminate()
                child.wait()
        if child.returncode != 0:
            raise Failure(
                step=f"manage.py {command}",
                cause=last_line(log=log),
                remedy=f"read {log}; `make reset` starts with an empty town",
            )


def environment(*, places: Places, port: int) -> dict[str, str]:
    """Production settings on the loopback address, without TLS, marked as a demo; secrets by file."""
    env = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    env.setdefault("LANG", "C.UTF-8")
    env.setdefault("WEB_CONCURRENCY", "2")
    given = embedded.environment(places=places)
    for name in ("DB_PASSWORD", "FIELD_KEY", "SECRET_KEY"):
        del given[name]
        env[f"{name}_FILE"] = str(places.home / "secrets" / name.lower())
    return (
        env
        | given
        | {
            "PATH": f"{ROOT / '.venv' / 'bin'}:{os.environ.get('PATH', '/usr/bin:/bin')}",
            "HOME": str(places.home),
            "MPLCONFIGDIR": str(places.home / "cache" / "matplotlib"),
            "PYTHONUNBUFFERED": "1",
            "DEBUG": "0",
            "DEMO": "1",
            # No video platform reports to a demo town: what was told when it was made stays true for a week.
            "CAMERA_STALE_MINUTES": str(7 * 24 * 60),
            "TLS": "0",
            # As root the application's files are root's, and nginx, which is not, cannot read them.
            "FILES_BY_NGINX": "0" if os.geteuid() == 0 else "1",
            "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
            "PUBLIC_URL": f"http://localhost:{port}",
            "GUNICORN_CMD_ARGS": "--bind " + shlex.quote(f"unix:{front.web_socket(places=places)}"),
            "UVICORN_UDS": str(front.live_socket(places=places)),
        }
    )


def open_for_business(*, run: Run) -> None:
    run.manage(command="migrate", options=["--noinput"], en="Updating the database", zh="正在更新数据库")
    # Its sign-ins are written last: a load that was interrupted is done again.
    if not sign_ins.path(home=HOME).exists():
        run.manage(command="load_demo", en="Building the demo town (once)", zh="正在建立示范镇(仅一次)")
    parts = "web, live, worker, beat, nginx"
    # Beat remembers here what it has sent, so that a mail missed while we were down is not forgotten.
    (HOME / "beat").mkdir(mode=0o700, exist_ok=True)
    with step(en=f"Starting {parts}", zh=f"正在启动 {parts}") as current:
        for name, words in read_procfile(path=ROOT / "Procfile", env=run.env).items():
            run.supervisor.start(name=name, command=words, env=run.env)
        settings = front.write_settings(places=run.places, port=run.port)
        run.supervisor.start(name="nginx", command=front.command(places=run.places, settings=settings), env=run.env)
        wait_ready(run=run, current=current)
    sign_ins.set_address(home=HOME, address=run.address)
    sign_ins.show(home=HOME, address=run.address)


def wait_ready(*, run: Run, current: Step) -> None:
    """Until /readyz answers 200, asked the way a browser would: through nginx."""
    deadline = time.monotonic() + READY_SECONDS
    told = "no answer"
    while time.monotonic() < deadline:
        run.wait(seconds=0.2)
        current.tick()
        ready, told = ask_ready(port=run.port)
        if ready:
            return
    raise Failure(
        step="readiness",
        cause=f"not ready after {READY_SECONDS:.0f} s: {told}",
        remedy=f"read the logs in {run.places.logs}, then start again",
    )


def ask_ready(*, port: int) -> tuple[bool, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz", headers={"Host": f"localhost:{port}"})
        answer = connection.getresponse()
        return answer.status == 200, f"{answer.status} {answer.read(300).decode(errors='replace').strip()}"
    except (OSError, http.client.HTTPException) as error:
        return False, str(error)
    finally:
        connection.close()


def close(*, run: Run, started: embedded.Started) -> None:
    """In order: first no new requests, then the work in hand, then queue and database."""
    run.supervisor.stop(names=["nginx"])
    run.supervisor.stop()
    embedded.stop(home=HOME)
    for process in started.processes.values():
        # Already ended by now; asked once more should its pid file have been lost.
        if process.poll() is None:
            stop_pid(pid=process.pid, first=signal.SIGINT, seconds=30)


@contextmanager
def only_one() -> Iterator[None]:
    HOME.mkdir(mode=0o711, exist_ok=True)
    with (HOME / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Failure(
                step="start",
                cause="this checkout is already running in another window",
                remedy="use that one, or stop it with `make stop`",
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
        lock.truncate(0)


def serve(*, port: int, interruption: Interruption) -> int:
    with only_one():
        # What a killed run may have left would otherwise be mistaken for ours, without its death signal.
        embedded.stop(home=HOME)
        embedded.tell_place(home=HOME)
        with step(en="Starting PostgreSQL and Redis", zh="正在启动 PostgreSQL 与 Redis"):
            started = embedded.start(home=HOME, follow=True)
        places = started.places
        supervisor = Supervisor(cwd=ROOT, logs=places.logs, watched=dict(started.processes))
        run = Run(
            port=port,
            places=places,
            interruption=interruption,
            supervisor=supervisor,
            env=environment(places=places, port=port),
        )
        try:
            open_for_business(run=run)
            while True:
                run.wait(seconds=3600)
        except Stopped:
            return 0
        finally:
            write()
            with step(en="Stopping everything", zh="正在全部停止"):
                close(run=run, started=started)


def main(*, arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="run.py", description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    port = parser.parse_args(arguments).port
    front.check_port(port=port)
    with foreground():
        interruption = Interruption()
        interruption.install()
        try:
            return serve(port=port, interruption=interruption)
        except Failure as failure:
            fail(failure=failure)
            return 1


def open_standard_input() -> None:
    """Started with stdin closed (cron, some CI), the next file opened would become it, and be inherited."""
    try:
        os.fstat(0)
    except OSError:
        os.open(os.devnull, os.O_RDONLY)


if __name__ == "__main__":
    open_standard_input()
    try:
        sys.exit(main(arguments=sys.argv[1:]))
    except Failure as failure:
        fail(failure=failure)
        sys.exit(1)

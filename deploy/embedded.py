"""PostgreSQL and Redis of one checkout, started and stopped together, on Unix sockets only.

python deploy/embedded.py start|stop|status|env|exec [--home DIR] [--fast] [-- command …]
"""

import argparse
import fcntl
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

if not __package__:
    # Started as a file, before there is any virtual environment: the package is next door.
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from deploy import postgres, redis_server
from deploy.console import Failure, fail, say, write
from deploy.places import ROOT, Places, locate_places, open_places, read_secret

NOT_RUNNING = 3


@dataclass(frozen=True, slots=True)
class Started:
    """The services that this call started (not those it found running)."""

    places: Places
    processes: dict[str, subprocess.Popen[bytes]]


def start(*, home: Path, fast: bool = False, follow: bool = False) -> Started:
    """Start what is not running yet. With `follow` the services end when the calling process ends."""
    places = open_places(home=home)
    processes: dict[str, subprocess.Popen[bytes]] = {}
    with _locked(places=places, name="start.lock"):
        if postgres.running_pid(places=places) is None:
            processes["postgres"] = postgres.start(places=places, fast=fast, follow=follow)
        if redis_server.running_pid(places=places) is None:
            try:
                processes["redis"] = redis_server.start(places=places, fast=fast, follow=follow)
            except Failure:
                if "postgres" in processes:
                    postgres.stop(places=places)
                raise
    return Started(places=places, processes=processes)


def tell_place(*, home: Path) -> None:
    """Nobody should have to search for the data when it could not stay in the checkout."""
    places = locate_places(home=home)
    if places.outside:
        name = places.account.name
        say(
            en=f"The data is kept in {places.services}, because the account {name} cannot enter {places.home}.",
            zh=f"数据放在 {places.services},因为账户 {name} 无法进入 {places.home}。",
        )


def stop(*, home: Path) -> None:
    places = locate_places(home=home)
    redis_server.stop(places=places)
    postgres.stop(places=places)


def status(*, home: Path) -> dict[str, int | None]:
    places = locate_places(home=home)
    return {
        "postgres": postgres.running_pid(places=places),
        "redis": redis_server.running_pid(places=places),
    }


def environment(*, places: Places) -> dict[str, str]:
    """What config/env.py reads to find these services."""
    return {
        "DB_HOST": str(places.sockets),
        "DB_PORT": postgres.PORT,
        "DB_NAME": postgres.DATABASE,
        "DB_USER": postgres.APP_ROLE,
        "DB_PASSWORD": read_secret(places=places, name="db_password"),
        "REDIS_SOCKET": str(places.redis_socket),
        "SECRET_KEY": read_secret(places=places, name="secret_key"),
        "FIELD_KEY": read_secret(places=places, name="field_key"),
        "VAR_DIR": str(places.home),
    }


def settings_environment(*, places: Places) -> dict[str, str]:
    """The environment of the caller completed to what config/settings.py needs for a try on this machine."""
    defaults = {"ALLOWED_HOSTS": "localhost,127.0.0.1,[::1],testserver", "TLS": "0"}
    given = {name: os.environ[name] for name in defaults if name in os.environ}
    return {**defaults, **given, **environment(places=places)}


@contextmanager
def services(*, home: Path, fast: bool = False) -> Iterator[Places]:
    """Services for the length of a block. The last of several users of one home stops them."""
    places = open_places(home=home)
    with (places.home / "users.lock").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        found_running = all(status(home=home).values()) and not (places.home / "borrowed").exists()
        if not found_running:
            (places.home / "borrowed").touch()
        start(home=home, fast=fast)
        try:
            yield places
        finally:
            if not found_running and _last_user(users=users.fileno()):
                stop(home=home)
                (places.home / "borrowed").unlink(missing_ok=True)


def run_command(*, home: Path, fast: bool, command: Sequence[str]) -> int:
    """Run a command with the services up; its exit code is ours. SIGTERM reaches the command first."""
    with services(home=home, fast=fast) as places:
        child = subprocess.Popen(command, env={**os.environ, **settings_environment(places=places)})
        # Ctrl-C reaches the command through the terminal; we wait for it and then stop the services.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda received, _frame: child.send_signal(received))
        code = child.wait()
    return code if code >= 0 else 128 - code


def main(*, arguments: Sequence[str]) -> int:
    options = _parse(arguments=arguments)
    home = Path(options.home)
    if options.act == "exec":
        return run_command(home=home, fast=options.fast, command=options.command)
    if options.act == "stop":
        stop(home=home)
        return 0
    if options.act == "env":
        for name, value in environment(places=open_places(home=home)).items():
            write(line=f"export {name}={shlex.quote(value)}")
        return 0
    if options.act == "start":
        start(home=home, fast=options.fast)
        tell_place(home=home)
    return _show_status(home=home)


def _show_status(*, home: Path) -> int:
    found = status(home=home)
    for name, pid in found.items():
        write(line=f"{name}: {f'running, process {pid}' if pid else 'not running'}")
    return 0 if all(found.values()) else NOT_RUNNING


def _parse(*, arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="embedded.py", description=__doc__.partition("\n")[0])
    parser.add_argument("act", choices=["start", "stop", "status", "env", "exec"])
    parser.add_argument("--home", default=str(ROOT / "var"), help="data folder (default: var/)")
    parser.add_argument("--fast", action="store_true", help="for tests: no durability")
    parser.usage = "embedded.py start|stop|status|env|exec [--home DIR] [--fast] [-- command …]"
    own = list(arguments)
    command = own[own.index("--") + 1 :] if "--" in own else []
    options = parser.parse_args(own[: own.index("--")] if "--" in own else own)
    options.command = command
    if (options.act == "exec") != bool(options.command):
        parser.error("exec, and only exec, takes a command after --")
    return options


def _last_user(*, users: int) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _locked(*, places: Places, name: str) -> Iterator[None]:
    with (places.home / name).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    try:
        sys.exit(main(arguments=sys.argv[1:]))
    except Failure as failure:
        fail(failure=failure)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)

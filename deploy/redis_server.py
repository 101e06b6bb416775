"""A private Redis: Unix socket only, everything appended to disk."""

import os
import shutil
import signal
import socket
import subprocess

from deploy.console import Failure
from deploy.places import Places
from deploy.postgres import minimal_env
from deploy.processes import alive, command_line, last_line, spawn, stop_pid, wait_until

START_SECONDS = 120.0

SETTINGS = """\
# Written at every start by deploy/redis_server.py: changes made here do not last.
port 0
unixsocket "{socket}"
unixsocketperm 700
dir "{data}"
pidfile "{data}/redis.pid"
daemonize no
save ""
appendonly {durable}
appendfsync everysec
# The queue of the workers must never be thinned out silently.
maxmemory-policy noeviction
"""


def program() -> str:
    found = shutil.which("redis-server")
    if found is None:
        raise Failure(
            step="Redis",
            cause="the program redis-server is not installed",
            remedy="run deploy/prepare.sh, which installs it",
        )
    return found


def running_pid(*, places: Places) -> int | None:
    """The Redis of exactly this socket: it shows the path in its process title."""
    try:
        pid = int((places.redis / "redis.pid").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return pid if alive(pid=pid) and str(places.redis_socket) in command_line(pid=pid) else None


def start(*, places: Places, fast: bool, follow: bool) -> subprocess.Popen[bytes]:
    places.redis.mkdir(mode=0o700, exist_ok=True)
    config = places.redis / "redis.conf"
    durable = "no" if fast else "yes"
    config.write_text(SETTINGS.format(socket=places.redis_socket, data=places.redis, durable=durable), encoding="utf-8")
    for path in (places.redis, config):
        os.chown(path, places.account.uid, places.account.gid)
    process = spawn(
        command=[program(), str(config)],
        log=places.logs / "redis.log",
        env=minimal_env(),
        cwd=places.services,
        account=places.account,
        death_signal=signal.SIGTERM if follow else None,
    )
    ready = wait_until(check=lambda: process.poll() is not None or answers(places=places), seconds=START_SECONDS)
    if not ready or process.poll() is not None:
        stop(places=places)
        log = places.logs / "redis.log"
        raise Failure(step="Redis start", cause=last_line(log=log), remedy=f"read {log}")
    return process


def stop(*, places: Places) -> None:
    pid = running_pid(places=places)
    if pid is not None:
        stop_pid(pid=pid, first=signal.SIGTERM, seconds=30)
    # A killed Redis leaves its socket behind, and a dead socket reads like a broken installation.
    places.redis_socket.unlink(missing_ok=True)


def answers(*, places: Places) -> bool:
    """PONG, and not `-LOADING` while the log of changes is still being read."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
            door.settimeout(2)
            door.connect(str(places.redis_socket))
            door.sendall(b"PING\r\n")
            return door.recv(64).startswith(b"+PONG")
    except OSError:
        return False

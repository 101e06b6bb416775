"""Starts the processes of the Procfile, watches all of them, and stops them in order."""

import contextlib
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from deploy.console import Failure
from deploy.processes import group_members, last_line, spawn, wait_until

# A worker in the middle of a mail gets this long; what is killed after it is taken up again later.
PATIENCE = 20.0


@dataclass(slots=True)
class Supervisor:
    cwd: Path
    logs: Path
    # PostgreSQL and Redis: watched like the rest, but stopped by deploy/embedded.py, last.
    watched: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, *, name: str, command: list[str], env: Mapping[str, str]) -> None:
        self.children[name] = spawn(
            command=command,
            log=self.logs / f"{name}.log",
            env=env,
            cwd=self.cwd,
            death_signal=signal.SIGTERM,
        )

    def dead(self) -> str | None:
        """The name of a child that has ended on its own."""
        everyone = {**self.watched, **self.children}
        return next((name for name, child in everyone.items() if child.poll() is not None), None)

    def check(self) -> None:
        name = self.dead()
        if name is not None:
            log = self.logs / f"{name}.log"
            code = {**self.watched, **self.children}[name].returncode
            how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
            raise Failure(
                step=name,
                cause=f"the process {name} ended by itself ({how}): {last_line(log=log)}",
                remedy=f"read {log}, then start again; the data is safe",
            )

    def stop(self, *, names: list[str] | None = None) -> None:
        """Ask these (default: all) to end, wait, and end what is left of their sessions."""
        chosen = {name: self.children[name] for name in names or list(self.children) if name in self.children}
        for child in chosen.values():
            _signal(pid=child.pid, number=signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        for child in chosen.values():
            left = max(0.1, deadline - time.monotonic())
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=left)
        for name, child in chosen.items():
            _sweep(session=child.pid)
            child.wait()
            del self.children[name]


def read_procfile(*, path: Path, env: Mapping[str, str]) -> dict[str, list[str]]:
    """Commands by name, with $NAMES filled in from the environment that they will run in."""
    commands = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, colon, command = line.partition(":")
        if colon and not line.startswith("#"):
            words = [Template(word).substitute(env) for word in shlex.split(command)]
            commands[name.strip()] = words
    return commands


def _sweep(*, session: int) -> None:
    """Children of a killed child (pool processes, request workers) do not always notice."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in group_members(session=session):
            _signal(pid=pid, number=number)
        if wait_until(check=lambda: not group_members(session=session), seconds=3):
            return


def _signal(*, pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return

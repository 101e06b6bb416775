"""Starting, watching and stopping operating-system processes by id, on Linux."""

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.accounts import Account

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1
LOG_LIMIT = 10 * 1024 * 1024


def spawn(
    *,
    command: Sequence[str],
    log: Path,
    env: Mapping[str, str],
    cwd: Path,
    account: Account | None = None,
    death_signal: signal.Signals | None = None,
) -> subprocess.Popen[bytes]:
    """Start in a session of its own, output to `log`; with `death_signal` it does not outlive its parent."""
    _rotate(log=log)
    other = account is not None and account.uid != os.geteuid()
    with log.open("ab") as out:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
            umask=0o077,
            user=account.uid if other and account else None,
            group=account.gid if other and account else None,
            extra_groups=[] if other else None,
            preexec_fn=_dying_with(parent=os.getpid(), death_signal=death_signal) if death_signal else None,
        )


def alive(*, pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return False
    return fields[fields.rfind(b")") + 2 : fields.rfind(b")") + 3] not in (b"Z", b"X", b"")


def command_line(*, pid: int) -> str:
    """Its arguments, separated by spaces; empty when there is no such process."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def wait_gone(*, pid: int, seconds: float) -> bool:
    """Wait until it has ended; a child of ours is also reaped, so that no zombie is left to be counted."""

    def gone() -> bool:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        return not alive(pid=pid)

    return wait_until(check=gone, seconds=seconds)


def wait_until(*, check: Callable[[], bool], seconds: float, every: float = 0.05) -> bool:
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def stop_pid(*, pid: int, first: signal.Signals, seconds: float) -> None:
    """Ask with `first`, and end it after `seconds`."""
    for number, patience in ((first, seconds), (signal.SIGKILL, 5.0)):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        if wait_gone(pid=pid, seconds=patience):
            return


def group_members(*, session: int) -> list[int]:
    """Every living process of a session: what a stopped child may have left behind."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and alive(pid=int(entry.name)):
            try:
                if os.getsid(int(entry.name)) == session:
                    found.append(int(entry.name))
            except OSError:  # it ended while we looked
                continue
    return found


def last_line(*, log: Path) -> str:
    """The last line of a log that says something: the cause to show to a person."""
    try:
        with log.open("rb") as source:
            source.seek(max(0, log.stat().st_size - 8192))
            lines = source.read().decode(errors="replace").splitlines()
    except OSError:
        return "no output"
    told = [line.strip() for line in lines if line.strip()]
    return told[-1][:300] if told else "no output"


def _dying_with(*, parent: int, death_signal: signal.Signals) -> Callable[[], None]:
    def arm() -> None:
        LIBC.prctl(PR_SET_PDEATHSIG, int(death_signal))
        # The parent may have died between fork and prctl.
        if os.getppid() != parent:
            os._exit(1)

    return arm


def _rotate(*, log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(log.suffix + ".1"))

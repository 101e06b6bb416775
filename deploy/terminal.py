"""Being interrupted well: a flag that signals set, also when make stands between us and the terminal."""

import contextlib
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(slots=True)
class Interruption:
    """`pending()` turns true once somebody wants us to stop, and stays so."""

    asked: bool = False
    parent: int = field(default_factory=os.getppid)

    def install(self) -> None:
        for number in SIGNALS:
            signal.signal(number, self._note)

    def pending(self) -> bool:
        """Also when make was interrupted alone (`kill -INT`) or killed: it does not pass that on."""
        if os.getppid() != self.parent or _interrupted_make(pid=self.parent):
            self.asked = True
        return self.asked

    def _note(self, _number: int, _frame: object) -> None:
        self.asked = True


@contextlib.contextmanager
def foreground() -> Iterator[None]:
    """At a terminal, take Ctrl-C for ourselves: make would otherwise end as interrupted instead of well."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        yield
        return
    before = os.getpgrp()
    try:
        if os.tcgetpgrp(terminal) != before:  # in the background: the terminal belongs to somebody else
            yield
            return
        for number in (signal.SIGTTOU, signal.SIGTTIN, signal.SIGTSTP):
            signal.signal(number, signal.SIG_IGN)
        if os.getpid() != before:
            os.setpgid(0, 0)
        os.tcsetpgrp(terminal, os.getpgrp())
        yield
    finally:
        with contextlib.suppress(OSError):
            os.tcsetpgrp(terminal, before)
        os.close(terminal)


def _interrupted_make(*, pid: int) -> bool:
    """make catches these signals while it works. One that it neither catches nor ignores any more is one
    that it has received: it then waits for its children before it ends."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return False
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    if fields.get("Name", "").strip() not in {"make", "gmake"}:
        return False
    handled = int(fields.get("SigCgt", "0"), 16) | int(fields.get("SigIgn", "0"), 16)
    return any(not handled & (1 << (number - 1)) for number in SIGNALS)

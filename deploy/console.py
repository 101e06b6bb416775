"""The only module of deploy/ that writes to the terminal: Chinese for a Chinese locale, else English."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


class Failure(Exception):
    """A step that cannot go on: what failed, why, and what the reader can do about it."""

    def __init__(self, *, step: str, cause: str, remedy: str) -> None:
        super().__init__(f"{step}: {cause}")
        self.step, self.cause, self.remedy = step, cause, remedy


def chinese() -> bool:
    """The same order of precedence as setlocale(3); Chinese only where the terminal can show it."""
    name = next((os.environ[key] for key in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(key)), "")
    return name.lower().startswith("zh")


def text(*, en: str, zh: str) -> str:
    return zh if chinese() else en


def write(*, line: str = "") -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def say(*, en: str, zh: str) -> None:
    write(line=text(en=en, zh=zh))


def write_error(*, line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def fail(*, failure: Failure) -> None:
    """One line that names the step, the cause and the remedy: the last thing on the screen."""
    cause = failure.cause.rstrip(".。")
    line = f"FAILED {failure.step}: {cause}. Remedy: {failure.remedy}"
    zh = f"失败 {failure.step}:{cause}。办法:{failure.remedy}"
    sys.stdout.flush()
    write_error(line=text(en=line, zh=zh))


@dataclass(slots=True)
class Step:
    """A step in progress: its seconds tick on a terminal, and every five seconds in a log."""

    name: str
    begun: float
    shown: int = 0

    def tick(self) -> None:
        seconds = int(time.monotonic() - self.begun)
        if sys.stdout.isatty() and seconds > self.shown:
            sys.stdout.write(f"\r• {self.name} … {seconds} s ")
        elif seconds - self.shown >= 5:
            sys.stdout.write(f"{seconds} s … ")
        else:
            return
        self.shown = seconds
        sys.stdout.flush()


@contextmanager
def step(*, en: str, zh: str) -> Iterator[Step]:
    """Say what begins, and afterwards how long it took."""
    current = Step(name=text(en=en, zh=zh), begun=time.monotonic())
    sys.stdout.write(f"• {current.name} … ")
    sys.stdout.flush()
    try:
        yield current
    except BaseException:
        write()
        raise
    again = f"\r• {current.name} … " if sys.stdout.isatty() else ""
    write(line=f"{again}ok ({time.monotonic() - current.begun:.1f} s)")

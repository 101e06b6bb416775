"""What several tests of this folder need beyond fixtures."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from deploy import embedded
from deploy.places import locate_places


def remove_home(home: Path) -> None:
    places = locate_places(home=home)
    embedded.stop(home=home)
    if places.outside:
        shutil.rmtree(places.services, ignore_errors=True)
    shutil.rmtree(places.sockets, ignore_errors=True)


def processes_of(folder: Path) -> list[str]:
    """Command lines of living processes that work for this checkout, by arguments, folder or environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            told = entry.joinpath("cmdline").read_bytes() + os.fsencode(os.readlink(entry / "cwd"))
            told += entry.joinpath("environ").read_bytes()
        except OSError:
            continue
        if os.fsencode(folder) in told:
            found.append(entry.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def gone_within(check: Callable[[], object], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while check():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True

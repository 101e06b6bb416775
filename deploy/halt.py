"""`make stop` and `make reset`: end a run in another window; delete the demo town with all its data."""

import argparse
import fcntl
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy import embedded
from deploy.console import Failure, fail, say, text, write
from deploy.places import ROOT, locate_places
from deploy.processes import alive, command_line, wait_gone

HOME = ROOT / "var"
# Tools, caches and stamps of what was installed stay: they are not data, and cost minutes to make again.
KEPT = {"tools", "cache", "stamps", "static", "run.lock"}


def stop() -> None:
    pid = running()
    if pid is None:
        say(en="Nothing is running.", zh="没有正在运行的实例。")
    else:
        os.kill(pid, signal.SIGTERM)
        if not wait_gone(pid=pid, seconds=90):
            raise Failure(step="stop", cause=f"process {pid} does not end", remedy=f"kill -9 {pid}")
        say(en="Stopped.", zh="已停止。")
    if HOME.exists():
        embedded.stop(home=HOME)


def running() -> int | None:
    """The process of a run of this checkout: it holds the lock for as long as it lives."""
    try:
        with (HOME / "run.lock").open("r+") as lock:
            pid = int(lock.read() or 0)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return pid if alive(pid=pid) and "deploy.run" in command_line(pid=pid) else None
    except (FileNotFoundError, ValueError):
        return None
    return None


def reset(*, agreed: bool) -> None:
    if running() is not None or any(_services_running()):
        raise Failure(step="reset", cause="the town is running", remedy="stop it first (Ctrl-C there, or `make stop`)")
    folders = [HOME / name for name in sorted(os.listdir(HOME)) if name not in KEPT] if HOME.exists() else []
    places = locate_places(home=HOME) if HOME.exists() else None
    if places is not None:
        outside = [path for path in (places.services, places.sockets) if not path.is_relative_to(HOME)]
        folders += [path for path in outside if path.exists()]
    if not folders:
        say(en="There is nothing to delete.", zh="没有可删除的数据。")
        return
    if not agreed and not _ask():
        say(en="Nothing was deleted.", zh="未删除任何数据。")
        return
    for folder in reversed(folders):
        _delete(path=folder)
    say(en="Deleted. `make run` builds a new town.", zh="已删除。`make run` 将重新建立示范镇。")


def _services_running() -> list[int]:
    if not HOME.exists():
        return []
    return [pid for pid in embedded.status(home=HOME).values() if pid]


def _ask() -> bool:
    question = text(
        en="Delete the demo town with all cases, files and mails in var/? Type yes: ",
        zh="将删除 var/ 中的示范镇及全部事件、文件与邮件。确认请输入 yes:",
    )
    try:
        return input(question).strip().lower() == "yes"
    except EOFError:
        write()
        return False


def _delete(*, path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def main(*, arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="halt.py", description=__doc__)
    parser.add_argument("act", choices=["stop", "reset"])
    parser.add_argument("--yes", action="store_true", help="do not ask")
    options = parser.parse_args(arguments)
    if options.act == "stop":
        stop()
    else:
        reset(agreed=options.yes)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(arguments=sys.argv[1:]))
    except Failure as failure:
        fail(failure=failure)
        sys.exit(1)

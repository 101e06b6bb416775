"""Under which account PostgreSQL and Redis run: never root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.console import Failure

ACCOUNT_NAME = "wangge"


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    uid: int
    gid: int


def service_account() -> Account:
    """The caller's own account, or for root the system account `wangge`, made at first need."""
    if os.geteuid() != 0:
        return _account_of(entry=pwd.getpwuid(os.geteuid()))
    try:
        return _account_of(entry=pwd.getpwnam(ACCOUNT_NAME))
    except KeyError:
        _create_account()
    return _account_of(entry=pwd.getpwnam(ACCOUNT_NAME))


def may_enter(*, folder: Path, account: Account) -> bool:
    """Ask the kernel as that account, because access lists and mount options count as well as mode bits."""
    if account.uid == os.geteuid():
        return True
    found = subprocess.run(
        ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        check=False,
    )
    return found.returncode == 0


def _account_of(*, entry: pwd.struct_passwd) -> Account:
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)


def _create_account() -> None:
    # sbin is not on the PATH of every root shell (su without a dash).
    useradd = shutil.which("useradd") or "/usr/sbin/useradd"
    command = [useradd, "--system", "--user-group", "--no-create-home"]
    command += ["--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", ACCOUNT_NAME]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Failure(
            step="service account",
            cause=f"useradd could not make the system account {ACCOUNT_NAME} ({error})",
            remedy=f"make it by hand (useradd --system {ACCOUNT_NAME}) or start as an ordinary user",
        ) from error

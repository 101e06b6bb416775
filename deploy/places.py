"""Where the embedded services keep their data, sockets and secrets."""

import hashlib
import os
import re
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from deploy.accounts import Account, may_enter, service_account
from deploy.console import Failure

ROOT = Path(__file__).resolve().parent.parent
# sun_path of a Unix socket is 108 bytes including the closing NUL.
SOCKET_PATH_LIMIT = 107
LONGEST_SOCKET_NAME = len("/.s.PGSQL.5432")
SYSTEM_HOME = Path("/var/lib/wangge")
SECRET_NAMES = ("secret_key", "field_key", "db_password")


@dataclass(frozen=True, slots=True)
class Places:
    home: Path  # what the caller named: logs, secrets, generated settings
    services: Path  # data of PostgreSQL and Redis, owned by the service account
    sockets: Path  # Unix sockets, mode 0700
    account: Account

    @property
    def logs(self) -> Path:
        return self.home / "log"

    @property
    def postgres(self) -> Path:
        return self.services / "postgres"

    @property
    def redis(self) -> Path:
        return self.services / "redis"

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"

    @property
    def outside(self) -> bool:
        """True when the service account cannot reach the checkout, so that its data had to go elsewhere."""
        return not self.services.is_relative_to(self.home)


def open_places(*, home: Path) -> Places:
    """Make the folders (idempotent) and say where everything is."""
    home = Path(os.path.abspath(home))
    account = service_account()
    # Root gives others passage (not sight), so that the service account reaches its own data below.
    _make_folder(path=home, mode=0o711 if account.uid != os.geteuid() else 0o700)
    _make_folder(path=home / "log", mode=0o700)
    _make_secrets(folder=home / "secrets")
    places = locate_places(home=home)
    if places.outside:
        # The parent is shared by all checkouts of this machine: passage for everyone, each child private.
        _make_folder(path=SYSTEM_HOME, mode=0o711)
    _make_private(path=places.services, account=account)
    _make_private(path=places.sockets, account=account)
    return places


def locate_places(*, home: Path) -> Places:
    """The same answer without making anything but (for root) the service account."""
    home = Path(os.path.abspath(home))
    account = service_account()
    inside = may_enter(folder=_nearest_existing(path=home), account=account)
    services = home / "services" if inside else SYSTEM_HOME / _short_hash(path=home)
    return Places(home=home, services=services, sockets=_socket_folder(services=services), account=account)


def read_secret(*, places: Places, name: str) -> str:
    return (places.home / "secrets" / name).read_text(encoding="ascii").strip()


def _nearest_existing(*, path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path


def _socket_folder(*, services: Path) -> Path:
    inside = services / "run"
    # PostgreSQL reads a list of folders, gunicorn and Celery read addresses: no spaces or commas in there.
    plain = re.fullmatch(r"[A-Za-z0-9_./-]+", str(inside)) is not None
    if plain and len(os.fsencode(inside)) + LONGEST_SOCKET_NAME <= SOCKET_PATH_LIMIT:
        return inside
    # Not XDG_RUNTIME_DIR: `stop` may run without it (cron, su) and must find the same folder as `start`.
    if os.geteuid() == 0:
        return Path("/run") / f"wangge-{_short_hash(path=services)}"
    return Path("/tmp") / f"wangge-{os.geteuid()}-{_short_hash(path=services)}"


def _short_hash(*, path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _make_folder(*, path: Path, mode: int) -> None:
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(mode)


def _make_private(*, path: Path, account: Account) -> None:
    """A folder that nobody but its owner enters; one that somebody else prepared is refused, not adopted."""
    try:
        path.mkdir(mode=0o700, parents=True)
        os.chown(path, account.uid, account.gid)
    except FileExistsError:
        pass
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid:
        raise Failure(
            step="service folder",
            cause=f"{path} exists but does not belong to {account.name}",
            remedy="remove that folder, or work in another checkout",
        )
    path.chmod(0o700)


def _make_secrets(*, folder: Path) -> None:
    _make_folder(path=folder, mode=0o700)
    for name in SECRET_NAMES:
        path = folder / name
        if path.exists() and path.stat().st_size:
            continue
        # Written aside and renamed: an empty secret after a power cut would lock us out of our own data.
        part = folder / f"{name}.part"
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as out:
            out.write(secrets.token_urlsafe(48) + "\n")
            out.flush()
            os.fsync(out.fileno())
        part.rename(path)

"""Read settings from the environment, or from a file named by NAME_FILE (Docker secrets).

There is no insecure default: a required value that is missing stops the process with a sentence
that names the variable. `VARIABLES` is the one list of what may be set; docs/operations.md is held to it
by a test.
"""

import os
from pathlib import Path
from typing import Final

from django.core.exceptions import ImproperlyConfigured

VARIABLES: Final[dict[str, str]] = {
    "SECRET_KEY": "signs sessions and tokens; required, at least 50 characters",
    "FIELD_KEY": "seals phone numbers and the like in the database; required, at least 32 characters, never lost",
    "DEBUG": "1 shows stack traces; never on a server",
    "DEMO": "1 marks every page and mail as demo data and opens the demo sign-ins",
    "TLS": "1 (default) redirects to https and marks cookies secure; 0 for a try on this machine",
    "ALLOWED_HOSTS": "host names served, separated by commas; required unless DEBUG=1",
    "PUBLIC_URL": "address written into mails, e.g. https://wangge.example.cn",
    "VAR_DIR": "folder of everything that is not in the database: files, mails, logs",
    "DB_HOST": "PostgreSQL host or socket folder; required",
    "DB_PORT": "PostgreSQL port, default 5432",
    "DB_NAME": "database name, default wangge",
    "DB_USER": "database role, default wangge",
    "DB_PASSWORD": "database password",
    "REDIS_SOCKET": "path of Redis' unix socket; or REDIS_URL",
    "REDIS_URL": "redis:// address; or REDIS_SOCKET",
    "REDIS_DB": "number of the Redis database behind REDIS_SOCKET, default 0",
    "EMAIL_HOST": "SMTP host; empty writes mails as files into VAR_DIR/mail",
    "EMAIL_PORT": "SMTP port, default 25",
    "EMAIL_HOST_USER": "SMTP user",
    "EMAIL_HOST_PASSWORD": "SMTP password",
    "EMAIL_USE_TLS": "1 uses STARTTLS",
    "DEFAULT_FROM_EMAIL": "sender of every mail",
    "PHOTO_MAX_MB": "largest photo, default 10",
    "DOCUMENT_MAX_MB": "largest PDF, default 20",
    "AUDIO_MAX_MB": "largest audio note, default 10",
    "VIDEO_MAX_MB": "largest video, default 50; more than 50 needs client_max_body_size in deploy/nginx/site.conf",
    "AUDIO_MAX_SECONDS": "longest audio note, default 300",
    "VIDEO_MAX_SECONDS": "longest video, default 60",
    "FILES_BY_NGINX": "1: nginx hands out files after the permission check; default 0, the application does",
    "CLAMD_SOCKET": "path of the socket of clamd; empty (default) scans no files",
    "CLAMD_HOST": "host:port of clamd, instead of CLAMD_SOCKET",
    "PATROL_POINTS_DAYS": "days for which the points of patrols are kept, default 90",
    "CAMERA_STALE_MINUTES": "minutes without a report after which a camera counts as offline, default 60",
    "HOPS_AT_MOST": "hand-overs after which the head of the center names who answers first, default 3",
    "EXPORT_DAYS": "days for which a list taken out as a file can be fetched, default 7",
    "BASE_MAP": "none (default), pmtiles or tianditu: what lies under the cells",
    "BASE_MAP_FILE": "path of a .pmtiles file; required with BASE_MAP=pmtiles",
    "BASE_MAP_ATTRIBUTION": "words on the map about its source; default: those of the file, or 天地图",
    "TIANDITU_KEY": "the site's key for 天地图; required with BASE_MAP=tianditu, never leaves the server",
    "TIANDITU_URL": "address of 天地图, {s} for its servers 0 to 7; default https://t{s}.tianditu.gov.cn",
    "DB_POOL": "1 (default) keeps database connections of the web process; 0 in the live process",
    "DB_POOL_MAX": "most connections one web process keeps, default 8",
}


def text(name: str, default: str | None = None) -> str:
    """The value of NAME, or the content of the file NAME_FILE names; without either, `default`.

    Raises ImproperlyConfigured when there is neither a value nor a default.
    """
    if name not in VARIABLES:
        raise ImproperlyConfigured(f"{name} is not listed in config/env.py")
    value = os.environ.get(name)
    if value is None and (path := os.environ.get(f"{name}_FILE")):
        value = Path(path).read_text(encoding="utf-8").strip()
    if value is None:
        value = default
    if value is None:
        raise ImproperlyConfigured(f"Set {name} (or {name}_FILE): {VARIABLES[name]}.")
    return value


def flag(name: str, *, default: bool) -> bool:
    """True for 1, true, yes or on."""
    return text(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def number(name: str, default: int) -> int:
    value = text(name, str(default))
    if not value.isdigit():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def words(name: str, default: str | None = None) -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]

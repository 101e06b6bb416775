"""A private PostgreSQL cluster: Unix socket only, C.UTF-8, extensions made by the cluster's superuser."""

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

from deploy.console import Failure
from deploy.places import Places, read_secret
from deploy.processes import alive, command_line, last_line, spawn, stop_pid, wait_until

PORT = "5432"
SUPERUSER = "postgres"
APP_ROLE = DATABASE = "wangge"
EXTENSIONS = ("postgis", "btree_gist", "pg_trgm")
# Recovery after a power cut replays the log; on a slow disk that takes its time.
START_SECONDS = 300.0

SETTINGS = """\
# Written at every start by deploy/postgres.py: changes made here do not last.
listen_addresses = ''
port = {port}
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
hba_file = '{data}/wangge_hba.conf'
ident_file = '{data}/wangge_ident.conf'
shared_buffers = 384MB
effective_cache_size = 1GB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 2GB
random_page_cost = 1.1
effective_io_concurrency = 64
max_worker_processes = 4
max_parallel_workers_per_gather = 1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
"""
SAFE = "synchronous_commit = on\nfsync = on\nfull_page_writes = on\n"
# Tests may lose their data in a power cut; a town may not.
FAST = "synchronous_commit = off\nfsync = off\nfull_page_writes = off\nautovacuum_naptime = 5min\n"

EXTEND = "".join(f"CREATE EXTENSION IF NOT EXISTS {name};\n" for name in EXTENSIONS)
ROLE = f"""\
SELECT 'CREATE ROLE {APP_ROLE}' WHERE NOT EXISTS
  (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') \\gexec
ALTER ROLE {APP_ROLE} LOGIN NOSUPERUSER CREATEDB NOCREATEROLE PASSWORD '{{password}}';
"""
CREATE_DATABASE = f"""\
SELECT 'CREATE DATABASE {DATABASE} OWNER {APP_ROLE}' WHERE NOT EXISTS
  (SELECT FROM pg_database WHERE datname = '{DATABASE}') \\gexec
"""


def program(*, name: str) -> str:
    """A program of the newest installed PostgreSQL that has PostGIS: Debian keeps them off the PATH."""
    found = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"),
        key=lambda path: int(re.sub(r"\D", "", path.parts[4]) or 0),
        reverse=True,
    )
    for path in found:
        if Path(f"/usr/share/postgresql/{path.parts[4]}/extension/postgis.control").exists():
            return str(path)
    on_path = shutil.which(name)
    if on_path is None:
        raise Failure(
            step="PostgreSQL",
            cause=f"the program {name} of PostgreSQL with PostGIS is not installed",
            remedy="run deploy/prepare.sh, which installs it",
        )
    return on_path


def minimal_env() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


def running_pid(*, places: Places) -> int | None:
    """The postmaster of exactly this data folder, whatever a stale pid file claims."""
    try:
        # As bytes: its second line is the path of the folder, in whatever letters.
        pid = int((places.postgres / "postmaster.pid").read_bytes().split(b"\n", 1)[0])
    except (OSError, ValueError):
        return None
    return pid if alive(pid=pid) and str(places.postgres) in command_line(pid=pid) else None


def start(*, places: Places, fast: bool, follow: bool) -> subprocess.Popen[bytes]:
    """Initialise at first, start, and make role, database and extensions: safe to repeat after any crash."""
    if not (places.postgres / "PG_VERSION").exists():
        _initialise(places=places)
    _write_settings(places=places, fast=fast)
    _drop_stale_pid(places=places)
    process = spawn(
        command=[program(name="postgres"), "-D", str(places.postgres)],
        log=places.logs / "postgres.log",
        env=minimal_env(),
        cwd=places.services,
        account=places.account,
        death_signal=signal.SIGINT if follow else None,
    )
    ready = wait_until(check=lambda: process.poll() is not None or _answers(places=places), seconds=START_SECONDS)
    if not ready or process.poll() is not None:
        stop(places=places)
        raise _not_started(places=places)
    _ensure_database(places=places)
    return process


def stop(*, places: Places) -> None:
    """Fast shutdown: sessions end, everything committed is on disk."""
    pid = running_pid(places=places)
    if pid is not None:
        stop_pid(pid=pid, first=signal.SIGINT, seconds=60)


def _initialise(*, places: Places) -> None:
    # Made aside and renamed: a cluster that initdb did not finish is never taken for a good one.
    part = places.services / "postgres.part"
    shutil.rmtree(part, ignore_errors=True)
    command = [program(name="initdb"), "--pgdata", str(part), "--username", SUPERUSER]
    command += ["--encoding=UTF8", "--locale-provider=libc", "--locale=C.UTF-8"]
    command += ["--auth-local=peer", "--auth-host=reject"]
    process = spawn(
        command=command,
        log=places.logs / "initdb.log",
        env=minimal_env(),
        cwd=places.services,
        account=places.account,
    )
    if process.wait() != 0:
        raise Failure(
            step="PostgreSQL initdb",
            cause=last_line(log=places.logs / "initdb.log"),
            remedy=f"read {places.logs / 'initdb.log'}; free disk space if it is full, then start again",
        )
    part.rename(places.postgres)


def _write_settings(*, places: Places, fast: bool) -> None:
    fill = {"port": PORT, "sockets": places.sockets, "data": str(places.postgres).replace("'", "''")}
    _write(places=places, name="wangge.conf", content=SETTINGS.format(**fill) + (FAST if fast else SAFE))
    # The superuser is let in by who asks (peer): no second password to keep or to lose.
    _write(
        places=places,
        name="wangge_hba.conf",
        content=f"local all {SUPERUSER} peer map=wangge\nlocal all all scram-sha-256\n",
    )
    names = {"root", places.account.name}
    idents = "".join(f"wangge {name} {SUPERUSER}\n" for name in sorted(names))
    _write(places=places, name="wangge_ident.conf", content=idents)
    main = places.postgres / "postgresql.conf"
    line = "include 'wangge.conf'"
    if line not in main.read_text(encoding="utf-8").splitlines():
        with main.open("a", encoding="utf-8") as out:
            out.write(f"\n{line}\n")


def _write(*, places: Places, name: str, content: str) -> None:
    path = places.postgres / name
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    os.chown(path, places.account.uid, places.account.gid)


def _drop_stale_pid(*, places: Places) -> None:
    """After a power cut another program may bear the old number, and PostgreSQL would refuse to start."""
    if running_pid(places=places) is None:
        (places.postgres / "postmaster.pid").unlink(missing_ok=True)
        (places.sockets / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
        (places.sockets / f".s.PGSQL.{PORT}").unlink(missing_ok=True)


def _answers(*, places: Places) -> bool:
    return _psql(places=places, database="postgres", sql="SELECT 1;").returncode == 0


def _ensure_database(*, places: Places) -> None:
    password = read_secret(places=places, name="db_password")
    _run_sql(places=places, database="postgres", sql=ROLE.format(password=password))
    stamp = places.postgres / "wangge_ready"
    if stamp.exists():
        return
    # In template1, so that the databases of the tests have them too: the app role may not create them.
    _run_sql(places=places, database="template1", sql=EXTEND)
    _run_sql(places=places, database="postgres", sql=CREATE_DATABASE)
    _run_sql(places=places, database=DATABASE, sql=EXTEND)
    _write(places=places, name="wangge_ready", content="1\n")


def _run_sql(*, places: Places, database: str, sql: str) -> None:
    done = _psql(places=places, database=database, sql=sql)
    if done.returncode != 0:
        told = [line for line in done.stderr.splitlines() if line.strip()]
        raise Failure(
            step="PostgreSQL database",
            cause=told[0] if told else "psql failed",
            remedy=f"read {places.logs / 'postgres.log'}",
        )


def _psql(*, places: Places, database: str, sql: str) -> subprocess.CompletedProcess[str]:
    command = [program(name="psql"), "-X", "-q", "-t", "-v", "ON_ERROR_STOP=1"]
    command += ["-h", str(places.sockets), "-p", PORT, "-U", SUPERUSER, "-d", database]
    return subprocess.run(command, input=sql, env=minimal_env(), capture_output=True, text=True, check=False)


def _not_started(*, places: Places) -> Failure:
    log = places.logs / "postgres.log"
    return Failure(step="PostgreSQL start", cause=last_line(log=log), remedy=f"read {log}; `make reset` starts afresh")

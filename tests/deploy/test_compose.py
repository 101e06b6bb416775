"""docker-compose.yml and Dockerfile, as far as they can be held to account without a Docker engine."""

import http.client
import json
import os
import re
import shlex
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import psycopg
import pytest
import yaml

from deploy import embedded, front, postgres
from deploy.healthcheck import answers_ok, listens
from deploy.places import ROOT
from deploy.processes import spawn, wait_until
from deploy.supervisor import read_procfile

pytestmark = pytest.mark.deploy

APPLICATION = {"web", "live", "worker", "beat", "migrate"}
IMAGE_VAR = "/var/lib/wangge"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose["services"]
    return found


@pytest.fixture
def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text()


def test_the_file_follows_the_published_compose_schema(compose: dict[str, Any]) -> None:
    # check-jsonschema carries the schema that the Compose project publishes.
    path = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"

    jsonschema.validate(compose, json.loads(path.read_text(encoding="utf-8")))


def test_all_parts_are_there(services: dict[str, Any]) -> None:
    assert set(services) == APPLICATION | {"postgis", "redis", "nginx"}


def test_the_processes_run_the_commands_that_make_run_runs(services: dict[str, Any]) -> None:
    commands = read_procfile(path=ROOT / "Procfile", env={"VAR_DIR": IMAGE_VAR})

    for name, command in commands.items():
        assert services[name]["command"] == command


def test_migrate_is_the_step_that_make_run_runs_first(services: dict[str, Any]) -> None:
    source = (ROOT / "deploy" / "run.py").read_text()

    assert services["migrate"]["command"] == ["python", "manage.py", "migrate", "--noinput"]
    assert re.search(r'command="migrate",\s*options=\["--noinput"\]', source)
    assert services["migrate"]["restart"] == "no"
    for name in APPLICATION - {"migrate"}:
        assert services[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_every_container_is_confined_watched_and_restarted(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "cap_add" not in service, name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "privileged" not in service, name
        if name != "migrate":
            assert service["restart"] == "unless-stopped", name
            assert service["healthcheck"]["test"][0] == "CMD", name


def test_nobody_is_root(services: dict[str, Any], dockerfile: str) -> None:
    users = re.findall(r"^USER (.+)$", dockerfile, flags=re.MULTILINE)

    assert users[-1] == "wangge"
    assert dockerfile.rindex("USER wangge") > dockerfile.rindex("FROM ")
    assert services["postgis"]["user"] == "postgres"
    assert services["redis"]["user"] == "redis"
    # This image's own user is not root: that is its purpose.
    assert services["nginx"]["image"].startswith("nginxinc/nginx-unprivileged:")


def test_only_nginx_is_reached_from_outside(compose: dict[str, Any], services: dict[str, Any]) -> None:
    assert [name for name, service in services.items() if "ports" in service] == ["nginx"]
    assert compose["networks"]["inside"] == {"internal": True}
    outside = {name for name, service in services.items() if "outside" in service["networks"]}
    assert outside == {"nginx", "worker"}


def test_no_secret_has_a_default_or_stands_in_the_environment(compose: dict[str, Any]) -> None:
    for name, secret in compose["secrets"].items():
        assert secret == {"file": "${WANGGE_SECRETS:-./secrets}/" + name}
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search("KEY|PASSWORD|TOKEN|SECRET", name):
                assert name.endswith("_FILE"), name
                assert value.startswith("/run/secrets/"), name
                assert value.removeprefix("/run/secrets/") in service["secrets"], name


def test_every_setting_is_one_that_the_application_reads(services: dict[str, Any]) -> None:
    from config.env import VARIABLES

    of_servers = {"GUNICORN_CMD_ARGS", "WEB_CONCURRENCY", "UVICORN_HOST", "UVICORN_PORT"}
    for name in APPLICATION:
        for variable in services[name]["environment"]:
            assert variable in of_servers or variable.removesuffix("_FILE") in VARIABLES, variable


def test_what_is_mounted_exists_and_every_volume_is_declared(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert (ROOT / source).exists(), source
                assert volume.endswith(":ro"), volume
            else:
                assert source in compose["volumes"], source


def test_the_images_packages_are_those_of_prepare(dockerfile: str) -> None:
    prepared = (ROOT / "deploy" / "lib" / "packages.sh").read_text()

    for block in re.findall(r"--no-install-recommends ([a-z0-9 -]+)", dockerfile):
        for package in block.split():
            assert re.search(rf"need {re.escape(package)} ", prepared), package


def test_what_the_image_copies_exists_and_is_sent_to_the_engine(dockerfile: str) -> None:
    sent = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]

    for name in sent:
        assert (ROOT / name).exists(), name
    for line in re.findall(r"^COPY (?!--from)(.+)$", dockerfile, flags=re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
    assert {"var", ".git", "secrets", "docs", "tests"}.isdisjoint(sent)


def test_the_first_start_of_the_database_makes_an_ordinary_role(home: Path, tmp_path: Path) -> None:
    """deploy/compose/init-database.sh, run for real against a cluster that has never seen it."""
    places = embedded.start(home=home, fast=True).places
    run = {"PGHOST": str(places.sockets), "PATH": f"{Path(postgres.program(name='psql')).parent}:/usr/bin:/bin"}
    for line in ("DROP DATABASE wangge", "DROP ROLE wangge"):
        drop = ["psql", "-X", "-U", "postgres", "-d", "postgres", "-c", line]
        subprocess.run(drop, env=run, check=True, capture_output=True)
    password = tmp_path / "password"
    password.write_text("it's-new\n")

    subprocess.run(
        [ROOT / "deploy" / "compose" / "init-database.sh"],
        env={**run, "WANGGE_DB_PASSWORD_FILE": str(password)},
        check=True,
        capture_output=True,
    )

    with psycopg.connect(host=str(places.sockets), user="wangge", dbname="wangge", password="it's-new") as connection:
        found = {row[0] for row in connection.execute("SELECT extname FROM pg_extension")}
        role = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = 'wangge'").fetchone()
        locale = connection.execute("SELECT datcollate FROM pg_database WHERE datname = 'wangge'").fetchone()
    assert found >= set(postgres.EXTENSIONS)
    assert (role, locale) == ((False,), ("C.UTF-8",))


def test_the_health_checks_of_database_and_queue_work(home: Path, services: dict[str, Any]) -> None:
    places = embedded.start(home=home, fast=True).places
    ready, ping = services["postgis"]["healthcheck"]["test"], services["redis"]["healthcheck"]["test"]
    assert ready[:2] == ["CMD", "pg_isready"]
    assert ping == ["CMD", "redis-cli", "ping"]

    asked = [postgres.program(name="pg_isready"), f"--host={places.sockets}", *ready[3:]]
    assert subprocess.run(asked, check=False, capture_output=True).returncode == 0
    told = subprocess.run(["redis-cli", "-s", places.redis_socket, "ping"], capture_output=True, check=False)
    assert told.stdout == b"PONG\n"


def test_redis_starts_with_the_settings_of_its_container(tmp_path: Path, free_port: int) -> None:
    settings = (ROOT / "deploy" / "compose" / "redis.conf").read_text()
    # On this machine: another port, this machine only, another folder.
    settings = settings.replace("port 6379", f"port {free_port}").replace("bind * -::*", "bind 127.0.0.1")
    config = tmp_path / "redis.conf"
    config.write_text(settings.replace("dir /data", f"dir {tmp_path}"))

    process = spawn(
        command=["redis-server", str(config)], log=tmp_path / "log", env=postgres.minimal_env(), cwd=tmp_path
    )
    try:
        assert wait_until(check=lambda: listens(host="127.0.0.1", port=free_port), seconds=10)
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "tls_certificate", tmp_path / "tls_key"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-out", str(paths[0]), "-keyout", str(paths[1])]
    subprocess.run(command, check=True, capture_output=True)
    return paths


@pytest.fixture
def production_nginx(tmp_path: Path, certificate: tuple[Path, Path]) -> Path:
    """production.conf with the paths, names and ports of the containers replaced by those of this machine."""
    ports = []
    for _ in range(2):
        with socket.socket() as door:
            door.bind(("127.0.0.1", 0))
            ports.append(door.getsockname()[1])
    text = (ROOT / "deploy" / "nginx" / "production.conf").read_text()
    for old, new in {
        # First, because the folder of this test may itself be below /tmp.
        " /tmp/": f" {tmp_path}/",
        "/etc/nginx/wangge": str(ROOT / "deploy" / "nginx"),
        "/run/secrets/tls_certificate": str(certificate[0]),
        "/run/secrets/tls_key": str(certificate[1]),
        "server web:8000;": f"server unix:{tmp_path}/web.sock;",
        "server live:8000;": f"server unix:{tmp_path}/live.sock;",
        "listen 8080": f"listen 127.0.0.1:{ports[0]}",
        "listen 8443": f"listen 127.0.0.1:{ports[1]}",
        "/dev/stdout": str(tmp_path / "access.log"),
        "/dev/stderr": str(tmp_path / "error.log"),
    }.items():
        assert old in text, old
        text = text.replace(old, new)
    path = tmp_path / "nginx.conf"
    path.write_text(text)
    return path


def nginx(*arguments: str) -> list[str]:
    places = embedded.locate_places(home=ROOT / "var")
    return [front.command(places=places, settings=Path("unused"))[0], *arguments]


def test_nginx_accepts_the_production_settings(production_nginx: Path) -> None:
    done = subprocess.run(
        nginx("-t", "-c", str(production_nginx), "-e", "/dev/null"), capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


@pytest.fixture
def production_site(production_nginx: Path, tmp_path: Path) -> Iterator[list[int]]:
    """The command of the nginx container with those settings, and a stub application behind it."""
    stub = str(Path(__file__).with_name("stub_town.py"))
    env = {**postgres.minimal_env(), "VAR_DIR": str(tmp_path)}
    env |= {"GUNICORN_CMD_ARGS": f"--bind unix:{tmp_path}/web.sock", "UVICORN_UDS": f"{tmp_path}/live.sock"}
    started = [
        spawn(command=[sys.executable, stub, name], log=tmp_path / name, env=env, cwd=tmp_path)
        for name in ("web", "live")
    ]
    # nginx as root hands its requests to an ordinary account, which must reach the sockets.
    for folder in [tmp_path, *tmp_path.parents][: len(tmp_path.parts) - 2]:
        folder.chmod(folder.stat().st_mode | 0o011)
    command = nginx("-g", "daemon off;", "-c", str(production_nginx), "-e", str(tmp_path / "error.log"))
    started.append(spawn(command=command, log=tmp_path / "nginx", env=env, cwd=tmp_path))
    ports = [int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", production_nginx.read_text())]
    assert wait_until(check=lambda: listens(host="127.0.0.1", port=ports[1]), seconds=10)
    assert wait_until(check=(tmp_path / "web.sock").exists, seconds=10)
    yield ports
    for process in started:
        process.terminate()
        process.wait()


def fetch(url: str, **headers: str) -> http.client.HTTPResponse:
    """One request without following where it leads; the certificate is this test's own."""
    parts = urlsplit(url)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(parts.netloc, timeout=10, context=trusting)
    else:
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    connection.request("GET", url.removeprefix(f"{parts.scheme}://{parts.netloc}"), headers=headers)
    return connection.getresponse()


def test_production_sends_everyone_to_https_and_both_processes_answer(production_site: list[int]) -> None:
    http_port, https_port = production_site

    moved = fetch(f"http://localhost:{http_port}/cases/7?q=1")
    page = json.load(fetch(f"https://localhost:{https_port}/cases/7"))
    live = json.load(fetch(f"https://localhost:{https_port}/sse/"))

    assert (moved.status, moved.headers["Location"]) == (301, "https://localhost/cases/7?q=1")
    assert (page["by"], page["scheme"], live["by"]) == ("web", "https", "live")


def test_nobody_can_claim_another_address_or_protocol(production_site: list[int]) -> None:
    claims = {"X-Forwarded-For": "203.0.113.9", "X-Real-IP": "203.0.113.9", "X-Forwarded-Proto": "http"}

    page = json.load(fetch(f"https://localhost:{production_site[1]}/", **claims))

    assert (page["from"], page["scheme"]) == ("127.0.0.1", "https")


def test_the_health_check_of_nginx_answers_inside_only(production_site: list[int], services: dict[str, Any]) -> None:
    test = services["nginx"]["healthcheck"]["test"]

    assert shlex.split(test[-1]) == ["http://127.0.0.1:8080/nginx-alive"]
    assert fetch(f"http://127.0.0.1:{production_site[0]}/nginx-alive").status == 204


def test_the_health_check_of_the_application_tells_alive_from_dead(free_port: int) -> None:
    assert not answers_ok(url=f"http://127.0.0.1:{free_port}/healthz")
    assert not listens(host="127.0.0.1", port=free_port)


def test_make_secrets_makes_what_is_missing_and_keeps_what_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    command = [ROOT / "deploy" / "compose" / "make-secrets.sh", folder]

    first = subprocess.run(command, capture_output=True, text=True, check=True)
    key = (folder / "secret_key").read_text()
    subprocess.run(command, capture_output=True, check=True)

    assert (folder / "secret_key").read_text() == key
    assert len(key) >= 50
    assert folder.stat().st_mode & 0o777 == 0o700
    assert "tls_key" in first.stdout
    assert sorted(os.listdir(folder)) == [
        "db_password",
        "db_superuser_password",
        "email_password",
        "field_key",
        "secret_key",
    ]

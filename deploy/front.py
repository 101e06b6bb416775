"""nginx in front of the web and the live process: one address, as on a server, run from our own settings."""

import os
import shutil
import socket
from pathlib import Path

from deploy.console import Failure
from deploy.places import ROOT, Places

# Debian keeps it in sbin, which is not on every user's PATH.
SEARCH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"

MAIN = """\
# Written at every start by deploy/front.py: changes made here do not last.
{user}daemon off;
worker_processes 2;
pid "{folder}/nginx.pid";
error_log "{logs}/nginx.log" warn;
events {{ worker_connections 1024; }}
http {{
    include "{shared}/http.conf";
    access_log "{logs}/access.log" wangge;
    client_body_temp_path "{folder}/client_body";
    proxy_temp_path "{folder}/proxy";
    fastcgi_temp_path "{folder}/fastcgi";
    uwsgi_temp_path "{folder}/uwsgi";
    scgi_temp_path "{folder}/scgi";
    upstream web {{ server "unix:{web}"; keepalive 16; }}
    upstream live {{ server "unix:{live}"; }}
    server {{
{listen}
        set $wangge_scheme http;
        set $wangge_media "{media}";
        include "{shared}/site.conf";
    }}
}}
"""


def web_socket(*, places: Places) -> Path:
    return places.sockets / "web.sock"


def live_socket(*, places: Places) -> Path:
    return places.sockets / "live.sock"


def write_settings(*, places: Places, port: int) -> Path:
    folder = places.services / "nginx"
    folder.mkdir(mode=0o700, exist_ok=True)
    os.chown(folder, places.account.uid, places.account.gid)
    listen = [f"        listen {address}:{port};" for address in loopback_addresses()]
    settings = MAIN.format(
        user=f"user {places.account.name};\n" if os.geteuid() == 0 else "",
        folder=folder,
        logs=places.logs,
        shared=ROOT / "deploy" / "nginx",
        web=web_socket(places=places),
        live=live_socket(places=places),
        media=places.home / "media",
        listen="\n".join(listen),
    )
    path = folder / "nginx.conf"
    path.write_text(settings, encoding="utf-8")
    return path


def command(*, places: Places, settings: Path) -> list[str]:
    found = shutil.which("nginx", path=SEARCH)
    if found is None:
        raise Failure(step="nginx", cause="the program nginx is not installed", remedy="run deploy/prepare.sh")
    return [
        found,
        "-p",
        str(places.services / "nginx"),
        "-c",
        str(settings),
        "-e",
        str(places.logs / "nginx.log"),
    ]


def loopback_addresses() -> list[str]:
    """`localhost` may mean ::1 first; without IPv6 nginx would refuse to listen there."""
    return ["127.0.0.1", *(["[::1]"] if _has_ipv6() else [])]


def check_port(*, port: int) -> None:
    """Raise a Failure when somebody else listens there, or when we may not."""
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        if family == socket.AF_INET6 and not _has_ipv6():
            continue
        with socket.socket(family, socket.SOCK_STREAM) as door:
            # As nginx does: a port that is only waiting for late packets is free.
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                door.bind((address, port))
            except OSError as error:
                raise Failure(
                    step="port",
                    cause=f"port {port} of this machine cannot be used ({error.strerror})",
                    remedy=f"choose another one: make run PORT={port + 1 if port >= 1024 else 8000}",
                ) from error


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as door:
            door.bind(("::1", 0))
    except OSError:
        return False
    return True

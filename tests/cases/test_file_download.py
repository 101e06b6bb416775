"""How bytes go out: only to who sees the case, in pieces where asked, never to be run, by nginx if it is in front."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client

from cases.models import CaseFile
from deploy.front import SEARCH
from tests.uploads import body_of, jpeg, pdf, recording, send

ROOT = Path(__file__).resolve().parent.parent.parent
NGINX = shutil.which("nginx", path=SEARCH)


@pytest.fixture
def case(stories):
    return stories.report()


@pytest.fixture
def phone(browser, worker):
    return browser(worker)


@pytest.fixture
def film(phone, case):
    return send(phone, case, recording("phone.mp4")).json()


class TestDoor:
    @pytest.mark.parametrize(
        "data", [jpeg(), pdf(), recording("note.mp3"), recording("phone.mp4")], ids=["photo", "pdf", "note", "video"]
    )
    def test_readers_of_the_case_and_nobody_else(self, browser, cast, phone, case, data):
        url = send(phone, case, data).json()["url"]
        statuses = {
            name: browser(getattr(cast, name)).client.get(url).status_code
            for name in ("worker", "officer", "operator", "leader", "auditor", "neighbour", "outsider", "admin")
        }
        assert statuses == {
            **dict.fromkeys(("worker", "officer", "operator", "leader", "auditor"), 200),
            **dict.fromkeys(("neighbour", "outsider", "admin"), 404),
        }
        assert Client().get(url).status_code == 401

    @pytest.mark.parametrize(
        ("data", "disposition"),
        [
            (jpeg(), "inline"),
            (pdf(), "attachment"),
            (recording("note.mp3"), "inline"),
            (recording("phone.mp4"), "inline"),
        ],
        ids=["photo", "pdf", "note", "video"],
    )
    def test_nothing_in_it_is_run(self, phone, case, data, disposition):
        answer = phone.client.get(send(phone, case, data).json()["url"])
        assert answer["Content-Disposition"].split(";")[0] == disposition
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert answer["Cache-Control"] == "private, max-age=86400, immutable"
        assert not answer["Content-Type"].startswith("text/")

    def test_a_document_is_saved_under_its_own_name(self, phone, case):
        url = send(phone, case, pdf(), name="调解协议.pdf").json()["url"]
        said = phone.client.get(url)["Content-Disposition"]
        assert said == "attachment; filename*=utf-8''%E8%B0%83%E8%A7%A3%E5%8D%8F%E8%AE%AE.pdf"


class TestPieces:
    @pytest.mark.parametrize(
        ("asked", "first", "last"),
        [("bytes=0-99", 0, 99), ("bytes=100-", 100, None), ("bytes=-50", -50, None), ("bytes=10-999999", 10, None)],
    )
    def test_a_player_gets_the_piece_that_it_asks_for(self, phone, film, asked, first, last):
        whole = CaseFile.objects.get().file.read()
        answer = phone.client.get(film["url"], headers={"range": asked})
        body = body_of(answer)
        assert answer.status_code == 206
        assert body == (whole[first:] if last is None else whole[first : last + 1])
        start = first % len(whole)
        assert answer["Content-Range"] == f"bytes {start}-{start + len(body) - 1}/{len(whole)}"
        assert answer["Content-Length"] == str(len(body))

    @pytest.mark.parametrize("asked", ["bytes=0-5,10-20", "bytes=9-3", "lines=1-2", "bytes=x", "bytes=-", ""])
    def test_what_is_not_one_piece_is_answered_with_everything(self, phone, film, asked):
        answer = phone.client.get(film["url"], headers={"range": asked})
        assert (answer.status_code, len(body_of(answer))) == (200, film["size"])

    @pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0"])
    def test_a_piece_beyond_the_end_is_said(self, phone, film, asked):
        answer = phone.client.get(film["url"], headers={"range": asked})
        assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{film['size']}")

    def test_a_piece_of_another_version_is_everything(self, phone, film):
        headers = {"range": "bytes=0-9", "if-range": '"another"'}
        assert phone.client.get(film["url"], headers=headers).status_code == 200


class TestByNginx:
    """The product's own routes (deploy/nginx/site.conf) in a real nginx."""

    @pytest.fixture
    def site(self, settings, own_places: Path) -> Iterator[SimpleNamespace]:
        """nginx before a server that answers everything with `site.said`."""
        settings.FILES_BY_NGINX = True
        site = SimpleNamespace(said={}, address="")

        class Says(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                for name, value in site.said.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Says)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        # Not the folder of the test: the path of a socket must be short.
        with tempfile.TemporaryDirectory(prefix="wg-") as folder:
            process = start_nginx(Path(folder), settings.MEDIA_ROOT, server.server_address[1])
            site.socket = f"{folder}/site.sock"
            yield site
            process.terminate()
            process.wait(timeout=10)
        server.shutdown()

    def test_it_hands_out_what_the_application_names_and_only_then(self, site, phone, film):
        answer = phone.client.get(film["url"])
        name = CaseFile.objects.get().file.name
        assert answer["X-Accel-Redirect"] == f"/protected/{name}"
        assert answer.content == b""
        site.said = dict(answer.items())
        whole = CaseFile.objects.get().file.read()
        status, headers, body = fetch(site, film["url"])
        assert (status, body) == (200, whole)
        for header in ("Content-Type", "Content-Disposition", "Cache-Control", "Content-Security-Policy"):
            assert headers.get_all(header) == [answer[header]], header
        assert headers.get_all("X-Content-Type-Options") == ["nosniff"]
        status, headers, body = fetch(site, film["url"], Range="bytes=5-9")
        assert (status, body, headers["Content-Range"]) == (206, whole[5:10], f"bytes 5-9/{len(whole)}")
        assert fetch(site, f"/protected/{name}")[0] == 404, "nobody comes in by the side"

    def test_what_is_quarantined_is_not_within_its_reach(self, site, settings):
        for folder in ("quarantine", "imports"):
            path = Path(settings.MEDIA_ROOT) / folder / "x.pdf"
            path.parent.mkdir(parents=True)
            path.write_bytes(b"bad")
            site.said = {"X-Accel-Redirect": f"/protected/{folder}/x.pdf"}
            assert b"bad" not in fetch(site, "/api/v1/files/1/")[2]
            site.said = {"X-Accel-Redirect": f"/protected/cases/../{folder}/x.pdf"}
            assert b"bad" not in fetch(site, "/api/v1/files/1/")[2]


def start_nginx(folder: Path, media: str, port: int) -> subprocess.Popen[bytes]:
    assert NGINX, "nginx is one of the packages of deploy/lib/packages.sh"
    temp = "".join(
        f'{kind}_temp_path "{folder}/{kind}"; ' for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    text = f"""{user} daemon off; pid "{folder}/nginx.pid"; error_log stderr; events {{ }}
        http {{ include "{ROOT}/deploy/nginx/http.conf"; access_log off; {temp}
            upstream web {{ server 127.0.0.1:{port}; }} upstream live {{ server 127.0.0.1:{port}; }}
            server {{ listen "unix:{folder}/site.sock"; set $wangge_scheme http; set $wangge_media "{media}";
                include "{ROOT}/deploy/nginx/site.conf"; }} }}"""
    (folder / "nginx.conf").write_text(text)
    command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


def fetch(site: SimpleNamespace, path: str, **headers: str) -> tuple[int, Message, bytes]:
    connection = http.client.HTTPConnection("localhost", timeout=10)
    connection.sock = socket.socket(socket.AF_UNIX)
    for _ in range(500):
        try:
            connection.sock.connect(site.socket)
            break
        except (FileNotFoundError, ConnectionRefusedError):
            time.sleep(0.01)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    with answer:
        return answer.status, answer.headers, answer.read()

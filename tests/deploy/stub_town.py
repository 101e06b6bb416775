"""Stands in for manage.py and for the four processes where only starting and stopping is tested."""

import json
import os
import shlex
import signal
import socketserver
import sys
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        seen = {
            "by": sys.argv[1],
            "path": self.path,
            "host": self.headers["Host"],
            "scheme": self.headers["X-Forwarded-Proto"],
            "from": self.headers["X-Forwarded-For"],
        }
        self.wfile.write(json.dumps(seen).encode())

    def address_string(self) -> str:
        return "unix"


def serve(path: str) -> None:
    Path(path).unlink(missing_ok=True)
    with socketserver.ThreadingUnixStreamServer(path, Answer) as server:
        # As gunicorn and uvicorn do: the folder is what keeps strangers out, and nginx is not root.
        os.chmod(path, 0o666)
        server.serve_forever()


def main(act: str) -> None:
    var = Path(os.environ["VAR_DIR"])
    if act == "load_demo":
        sign_in = {"username": "chen", "password": "p", "role_name": "网格员", "area_name": "示范镇"}
        (var / "demo.json").write_text(json.dumps({"address": "", "sign_ins": [sign_in]}))
        with (var / "loads").open("a") as loads:
            loads.write("x")
    elif act == "web":
        serve(shlex.split(os.environ["GUNICORN_CMD_ARGS"])[1].removeprefix("unix:"))
    elif act == "live":
        serve(os.environ["UVICORN_UDS"])
    elif act in {"worker", "beat"}:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        time.sleep(3600)


main(sys.argv[1])

"""Health checks of the containers: `healthcheck.py http URL` or `healthcheck.py tcp HOST PORT`."""

import http.client
import os
import socket
import sys
from collections.abc import Sequence
from urllib.parse import urlsplit

SECONDS = 8


def answers_ok(*, url: str) -> bool:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=SECONDS)
    # Asked by container name, answered only for the names that the site is served under.
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip()
    try:
        connection.request("GET", parts.path, headers={"Host": host, "X-Forwarded-Proto": "https"})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def listens(*, host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=SECONDS).close()
    except OSError:
        return False
    return True


def main(*, arguments: Sequence[str]) -> int:
    if arguments[0] == "http":
        return 0 if answers_ok(url=arguments[1]) else 1
    return 0 if listens(host=arguments[1], port=int(arguments[2])) else 1


if __name__ == "__main__":
    sys.exit(main(arguments=sys.argv[1:]))

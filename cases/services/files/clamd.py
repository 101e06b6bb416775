"""The part of clamd's protocol that is used here: INSTREAM, over a Unix socket or TCP."""

from __future__ import annotations

import socket
import struct
from typing import IO, Final

CHUNK: Final = 64 * 1024
LONGEST_ANSWER: Final = 4096
TIMEOUT: Final = 60.0
"""Seconds for connecting and for each answer; clamd itself looks at 50 MB in a few."""


class ScannerError(Exception):
    """The scanner cannot be reached, or says something else than clean or infected."""


class ScannerAwayError(ScannerError):
    """It cannot be reached: no other file will fare better now."""


def infection_of(stream: IO[bytes], *, address: str) -> str:
    """The name of what clamd finds in the stream; empty when it finds nothing. Raises ScannerError.

    `address` is the path of a Unix socket, or `host:port`.
    """
    try:
        with _connected(address) as link:
            return _verdict(_asked(link, stream))
    except OSError as error:
        raise ScannerAwayError(str(error)) from error


def _connected(address: str) -> socket.socket:
    if address.startswith("/"):
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(TIMEOUT)
        try:
            link.connect(address)
        except OSError:
            link.close()
            raise
        return link
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=TIMEOUT)


def _asked(link: socket.socket, stream: IO[bytes]) -> str:
    try:
        link.sendall(b"zINSTREAM\0")
        while chunk := stream.read(CHUNK):
            link.sendall(struct.pack(">I", len(chunk)) + chunk)
        link.sendall(struct.pack(">I", 0))
    except (BrokenPipeError, ConnectionResetError):
        # It stops listening when the file is larger than its StreamMaxLength; the answer says so.
        pass
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
        part = link.recv(LONGEST_ANSWER)
        if not part:
            break
        answer += part
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")


def _verdict(answer: str) -> str:
    """Only the two answers that are a verdict are taken for one: everything else is an error, never “clean”."""
    if answer == "stream: OK":
        return ""
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND") or "unnamed"
    raise ScannerError(answer or "no answer")

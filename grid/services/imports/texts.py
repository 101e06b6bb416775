"""A list of divisions as text: which encoding, how many lines, and its rows one by one."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from grid.import_problems import Finding, UnreadableError
from grid.models import CODE_LENGTH

COLUMNS: Final = ("code", "name", "level", "parent_code")
OPTIONAL: Final = ("valid_from", "valid_to", "predecessor_code")
LEVELS: Final = tuple(CODE_LENGTH)
ENCODINGS: Final = ("auto", "utf-8", "gbk")
_BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Text:
    """A readable file: `lines` are the ends of lines in it."""

    path: Path
    encoding: str
    lines: int


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list, as it is to be staged; dates that cannot be read are None and have a finding."""

    line: int
    code: str
    name: str
    level: str
    parent_code: str
    valid_from: date | None
    valid_to: date | None
    predecessor_code: str


def _lines(path: Path, encoding: str) -> int | None:
    """How many lines the file has in this encoding; None if it is in another."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 0
    with path.open("rb") as file:
        try:
            while block := file.read(_BLOCK):
                decoder.decode(block)
                lines += block.count(b"\n")
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return None
    return lines


def open_text(*, path: Path, encoding: str = "auto") -> Text:
    """Finds the encoding by reading all of it once. GB18030 holds all of GBK and GB2312. Raises UnreadableError."""
    tried = {"auto": ("utf-8-sig", "gb18030"), "utf-8": ("utf-8-sig",), "gbk": ("gb18030",)}[encoding]
    for name in tried:
        lines = _lines(path, name)
        if lines is not None:
            return Text(path, name, lines)
    raise UnreadableError({"auto": "encoding", "utf-8": "not_utf8", "gbk": "not_gbk"}[encoding])


@contextmanager
def rows_of(text: Text) -> Iterator[Iterator[tuple[Row, list[Finding]]]]:
    """The rows one by one, each with what is wrong with its shape. Raises UnreadableError."""
    with text.path.open(encoding=text.encoding, newline="") as file:
        yield _rows(csv.reader(file))


def _rows(reader: Iterator[list[str]]) -> Iterator[tuple[Row, list[Finding]]]:
    try:
        heading = [name.strip() for name in next(reader, [])]
        while not any(heading) and (line := next(reader, None)) is not None:
            heading = [name.strip() for name in line]
        missing = [name for name in COLUMNS if name not in heading]
        if missing:
            raise UnreadableError("heading", line=1, columns=", ".join(missing))
        places = [heading.index(name) if name in heading else len(heading) for name in (*COLUMNS, *OPTIONAL)]
        for cells in reader:
            if any(cells):
                yield _row(reader.line_num, cells, places)  # type: ignore[attr-defined]
    except csv.Error as error:
        raise UnreadableError("not_csv") from error


def _row(line: int, cells: list[str], places: list[int]) -> tuple[Row, list[Finding]]:
    code, name, level, parent, begins, ends, predecessor = (
        cells[place].strip() if place < len(cells) else "" for place in places
    )
    findings = []
    if "\x00" in "".join(cells):
        findings.append(Finding(line, "bad_character"))
        code, name, level, parent, predecessor = (
            part.replace("\x00", "") for part in (code, name, level, parent, predecessor)
        )
    findings += _shape_findings(line, code, name, level)
    dates = []
    for column, written in (("valid_from", begins), ("valid_to", ends)):
        day, finding = _date(line, column, written)
        dates.append(day)
        findings += finding
    return Row(line, code, name, level, parent, dates[0], dates[1], predecessor), findings


def _shape_findings(line: int, code: str, name: str, level: str) -> Iterator[Finding]:
    if level not in CODE_LENGTH:
        yield Finding(line, "unknown_level", {"level": level[:50], "levels": ", ".join(LEVELS)}, "level")
    elif not (len(code) == CODE_LENGTH[level] and code.isascii() and code.isdigit()):
        yield Finding(line, "bad_code", {"code": code[:50], "digits": CODE_LENGTH[level], "level": level}, "code")
    if not name:
        yield Finding(line, "name_missing", field="name")
    elif len(name) > 100:
        yield Finding(line, "name_too_long", field="name")


_DAY: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def _date(line: int, column: str, written: str) -> tuple[date | None, list[Finding]]:
    if not written:
        return None, []
    try:
        if not _DAY.fullmatch(written):
            raise ValueError(written)
        return date.fromisoformat(written), []
    except ValueError:
        return None, [Finding(line, "bad_date", {"date": written[:50]}, column)]

"""Tables as XLSX and CSV, in which no cell is ever a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import xlsxwriter

Cell = str | int | float
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins like this would be computed by the program that opens it."""
_HEADER_MOST: Final = 250
"""Excel takes 255 characters of header or footer."""


class Sheet(Protocol):
    def heading(self, cells: Sequence[str]) -> None: ...
    def row(self, cells: Sequence[Cell]) -> None: ...


@contextmanager
def open_sheet(*, path: Path, format: str, mark: str) -> Iterator[Sheet]:
    """A table whose first line, and as XLSX also the head and foot of every page, is `mark`."""
    make = _xlsx if format == "xlsx" else _csv
    with make(path, mark) as sheet:
        yield sheet


class _Csv:
    def __init__(self, writer: Any) -> None:
        self.writer = writer

    def row(self, cells: Sequence[Cell]) -> None:
        self.writer.writerow([f"'{cell}" if _is_formula(cell) else cell for cell in cells])

    heading = row


def _is_formula(cell: Cell) -> bool:
    return isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA)


@contextmanager
def _csv(path: Path, mark: str) -> Iterator[Sheet]:
    # With the mark of UTF-8, without which Excel takes Chinese for something else.
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        sheet = _Csv(csv.writer(stream))
        sheet.row([mark])
        yield sheet


class _Xlsx:
    """Texts are written as texts; those that look like a formula are also marked so, for whoever edits the cell."""

    def __init__(self, book: Any) -> None:
        self.page = book.add_worksheet()
        self.bold = book.add_format({"bold": True})
        self.quoted = book.add_format({"quote_prefix": True})
        self.next = 0

    def heading(self, cells: Sequence[str]) -> None:
        self._line(cells, self.bold)

    def row(self, cells: Sequence[Cell]) -> None:
        self._line(cells, None)

    def _line(self, cells: Sequence[Cell], format: Any) -> None:
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                self.page.write_string(self.next, column, cell, self.quoted if _is_formula(cell) else format)
            else:
                self.page.write_number(self.next, column, cell, format)
        self.next += 1


@contextmanager
def _xlsx(path: Path, mark: str) -> Iterator[Sheet]:
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = _Xlsx(book)
        # & begins a code in heads and feet, && is one &.
        text = mark[: _HEADER_MOST // 2].replace("&", "&&")
        sheet.page.set_header(f"&C{text}")
        sheet.page.set_footer(f"&C{text}")
        sheet.page.set_landscape()
        sheet.row([mark])
        yield sheet

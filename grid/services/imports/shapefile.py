"""A zipped Shapefile: unpacked by ourselves, under names of our own, and only the three files that hold the data.

The archive's paths are never used. Of .prj and .cpg GDAL sees nothing: the coordinate system is what the person named,
and the encoding of the attribute table is found here.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final

from grid.import_problems import UnreadableError
from grid.services.imports.features import Fields, Layer
from grid.services.imports.gdal import read_layer

UNPACKED: Final = 200 * 1024 * 1024
"""Bytes that an archive may come to, all its taken files together."""
MEMBERS: Final = 200
_NEEDED: Final = (".shp", ".shx", ".dbf")
_SAID: Final = (".prj", ".cpg")
_BLOCK: Final = 1 << 20
_LOOKED_AT: Final = 20_000
"""Texts by which the encoding is told."""
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)


@dataclass(frozen=True, slots=True)
class _Unpacked:
    path: Path
    prj: str
    cpg: str


def read_shapefile(*, path: Path, fields: Fields) -> Layer:
    """Raises UnreadableError."""
    with TemporaryDirectory(prefix="import-") as folder:
        found = _unpack(path=path, folder=Path(folder))
        _check_magic(found.path)
        encoding = _encoding(found, fields.encoding)
        if encoding == "utf-8":
            _mend_cuts(found.path.with_suffix(".dbf"))
        found.path.with_suffix(".cpg").write_text("UTF-8" if encoding == "utf-8" else "GB18030")
        return Layer(read_layer(name=str(found.path), layer=None, fields=fields), says=found.prj)


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except _BROKEN as error:
        raise UnreadableError("bad_archive") from error


def _unpack(*, path: Path, folder: Path) -> _Unpacked:
    with _archive(path) as archive:
        members = _members(archive)
        left = UNPACKED
        for suffix in _NEEDED:
            left -= _copy(archive, members[suffix], folder / f"layer{suffix}", most=left)
        prj, cpg = (_text(archive, members.get(suffix)) for suffix in _SAID)
    return _Unpacked(folder / "layer.shp", prj, cpg)


def _inside(info: zipfile.ZipInfo) -> PurePosixPath:
    """Where the archive says it lies. Nothing is written there, but what leads out of it is refused."""
    inside = PurePosixPath(info.filename.replace("\\", "/"))
    if not inside.name or inside.is_absolute() or ".." in inside.parts or ":" in inside.parts[0]:
        raise UnreadableError("unsafe_archive")
    return inside


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The files of the one Shapefile, by suffix."""
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > MEMBERS:
        raise UnreadableError("bad_archive")
    named: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for info in infos:
        inside = _inside(info)
        # What a Mac packs along: same names, other contents.
        if "__MACOSX" not in inside.parts and not inside.name.startswith("._"):
            named.setdefault(str(inside.with_suffix("")).casefold(), {})[inside.suffix.casefold()] = info
    layers = [files for files in named.values() if ".shp" in files]
    if not layers:
        raise UnreadableError("no_shapefile")
    if len(layers) > 1:
        raise UnreadableError("several_shapefiles", count=len(layers))
    for suffix in _NEEDED:
        if suffix not in layers[0]:
            raise UnreadableError("shapefile_incomplete", suffix=suffix)
    return layers[0]


def _copy(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, *, most: int) -> int:
    """Unpacks one file and counts while it does: what the archive claims its size is need not be so."""
    written = 0
    if info.file_size > most:
        raise UnreadableError("archive_too_large", megabytes=UNPACKED >> 20)
    with archive.open(info) as source, target.open("wb") as file:
        while block := source.read(_BLOCK):
            written += len(block)
            if written > most:
                raise UnreadableError("archive_too_large", megabytes=UNPACKED >> 20)
            file.write(block)
    return written


def _text(archive: zipfile.ZipFile, info: zipfile.ZipInfo | None) -> str:
    if info is None:
        return ""
    with archive.open(info) as source:
        return source.read(20_000).decode("utf-8", errors="replace")


_MAGIC: Final = 9994


def _check_magic(path: Path) -> None:
    """So that what GDAL opens is what its name says: it looks at contents too, and would take others by them."""
    with path.open("rb") as file:
        head = file.read(100)
    if len(head) < 100 or struct.unpack(">i", head[:4])[0] != _MAGIC:
        raise UnreadableError("not_a_shapefile")


def _encoding(found: _Unpacked, wanted: str) -> str:
    """What the person says, else what the table's own bytes allow, else GB18030 (which holds GBK)."""
    if wanted != "auto":
        return wanted
    said = found.cpg.strip().upper().replace("-", "")
    try:
        _text_bytes(found.path.with_suffix(".dbf").read_bytes()).decode("utf-8")
    except UnicodeDecodeError:
        return "gbk"
    # Bytes that are both: believe the file, it is about its letters only.
    return "gbk" if said in ("GBK", "936", "CP936", "GB2312", "GB18030", "ANSI936") else "utf-8"


@dataclass(frozen=True, slots=True)
class _Table:
    """Where things stand in a dBASE table: records from `start`, each `width` bytes, text at `columns` in it."""

    rows: int
    start: int
    width: int
    names: list[bytes]
    columns: list[tuple[int, int]]

    def texts(self) -> Iterator[tuple[int, int]]:
        """Beginning and end of every text."""
        for row in range(self.rows):
            record = self.start + row * self.width
            yield from ((record + begin, record + end) for begin, end in self.columns)


def _table_of(data: bytes) -> _Table:
    if len(data) < 32:
        raise UnreadableError("broken_file")
    rows, start, width = struct.unpack("<IHH", data[4:12])
    names, columns, offset = [], [], 1
    for place in range(32, max(start - 31, 32), 32):
        field = data[place : place + 32]
        if len(field) < 32 or field[0] == 0x0D:
            break
        names.append(field[:11].split(b"\x00")[0])
        if field[11:12] == b"C":
            columns.append((offset, offset + field[16]))
        offset += field[16]
    if width < offset:
        # Records shorter than their fields: nothing that a program wrote, and endless to walk through.
        raise UnreadableError("broken_file")
    # What the head claims need not be there.
    return _Table(min(rows, len(data) // width), start, width, names, columns)


def _text_bytes(data: bytes) -> bytes:
    """Field names and the texts of the first records, with a space between: they may be cut within a letter."""
    table = _table_of(data)
    texts = (data[begin:end] for begin, end in islice(table.texts(), _LOOKED_AT))
    return b" ".join(_whole(piece) for piece in (*table.names, *texts))


def _mend_cuts(path: Path) -> None:
    """Blanks letters of UTF-8 that were cut at the end of their column: GDAL hands them on and they are no text."""
    data = bytearray(path.read_bytes())
    for begin, end in _table_of(bytes(data)).texts():
        text = bytes(data[begin:end])
        data[begin:end] = _whole(text).ljust(len(text))
    path.write_bytes(data)


def _whole(text: bytes) -> bytes:
    """Without a UTF-8 letter that was cut at the end of its column."""
    text = text.rstrip(b" \x00")
    for cut in range(1, 4):
        if len(text) >= cut and text[-cut] >= 0xC0:
            needs = 2 if text[-cut] < 0xE0 else 3 if text[-cut] < 0xF0 else 4
            return text[:-cut] if needs > cut else text
    return text

"""The base map under ours: none, a PMTiles file of the site, or 天地图 through our own proxy (grid.tianditu).

A PMTiles file that is missing or broken is written to the log once and counts as no base map: the product's own
layers work without one, and a map without a ground is better than a site that does not start.
"""

from __future__ import annotations

import gzip
import logging
import struct
import threading
import zlib
from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils.html import strip_tags
from pmtiles.reader import MmapSource, Reader
from pmtiles.tile import (
    Compression,
    Entry,
    MagicNumberNotFound,
    SpecVersionUnsupported,
    TileType,
    deserialize_directory,
    find_tile,
    zxy_to_tileid,
)

from grid.tianditu import MAX_ZOOM, MIN_ZOOM

logger = logging.getLogger(__name__)

NONE: Final = "none"
RASTER: Final = "raster"
VECTOR: Final = "vector"
MEDIA_TYPES: Final = {
    TileType.MVT: "application/vnd.mapbox-vector-tile",
    TileType.PNG: "image/png",
    TileType.JPEG: "image/jpeg",
    TileType.WEBP: "image/webp",
}
BROKEN: Final = (
    OSError,
    EOFError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    struct.error,
    zlib.error,
    OverflowError,
    MagicNumberNotFound,
    SpecVersionUnsupported,
)
"""What reading a file that is no PMTiles file, or a damaged one, may raise."""
_DIRECTORIES: Final = 64
"""Parts of the index kept unpacked per file: unpacking one takes longer than reading a tile."""


@dataclass(frozen=True, slots=True)
class BaseMap:
    """What there is to show: `labels` is a second layer of names above it."""

    kind: str = NONE
    labels: bool = False
    attribution: str = ""
    min_zoom: int = 0
    max_zoom: int = 0


@dataclass(frozen=True, slots=True)
class BaseTile:
    content: bytes
    media_type: str
    gzipped: bool = False


class UnsupportedError(ValueError):
    """A PMTiles file with tiles that no page can show."""


def _words(metadata: Any) -> str:
    """The file's own attribution, without markup."""
    return strip_tags(str(metadata.get("attribution") or "")) if isinstance(metadata, dict) else ""


class PmtilesFile:
    """One file, mapped into memory. Threads may read at once."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._read = MmapSource(file)  # type: ignore[no-untyped-call]
        reader = Reader(self._read)  # type: ignore[no-untyped-call]
        header: dict[str, Any] = dict(reader.header())  # type: ignore[no-untyped-call]
        if header["tile_type"] not in MEDIA_TYPES:
            raise UnsupportedError(header["tile_type"])
        if header["tile_compression"] not in (Compression.NONE, Compression.GZIP, Compression.UNKNOWN):
            raise UnsupportedError(header["tile_compression"])
        if header["internal_compression"] != Compression.GZIP:
            raise UnsupportedError(header["internal_compression"])
        self._header = header
        self._kept: OrderedDict[tuple[int, int], list[Entry]] = OrderedDict()
        self._lock = threading.Lock()
        self.media_type = MEDIA_TYPES[header["tile_type"]]
        self.base_map = BaseMap(
            kind=VECTOR if header["tile_type"] is TileType.MVT else RASTER,
            attribution=_words(reader.metadata()),  # type: ignore[no-untyped-call]
            min_zoom=header["min_zoom"],
            max_zoom=header["max_zoom"],
        )
        self._directory(header["root_offset"], header["root_length"])

    def _directory(self, offset: int, length: int) -> list[Entry]:
        with self._lock:
            kept = self._kept.get((offset, length))
            if kept is not None:
                self._kept.move_to_end((offset, length))
                return kept
        found = deserialize_directory(self._read(offset, length))
        with self._lock:
            self._kept[offset, length] = found
            if len(self._kept) > _DIRECTORIES:
                self._kept.popitem(last=False)
        return found

    def tile(self, z: int, x: int, y: int) -> BaseTile | None:
        """None where the file has nothing."""
        header, wanted = self._header, zxy_to_tileid(z, x, y)
        offset, length = header["root_offset"], header["root_length"]
        # The format allows a root and at most three levels of leaves.
        for _ in range(4):
            entry = find_tile(self._directory(offset, length), wanted)
            if entry is None:
                return None
            if entry.run_length:
                content = self._read(header["tile_data_offset"] + entry.offset, entry.length)
                return BaseTile(content, self.media_type, content[:2] == b"\x1f\x8b")
            offset, length = header["leaf_directory_offset"] + entry.offset, entry.length
        return None


_opened: dict[tuple[str, int, int], PmtilesFile | None] = {}


def _file() -> PmtilesFile | None:
    """The site's file, opened once; again when it was replaced. None, and one line in the log, if it cannot be read."""
    path = Path(settings.BASE_MAP_FILE)
    try:
        stat = path.stat()
        key = (str(path), stat.st_mtime_ns, stat.st_size)
    except OSError:
        key = (str(path), 0, 0)
    if key not in _opened:
        try:
            opened = PmtilesFile(path)
        except BROKEN as error:
            logger.error("base_map_unreadable error=%s", type(error).__name__)
            opened = None
        _opened.clear()
        _opened[key] = opened
    return _opened[key]


def base_map() -> BaseMap:
    """What the site's settings amount to."""
    own = settings.BASE_MAP_ATTRIBUTION
    if settings.BASE_MAP == "tianditu":
        return BaseMap(RASTER, labels=True, attribution=own or "天地图", min_zoom=MIN_ZOOM, max_zoom=MAX_ZOOM)
    if settings.BASE_MAP == "pmtiles" and (file := _file()) is not None:
        return replace(file.base_map, attribution=own or file.base_map.attribution)
    return BaseMap()


def file_tile(*, z: int, x: int, y: int, gzipped: bool) -> BaseTile | None:
    """A tile of the site's PMTiles file, packed only if `gzipped` will do; None where it has nothing."""
    file = _file()
    if file is None:
        return None
    try:
        tile = file.tile(z, x, y)
        if tile is None or gzipped or not tile.gzipped:
            return tile
        return replace(tile, content=gzip.decompress(tile.content), gzipped=False)
    except BROKEN as error:
        logger.error("base_map_damaged tile=%d/%d/%d error=%s", z, x, y, type(error).__name__)
        return None

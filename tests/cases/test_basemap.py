"""The base map: none, or a PMTiles file of the site. 天地图 has its own tests."""

from __future__ import annotations

import gzip
import hashlib
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from grid import basemap
from staff.models import Token
from staff.services.tokens import make_token

PNG, JPEG = b"\x89PNG\r\n\x1a\n picture", b"\xff\xd8\xff picture"
NONE = {"kind": "none", "url": None, "labels_url": None, "attribution": "", "min_zoom": 0, "max_zoom": 0}


def pmtiles(path: Path, *, kind: TileType = TileType.PNG, content: bytes = PNG, **metadata: Any) -> Path:
    """A file with the tiles 0/0/0 and 3/6/3."""
    with path.open("wb") as file:
        writer = Writer(file)
        for z, x, y in ((0, 0, 0), (3, 6, 3)):
            writer.write_tile(zxy_to_tileid(z, x, y), content)
        compression = Compression.GZIP if kind is TileType.MVT else Compression.NONE
        corners = {"min_lon_e7": -180, "min_lat_e7": -85, "max_lon_e7": 180, "max_lat_e7": 85}
        writer.finalize(
            {
                "tile_type": kind,
                "tile_compression": compression,
                "center_zoom": 0,
                "center_lon_e7": 0,
                "center_lat_e7": 0,
                **{name: value * 10**7 for name, value in corners.items()},
            },
            metadata,
        )
    return path


@pytest.fixture
def use_file(settings, tmp_path):
    """`use_file(kind=…, content=…)` makes such a file the site's base map."""

    def use(**what: Any) -> Path:
        settings.BASE_MAP = "pmtiles"
        settings.BASE_MAP_FILE = str(pmtiles(tmp_path / "ground.pmtiles", **what))
        return Path(settings.BASE_MAP_FILE)

    return use


class TestNone:
    def test_without_a_setting_there_is_none(self, browser, operator):
        answer = browser(operator).get("basemap/")
        assert (answer.status_code, answer.json()) == (200, NONE)

    @pytest.mark.parametrize("path", ["basemap/tiles/0/0/0", "basemap/labels/0/0/0"])
    def test_and_no_tile_of_it(self, browser, operator, path):
        assert browser(operator).get(path).status_code == 404


class TestDoors:
    @pytest.mark.parametrize("path", ["basemap/", "basemap/tiles/0/0/0", "basemap/labels/0/0/0"])
    def test_a_stranger_is_asked_to_sign_in(self, browser, use_file, path):
        use_file()
        assert browser(None).get(path).status_code == 401

    def test_a_map_token_opens_it(self, browser, use_file, worker):
        use_file()
        token = make_token(user=worker, name="QGIS", purpose=Token.Purpose.MAP)
        assert browser(None, authorization=f"Bearer {token}").get("basemap/tiles/0/0/0").content == PNG


class TestFile:
    def test_pictures(self, browser, use_file, operator):
        use_file(attribution='<a href="https://example.org">© Somebody</a>')
        phone = browser(operator)
        assert phone.get("basemap/").json() == {
            "kind": "raster",
            "url": "http://testserver/api/v1/basemap/tiles/{z}/{x}/{y}",
            "labels_url": None,
            "attribution": "© Somebody",
            "min_zoom": 0,
            "max_zoom": 3,
        }
        answer = phone.get("basemap/tiles/3/6/3")
        assert (answer.status_code, answer["Content-Type"], answer.content) == (200, "image/png", PNG)
        assert answer["Cache-Control"] == "private, max-age=86400"
        again = phone.client.get("/api/v1/basemap/tiles/3/6/3", headers={"if-none-match": answer["ETag"]})
        assert again.status_code == 304

    @pytest.mark.parametrize(("kind", "media"), [(TileType.JPEG, "image/jpeg"), (TileType.WEBP, "image/webp")])
    def test_other_pictures(self, browser, use_file, operator, kind, media):
        use_file(kind=kind, content=JPEG)
        assert browser(operator).get("basemap/tiles/0/0/0")["Content-Type"] == media

    def test_vector_tiles_go_out_as_they_are_packed_or_unpacked(self, browser, use_file, operator):
        use_file(kind=TileType.MVT, content=gzip.compress(b"a tile"))
        phone = browser(operator)
        assert phone.get("basemap/").json()["kind"] == "vector"
        plain = phone.get("basemap/tiles/0/0/0")
        assert plain["Content-Type"] == "application/vnd.mapbox-vector-tile"
        assert plain.content == b"a tile"
        assert "Content-Encoding" not in plain
        packed = phone.client.get("/api/v1/basemap/tiles/0/0/0", headers={"accept-encoding": "gzip, br"})
        assert packed["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.content) == b"a tile"
        assert "Accept-Encoding" in packed["Vary"]
        assert packed["ETag"] != plain["ETag"]

    def test_the_sites_own_words_come_before_the_files(self, browser, use_file, operator, settings):
        use_file(attribution="file")
        settings.BASE_MAP_ATTRIBUTION = "本站底图"
        assert browser(operator).get("basemap/").json()["attribution"] == "本站底图"

    def test_where_the_file_has_nothing_there_is_no_content(self, browser, use_file, operator):
        use_file()
        answer = browser(operator).get("basemap/tiles/3/0/0")
        assert (answer.status_code, answer.content) == (204, b"")

    @pytest.mark.parametrize("path", ["4/0/0", "3/8/0", "3/0/8", f"3/{9**30}/0", "3/-1/0", "3/0/x"])
    def test_what_is_no_tile_is_not_found(self, browser, use_file, operator, path):
        use_file()
        assert browser(operator).get(f"basemap/tiles/{path}").status_code == 404

    def test_it_has_no_labels_apart(self, browser, use_file, operator):
        use_file()
        assert browser(operator).get("basemap/labels/0/0/0").status_code == 404

    @pytest.mark.parametrize(
        "content",
        [None, b"", b"not a map", b"PMTiles\x02" + bytes(200), b"PMTiles\x03" + bytes(200), b"PMTiles\x03\xff" * 40],
        ids=["missing", "empty", "text", "old version", "zeros", "noise"],
    )
    def test_a_file_that_is_none_means_no_base_map_and_one_line_in_the_log(
        self, browser, use_file, operator, caplog, content
    ):
        path = use_file()
        path.unlink()
        if content is not None:
            path.write_bytes(content)
        phone = browser(operator)
        with caplog.at_level(logging.ERROR):
            assert phone.get("basemap/").json() == NONE
            assert phone.get("basemap/tiles/0/0/0").status_code == 404
        assert len([line for line in caplog.messages if line.startswith("base_map_unreadable")]) == 1

    def test_a_damaged_tile_is_no_content(self, browser, use_file, operator):
        use_file(kind=TileType.MVT, content=b"\x1f\x8b broken")
        assert browser(operator).get("basemap/tiles/0/0/0").status_code == 204

    def test_a_replaced_file_is_seen_at_once(self, browser, use_file, operator, tmp_path):
        path = use_file()
        phone = browser(operator)
        phone.get("basemap/tiles/0/0/0")
        os.replace(pmtiles(tmp_path / "next.pmtiles", content=JPEG + b"!", kind=TileType.JPEG), path)
        assert phone.get("basemap/tiles/0/0/0").content == JPEG + b"!"

    def test_many_parts_of_the_index_are_not_all_kept(self, use_file, settings, tmp_path, monkeypatch):
        """A file with more tiles than one index holds: each is found, and memory stays bounded."""
        monkeypatch.setattr(basemap, "_DIRECTORIES", 2)

        def content(number: int) -> bytes:
            """Of many lengths, so that the index does not pack well."""
            return b"%d" % number * (hashlib.sha256(b"%d" % number).digest()[0] + 1)

        path = tmp_path / "many.pmtiles"
        with path.open("wb") as file:
            writer = Writer(file)
            for number in range(zxy_to_tileid(8, 0, 0), zxy_to_tileid(8, 0, 0) + 40_000):
                writer.write_tile(number, content(number))
            writer.finalize(
                {
                    "tile_type": TileType.PNG,
                    "tile_compression": Compression.NONE,
                    "min_lon_e7": 0,
                    "min_lat_e7": 0,
                    "max_lon_e7": 1,
                    "max_lat_e7": 1,
                    "center_zoom": 8,
                    "center_lon_e7": 0,
                    "center_lat_e7": 0,
                },
                {},
            )
        opened = basemap.PmtilesFile(path)
        assert opened._header["leaf_directory_length"] > 0
        for x, y in ((0, 0), (50, 50), (100, 20), (0, 0), (127, 127)):
            tile = opened.tile(8, x, y)
            assert tile is not None
            assert tile.content == content(zxy_to_tileid(8, x, y))
        assert len(opened._kept) <= 2


class TestSettings:
    def start(self, **given: str) -> str:
        """The last line that starting says."""
        code = "import django; django.setup(); from django.conf import settings; print(settings.BASE_MAP)"
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", **given}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
        return (done.stdout + done.stderr).strip().splitlines()[-1]

    def test_a_base_map_that_lacks_something_says_what(self):
        assert "BASE_MAP_FILE" in self.start(BASE_MAP="pmtiles")
        assert "TIANDITU_KEY" in self.start(BASE_MAP="tianditu")
        assert "BASE_MAP must be" in self.start(BASE_MAP="google")

    def test_a_file_that_is_not_there_does_not_stop_the_site(self):
        assert self.start(BASE_MAP="pmtiles", BASE_MAP_FILE="/nowhere.pmtiles") == "pmtiles"

"""Outlines are read from three formats, told by their content; whatever else a file may be, it is not opened."""

from __future__ import annotations

import json
import sqlite3
import struct
import tempfile
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
import shapely

from grid.import_problems import UnreadableError
from grid.services.imports import shapefile as shapefiles
from grid.services.imports.features import Fields
from grid.services.imports.reading import read_outlines
from tests.grid.outline_files import archive, cell, geojson, geopackage, shapefile, square

A, B = square(118.00, 118.01), square(118.01, 118.02)
ROWS = [cell("990000009201001", "东村01网格", A), cell("990000009201002", "东村02网格", B)]


@pytest.fixture
def own_temp(monkeypatch, tmp_path) -> Path:
    """Where a reader unpacks: seen by the test, empty before and after."""
    folder = tmp_path / "unpacked"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def refused(path: Path, **fields: str) -> str:
    with pytest.raises(UnreadableError) as caught:
        read_outlines(path=path, fields=Fields(**fields))
    return caught.value.finding.code


def codes(path: Path, **fields: str) -> list[tuple[str, str]]:
    return [(one.code, one.name) for one in read_outlines(path=path, fields=Fields(**fields)).features]


GOOD = [("990000009201001", "东村01网格"), ("990000009201002", "东村02网格")]


class TestThreeFormats:
    @pytest.mark.parametrize(("make", "suffix"), [(geojson, "geojson"), (geopackage, "gpkg"), (shapefile, "zip")])
    def test_each_gives_the_same(self, tmp_path, own_temp, make, suffix):
        path = make(tmp_path / f"cells.{suffix}", ROWS)
        layer = read_outlines(path=path, fields=Fields())
        assert [(one.code, one.name) for one in layer.features] == GOOD
        assert [one.number for one in layer.features] == [1, 2]
        assert all(shapely.equals(one.shape, shape) for one, (_, shape) in zip(layer.features, ROWS, strict=True))
        assert list(own_temp.iterdir()) == []

    @pytest.mark.parametrize("name", ["cells.gpkg", "cells.geojson", "cells", "cells.vrt"])
    def test_the_name_of_the_file_tells_nothing(self, tmp_path, name):
        assert codes(shapefile(tmp_path / "made.zip", ROWS).rename(tmp_path / name)) == GOOD

    @pytest.mark.parametrize("name", ["cells.zip", "cells.json", "cells.shp"])
    def test_a_geopackage_under_another_name_is_one(self, tmp_path, name):
        assert codes(geopackage(tmp_path / "made.gpkg", ROWS).rename(tmp_path / name)) == GOOD

    def test_a_single_feature_and_a_byte_order_mark_are_no_matter(self, tmp_path):
        path = tmp_path / "cell.json"
        made = geojson(tmp_path / "made.json", ROWS[:1]).read_text(encoding="utf-8")
        path.write_text("\ufeff \n" + made.partition('"features": [')[2][:-2], encoding="utf-8")
        assert codes(path) == GOOD[:1]

    def test_heights_are_dropped(self, tmp_path):
        path = geopackage(tmp_path / "cells.gpkg", [cell("1", "甲", shapely.force_3d(A, 5))])
        assert not read_outlines(path=path, fields=Fields()).features[0].shape.has_z

    def test_codes_may_be_numbers(self, tmp_path):
        rows = [({"code": 990000009201001, "name": "甲"}, A), ({"code": 990000009201002.0, "name": None}, B)]
        expected = [("990000009201001", "甲"), ("990000009201002", "")]
        assert codes(geojson(tmp_path / "cells.json", rows)) == expected

    @pytest.mark.parametrize(("make", "suffix"), [(geojson, "geojson"), (geopackage, "gpkg"), (shapefile, "zip")])
    def test_fields_are_named_by_the_person(self, tmp_path, make, suffix):
        rows = [
            ({"网格编码": code, "网格名称": name}, shape) for (code, name), (_, shape) in zip(GOOD, ROWS, strict=True)
        ]
        path = make(tmp_path / f"cells.{suffix}", rows)
        short = suffix == "zip"
        fields = {"code": "网格编码", "name": "网格名称"}
        assert codes(path, **fields) == GOOD
        assert refused(path, code="代码") == "no_field"
        assert short or codes(path, code="网格编码", name="别的") == [(code, "") for code, _ in GOOD]


class TestTablesOfShapefiles:
    """Most come from ArcGIS in GBK, many without a .cpg."""

    @pytest.mark.parametrize("encoding", ["GBK", "UTF-8", "GB18030"])
    @pytest.mark.parametrize("without", [(), (".cpg",)], ids=["with .cpg", "without"])
    def test_the_encoding_is_found(self, tmp_path, encoding, without):
        assert codes(shapefile(tmp_path / "cells.zip", ROWS, encoding=encoding, without=without)) == GOOD

    def test_a_cpg_that_lies_is_not_believed(self, tmp_path):
        path = shapefile(tmp_path / "cells.zip", ROWS, encoding="GBK", without=(".cpg",))
        with zipfile.ZipFile(path, "a") as file:
            file.writestr("示意数据/网格.cpg", "UTF-8")
        assert codes(path) == GOOD

    def test_the_person_may_name_it(self, tmp_path):
        path = shapefile(tmp_path / "cells.zip", ROWS, encoding="GBK", without=(".cpg",))
        assert codes(path, encoding="gbk") == GOOD

    def test_a_name_cut_within_a_letter_is_no_reason_to_take_it_for_gbk(self, tmp_path):
        """A column is so many bytes wide, and other programs fill it to the last."""
        rows = [({"code": "990000009201001", "name": "x" * 80}, A)]
        made = shapefile(tmp_path / "made.zip", rows, encoding="UTF-8", without=(".cpg",))
        with zipfile.ZipFile(made) as file:
            members = {name: file.read(name) for name in file.namelist()}
        cut = ("网格" * 20).encode()[:80]
        members = {name: data.replace(b"x" * 80, cut) for name, data in members.items()}
        assert codes(archive(tmp_path / "cut.zip", members)) == [("990000009201001", "网格" * 13)]

    def test_nor_does_it_harm_in_gbk(self, tmp_path):
        rows = [({"code": "990000009201001", "name": "x" * 80}, A)]
        made = shapefile(tmp_path / "made.zip", rows, without=(".cpg",))
        with zipfile.ZipFile(made) as file:
            members = {name: file.read(name) for name in file.namelist()}
        cut = ("1" + "网格" * 20).encode("gbk")[:80]
        members = {name: data.replace(b"x" * 80, cut) for name, data in members.items()}
        ((_code, name),) = codes(archive(tmp_path / "cut.zip", members))
        assert name.startswith("1" + "网格" * 19 + "网")


class TestWhatIsNotOpened:
    """Each of these makes GDAL, left to itself, open or fetch something else, or never come to an end."""

    @pytest.mark.parametrize(
        "text",
        [
            '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>'
            "</OGRVRTDataSource>",
            "<?xml version='1.0'?><gml/>",
            "/vsicurl/http://127.0.0.1:9/cells.geojson",
            "PG:host=127.0.0.1",
            "GPKG:/etc/passwd",
            "",
            "SQLite format 3\x00",
            "%PDF-1.7",
        ],
    )
    def test_what_is_none_of_the_three_is_refused_by_its_content(self, tmp_path, text):
        path = tmp_path / "cells.geojson"
        path.write_text(text, encoding="utf-8")
        assert refused(path) == "unknown_format"

    @pytest.mark.parametrize(
        "text",
        [
            '{"type": "FeatureCollection", "features": ',
            '{"type": "Topology", "objects": {}}',
            '{"type": "FeatureCollection", "features": {}}',
            '{"rings": [], "spatialReference": {"wkt": "/etc/passwd"}}',
            '{"type": "FeatureCollection", "features": [], "x": ' + "[" * 100_000 + "]" * 100_000 + "}",
            '{"type": "FeatureCollection", "features": NaN}',
            '{"type": "Polygon", "coordinates": []}',
        ],
    )
    def test_json_that_is_no_geojson(self, tmp_path, text):
        path = tmp_path / "cells.geojson"
        path.write_text(text, encoding="utf-8")
        assert refused(path) == "not_geojson"

    def test_nothing_in_it(self, tmp_path):
        assert refused(geojson(tmp_path / "cells.json", [])) == "no_features"

    @pytest.mark.parametrize(
        "name", ["../cells.shp", "a/../../cells.shp", "/etc/cells.shp", "..\\cells.shp", "C:\\cells.shp", "C:cells.shp"]
    )
    def test_paths_that_lead_out_of_an_archive(self, tmp_path, own_temp, name):
        made = shapefile(tmp_path / "cells.zip", ROWS)
        with zipfile.ZipFile(made, "a") as file:
            file.writestr(name, b"x")
        assert refused(made) == "unsafe_archive"
        assert list(own_temp.iterdir()) == []
        assert not (tmp_path / "cells.shp").exists()

    def test_an_archive_that_unpacks_to_gigabytes(self, tmp_path, own_temp, monkeypatch):
        path = tmp_path / "bomb.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for suffix in ("shp", "shx", "dbf"):
                with file.open(f"cells.{suffix}", "w", force_zip64=True) as member:
                    for _ in range(100):
                        member.write(bytes(1 << 20))
        assert path.stat().st_size < 400_000
        assert refused(path) == "archive_too_large"
        assert list(own_temp.iterdir()) == []

    def test_an_archive_that_lies_about_its_size(self, tmp_path, monkeypatch):
        """Claimed: 4 bytes. What counts is what comes out."""
        monkeypatch.setattr(shapefiles, "UNPACKED", 1000)
        path = archive(tmp_path / "lie.zip", {f"cells.{end}": bytes(5000) for end in ("shp", "shx", "dbf")})
        data = path.read_bytes().replace(struct.pack("<I", 5000), struct.pack("<I", 4))
        path.write_bytes(data)
        assert refused(path) in ("archive_too_large", "bad_archive", "not_a_shapefile")

    def test_too_many_members(self, tmp_path):
        assert refused(archive(tmp_path / "many.zip", {f"{n}.shp": b"" for n in range(300)})) == "bad_archive"

    @pytest.mark.parametrize(
        ("without", "code"),
        [((".shx",), "shapefile_incomplete"), ((".dbf",), "shapefile_incomplete"), ((".shp",), "no_shapefile")],
    )
    def test_an_incomplete_shapefile(self, tmp_path, without, code):
        assert refused(shapefile(tmp_path / "cells.zip", ROWS, without=without)) == code

    def test_two_shapefiles_in_one_archive(self, tmp_path):
        empty = {f"{name}.{end}": b"" for name in "ab" for end in ("shp", "shx", "dbf")}
        assert refused(archive(tmp_path / "two.zip", empty)) == "several_shapefiles"

    def test_what_a_mac_packs_along_does_not_count(self, tmp_path):
        path = shapefile(tmp_path / "cells.zip", ROWS)
        with zipfile.ZipFile(path, "a") as file:
            file.writestr("__MACOSX/示意数据/._网格.shp", b"x")
        assert codes(path) == GOOD

    def test_a_shp_that_is_something_else(self, tmp_path):
        other = geopackage(tmp_path / "cells.gpkg", ROWS).read_bytes()
        members = {"cells.shp": other, "cells.shx": other, "cells.dbf": other}
        assert refused(archive(tmp_path / "cells.zip", members)) == "not_a_shapefile"

    def test_a_damaged_shapefile(self, tmp_path):
        good = shapefile(tmp_path / "cells.zip", ROWS)
        with zipfile.ZipFile(good) as file:
            members = {name: file.read(name) for name in file.namelist()}
        broken = {name: data[: len(data) // 2] if name.endswith("shx") else data for name, data in members.items()}
        broken = {name: data[:40] if name.endswith("dbf") else data for name, data in broken.items()}
        assert refused(archive(tmp_path / "broken.zip", broken)) in ("broken_file", "no_field")

    def test_a_table_whose_head_lies(self, tmp_path):
        with zipfile.ZipFile(shapefile(tmp_path / "cells.zip", ROWS)) as file:
            members = {name: file.read(name) for name in file.namelist()}
        for lie in (struct.pack("<IHH", 0xFFFFFFFF, 97, 0), struct.pack("<IHH", 0xFFFFFFFF, 97, 1)):
            lying = {n: d[:4] + lie + d[12:] if n.endswith("dbf") else d for n, d in members.items()}
            assert refused(archive(tmp_path / "lie.zip", lying)) == "broken_file"

    def test_a_damaged_archive(self, tmp_path):
        path = shapefile(tmp_path / "cells.zip", ROWS)
        path.write_bytes(path.read_bytes()[:-200])
        assert refused(path) == "bad_archive"

    def test_a_damaged_geopackage(self, tmp_path):
        path = geopackage(tmp_path / "cells.gpkg", ROWS)
        path.write_bytes(path.read_bytes()[:3000])
        assert refused(path) == "broken_file"

    @pytest.mark.parametrize(
        "statement",
        [
            "CREATE VIEW v AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
            "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema VALUES ('table', 'v', 'v', 0,"
            " 'CREATE VIRTUAL TABLE v USING VirtualOGR(''/etc/passwd'')')",
            "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema VALUES ('table', 'v', 'v', 0,"
            " 'CREATE VIRTUAL TABLE v USING VirtualShape(a) /* USING rtree(id) */')",
        ],
        ids=["view", "virtual", "disguised"],
    )
    def test_a_geopackage_that_computes(self, tmp_path, statement):
        path = geopackage(tmp_path / "cells.gpkg", ROWS)
        with closing(sqlite3.connect(path)) as file:
            file.executescript(statement)
            file.commit()
        assert refused(path) == "has_views"

    def test_several_layers_are_named(self, tmp_path):
        path = geopackage(tmp_path / "cells.gpkg", ROWS)
        geopackage(path, ROWS, layer="others", append=True)
        with pytest.raises(UnreadableError) as caught:
            read_outlines(path=path, fields=Fields())
        assert caught.value.finding.values == {"layers": "cells, others"}


class TestRings:
    """What is wrong with one outline is said of that one; shapely would close a ring without a word."""

    @pytest.mark.parametrize(
        ("geometry", "code"),
        [
            ({"type": "Polygon", "coordinates": [[[118, 22], [118.1, 22], [118.1, 22.1], [118, 22.1]]]}, "broken_ring"),
            ({"type": "Polygon", "coordinates": [[[118, 22], [118.1, 22], [118, 22]]]}, "broken_ring"),
            ({"type": "Polygon", "coordinates": [[], []]}, "bad_coordinates"),
            ({"type": "Polygon", "coordinates": [[["118", "22"]] * 4]}, "bad_coordinates"),
            ({"type": "Polygon", "coordinates": [[[118, True]] * 4]}, "bad_coordinates"),
            ({"type": "Polygon", "coordinates": [[[118]] * 4]}, "bad_coordinates"),
            ({"type": "Polygon", "coordinates": [[118, 22]]}, "bad_coordinates"),
            ({"type": "Polygon", "coordinates": None}, "bad_coordinates"),
            ({"type": "MultiPolygon", "coordinates": {}}, "bad_coordinates"),
            ({"type": "Point", "coordinates": [118, 22]}, "not_a_polygon"),
            ({"type": "GeometryCollection", "geometries": []}, "not_a_polygon"),
            ({"type": ["Polygon"], "coordinates": []}, "not_a_polygon"),
        ],
    )
    def test_it_is_named(self, tmp_path, geometry, code):
        path = tmp_path / "cells.json"
        body = {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": geometry}]}
        path.write_text(json.dumps(body), encoding="utf-8")
        (feature,) = read_outlines(path=path, fields=Fields()).features
        assert feature.finding is not None
        assert (feature.finding.code, feature.finding.line) == (code, 1)

    @pytest.mark.parametrize("feature", [None, 1, "x", [], {}, {"geometry": 1, "properties": 2}])
    def test_a_feature_that_is_none_has_no_outline(self, tmp_path, feature):
        path = tmp_path / "cells.json"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
        (read,) = read_outlines(path=path, fields=Fields()).features
        assert (read.shape, read.finding, read.code) == (None, None, "")

    def test_lines_and_points_of_a_geopackage(self, tmp_path):
        path = geopackage(tmp_path / "cells.gpkg", [cell("1", "甲", A.exterior), cell("2", "乙", A.centroid)])
        found = [one.finding.values for one in read_outlines(path=path, fields=Fields()).features]
        assert found == [{"type": "LineString"}, {"type": "Point"}]

"""Any subtree at any date goes out; other programs open it, and taken in again it changes nothing."""

from __future__ import annotations

import json
import warnings
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from django.core.management import CommandError, call_command
from pyogrio import raw

from grid.models import Area, AreaBoundary, BoundaryChange
from grid.selectors.outlines import to_geos
from grid.services.ground import Actor
from grid.services.imports.outlines import import_outlines
from grid.services.imports.plan import OutlineFile
from tests.grid.outline_files import square
from tests.statements import statements
from tests.town import CELL_A, CELL_B, CELL_C, DISTRICT, EAST, NOW, TOWN, WEST, ZONE


def body(answer) -> bytes:
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content)


@pytest.fixture
def export(worker, browser, tmp_path):
    """The answer to 阿珍's request as a file."""

    def run(**query) -> Path:
        path = tmp_path / f"out-{len(list(tmp_path.iterdir()))}.{query.get('format', 'geojson')}"
        path.write_bytes(body(browser(worker).get("areas/export/", **query)))
        return path

    return run


def codes(path: Path) -> list[str]:
    return [one["properties"]["code"] for one in json.loads(path.read_bytes())["features"]]


def redraw(code: str, moment: datetime, shape) -> None:
    AreaBoundary.objects.filter(area__code=code, valid_to=None).update(valid_to=moment)
    AreaBoundary.objects.create(
        area=Area.objects.get(code=code), geometry=to_geos(shape), valid_from=moment, reason="调整", synthetic=True
    )


class TestWhatGoesOut:
    def test_a_subtree_with_its_head(self, export):
        assert codes(export(within=EAST)) == [EAST, CELL_A, CELL_B]

    def test_one_level_of_it(self, export):
        assert codes(export(within=TOWN, level="cell")) == [CELL_A, CELL_B, CELL_C]

    def test_everything(self, export):
        assert len(codes(export())) == 10

    def test_nothing_is_a_collection_too(self, export):
        assert json.loads(export(within="110101").read_bytes())["features"] == []
        assert pyogrio.read_info(export(within="110101", format="gpkg"))["features"] == 0

    def test_what_stands_in_a_feature(self, export):
        features = {one["properties"]["code"]: one for one in json.loads(export().read_bytes())["features"]}
        told = dict(features[CELL_A]["properties"])
        assert "示意" in told.pop("note")
        assert told == {
            "code": CELL_A,
            "name": "东村01网格",
            "level": "cell",
            "kind": "general",
            "parent": EAST,
            "valid_from": "2024-01-01",
            "synthetic": True,
        }
        assert features[DISTRICT]["geometry"] is None
        assert features[DISTRICT]["properties"]["parent"] is None

    def test_outer_rings_run_against_the_clock(self, export):
        for feature in json.loads(export(within=EAST).read_bytes())["features"]:
            for polygon in feature["geometry"]["coordinates"]:
                assert shapely.LinearRing(polygon[0]).is_ccw

    def test_a_day_shows_the_ground_as_it_was_when_the_day_ended(self, export):
        redraw(CELL_C, datetime(2026, 6, 1, 10, tzinfo=ZONE), square(118.02, 118.025))
        Area.objects.filter(code=CELL_B).update(valid_to=date(2026, 6, 2))

        def east_of(day: str) -> float:
            found = json.loads(export(within=WEST, level="cell", on=day).read_bytes())["features"]
            return shapely.from_geojson(json.dumps(found[0]["geometry"])).bounds[2]

        assert [round(east_of(day), 3) for day in ("2026-05-31", "2026-06-01", "2026-06-02")] == [
            118.03,
            118.025,
            118.025,
        ]
        assert codes(export(within=EAST, level="cell", on="2026-06-01")) == [CELL_A, CELL_B]
        assert codes(export(within=EAST, level="cell", on="2026-06-02")) == [CELL_A]
        assert codes(export(within=EAST, on="2023-12-31")) == []

    def test_the_file_has_a_name_and_a_type(self, worker, browser):
        for kind, media in (("geojson", "application/geo+json"), ("gpkg", "application/geopackage+sqlite3")):
            answer = browser(worker).get("areas/export/", within=EAST, format=kind)
            assert answer["Content-Type"] == media
            assert answer["Content-Disposition"] == f'attachment; filename="areas-{EAST}-2026-11-25.{kind}"'
            body(answer)

    @pytest.mark.parametrize(
        "query", [{"within": "99"}, {"format": "shp"}, {"on": "today"}, {"level": "province"}, {"within": "990000'"}]
    )
    def test_nonsense_is_refused_in_json(self, worker, browser, query):
        answer = browser(worker).get("areas/export/", **query)
        assert (answer.status_code, answer["Content-Type"]) == (400, "application/json")
        assert answer.json()["field"] == next(iter(query))

    @pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
    def test_days_far_away_are_no_accident(self, export, day):
        export(on=day)

    def test_everybody_signed_in_may(self, cast, browser):
        for name in ("worker", "officer", "leader", "auditor", "admin", "outsider"):
            body(browser(getattr(cast, name)).get("areas/export/", within=EAST))

    def test_one_statement_for_the_areas_however_many(self, worker, browser):
        page = browser(worker)
        budget = [("the person", "staff_user"), ("areas", "grid_area")]
        for inside in (CELL_A, "990000"):
            with statements(budget):
                body(page.get("areas/export/", within=inside, format="gpkg"))


class TestOtherProgramsOpenIt:
    @pytest.mark.parametrize("kind", ["geojson", "gpkg"])
    def test_gdal_reads_what_is_there(self, export, kind):
        path = export(within=TOWN, format=kind)
        info = pyogrio.read_info(path)
        assert (info["features"], info["crs"], info["driver"]) == (
            6,
            "EPSG:4326",
            "GPKG" if kind == "gpkg" else "GeoJSON",
        )
        meta, _ids, shapes, columns = raw.read(path)
        read = dict(zip(meta["fields"].tolist(), columns, strict=True))
        assert read["code"].tolist() == [TOWN, EAST, CELL_A, CELL_B, WEST, CELL_C]
        assert read["name"][2] == "东村01网格"
        assert np.datetime64("2024-01-01") in read["valid_from"].astype("datetime64[D]")
        assert shapely.equals(shapely.from_wkb(shapes[2]), square(118.00, 118.01))

    def test_a_geopackage_has_one_layer_called_areas(self, export):
        assert pyogrio.list_layers(export(format="gpkg")).tolist() == [["areas", "MultiPolygon"]]


class TestThereAndBack:
    @pytest.mark.parametrize("kind", ["geojson", "gpkg"])
    @pytest.mark.parametrize("inside", [TOWN, DISTRICT])
    def test_an_export_taken_in_again_changes_nothing(self, export, kind, inside):
        """Also outlines with more decimals than go out, with holes, and with several parts."""
        ring = square(118.0200000001234567, 118.0299999998765432).exterior
        holed = shapely.Polygon(ring, [square(118.0222222222222, 118.0233333333333, 22.0011, 22.0022).exterior])
        two = shapely.MultiPolygon([holed, square(118.0311111111111, 118.0322222222222)])
        redraw(CELL_C, datetime(2026, 6, 1, 10, tzinfo=ZONE), two)
        models = (Area, AreaBoundary, BoundaryChange)
        before = [list(model.objects.order_by("pk").values()) for model in models]
        wanted = OutlineFile(path=export(within=inside, format=kind), crs="WGS-84", level="any", reason="再次")
        outcome = import_outlines(wanted=wanted, by=Actor(None, ""), now=NOW, write=True)
        assert outcome.problems.first() == []
        assert outcome.summary["unchanged"] == outcome.total > 0
        assert (outcome.summary["drawn"], outcome.summary["redrawn"]) == (0, 0)
        assert [list(model.objects.order_by("pk").values()) for model in models] == before


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
class TestTheCommand:
    @pytest.mark.parametrize("name", ["areas.geojson", "areas.gpkg"])
    def test_it_writes_a_new_file(self, tmp_path, name, capsys):
        path = tmp_path / name
        call_command("export_areas", str(path), within=EAST)
        assert capsys.readouterr().out.strip() == str(path)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert pyogrio.read_info(path)["features"] == 3

    def test_it_writes_over_nothing(self, tmp_path):
        path = tmp_path / "areas.gpkg"
        path.write_bytes(b"mine")
        with pytest.raises(CommandError, match="exists"):
            call_command("export_areas", str(path))
        assert path.read_bytes() == b"mine"

    def test_other_suffixes_and_folders_that_are_not_there(self, tmp_path):
        with pytest.raises(CommandError, match="geojson"):
            call_command("export_areas", str(tmp_path / "areas.shp"))
        for name in ("areas.geojson", "areas.gpkg"):
            with pytest.raises(CommandError):
                call_command("export_areas", str(tmp_path / "nowhere" / name))

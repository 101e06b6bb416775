"""OGC API – Features: what the standard asks, what one may see, and GDAL itself as the client."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import mapbox_vector_tile
import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from cases.models import Case
from cases.services.open_counts import renew_open_counts
from grid.models import Area, AreaBoundary, Place, PlaceKind
from staff.models import Token
from staff.services.tokens import make_token
from tests.statements import statements
from tests.town import CELL_A, EAST, IN_A, IN_B, IN_C, SINCE, Cast

GEOJSON = "application/geo+json"


@pytest.fixture
def ask(browser):
    """`ask(user, "collections", limit=1)`: the answer below /ogc/."""
    return lambda user, path="", **query: browser(user).client.get(f"/ogc/{path}", query)


def link(body: dict[str, Any], rel: str) -> str | None:
    return next((one["href"] for one in body["links"] if one["rel"] == rel), None)


class TestStandard:
    def test_every_link_of_the_landing_page_leads_somewhere(self, browser, operator, ask):
        body = ask(operator).json()
        assert {one["rel"] for one in body["links"]} >= {"self", "service-desc", "conformance", "data"}
        for one in body["links"]:
            answer = browser(operator).client.get(one["href"])
            assert answer.status_code == 200
            assert answer["Content-Type"].split(";")[0] == one["type"].split(";")[0]

    def test_without_the_slash_one_is_led_there(self, browser, operator):
        assert browser(operator).client.get("/ogc")["Location"] == "/ogc/"

    def test_it_says_what_it_conforms_to(self, operator, ask):
        told = ask(operator, "conformance").json()["conformsTo"]
        assert [uri.rsplit("/", 1)[1] for uri in told] == ["core", "geojson", "oas30"]

    def test_its_description_is_valid_openapi(self, operator, ask):
        described = ask(operator, "api").json()
        assert [str(error) for error in OpenAPIV30SpecValidator(described).iter_errors()] == []

    def test_collections_are_listed_and_found_alone(self, operator, ask):
        listed = ask(operator, "collections").json()["collections"]
        assert [one["id"] for one in listed] == ["areas", "villages", "cells", "places", "cases"]
        for one in listed:
            assert one["crs"] == ["http://www.opengis.net/def/crs/OGC/1.3/CRS84"]
            assert ask(operator, f"collections/{one['id']}").json() == one

    def test_features_have_what_geojson_asks(self, stories, operator, ask):
        case = stories.report()
        answer = ask(operator, "collections/cases/items", f="json")
        assert answer["Content-Type"] == GEOJSON
        body = answer.json()
        assert (body["type"], body["numberReturned"], len(body["features"])) == ("FeatureCollection", 1, 1)
        assert body["timeStamp"] == "2026-11-25T02:00:00Z"
        (one,) = body["features"]
        assert (one["type"], one["id"]) == ("Feature", case.pk)
        assert one["geometry"] == {"type": "Point", "coordinates": [118.005, 22.005]}
        alone = ask(operator, f"collections/cases/items/{case.pk}")
        assert alone["Content-Type"] == GEOJSON
        assert {key: alone.json()[key] for key in one} == one

    def test_head_is_answered_and_nothing_is_written(self, browser, operator):
        client = browser(operator).client
        assert client.head("/ogc/collections/areas/items").status_code == 200
        for method in ("post", "put", "patch", "delete"):
            assert getattr(client, method)("/ogc/collections/areas/items").status_code == 405

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({"colour": "red"}, "colour"),
            ({"Limit": "5"}, "Limit"),
            ({"limit": "0"}, "limit"),
            ({"limit": "-1"}, "limit"),
            ({"limit": "many"}, "limit"),
            ({"limit": "²"}, "limit"),
            ({"after": "x"}, "after"),
            ({"after": "9" * 30}, "after"),
            ({"bbox": "1,2,3"}, "bbox"),
            ({"bbox": "a,b,c,d"}, "bbox"),
            ({"bbox": "nan,0,1,1"}, "bbox"),
            ({"bbox": "0,0,inf,1"}, "bbox"),
            ({"bbox": "0,5,1,1"}, "bbox"),
            ({"bbox": "0,0,999,1"}, "bbox"),
            ({"bbox": ""}, "bbox"),
            ({"datetime": "yesterday"}, "datetime"),
            ({"datetime": "2026-11-25T10:00:00"}, "datetime"),
            ({"datetime": "2026-02-31T10:00:00Z"}, "datetime"),
            ({"datetime": "0001-01-01T00:00:00Z"}, "datetime"),
            ({"datetime": "2026-11-25T10:00:00Z/2026-11-24T10:00:00Z"}, "datetime"),
            ({"datetime": ".."}, "datetime"),
            ({"f": "html"}, "f"),
        ],
    )
    def test_a_wrong_parameter_is_named(self, operator, ask, query, field):
        answer = ask(operator, "collections/cases/items", **query)
        assert answer.status_code == 400
        assert answer.json()["field"] == field

    @pytest.mark.parametrize("path", ["", "conformance", "api", "collections", "collections/areas"])
    def test_unknown_parameters_are_refused_everywhere(self, operator, ask, path):
        assert ask(operator, path, colour="red").json()["code"] == "unknown_parameter"

    @pytest.mark.parametrize(
        "path",
        [
            "collections/people",
            "collections/people/items",
            "collections/cases/items/999999",
            "collections/cases/items/99999999999999999999999",
            "collections/cases/items/x",
            "nothing",
        ],
    )
    def test_what_is_not_there_is_not_found(self, operator, ask, path):
        assert ask(operator, path).status_code == 404

    def test_more_than_the_most_is_the_most(self, operator, ask):
        assert ask(operator, "collections/areas/items", limit=10**12).status_code == 200


class TestNarrowing:
    def numbers(self, answer: Any) -> set[int]:
        return {one["id"] for one in answer.json()["features"]}

    def test_by_a_box(self, stories, cast, operator, ask):
        a, b = stories.report(), stories.report(by=cast.neighbour, point=IN_B)
        stories.report(point=None, area_code=CELL_A)
        items = "collections/cases/items"
        assert self.numbers(ask(operator, items, bbox="118,22,118.01,22.01")) == {a.pk}
        assert self.numbers(ask(operator, items, bbox="118,22,0,118.02,22.01,100")) == {a.pk, b.pk}
        assert self.numbers(ask(operator, items, bbox="170,-10,-170,10")) == set()
        assert self.numbers(ask(operator, items, bbox="118,22,-170,22.01")) == {a.pk, b.pk}

    def test_areas_by_a_box(self, operator, ask):
        answer = ask(operator, "collections/cells/items", bbox="118.001,22.001,118.002,22.002")
        assert [one["properties"]["code"] for one in answer.json()["features"]] == [CELL_A]

    @pytest.mark.parametrize(
        ("span", "seen"),
        [
            ("2026-11-25T02:00:00Z", {"second"}),
            ("2026-11-25T10:00:00+08:00", {"second"}),
            ("2026-11-25T01:00:00Z/2026-11-25T01:30:00Z", {"first"}),
            ("../2026-11-25T01:30:00Z", {"first"}),
            ("/2026-11-25T01:30:00Z", {"first"}),
            ("2026-11-25T01:30:00Z/..", {"second"}),
            ("../..", {"first", "second"}),
        ],
    )
    def test_cases_by_when_they_were_reported(self, stories, operator, ask, clock, span, seen):
        clock.to("2026-11-25 09:00")
        cases = {"first": stories.report().pk}
        clock.to("2026-11-25 10:00")
        cases["second"] = stories.report().pk
        answer = ask(operator, "collections/cases/items", datetime=span)
        assert self.numbers(answer) == {cases[name] for name in seen}

    def test_pages_lead_on_to_every_feature_once(self, browser, stories, operator, ask):
        made = [stories.report().pk for _ in range(7)]
        body, seen = ask(operator, "collections/cases/items", limit=3, bbox="118,22,119,23").json(), []
        for _ in range(5):
            seen += [one["id"] for one in body["features"]]
            if (onward := link(body, "next")) is None:
                break
            assert "bbox=118" in onward
            body = browser(operator).client.get(onward).json()
        assert seen == made

    @pytest.mark.parametrize("name", ["cases", "cells", "places"])
    def test_a_page_is_one_statement(self, stories, browser, operator, name):
        client = browser(operator).client
        client.get("/ogc/")
        for _ in range(5):
            stories.report()
        person, posts = ("who is signed in", r'FROM "staff_user"'), ("their posts", r'FROM "staff_post"')
        with statements([person, posts, ("the page", "LIMIT 101")]):
            client.get(f"/ogc/collections/{name}/items")


@pytest.fixture
def place(cast) -> Place:
    kind = PlaceKind.objects.create(code="school", group="key", name_zh="学校", name_en="School")
    return Place.objects.create(
        name="演示学校",
        kind=kind,
        point=f"SRID=4326;POINT({IN_A[0]} {IN_A[1]})",
        village=Area.objects.get(code=EAST),
        village_code=EAST,
        cell_code=CELL_A,
        responsible_name="演示甲",
        responsible_phone="13800000000",
        valid_from=SINCE,
        synthetic=True,
    )


class TestSight:
    @pytest.mark.parametrize("path", ["", "conformance", "api", "collections", "collections/areas/items"])
    def test_a_stranger_is_asked_to_sign_in(self, ask, path):
        answer = ask(None, path)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")

    @pytest.mark.parametrize("who", Cast.__slots__)
    def test_cases_are_those_one_may_see(self, stories, cast, ask, who):
        for by, point in ((cast.worker, IN_A), (cast.neighbour, IN_B), (cast.operator, IN_C)):
            stories.report(by=by, point=point)
        stories.case_in("assigned")
        user = getattr(cast, who)
        answer = ask(user, "collections/cases/items")
        if who == "admin":
            assert answer.status_code == 404
            return
        seen = {one["id"] for one in answer.json()["features"]}
        assert seen == set(Case.objects.visible_to(user).values_list("pk", flat=True))

    def test_another_towns_case_is_not_found(self, stories, outsider, ask):
        case = stories.report()
        assert ask(outsider, f"collections/cases/items/{case.pk}").status_code == 404

    def test_whoever_only_administers_sees_the_areas(self, admin, ask):
        assert [one["id"] for one in ask(admin, "collections").json()["collections"]] == ["areas", "villages", "cells"]

    def test_a_case_carries_neither_words_nor_names(self, stories, operator, ask):
        case = stories.case_in("processing")
        answer = ask(operator, f"collections/cases/items/{case.pk}")
        assert answer.json()["properties"] == {
            "number": case.number,
            "state": "processing",
            "category": "C01",
            "light": "green",
            "reported_at": "2026-11-25T02:00:00Z",
            "due_at": case.due_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "area": CELL_A,
        }
        text = answer.content.decode()
        assert not [word for word in (case.description, "阿珍", "王工", "执法") if word in text]

    def test_a_place_carries_no_person(self, place, operator, outsider, ask):
        answer = ask(operator, "collections/places/items")
        assert answer.json()["features"][0]["properties"] == {
            "name": "演示学校",
            "kind": "school",
            "group": "key",
            "address": "",
            "village": EAST,
            "cell": CELL_A,
            "synthetic": True,
        }
        assert "演示甲" not in answer.content.decode()
        assert ask(outsider, f"collections/places/items/{place.pk}").status_code == 404

    def test_an_area_without_an_outline_has_none(self, operator, ask):
        AreaBoundary.objects.filter(area__code=CELL_A).update(valid_from="2030-01-01T00:00Z")
        shapes = {
            one["properties"]["code"]: one["geometry"]
            for one in ask(operator, "collections/cells/items").json()["features"]
        }
        assert shapes.pop(CELL_A) is None
        assert {shape["type"] for shape in shapes.values()} == {"MultiPolygon"}


GDAL = """
import json, sys
import pyogrio

address, layer, token, options = json.load(sys.stdin)
if "bbox" in options:
    options["bbox"] = tuple(options["bbox"])
if token:
    # Not GDAL_HTTP_HEADERS: the driver sets headers of its own and would forget them.
    pyogrio.set_gdal_config_options({"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": token})
if layer is None:
    print(json.dumps([str(name) for name, _ in pyogrio.list_layers(address)]))
else:
    meta, _, shapes, columns = pyogrio.raw.read(address, layer=layer, **options)
    rows = [dict(zip(meta["fields"], map(str, row))) for row in zip(*columns)]
    print(json.dumps({"crs": meta["crs"], "type": meta["geometry_type"], "rows": rows,
                      "shapes": sum(shape is not None for shape in shapes)}))
"""


def gdal(address: str, layer: str | None, *, token: str = "", **options: Any) -> Any:
    """What GDAL reads, in a process of its own: it waits for the server with Python's lock held."""
    asked = json.dumps([address, layer, token, options])
    done = subprocess.run([sys.executable, "-c", GDAL], input=asked, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.django_db(transaction=True)
class TestGdal:
    @pytest.fixture
    def server(self, stories, cast, live_server) -> str:
        for by, point in ((cast.worker, IN_A), (cast.neighbour, IN_B), (cast.operator, IN_C)):
            for _ in range(9):
                stories.report(by=by, point=point)
        return f"OAPIF:{live_server.url}/ogc"

    def token(self, user: Any) -> str:
        return make_token(user=user, name="GDAL", purpose=Token.Purpose.MAP)

    def test_it_finds_the_collections(self, server, operator, admin):
        found = gdal(server, None, token=self.token(operator))
        assert found == ["areas", "villages", "cells", "places", "cases"]
        assert gdal(server, None, token=self.token(admin)) == ["areas", "villages", "cells"]

    def test_it_reads_cells_with_their_outlines(self, server, operator):
        found = gdal(server, "cells", token=self.token(operator))
        assert found["crs"] in ("OGC:CRS84", "EPSG:4326")
        assert CELL_A in {row["code"] for row in found["rows"]}
        assert found["shapes"] == len(found["rows"]) == 4

    def test_it_walks_the_pages_to_the_last_case(self, server, operator, worker):
        """Five to a page, 27 cases."""
        pages = {"PAGE_SIZE": "5"}
        found = gdal(server, "cases", token=self.token(operator), **pages)
        assert len({row["number"] for row in found["rows"]}) == 27
        assert len(gdal(server, "cases", token=self.token(worker), **pages)["rows"]) == 9

    def test_its_own_filter_by_place_is_understood(self, server, operator):
        found = gdal(server, "cases", token=self.token(operator), bbox=[118.0, 22.0, 118.01, 22.01])
        assert len(found["rows"]) == 9

    def test_it_reads_our_vector_tiles(self, server, browser, operator, clock, tmp_path):
        renew_open_counts(now=clock())
        phone = browser(operator)
        for layer, name, z, x, y, count in (
            ("areas", "areas", 14, 13562, 7165, None),
            ("cases", "clusters", 8, 211, 111, 27),
        ):
            answer = phone.get(f"tiles/{layer}/{z}/{x}/{y}.mvt")
            assert mapbox_vector_tile.decode(answer.content).keys() == {name}
            (folder := tmp_path / layer / str(z) / str(x)).mkdir(parents=True)
            file = folder / f"{y}.pbf"
            file.write_bytes(answer.content)
            found = gdal(f"MVT:{file}", name)
            assert found["shapes"] == len(found["rows"]) > 0
            if count:
                assert sum(int(float(row["count"])) for row in found["rows"]) == count
            else:
                assert CELL_A in {row["code"] for row in found["rows"]}

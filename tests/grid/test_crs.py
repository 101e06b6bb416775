"""Coordinates come in from every system of the list, and only from those: by published figures and round trips."""

from __future__ import annotations

from math import atan2, atanh, cos, cosh, pi, radians, sin, sinh, sqrt

import numpy as np
import pyproj
import pytest
import shapely
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from grid.crs import SYSTEMS, named_in, points_from_wgs84, points_to_wgs84, to_degrees
from grid.metres import Scale

PREFIXED = [f"EPSG:{number}" for number in range(4513, 4534)]
PLAIN = [f"EPSG:{number}" for number in range(4534, 4555)]
DEGREES = ["WGS-84", "CGCS2000", "GCJ-02", "BD-09"]
ZONES = [SYSTEMS[code] for code in [*PREFIXED, *PLAIN]]
CENTIMETRE = 0.01


def metres_between(one: np.ndarray, other: np.ndarray) -> float:
    scale = Scale.at(float(one[1]))
    return float(np.hypot((one[0] - other[0]) * scale.east, (one[1] - other[1]) * scale.north))


def test_the_list_is_fixed():
    assert list(SYSTEMS) == ["WGS-84", "CGCS2000", *PREFIXED, *PLAIN, "EPSG:3857", "GCJ-02", "BD-09"]


def test_every_system_has_a_name_of_its_own_in_the_reader_s_language():
    with translation.override("en"):
        names = [str(crs.name) for crs in SYSTEMS.values()]
    assert len(set(names)) == len(SYSTEMS)
    assert "CGCS2000, 3-degree zone 39, zone before the easting" in names
    assert "CGCS2000, 3-degree, 117°E" in names


@pytest.mark.parametrize("crs", ZONES, ids=lambda crs: crs.code)
def test_a_zone_is_what_the_register_of_epsg_says(crs):
    """Central meridian and false easting, as EPSG has them; scale 1 on the meridian, CGCS2000 below."""
    operation = pyproj.CRS.from_epsg(crs.epsg).coordinate_operation
    values = {parameter.name: parameter.value for parameter in operation.params}
    assert values["Longitude of natural origin"] == crs.meridian
    assert values["Scale factor at natural origin"] == 1
    zone = int(crs.meridian / 3)
    assert values["False easting"] == 500_000 + (zone * 1_000_000 if crs.code in PREFIXED else 0)
    assert pyproj.CRS.from_epsg(crs.epsg).geodetic_crs.to_epsg() == 4490


# GRS80's figures, which CGCS2000 shares (a, 1/f), and Krüger's series to n⁴ by hand: nothing of PROJ's in it.
AXIS, FLATTENING = 6378137.0, 1 / 298.257222101
N = FLATTENING / (2 - FLATTENING)
RADIUS = AXIS / (1 + N) * (1 + N**2 / 4 + N**4 / 64)
FORWARD = (
    N / 2 - 2 * N**2 / 3 + 5 * N**3 / 16 + 41 * N**4 / 180,
    13 * N**2 / 48 - 3 * N**3 / 5 + 557 * N**4 / 1440,
    61 * N**3 / 240 - 103 * N**4 / 140,
    49561 * N**4 / 161280,
)
ECCENTRICITY = sqrt(FLATTENING * (2 - FLATTENING))


def kruger(lon: float, lat: float, meridian: float) -> tuple[float, float]:
    """Easting from the meridian and northing, metres (Krüger 1912, in the form of JHS 154 and EPSG 9807)."""
    phi, away = radians(lat), radians(lon - meridian)
    t = sinh(atanh(sin(phi)) - ECCENTRICITY * atanh(ECCENTRICITY * sin(phi)))
    xi, eta = atan2(t, cos(away)), atanh(sin(away) / sqrt(1 + t * t))
    north = xi + sum(a * sin(2 * k * xi) * cosh(2 * k * eta) for k, a in enumerate(FORWARD, 1))
    east = eta + sum(a * cos(2 * k * xi) * sinh(2 * k * eta) for k, a in enumerate(FORWARD, 1))
    return RADIUS * east, RADIUS * north


class TestGaussKruger:
    def test_the_formula_by_hand_gives_the_published_figures(self):
        """GRS80: from the equator to the pole 10 001 965.729 m (Moritz); 2° E 1° N is 222650.797, 110642.229 (PROJ)."""
        assert pi / 2 * RADIUS == pytest.approx(10_001_965.729, abs=0.001)
        assert kruger(2, 1, 0) == pytest.approx((222_650.797, 110_642.229), abs=0.001)

    @given(
        crs=st.sampled_from(ZONES),
        away=st.floats(-1.6, 1.6),
        lat=st.floats(16, 53.5),
    )
    def test_random_points_agree_with_it_to_a_millimetre(self, crs, away, lat):
        lon = crs.meridian + away
        east, north = points_from_wgs84(np.array([[lon, lat]]), crs)[0]
        false_easting = 500_000 + (int(crs.meridian / 3) * 1_000_000 if crs.code in PREFIXED else 0)
        by_hand = kruger(lon, lat, crs.meridian)
        assert (east - false_easting, north) == pytest.approx(by_hand, abs=0.001)

    def test_on_the_meridian_the_easting_is_the_false_one(self):
        for code, easting in (("EPSG:4527", 39_500_000), ("EPSG:4548", 500_000)):
            found = points_to_wgs84(np.array([[easting, 2_620_000.0]]), SYSTEMS[code])[0]
            assert found[0] == pytest.approx(117.0, abs=1e-11)


def points_of(code: str) -> st.SearchStrategy[tuple[float, float]]:
    """Points inside China where the system is meant to be used."""
    crs = SYSTEMS[code]
    if crs.meridian is not None:
        west, east = max(crs.meridian - 1.6, 73.5), min(crs.meridian + 1.6, 135)
        return st.tuples(st.floats(west, east), st.floats(18, 53))
    return st.tuples(st.floats(73.5, 135), st.floats(18, 53))


@pytest.mark.parametrize("code", list(SYSTEMS))
@given(data=st.data())
def test_there_and_back_is_within_a_centimetre(code, data):
    crs = SYSTEMS[code]
    point = np.array([data.draw(points_of(code))])
    there = points_from_wgs84(point, crs)
    assert metres_between(point[0], points_to_wgs84(there, crs)[0]) < CENTIMETRE


@pytest.mark.parametrize(
    ("code", "shift"), [("WGS-84", 0), ("CGCS2000", 0), ("GCJ-02", 545), ("BD-09", 545 + 900)], ids=DEGREES
)
def test_how_far_the_systems_in_degrees_lie_apart(code, shift):
    """545 m at 116.70 E 23.68 N, and about another 900 m for BD-09."""
    here = np.array([[116.70, 23.68]])
    there = points_from_wgs84(here, SYSTEMS[code])
    assert metres_between(here[0], there[0]) == pytest.approx(shift, abs=450 if code == "BD-09" else 5)


def test_web_mercator_by_its_definition():
    """x = a λ: 20 037 508.342789 m at 180° (EPSG 1024)."""
    found = points_to_wgs84(np.array([[20_037_508.342789 / 180 * 117, 0.0]]), SYSTEMS["EPSG:3857"])[0]
    assert found.tolist() == pytest.approx([117.0, 0.0], abs=1e-9)


@pytest.mark.parametrize("code", list(SYSTEMS))
@pytest.mark.parametrize("x", [0.0, -1e300, 1e300, 1e9])
def test_nonsense_gives_no_place_and_no_crash(code, x):
    points_to_wgs84(np.array([[x, x], [x, -x]]), SYSTEMS[code])


def test_a_shape_keeps_its_corners_in_order():
    square = shapely.box(118.0, 22.0, 118.01, 22.01)
    for code in ("EPSG:4548", "GCJ-02", "BD-09", "EPSG:3857"):
        crs = SYSTEMS[code]
        moved = shapely.transform(square, lambda points, crs=crs: points_from_wgs84(points, crs))
        assert shapely.equals_exact(to_degrees(moved, crs), square, tolerance=1e-8)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("urn:ogc:def:crs:EPSG::4547", "EPSG:4547"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "WGS-84"),
        ("EPSG:4326", "WGS-84"),
        ("EPSG:2414", "EPSG:2414"),
        (pyproj.CRS.from_epsg(4548).to_wkt("WKT1_ESRI"), "EPSG:4548"),
        (pyproj.CRS.from_epsg(4490).to_wkt("WKT1_ESRI"), "CGCS2000"),
        (pyproj.CRS.from_epsg(3857).to_wkt(), "EPSG:3857"),
        ('LOCAL_CS["GCJ02"]', "GCJ-02"),
        ("百度坐标", "BD-09"),
        ("", None),
        ("nothing we know", None),
        ("PROJCS[broken", None),
        ("+proj=longlat +nadgrids=/etc/passwd", None),
        ("/etc/passwd", None),
        ("https://example.invalid/crs.wkt", None),
    ],
)
def test_what_a_file_says_of_itself_is_read_and_never_followed(text, code):
    assert named_in(text) == code

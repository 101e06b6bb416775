"""A point means the same place whatever datum it was told in."""

from __future__ import annotations

from math import cos, hypot, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid.coordinates import (
    Datum,
    bd09_to_gcj02,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    to_wgs84,
    wgs84_to_gcj02,
)

METRES_PER_DEGREE = 111_320.0
lons = st.floats(73.6, 135.0)
lats = st.floats(18.2, 53.5)


def metres(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    """East and north from `a` to `b`, near enough for a few hundred metres."""
    east = (b[0] - a[0]) * METRES_PER_DEGREE * cos(radians(a[1]))
    return east, (b[1] - a[1]) * METRES_PER_DEGREE


def test_gcj02_agrees_with_the_published_example():
    lon, lat = wgs84_to_gcj02(120.0, 40.0)
    assert (round(lon, 8), round(lat, 8)) == (120.00567568, 40.00130479)


def test_bd09_agrees_with_the_published_example():
    assert gcj02_to_bd09(116.404, 39.915) == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-12)


def test_mixing_up_the_datums_in_the_district_is_half_a_kilometre():
    here = (116.70, 23.68)
    east, north = metres(here, wgs84_to_gcj02(*here))
    assert east == pytest.approx(462, abs=2)
    assert north == pytest.approx(-290, abs=2)


@given(lons, lats)
def test_gcj02_and_back_is_within_a_centimetre_all_over_china(lon: float, lat: float):
    back = gcj02_to_wgs84(*wgs84_to_gcj02(lon, lat))
    assert hypot(*metres((lon, lat), back)) < 0.01


@given(lons, lats)
def test_bd09_and_back_is_within_a_centimetre_all_over_china(lon: float, lat: float):
    back = bd09_to_gcj02(*gcj02_to_bd09(lon, lat))
    assert hypot(*metres((lon, lat), back)) < 0.01


@given(lons, lats)
def test_to_wgs84_undoes_what_each_map_did(lon: float, lat: float):
    told = {
        Datum.WGS84: (lon, lat),
        Datum.CGCS2000: (lon, lat),
        Datum.GCJ02: wgs84_to_gcj02(lon, lat),
        Datum.BD09: gcj02_to_bd09(*wgs84_to_gcj02(lon, lat)),
    }
    for datum, (x, y) in told.items():
        assert hypot(*metres((lon, lat), to_wgs84(lon=x, lat=y, datum=datum))) < 0.01, datum

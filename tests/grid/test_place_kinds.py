"""Kinds of places: what every site starts with, editable, loaded once."""

from __future__ import annotations

import csv

import pytest
from django.core.management import call_command
from django.utils import translation

from grid.models import PlaceKind
from grid.services.defaults import KINDS, load_place_kinds

pytestmark = pytest.mark.django_db

NINE = {"小学校（幼儿园）", "小医院", "小商店", "小餐饮", "小旅馆", "小歌舞娱乐", "小网吧", "小美容洗浴"}
NINE |= {"小生产加工企业"}


def test_the_nine_small_premises_are_nine():
    load_place_kinds()
    small = PlaceKind.objects.filter(group="small")
    assert set(small.values_list("name_zh", flat=True)) == NINE
    assert not small.exclude(basis__contains="按当地清单核对").exists(), "the list differs from place to place"


def test_key_places_and_facilities_are_there_with_both_names_and_a_basis():
    load_place_kinds()
    names = set(PlaceKind.objects.values_list("name_zh", flat=True))
    assert {"学校", "医院", "农贸市场", "加油站", "养老机构", "危化品单位", "路灯", "消防栓", "避险场所"} <= names
    for kind in PlaceKind.objects.all():
        kind.full_clean()
        assert kind.name_en.isascii() or "é" in kind.name_en
        assert kind.basis


def test_belief_is_no_kind_of_place():
    text = KINDS.read_text(encoding="utf-8")
    assert not any(word in text for word in ("宗教", "寺", "教堂", "temple", "church", "mosque", "religio"))


def test_loading_again_creates_nothing_and_keeps_what_the_site_changed():
    with KINDS.open(encoding="utf-8", newline="") as stream:
        rows = len(list(csv.DictReader(stream)))
    assert load_place_kinds() == rows
    PlaceKind.objects.filter(code="market").update(name_zh="本镇的叫法", active=False)
    PlaceKind.objects.filter(code="shelter").delete()
    assert load_place_kinds() == 1
    market = PlaceKind.objects.get(code="market")
    assert (market.name_zh, market.active) == ("本镇的叫法", False)


def test_load_defaults_brings_them(capsys):
    call_command("load_defaults")
    assert PlaceKind.objects.filter(code="small_shop").exists()
    assert "kinds of places" in capsys.readouterr().out


def test_each_reader_gets_the_name_in_their_language():
    load_place_kinds()
    kind = PlaceKind.objects.get(code="hydrant")
    with translation.override("en"):
        assert kind.name == "fire hydrant"
    with translation.override("zh-hans"):
        assert kind.name == "消防栓"

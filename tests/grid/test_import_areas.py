"""The list of divisions comes in whole or not at all, and every bad row is named."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import translation

from grid.models import Area

pytestmark = pytest.mark.django_db

REAL = Path(settings.BASE_DIR) / "grid" / "data" / "xiangqiao_divisions.csv"
HEAD = "code,name,level,parent_code\n"
GOOD = "990001,甲区,district,\n990001001,甲镇,town,990001\n990001001200,甲村,village,990001001\n"


def load(path: Path, **options) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        with translation.override("en"):
            call_command("import_areas", path, stdout=out, stderr=err, **options)
    except CommandError as error:
        err.write(str(error))
    return out.getvalue(), err.getvalue()


@pytest.fixture
def listed(tmp_path):
    """Imports a list with these lines below the heading."""

    def run(lines: str, *, head: str = HEAD) -> tuple[str, str]:
        path = tmp_path / "list.csv"
        path.write_text(head + lines, encoding="utf-8")
        return load(path)

    return run


def ours() -> list[str]:
    return list(Area.objects.filter(code__startswith="990001").order_by("code").values_list("code", flat=True))


class TestTheRealList:
    def test_the_district_comes_in_whole(self):
        out, err = load(REAL)
        assert ("192 created" in out, err) == (True, "")
        here = Area.objects.filter(code__startswith="445102")
        assert Counter(here.values_list("level", flat=True)) == {"district": 1, "town": 12, "village": 179}
        assert here.filter(level="village", parent__code="445102113").count() == 16
        assert Area.objects.get(code="445102113").name == "官塘镇"
        assert here.filter(synthetic=True).count() == 0

    def test_a_second_time_changes_nothing(self):
        load(REAL)
        before = list(Area.objects.order_by("pk").values())
        out, _ = load(REAL)
        assert out.strip() == "0 created, 0 renamed, 192 unchanged"
        assert list(Area.objects.order_by("pk").values()) == before


class TestGoodLists:
    def test_a_new_name_renames(self, listed):
        listed(GOOD)
        out, _ = listed(GOOD.replace("甲村", "甲新村"))
        assert out.strip() == "0 created, 1 renamed, 2 unchanged"
        assert Area.objects.get(code="990001001200").name == "甲新村"

    def test_a_later_list_may_lean_on_what_is_there(self, listed):
        listed(GOOD)
        out, err = listed("990001001200001,甲村01网格,cell,990001001200\n")
        assert err == ""
        assert out.startswith("1 created")
        assert Area.objects.get(code="990001001200001").parent.code == "990001001200"

    def test_the_order_of_the_lines_does_not_matter(self, listed):
        _, err = listed("".join(reversed(GOOD.splitlines(keepends=True))))
        assert err == ""
        assert Area.objects.get(code="990001001").parent.code == "990001"

    def test_a_byte_order_mark_and_empty_lines_are_no_matter(self, listed):
        _, err = listed("\n" + GOOD + "\n,,,\n", head="\ufeff" + HEAD)
        assert err == ""
        assert len(ours()) == 3


BAD = [
    ("990001,甲区,county,\n", 2, "county"),
    ("99000,甲区,district,\n", 2, "99000"),
    ("99000a,甲区,district,\n", 2, "99000a"),
    ("990001,,district,\n", 2, "name is missing"),
    (f"990001,{'长' * 101},district,\n", 2, "100"),
    ("990001,甲区,district,\n990001001,甲镇,town,990002\n", 3, "990002"),
    ("990001,甲区,district,\n990001001200,甲村,village,990001\n", 3, "village"),
    ("990001,甲区,district,\n990002,乙区,district,\n990001001,甲镇,town,990002\n", 4, "990001001"),
    ("990001,甲区,district,\n990001,甲区,district,\n", 3, "990001"),
]


class TestBadLists:
    @pytest.mark.parametrize(("lines", "line", "word"), BAD)
    def test_a_bad_row_is_named_and_nothing_is_taken(self, listed, lines, line, word):
        _, err = listed(lines)
        told = [row for row in err.splitlines() if row.startswith(f"list.csv:{line}: ")]
        assert told, err
        assert any(word in row for row in told), err
        assert "nothing was imported" in err
        assert ours() == []

    def test_every_bad_row_is_listed_in_order(self, listed):
        bad = "990001001{},坏,village,990001001\n"
        _, err = listed(GOOD + bad.format("x") + bad.format("201") + bad.format("y"))
        assert [row.split(":")[1] for row in err.splitlines() if row.startswith("list.csv:")] == ["5", "7"]
        assert ours() == []

    def test_an_unknown_level_is_quoted_with_what_is_possible(self, listed):
        _, err = listed("990001,甲区,county,\n")
        assert "county" in err
        assert "district, town, village, cell" in err

    def test_missing_columns_are_named(self, listed):
        _, err = listed("990001,甲区\n", head="code,name\n")
        assert "level, parent_code" in err
        assert ours() == []

    def test_an_empty_file_lacks_its_heading(self, listed):
        _, err = listed("", head="")
        assert "code, name, level, parent_code" in err

    def test_another_encoding_is_told_with_a_remedy(self, tmp_path):
        path = tmp_path / "list.csv"
        path.write_bytes((HEAD + GOOD).encode("gb18030"))
        _, err = load(path)
        assert "not UTF-8" in err
        assert ours() == []

    def test_a_missing_file_is_told_by_its_path(self, tmp_path):
        _, err = load(tmp_path / "nowhere.csv")
        assert "nowhere.csv" in err

"""The list of divisions comes in whole or not at all, and every bad row is named."""

from __future__ import annotations

import io
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import translation

from grid.import_problems import sentence
from grid.models import Area, AreaBoundary
from grid.services.divisions import DivisionList, import_divisions
from tests.town import ZONE

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
        path.write_bytes((HEAD + GOOD).encode("utf-16"))
        _, err = load(path)
        assert "CSV UTF-8" in err
        assert ours() == []

    def test_an_encoding_that_is_named_is_the_only_one_tried(self, tmp_path):
        path = tmp_path / "list.csv"
        path.write_bytes((HEAD + GOOD).encode("gb18030"))
        _, err = load(path, encoding="utf-8")
        assert "not UTF-8" in err
        assert ours() == []

    def test_what_is_no_text_is_told(self, tmp_path):
        path = tmp_path / "list.csv"
        path.write_bytes((HEAD + GOOD).encode() + b'990001001201,"' + b"x" * 200_000 + b'",village,990001001\n')
        _, err = load(path)
        assert "no CSV" in err
        assert ours() == []

    def test_a_character_that_no_text_has_is_named(self, listed):
        _, err = listed("990001,甲\x00区,district,\n")
        assert "list.csv:2: This line holds a character" in err
        assert ours() == []

    def test_all_are_counted_in_the_reader_s_language(self, tmp_path):
        path = tmp_path / "list.csv"
        path.write_text(HEAD + "990001,,district,\n" * 3, encoding="utf-8")
        found = import_divisions(wanted=DivisionList(path, date(2000, 1, 1), limit=2), write=True)
        assert (found.problems.count, len(found.problems.first())) == (5, 2)
        with translation.override("zh-hans"):
            assert sentence("name_missing", {})


OLD = "445121,潮安县,district,,,,\n445121113,官塘镇,town,445121,1991-01-01,2013-06-28,\n"
NEW = "445102,湘桥区,district,,,,\n445102113,官塘镇,town,445102,2013-06-28,,445121113\n"
DATED = "code,name,level,parent_code,valid_from,valid_to,predecessor_code\n"


class TestCodesThatChange:
    """官塘 was 445121113 until 2013-06-28."""

    def test_an_ended_code_and_its_successor_come_in_together(self, listed):
        out, err = listed(NEW + OLD, head=DATED)
        assert (out.strip(), err) == ("4 created, 0 renamed, 0 unchanged", "")
        old, new = (Area.objects.get(code=code) for code in ("445121113", "445102113"))
        assert (old.valid_from, old.valid_to) == (date(1991, 1, 1), date(2013, 6, 28))
        assert (new.valid_from, new.valid_to, new.predecessor) == (date(2013, 6, 28), None, old)

    def test_a_second_time_changes_nothing(self, listed):
        listed(NEW + OLD, head=DATED)
        before = list(Area.objects.order_by("pk").values())
        assert listed(NEW + OLD, head=DATED) == ("0 created, 0 renamed, 4 unchanged\n", "")
        assert list(Area.objects.order_by("pk").values()) == before

    def test_a_later_list_ends_a_code_and_links_the_next(self, listed):
        listed(OLD.replace("2013-06-28", ""), head=DATED)
        out, err = listed(OLD + NEW, head=DATED)
        assert (out.strip(), err) == ("2 created, 0 renamed, 1 unchanged, 1 ended", "")
        assert Area.objects.get(code="445121113").valid_to == date(2013, 6, 28)
        assert Area.objects.get(code="445102113").predecessor.code == "445121113"

    def test_a_code_may_be_given_anew_after_its_end(self, listed):
        again = OLD + "445121113,新镇,town,445121,2020-01-01,,445121113\n"
        _, err = listed(again, head=DATED)
        assert err == ""
        old, new = Area.objects.filter(code="445121113").order_by("valid_from")
        assert (new.name, new.predecessor) == ("新镇", old)

    @pytest.mark.parametrize(
        ("lines", "line", "words"),
        [
            pytest.param(OLD.replace("1991-01-01", "1.1.1991"), 3, "“1.1.1991” is no date", id="no date"),
            pytest.param(OLD.replace("1991-01-01", "1991-02-30"), 3, "“1991-02-30” is no date", id="no such day"),
            pytest.param(OLD.replace("1991-01-01", "2014-01-01"), 3, "must be later", id="ends before it begins"),
            pytest.param(OLD + NEW.replace(",445121113\n", ",445121114\n"), 5, "445121114", id="unknown predecessor"),
            pytest.param(
                OLD + NEW.replace(",445121113\n", ",445121\n"), 5, "445121", id="predecessor of another level"
            ),
            pytest.param(
                (OLD + NEW).replace("1991-01-01,2013-06-28", "1991-01-01,2013-06-29"), 5, "still holds", id="both hold"
            ),
            pytest.param(
                OLD + "445121113,官塘镇,town,445121,2013-06-27,,\n", 4, "stands here twice", id="years overlap"
            ),
            pytest.param(
                OLD + "445121113001,村,village,445121113,2014-01-01,,\n", 4, "neither in this list", id="parent gone"
            ),
        ],
    )
    def test_what_does_not_fit_is_named(self, listed, lines, line, words):
        _, err = listed(lines, head=DATED)
        told = [row for row in err.splitlines() if row.startswith(f"list.csv:{line}: ")]
        assert any(words in row for row in told), err
        assert not Area.objects.filter(code__startswith="4451").exists()

    def test_another_end_than_the_known_one_is_refused(self, listed):
        listed(OLD, head=DATED)
        _, err = listed(OLD.replace("2013-06-28", "2014-01-01"), head=DATED)
        assert "445121113 ended on 2013-06-28 in the system" in err

    def test_nothing_ends_while_something_lies_in_it(self, listed):
        listed(OLD.replace("2013-06-28", ""), head=DATED)
        listed("445121113001,村,village,445121113,,,\n", head=DATED)
        _, err = listed(OLD, head=DATED)
        assert "445121113001 still lies in it" in err
        assert Area.objects.get(code="445121113").valid_to is None
        out, err = listed(OLD + "445121113001,村,village,445121113,,2013-06-28,\n", head=DATED)
        assert (out.strip(), err) == ("0 created, 0 renamed, 1 unchanged, 2 ended", "")

    def test_what_is_drawn_does_not_end_in_the_past(self, listed, clock):
        line = "990000008,外镇,town,990000,,{},\n990000008201,外村,village,990000008,,{},\n"
        line += "990000008201001,外村01网格,cell,990000008201,,{},\n"
        _, err = listed(line.format(*["2026-11-24"] * 3), head=DATED)
        assert "990000008 has an outline and can only end from today on" in err
        assert "990000008201001 is drawn on the map and cannot end by a list" in err

    def test_the_outline_ends_with_its_area(self, listed, clock):
        Area.objects.filter(code="990000008201001").update(valid_to=date(2026, 1, 1))
        line = "990000008,外镇,town,990000,,{},\n990000008201,外村,village,990000008,,{},\n"
        _, err = listed(line.format(*["2026-12-01"] * 2), head=DATED)
        assert err == ""
        ends = AreaBoundary.objects.filter(area__code__in=["990000008", "990000008201"]).values_list("valid_to")
        assert {end for (end,) in ends} == {datetime(2026, 12, 1, tzinfo=ZONE)}


class TestHowItIsRead:
    def test_gb18030_is_recognised(self, tmp_path):
        path = tmp_path / "list.csv"
        path.write_bytes((HEAD + GOOD).encode("gb18030"))
        assert load(path) == ("3 created, 0 renamed, 0 unchanged\n", "")
        assert Area.objects.get(code="990001001200").name == "甲村"

    def test_a_dry_run_counts_and_writes_nothing(self, listed, tmp_path):
        listed(GOOD)
        path = tmp_path / "list.csv"
        path.write_text(HEAD + GOOD.replace("甲村", "乙村") + "990001002,乙镇,town,990001\n", encoding="utf-8")
        out, err = load(path, dry_run=True)
        assert (out.strip(), err) == ("1 created, 1 renamed, 2 unchanged (dry run: nothing was written)", "")
        assert len(ours()) == 3
        assert Area.objects.get(code="990001001200").name == "甲村"

    def test_serials_from_901_are_dedicated_cells(self, listed):
        listed(GOOD + "990001001200901,甲村专属,cell,990001001200\n990001001200900,甲村,cell,990001001200\n")
        kinds = Area.objects.filter(level="cell", code__startswith="990001").order_by("code").values_list("kind")
        assert [kind for (kind,) in kinds] == ["general", "dedicated"]

    def test_what_lies_in_something_invented_is_invented(self, listed):
        listed("990000009203,北村,village,990000009\n")
        assert Area.objects.get(code="990000009203").synthetic

    def test_it_says_how_far_it_is(self, tmp_path):
        path = tmp_path / "list.csv"
        path.write_text(HEAD + GOOD + "".join(f"990001{n:03d},镇,town,990001\n" for n in range(100, 1000)) * 1)
        told = []
        import_divisions(wanted=DivisionList(path, date(2000, 1, 1)), write=False, progress=lambda *at: told.append(at))
        assert told[-1] == (903, 903)

    def test_only_the_scope_may_change(self, tmp_path):
        path = tmp_path / "list.csv"
        path.write_text(HEAD + GOOD + "990000009,样板镇,town,990000\n990000008,新名,town,990000\n", encoding="utf-8")
        wanted = DivisionList(path, date(2024, 6, 1), scope=("990001",))
        found = import_divisions(wanted=wanted, write=True).problems.first()
        assert [(one.line, one.code) for one in found] == [(6, "not_yours")]
        assert ours() == []

    def test_a_missing_file_is_told_by_its_path(self, tmp_path):
        _, err = load(tmp_path / "nowhere.csv")
        assert "nowhere.csv" in err

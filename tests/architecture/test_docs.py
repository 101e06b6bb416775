"""The documents say what the code does: each claim that can be compared is compared."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator

from cases.labels import ACTS, OUTCOMES, STAGES, STATES
from cases.workflow import Act, Outcome, Stage, State
from config.env import VARIABLES
from reports.selectors import FORMULAS
from staff.models import Organisation, Post

ROOT: Path = settings.BASE_DIR
DOCS = ROOT / "docs"
ADRS = sorted((DOCS / "adr").glob("[0-9]*.md"))
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
SECTIONS = ("Status", "Context", "Decision", "Consequences")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """The text below `## heading`, up to the next heading of that level."""
    return text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def headings(path: Path) -> list[str]:
    """The level of every heading, in order; what stands in code blocks is none."""
    text = re.sub(r"```.*?```", "", read(path), flags=re.DOTALL)
    return re.findall(r"^(#+) ", text, flags=re.MULTILINE)


def test_the_workflow_page_is_generated_from_the_table() -> None:
    call_command("workflow_doc", check=True, verbosity=0)


def test_every_setting_is_documented_and_no_other() -> None:
    rows = section(read(DOCS / "operations.md"), "Settings").splitlines()
    documented = {name for row in rows for name in re.findall(r"^\| `([A-Z_]+)`", row)}
    assert documented == set(VARIABLES)


def test_every_endpoint_is_documented_and_no_other() -> None:
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    served = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    documented = re.findall(r"^\| `([A-Z]+ /api/v1/[^`]*)`", read(DOCS / "api.md"), flags=re.MULTILINE)
    assert len(documented) == len(set(documented))
    assert set(documented) == served


@pytest.mark.parametrize(
    "words",
    [
        pytest.param([*State, *Act, *Stage, *Outcome], id="workflow"),
        pytest.param([*Post.Role.values, *Organisation.Kind.values], id="staff"),
        pytest.param([*FORMULAS], id="figures"),
    ],
)
def test_the_glossary_has_every_identifier(words: list[str]) -> None:
    text = read(DOCS / "glossary.md")
    assert [str(word) for word in words if f"`{word}`" not in text] == []


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        pytest.param("States", STATES, id="states"),
        pytest.param("Acts", ACTS, id="acts"),
        pytest.param("Outcomes", OUTCOMES, id="outcomes"),
        pytest.param("Clocks", STAGES, id="stages"),
        pytest.param("Who", dict(Post.Role.choices), id="roles"),
    ],
)
def test_the_glossary_calls_things_as_the_screens_do(heading: str, names: dict[str, str]) -> None:
    rows = read(DOCS / "glossary.md").partition(f"\n### {heading}\n")[2].partition("\n#")[0].splitlines()
    with translation.override("zh-hans"):
        missing = [
            str(name)
            for key, name in names.items()
            if not any(f"`{key}`" in row and str(name) in row.split("|")[1] for row in rows)
        ]
    assert missing == []


def test_both_readmes_have_the_same_headings() -> None:
    english, chinese = headings(ROOT / "README.md"), headings(ROOT / "README.zh-CN.md")
    assert english
    assert chinese == english


@pytest.mark.parametrize("path", ADRS, ids=lambda path: path.stem)
def test_a_decision_has_its_four_parts_and_a_date(path: Path) -> None:
    text = read(path)
    assert text.startswith(f"# {path.stem[:4]} ")
    assert [name for name in re.findall(r"^## (.+)$", text, flags=re.MULTILINE) if name in SECTIONS] == [*SECTIONS]
    assert re.search(r"\d{4}-\d{2}-\d{2}", section(text, "Status"))


def test_decisions_are_numbered_without_gaps_and_listed() -> None:
    assert [int(path.stem[:4]) for path in ADRS] == [*range(1, len(ADRS) + 1)]
    index = read(DOCS / "adr" / "README.md")
    assert [path.name for path in ADRS if f"({path.name})" not in index] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", read(path))
    own = [target for target in targets if not re.match(r"[a-z]+:", target)]
    assert [target for target in own if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_named_make_commands_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", read(ROOT / "Makefile"), flags=re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)", read(path))) <= targets


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_named_source_files_exist(path: Path) -> None:
    """`cases/workflow.py` and its like; paths with a placeholder or below var/ are not files of the tree."""
    named = re.findall(r"`((?:[a-z_.]+/)+[A-Za-z_.]+\.(?:py|csv|sh|toml|conf|ts|html|txt|json|po))`", read(path))
    assert [name for name in named if not name.startswith("var/") and not (ROOT / name).exists()] == []

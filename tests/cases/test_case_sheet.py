"""A case on paper: for whoever may see it, complete, in the language asked for, with what proves it."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from cases.models import CaseEvent


def text(answer) -> str:
    assert answer.status_code == 200, answer.content
    pages = PdfReader(io.BytesIO(answer.content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.fixture
def case(stories):
    case = stories.case_in("processing")
    return stories.walk(case, "ask_extension extend feedback")


def test_it_tells_every_step_with_its_hash_and_every_due_time_with_its_basis(case, browser, operator):
    page = text(browser(operator, **{"accept-language": "en"}).get(f"cases/{case.pk}/sheet.pdf"))
    for event in CaseEvent.objects.filter(case=case):
        assert event.hash[:12] in page
        assert event.text in page
    for words in (case.number, "村口垃圾堆放多日未清", "give more time", "综合行政执法办公室", "due 2026-12-04 17:30"):
        assert words in page
    assert "本系统默认：一般事项 5 个工作日办结" in page
    assert case.event_hash[:40] in page.replace(" ", "")


def test_it_is_printed_in_the_reader_s_language_and_says_by_whom(case, browser, operator):
    page = text(browser(operator).get(f"cases/{case.pk}/sheet.pdf"))
    assert "值班" in page
    assert "What happened" not in page


@pytest.mark.parametrize("name", ["outsider", "neighbour", "mediator", "admin"])
def test_whoever_may_not_see_the_case_gets_no_paper_either(case, browser, cast, name):
    assert browser(getattr(cast, name)).get(f"cases/{case.pk}/sheet.pdf").status_code == 404
    assert browser(None).get(f"cases/{case.pk}/sheet.pdf").status_code in (401, 403)


def test_a_demo_says_so_on_every_sheet(case, browser, operator, settings):
    settings.DEMO = True
    assert "Demo data · fictional" in text(
        browser(operator, **{"accept-language": "en"}).get(f"cases/{case.pk}/sheet.pdf")
    )


def test_nobody_on_the_way_keeps_it(case, browser, operator):
    answer = browser(operator).get(f"cases/{case.pk}/sheet.pdf")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Content-Disposition"] == f'inline; filename="{case.number}.pdf"'

"""The seal of a day stands over all cases: what is taken away whole, or worked out anew, shows."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from cases.models import Case, CaseEvent, DayHead
from cases.services.evidence import event_hash, verify_chain
from cases.services.seal import seal_day, verify_seals
from grid.models import Area
from reports.periods import Week
from reports.services import freeze_week, render_weekly
from tests.cases.test_evidence import execute, past_the_triggers
from tests.town import TOWN


@pytest.fixture
def sealed(stories, clock):
    """Two cases of the 25th, sealed in the night; one more on the next day."""
    first, second = stories.case_in("closed"), stories.case_in("accepted")
    clock.to("2026-11-26 00:05")
    seal = seal_day()
    clock.to("2026-11-26 09:00")
    stories.act(second, "assign")
    return first, second, seal


def whats() -> list[str]:
    return [found.what for found in verify_seals()]


def test_a_day_is_sealed_once_over_every_event_so_far(sealed):
    *_, seal = sealed
    hashes = list(CaseEvent.objects.filter(pk__lte=seal.upto_id).order_by("pk").values_list("hash", flat=True))
    assert (seal.day, seal.events) == (date(2026, 11, 25), len(hashes))
    assert seal.head == hashlib.sha256("\n".join(["", *hashes]).encode()).hexdigest()
    assert seal_day() == seal
    assert whats() == []


def test_the_next_seal_covers_what_came_since_and_the_seal_before(sealed, clock):
    *_, first = sealed
    clock.to("2026-11-27 00:05")
    second = seal_day()
    (last,) = CaseEvent.objects.filter(pk__gt=first.upto_id)
    assert second.events == 1
    assert second.head == hashlib.sha256(f"{first.head}\n{last.hash}".encode()).hexdigest()
    assert whats() == []


def test_a_case_taken_away_whole_shows(sealed):
    case = sealed[0]
    with past_the_triggers() as cursor:
        cursor.execute("DELETE FROM cases_caseevent WHERE case_id = %s", [case.pk])
        cursor.execute("DELETE FROM cases_case WHERE id = %s", [case.pk])
    assert whats() == ["seal broken, 7 events missing"]
    with pytest.raises(CommandError, match="1 breaks"):
        call_command("verify_chain", verbosity=0)


def test_a_chain_worked_out_anew_from_the_edited_row_on_shows(sealed):
    case, last = sealed[0], CaseEvent.objects.filter(case=sealed[0]).latest("seq")
    last.text = "换了说法"
    forged = event_hash(case_client_id=case.client_id, event=last)
    with past_the_triggers() as cursor:
        cursor.execute("UPDATE cases_caseevent SET text = %s, hash = %s WHERE id = %s", [last.text, forged, last.pk])
        cursor.execute("UPDATE cases_case SET event_hash = %s WHERE id = %s", [forged, case.pk])
    case.refresh_from_db()
    assert list(verify_chain(case=case)) == [], "the chain alone is deceived"
    assert whats() == ["seal broken, 0 events missing"]


def test_a_state_set_past_the_events_shows(sealed):
    case = sealed[0]
    Case.objects.filter(pk=case.pk).update(state="archived")
    case.refresh_from_db()
    assert [found.what for found in verify_chain(case=case)] == ["the case says archived, its last event closed"]


@pytest.mark.parametrize("statement", ["UPDATE cases_dayhead SET head = 'x'", "DELETE FROM cases_dayhead"])
def test_the_database_refuses_to_change_a_seal(sealed, statement):
    with pytest.raises(IntegrityError, match="append-only"):
        execute("SET CONSTRAINTS ALL IMMEDIATE", statement)
    assert DayHead.objects.count() == 1


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_weekly_mail_carries_it_out_of_the_house(sealed, clock, language):
    now = clock.to("2026-11-30 08:00")
    report = freeze_week(area=Area.objects.get(code=TOWN), week=Week.named("2026-W48"), now=now)
    mail = render_weekly(figures=report.figures, language=language)
    assert sealed[2].head in mail.text
    assert sealed[2].head in mail.html

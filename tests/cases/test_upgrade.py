"""A town that was there before the stages were: after the update its cases can be worked on at once."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from cases.models import LimitRule
from cases.selectors.rules import NoLimitError

add_limits = import_module("cases.migrations.0010_limits_of_new_stages").add_limits
OLD = ("accept", "handle", "verify")


@pytest.fixture
def older(stories):
    LimitRule.objects.exclude(stage__in=OLD).delete()
    return stories


def test_without_the_new_limits_nothing_could_be_assigned_and_with_them_it_can(older):
    case = older.case_in("accepted")
    with pytest.raises(NoLimitError):
        older.act(case, "assign")
    add_limits(apps, connection.schema_editor())
    case.refresh_from_db()
    assert older.walk(case, "assign acknowledge feedback verify close archive").state == "archived"
    assert older.act(older.case_in("processing"), "supervise").supervision_due_at is not None
    assert older.case_in("draft").due_at is not None
    assert older.case_in("escalated").due_at is not None


def test_what_the_site_set_stays(older):
    mine = LimitRule.objects.create(stage="take", amount=2, unit="hour", basis="本镇规定", valid_from="2024-01-01")
    add_limits(apps, connection.schema_editor())
    assert LimitRule.objects.get(stage="take") == mine


def test_a_new_site_gets_its_limits_from_the_command_alone(db):
    LimitRule.objects.all().delete()
    add_limits(apps, connection.schema_editor())
    assert not LimitRule.objects.exists()

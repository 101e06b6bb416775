"""Whoever did what was decided on is told of it by mail: the index of what to tell covers the decision."""

from __future__ import annotations

from django.db import migrations, models

TOLD = (
    *("due_soon", "overdue", "nudge", "supervise", "instruct", "reopen", "assign", "reassign", "return"),
    *("ask_extension", "ask_suspension", "extend", "refuse_extension", "refuse_suspension"),
    *("return_for_info", "reject", "merge", "conflict", "settle_conflict"),
)


class Migration(migrations.Migration):
    dependencies = [("cases", "0016_conflict_decided_by_side")]

    operations = [
        migrations.RemoveIndex(model_name="caseevent", name="case_event_told"),
        migrations.AddIndex(
            model_name="caseevent",
            index=models.Index(condition=models.Q(("act__in", TOLD)), fields=["id"], name="case_event_told"),
        ),
    ]

"""What was done without signal and came too late: kept whole, counted on its case, and looked for by an index."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

STATES = [
    ("open", "to be decided"),
    ("kept_first", "the first one stays"),
    ("took_second", "the second one counts"),
    ("both", "both are kept"),
]
REASONS = [
    ("stale", "the case was changed meanwhile"),
    ("not_now", "the act is not possible any more"),
    ("not_yours", "the case is somebody else's by now"),
    ("out_of_sight", "the case is out of the author's sight by now"),
]
ACTS = (
    *("report", "return_for_info", "submit", "accept", "reject", "merge", "unmerge", "assign", "acknowledge"),
    *("return", "reassign", "feedback", "verify", "close", "archive", "reopen", "follow_up", "ask_suspension"),
    *("suspend", "refuse_suspension", "resume", "ask_extension", "extend", "refuse_extension", "escalate", "answer"),
    *("transfer", "cancel", "comment", "attach", "party_added", "party_removed", "conflict", "settle_conflict"),
    *("opine", "meet", "nudge", "supervise", "supervision_reply", "lift_supervision", "instruct", "link_parent"),
    *("unlink_parent", "due_soon", "overdue", "cell_changed", "clock_changed"),
)

TOLD = (
    *("due_soon", "overdue", "nudge", "supervise", "instruct", "reopen", "assign", "reassign", "return"),
    *("ask_extension", "ask_suspension", "extend", "refuse_extension", "refuse_suspension"),
    *("return_for_info", "reject", "merge", "conflict"),
)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0011_told_events"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="open_conflicts",
            field=models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="open conflicts"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["due_at", "id"], condition=models.Q(open_conflicts__gt=0), name="case_conflicts"
            ),
        ),
        migrations.AlterField(
            model_name="replytext",
            name="act",
            field=models.CharField(choices=[(act, act) for act in ACTS], max_length=24, verbose_name="act"),
        ),
        migrations.RemoveIndex(model_name="caseevent", name="case_event_told"),
        migrations.AddIndex(
            model_name="caseevent",
            index=models.Index(condition=models.Q(("act__in", TOLD)), fields=["id"], name="case_event_told"),
        ),
        migrations.CreateModel(
            name="CaseConflict",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("client_id", models.UUIDField(unique=True)),
                ("act", models.CharField(max_length=24, verbose_name="act")),
                ("reason", models.CharField(choices=REASONS, max_length=12, verbose_name="reason")),
                (
                    "done_at",
                    models.DateTimeField(
                        help_text="as the device said, believable or not", null=True, verbose_name="done at"
                    ),
                ),
                ("received_at", models.DateTimeField(verbose_name="received at")),
                (
                    "base_version",
                    models.PositiveIntegerField(help_text="version of the case its author had seen", null=True),
                ),
                ("given", models.JSONField(default=dict, verbose_name="what was typed")),
                ("fields", models.JSONField(default=list, verbose_name="the two sides")),
                (
                    "state",
                    models.CharField(choices=STATES, default="open", max_length=11, verbose_name="state"),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                ("words", models.TextField(blank=True, verbose_name="words of the decision")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conflicts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conflicts",
                        to="cases.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settled_conflicts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
            ],
            options={
                "verbose_name": "conflict",
                "verbose_name_plural": "conflicts",
                "ordering": ("pk",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "open")), fields=["received_at"], name="case_conflict_open"
                    )
                ],
            },
        ),
    ]

"""Fewer and better indexes: those of references that another index answers go; what somebody reported is found by due
time; what is rare is kept open and ended apart. PostgreSQL is told that a unit has nearly all its cases in one town.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0012_parties"),
        ("grid", "0003_ground_token"),
        ("staff", "0002_duty_patrols_tokens"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="part_count",
            field=models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="parts"),
        ),
        migrations.RunSQL(
            "UPDATE cases_case SET part_count = counted.parts FROM"
            " (SELECT parent_id, count(*) AS parts FROM cases_case WHERE parent_id IS NOT NULL GROUP BY 1) counted"
            " WHERE cases_case.id = counted.parent_id",
            migrations.RunSQL.noop,
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="case_emergency",
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="case_grave",
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="case_hops",
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="case_rework",
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="case_reopened",
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="case_conflicts",
        ),
        migrations.AlterField(
            model_name="case",
            name="assignee",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="assigned",
                to=settings.AUTH_USER_MODEL,
                verbose_name="assignee",
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="boundary",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cases",
                to="grid.areaboundary",
                verbose_name="boundary",
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="category",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cases",
                to="cases.category",
                verbose_name="category",
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="lead_org",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cases",
                to="staff.organisation",
                verbose_name="lead unit",
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="cases.case",
                verbose_name="merged into",
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="parts",
                to="cases.case",
                verbose_name="part of",
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="reporter",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reported",
                to=settings.AUTH_USER_MODEL,
                verbose_name="reporter",
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="supervised_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="supervised",
                to=settings.AUTH_USER_MODEL,
                verbose_name="supervised by",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("is_open", True)), fields=["reporter", "due_at", "id"], name="case_open_reporter"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("is_open", False)), fields=["reporter", "due_at", "id"], name="case_ended_reporter"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("emergency", True)), fields=["is_open", "due_at", "id"], name="case_emergency"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("level", "general"), _negated=True),
                fields=["is_open", "due_at", "id"],
                name="case_grave",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("hop_count__gt", 0)), fields=["is_open", "due_at", "id"], name="case_hops"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("rework_count__gt", 0)), fields=["is_open", "due_at", "id"], name="case_rework"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("reopen_count__gt", 0)), fields=["is_open", "due_at", "id"], name="case_reopened"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("open_conflicts__gt", 0)), fields=["is_open", "due_at", "id"], name="case_conflicts"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", False)), fields=["merged_into"], name="case_merged_into"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("part_count__gt", 0)), fields=["is_open", "due_at", "id"], name="case_has_parts"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                models.F("assignee"),
                models.OrderBy(models.F("reported_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("assignee__isnull", False)),
                name="case_assignee_reported",
            ),
        ),
        migrations.RunSQL(
            "CREATE STATISTICS cases_case_who (mcv) ON town_code, lead_org_id, reporter_id, assignee_id"
            " FROM cases_case",
            "DROP STATISTICS cases_case_who",
        ),
    ]

"""Whether one of the two decided a conflict: only where the center had nobody else who may."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0015_requests_past_due")]

    operations = [
        migrations.AddField(
            model_name="caseconflict",
            name="decided_by_side",
            field=models.BooleanField(
                default=False,
                help_text="their center had nobody else who may",
                verbose_name="decided by one of the two",
            ),
        ),
    ]

"""Indexes of lists: ended cases by due time, by when they were closed, and what is rare. Open cases of the ordinary kind
are in none of them, so a report is not dearer.
"""

from typing import ClassVar

import django.contrib.postgres.indexes
from django.db import migrations, models
from django.db.models import Q

ENDED = Q(is_open=False)
INDEXES = [
    models.Index(fields=["due_at", "id"], condition=ENDED, name="case_ended_due"),
    models.Index(fields=["town_code", "due_at", "id"], condition=ENDED, name="case_ended_town"),
    models.Index(fields=["village_code", "due_at", "id"], condition=ENDED, name="case_ended_village"),
    models.Index(fields=["lead_org", "due_at", "id"], condition=ENDED, name="case_ended_org"),
    models.Index(fields=["assignee", "due_at", "id"], condition=ENDED, name="case_ended_assignee"),
    models.Index(fields=["due_at", "id"], condition=Q(state="closed"), name="case_closed_due"),
    models.Index(fields=["closed_at", "id"], condition=Q(closed_at__isnull=False), name="case_closed_at"),
    models.Index(fields=["lead_org", "closed_at", "id"], condition=Q(closed_at__isnull=False), name="case_org_closed"),
    models.Index(fields=["due_at", "id"], condition=Q(emergency=True), name="case_emergency"),
    models.Index(fields=["due_at", "id"], condition=~Q(level="general"), name="case_grave"),
    models.Index(fields=["due_at", "id"], condition=Q(hop_count__gt=0), name="case_hops"),
    models.Index(fields=["due_at", "id"], condition=Q(rework_count__gt=0), name="case_rework"),
    models.Index(fields=["due_at", "id"], condition=Q(reopen_count__gt=0), name="case_reopened"),
    django.contrib.postgres.indexes.GinIndex(
        fields=["handled_by"], condition=~Q(handled_by=[]), name="case_handled_by"
    ),
]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("cases", "0008_day_head")]

    operations: ClassVar = [migrations.AddIndex(model_name="case", index=index) for index in INDEXES]

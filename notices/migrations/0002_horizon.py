"""Up to which event everything was told. What happened before this program could tell it is not told afterwards."""

from django.db import migrations, models
from django.db.models import Max, Min


def begin(apps, schema_editor):
    events = apps.get_model("cases", "CaseEvent").objects
    newest = events.aggregate(pk=Max("pk"))["pk"]
    if newest is None:
        return
    # Due times that were marked and not told yet are older than the rest of today at most.
    waiting = events.filter(act__in=("due_soon", "overdue"), reminders__isnull=True).aggregate(pk=Min("pk"))["pk"]
    apps.get_model("notices", "Horizon").objects.create(id=1, event_id=newest if waiting is None else waiting - 1)


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial"), ("cases", "0011_told_events")]

    operations = [
        migrations.CreateModel(
            name="Horizon",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("event_id", models.BigIntegerField(default=0)),
            ],
            options={"verbose_name": "events told up to", "verbose_name_plural": "events told up to"},
        ),
        migrations.AddConstraint(
            model_name="horizon",
            constraint=models.CheckConstraint(condition=models.Q(("id", 1)), name="one_horizon"),
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]

"""More than due times is told by mail: the index of what to tell covers it."""

from django.db import migrations, models

TOLD = (
    *("due_soon", "overdue", "nudge", "supervise", "instruct", "reopen", "assign", "reassign", "return"),
    *("ask_extension", "ask_suspension", "extend", "refuse_extension", "refuse_suspension"),
    *("return_for_info", "reject", "merge"),
)


class Migration(migrations.Migration):
    dependencies = [("cases", "0010_limits_of_new_stages")]

    operations = [
        migrations.RemoveIndex(model_name="caseevent", name="case_event_due"),
        migrations.AddIndex(
            model_name="caseevent",
            index=models.Index(condition=models.Q(("act__in", TOLD)), fields=["id"], name="case_event_told"),
        ),
    ]

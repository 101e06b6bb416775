"""A seal over all events of a day, as unchangeable as the events."""

from django.db import migrations, models

PROTECT = """
CREATE TRIGGER day_head_no_change BEFORE UPDATE OR DELETE ON cases_dayhead
    FOR EACH ROW EXECUTE FUNCTION case_event_refuse();
CREATE TRIGGER day_head_no_truncate BEFORE TRUNCATE ON cases_dayhead
    FOR EACH STATEMENT EXECUTE FUNCTION case_event_refuse();
"""
UNPROTECT = """
DROP TRIGGER day_head_no_truncate ON cases_dayhead;
DROP TRIGGER day_head_no_change ON cases_dayhead;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0007_calendar_state")]

    operations = [
        migrations.CreateModel(
            name="DayHead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(unique=True, verbose_name="day")),
                ("upto_id", models.BigIntegerField(help_text="the last event it covers")),
                ("events", models.PositiveIntegerField(help_text="how many it covers", verbose_name="events")),
                ("head", models.CharField(max_length=64, verbose_name="seal")),
                ("sealed_at", models.DateTimeField(verbose_name="sealed at")),
            ],
            options={
                "verbose_name": "seal of a day",
                "verbose_name_plural": "seals of days",
                "ordering": ("day",),
            },
        ),
        migrations.RunSQL(PROTECT, UNPROTECT),
    ]

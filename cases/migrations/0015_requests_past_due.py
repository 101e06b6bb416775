"""A request for time may have been in time on the phone and be past it when it arrives: a reason of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0014_category_keywords"),
    ]

    operations = [
        migrations.AlterField(
            model_name="caseconflict",
            name="reason",
            field=models.CharField(
                choices=[
                    ("stale", "the case was changed meanwhile"),
                    ("not_now", "the act is not possible any more"),
                    ("not_yours", "the case is somebody else's by now"),
                    ("past_due", "the time it was asked in was over before it arrived"),
                    ("out_of_sight", "the case is out of the author's sight by now"),
                ],
                max_length=12,
                verbose_name="reason",
            ),
        ),
    ]

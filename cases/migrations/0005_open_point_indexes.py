import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    """The index of open cases by place was made over all cases: of one on a geometry field Django's PostGIS backend
    forgets the condition. As an expression it keeps it.
    """

    dependencies = [("cases", "0004_fill_duty_cell")]

    operations = [
        migrations.RemoveIndex(model_name="case", name="case_open_point"),
        migrations.AddIndex(
            model_name="case",
            index=django.contrib.postgres.indexes.GistIndex(
                models.F("point"), condition=models.Q(("is_open", True)), name="case_open_point"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("is_open", True), ("point__isnull", True)),
                fields=["village_code"],
                name="case_open_placeless",
            ),
        ),
    ]

"""Until now the cell that answered for a case was always the one it was reported in."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_duty_cell")]

    operations = [
        migrations.RunSQL("UPDATE cases_case SET duty_cell_code = cell_code", migrations.RunSQL.noop),
    ]

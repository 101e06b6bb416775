"""A site that has limits gets one for each stage that is new: without one no case could be assigned or closed there.

A site without any limit is new itself and gets all of them from `manage.py load_defaults`.
"""

from datetime import date

from django.db import migrations

SINCE = date(2020, 1, 1)
NEW = (
    ("info", 3, "本系统默认：补充情况 3 个工作日（请按本镇规定修改）"),
    ("take", 1, "本系统默认：签收 1 个工作日（请按本镇规定修改）"),
    ("upper", 10, "本系统默认：上级答复 10 个工作日（请按本县区规定修改）"),
    ("archive", 15, "本系统默认：结案后 15 个工作日内归档（请按本镇规定修改）"),
    ("supervision", 2, "本系统默认：督办 2 个工作日内回复（请按督办单修改）"),
)


def add_limits(apps, schema_editor):
    limits = apps.get_model("cases", "LimitRule").objects
    known = set(limits.values_list("stage", flat=True))
    for stage, days, basis in NEW:
        if known and stage not in known:
            limits.create(stage=stage, amount=days, unit="working_day", basis=basis, valid_from=SINCE)


class Migration(migrations.Migration):
    dependencies = [("cases", "0009_list_indexes")]

    # Back again they are rows of an older program's table that it never asks for.
    operations = [migrations.RunPython(add_limits, migrations.RunPython.noop)]

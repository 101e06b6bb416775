"""Words by which a category is proposed; `load_defaults` fills them in where a site has none yet."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0013_lighter_indexes")]

    operations = [
        migrations.AddField(
            model_name="category",
            name="keywords",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Separated by spaces. A report with one of them is proposed this category.",
                max_length=300,
                verbose_name="words for it",
            ),
            preserve_default=False,
        ),
    ]

"""The parties of a case, sealed, and the log of looks at them, as unchangeable as the events."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

import grid.sealed

ACTS = (
    *("report", "return_for_info", "submit", "accept", "reject", "merge", "unmerge", "assign", "acknowledge", "return"),
    *("reassign", "feedback", "verify", "close", "archive", "reopen", "follow_up", "ask_suspension", "suspend"),
    *("refuse_suspension", "resume", "ask_extension", "extend", "refuse_extension", "escalate", "answer", "transfer"),
    *(
        "cancel",
        "comment",
        "attach",
        "party_added",
        "party_removed",
        "conflict",
        "settle_conflict",
        "opine",
        "meet",
        "nudge",
    ),
    *(
        "supervise",
        "supervision_reply",
        "lift_supervision",
        "instruct",
        "link_parent",
        "unlink_parent",
        "due_soon",
        "overdue",
    ),
    *("cell_changed", "clock_changed"),
)
PROTECT = """
CREATE TRIGGER case_party_look_no_change BEFORE UPDATE OR DELETE ON cases_casepartylook
    FOR EACH ROW EXECUTE FUNCTION case_event_refuse();
CREATE TRIGGER case_party_look_no_truncate BEFORE TRUNCATE ON cases_casepartylook
    FOR EACH STATEMENT EXECUTE FUNCTION case_event_refuse();
"""
UNPROTECT = """
DROP TRIGGER case_party_look_no_truncate ON cases_casepartylook;
DROP TRIGGER case_party_look_no_change ON cases_casepartylook;
"""


def person(name: str, related_name: str, **more: object) -> models.ForeignKey:
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT,
        related_name=related_name,
        to=settings.AUTH_USER_MODEL,
        verbose_name=name,
        **more,
    )


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_conflicts"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.AlterField(
            model_name="replytext",
            name="act",
            field=models.CharField(choices=[(act, act) for act in ACTS], max_length=24, verbose_name="act"),
        ),
        migrations.CreateModel(
            name="CaseParty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("client_id", models.UUIDField(editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("person", "a person"), ("organisation", "an organisation")],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[
                            ("applicant", "applicant"),
                            ("respondent", "respondent"),
                            ("concerned", "otherwise concerned"),
                        ],
                        max_length=10,
                        verbose_name="side",
                    ),
                ),
                ("name", grid.sealed.SealedTextField(default="", max_characters=60, verbose_name="name")),
                ("phone", grid.sealed.SealedTextField(blank=True, default="", max_characters=30, verbose_name="phone")),
                ("name_index", models.CharField(editable=False, max_length=64)),
                ("phone_index", models.CharField(blank=True, editable=False, max_length=64)),
                ("added_at", models.DateTimeField(verbose_name="added at")),
                ("removed_at", models.DateTimeField(null=True, verbose_name="removed at")),
                ("added_by", person("added by", "added_parties")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parties",
                        to="cases.case",
                        verbose_name="case",
                    ),
                ),
                ("removed_by", person("removed by", "removed_parties", null=True)),
            ],
            options={
                "verbose_name": "party of a case",
                "verbose_name_plural": "parties of cases",
                "ordering": ("pk",),
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(removed_at__isnull=True, removed_by__isnull=True)
                        | Q(removed_at__isnull=False, removed_by__isnull=False),
                        name="case_party_removed_by_somebody",
                    ),
                    models.UniqueConstraint(
                        condition=Q(removed_at__isnull=True),
                        fields=("case", "side", "name_index", "phone_index"),
                        name="case_party_once",
                    ),
                ],
                "indexes": [
                    models.Index(condition=Q(removed_at__isnull=True), fields=["name_index"], name="case_party_name"),
                    models.Index(
                        condition=Q(removed_at__isnull=True) & ~Q(phone_index=""),
                        fields=["phone_index"],
                        name="case_party_phone",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CasePartyLook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("handle", "to handle the case"),
                            ("mediate", "to mediate"),
                            ("contact", "to get in touch"),
                            ("duplicate", "to see whether it is the same matter"),
                            ("inspection", "an inspection"),
                        ],
                        max_length=10,
                        verbose_name="purpose",
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=200, verbose_name="words")),
                ("by", person("who", "party_looks")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="party_looks",
                        to="cases.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="looks",
                        to="cases.caseparty",
                        verbose_name="party",
                    ),
                ),
            ],
            options={
                "verbose_name": "look at a party",
                "verbose_name_plural": "looks at parties",
                "ordering": ("-pk",),
            },
        ),
        migrations.RunSQL(PROTECT, UNPROTECT),
    ]

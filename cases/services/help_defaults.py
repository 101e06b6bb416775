"""Bring in the texts, questions and routing rules every site starts with. What the site keeps of them is its own."""

from __future__ import annotations

import csv

from django.db import transaction

from cases.models import Category, Question, ReplyText, RoutingRule
from cases.services.defaults import DATA, FIRST_DAY


def _table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _categories() -> dict[str, Category | None]:
    return {"": None, **{category.code: category for category in Category.objects.all()}}


@transaction.atomic
def load_texts() -> int:
    """Create the default texts of a site that has none; how many."""
    if ReplyText.objects.exists():
        return 0
    known = _categories()
    rows = [
        ReplyText(act=row["act"], category=known[row["category"]], order=int(row["order"]), text=row["text"])
        for row in _table("texts.csv")
    ]
    return len(ReplyText.objects.bulk_create(rows))


def _choices(text: str) -> list[dict[str, str]]:
    """`a=一=one|b=二=two` as the model keeps it."""
    return [dict(zip(("value", "zh", "en"), one.split("="), strict=True)) for one in text.split("|") if one]


@transaction.atomic
def load_questions() -> int:
    """Create the default questions of a site that has none; how many."""
    if Question.objects.exists():
        return 0
    known = _categories()
    rows = [
        Question(
            category=known[row["category"]],
            key=row["key"],
            kind=row["kind"],
            label_zh=row["label_zh"],
            label_en=row["label_en"],
            choices=_choices(row["choices"]),
            required=row["required"] == "1",
            order=int(row["order"]),
        )
        for row in _table("questions.csv")
    ]
    return len(Question.objects.bulk_create(rows))


@transaction.atomic
def load_routing() -> int:
    """Create the default rules, switched off, of a site that has none; how many. Units are the site's own: these name
    posts only.
    """
    if RoutingRule.objects.exists():
        return 0
    known = _categories()
    rows = [
        RoutingRule(
            order=int(row["order"]),
            category=known[row["category"]],
            level=row["level"],
            role=row["role"],
            basis=row["basis"],
            valid_from=FIRST_DAY,
        )
        for row in _table("routing.csv")
    ]
    return len(RoutingRule.objects.bulk_create(rows))

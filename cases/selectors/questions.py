"""What else is asked when a matter of a category is reported."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from cases.models import Category, Question


def questions_of(*, category: Category) -> list[Question]:
    """Questions of the category and of its level 1, in their order; its own stands for one of the same key above it.

    One statement.
    """
    wanted = Q(category=category) | Q(category=category.parent_id) if category.parent_id else Q(category=category)
    found = Question.objects.filter(wanted, active=True).select_related("category").order_by("order", "pk")
    own = {question.key for question in found if question.category_id == category.pk}
    return [question for question in found if question.category_id == category.pk or question.key not in own]


def all_questions() -> list[Question]:
    """Every question in use, for a phone that goes where there is no net; one statement."""
    found = Question.objects.filter(active=True, category__active=True)
    return list(found.select_related("category").order_by("category__code", "order", "pk"))


def question_rows(questions: Iterable[Question], *, emergency: bool | None = None) -> list[dict[str, Any]]:
    """As the API shows them; of an emergency nothing is required. None: as each question's own category says."""
    return [
        {
            "category": question.category.code,
            "key": question.key,
            "kind": question.kind,
            "label": question.label,
            "required": question.required and not (question.category.emergency if emergency is None else emergency),
            "choices": question.named_choices() if question.kind == Question.Kind.CHOICE else None,
        }
        for question in questions
    ]

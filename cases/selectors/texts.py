"""Standard texts offered with an act."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce, Length

from cases.labels import act_name
from cases.models import ReplyText


def text_rows(*, act: str | None = None, category: str | None = None) -> list[dict[str, Any]]:
    """Texts in use, those of the nearest category first; with a category also those of its level 1 and of all.

    One statement.
    """
    texts = ReplyText.objects.filter(active=True)
    if act:
        texts = texts.filter(act=act)
    if category:
        texts = texts.filter(Q(category__isnull=True) | Q(category__code__in=[category, category[:1]]))
    near = Coalesce(Length("category__code"), 0)
    rows = texts.order_by("act", near.desc(), "order", "pk").values_list("pk", "act", "category__code", "text")
    return [
        {"id": pk, "act": done, "act_name": act_name(done), "category": code, "text": text}
        for pk, done, code, text in rows
    ]

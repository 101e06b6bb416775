"""Routing rules, standard texts and questions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext as _

from cases.models import Question, ReplyText, RoutingRule
from staff.models import User


class RoutingRuleForm(forms.ModelForm[RoutingRule]):
    def clean(self) -> dict[str, Any] | None:
        """The table demands it too, but less kindly."""
        data = super().clean()
        if (
            self.instance._state.adding
            and data is not None
            and bool(data.get("organisation")) == bool(data.get("role"))
        ):
            raise ValidationError({"organisation": ValidationError(_("Name either a unit or a post."), "required")})
        return data


@admin.register(RoutingRule)
class RoutingRuleAdmin(admin.ModelAdmin[RoutingRule]):
    form = RoutingRuleForm
    list_display = (
        *("order", "category", "area_code", "level", "organisation", "role", "basis", "active"),
        *("valid_from", "valid_to"),
    )
    list_display_links = ("basis",)
    list_filter = ("active", "role")
    search_fields = ("basis", "area_code", "category__code", "category__name_zh", "organisation__name")
    autocomplete_fields = ("category",)
    exclude = ("made_by",)

    def get_readonly_fields(self, request: HttpRequest, obj: RoutingRule | None = None) -> tuple[str, ...]:
        """What a rule says stands: old cases tell where they went by it. A new saying is a new rule."""
        if obj is None:
            return ()
        return ("category", "area_code", "level", "organisation", "role", "basis", "valid_from")

    def has_delete_permission(self, request: HttpRequest, obj: RoutingRule | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: RoutingRule, form: ModelForm[RoutingRule], change: bool) -> None:
        if not change and isinstance(request.user, User):
            obj.made_by = request.user
        super().save_model(request, obj, form, change)


@admin.register(ReplyText)
class ReplyTextAdmin(admin.ModelAdmin[ReplyText]):
    list_display = ("act", "category", "text", "order", "active")
    list_display_links = ("text",)
    list_filter = ("act", "active")
    search_fields = ("text",)
    autocomplete_fields = ("category",)


class QuestionForm(forms.ModelForm[Question]):
    def clean_choices(self) -> list[dict[str, str]]:
        """Phones read them: each a value and its name, none twice."""
        choices = self.cleaned_data["choices"] or []
        good = isinstance(choices, list) and all(_is_choice(one) for one in choices)
        if not good or len({one["value"] for one in choices}) != len(choices):
            message = _('Write them as [{"value": "a", "zh": "…", "en": "…"}], no value twice.')
            raise ValidationError(message, "invalid")
        return list(choices)

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        if data is not None and data.get("kind") == Question.Kind.CHOICE and data.get("choices") == []:
            message = _("A question of this kind needs its choices.")
            raise ValidationError({"choices": ValidationError(message, "required")})
        return data


def _is_choice(one: Any) -> bool:
    if not isinstance(one, dict) or not all(isinstance(value, str) for value in one.values()):
        return False
    return bool(one.get("value")) and bool(one.get("zh"))


@admin.register(Question)
class QuestionAdmin(admin.ModelAdmin[Question]):
    form = QuestionForm
    list_display = ("category", "key", "kind", "label_zh", "required", "order", "active")
    list_display_links = ("key",)
    list_filter = ("kind", "active")
    search_fields = ("key", "label_zh", "label_en")
    autocomplete_fields = ("category",)

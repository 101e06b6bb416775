"""Categories, limits and the working calendar."""

from django.contrib import admin
from django.http import HttpRequest

from cases.models import Category, LimitRule, Workday


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin[Category]):
    list_display = ("code", "name_zh", "name_en", "emergency", "active")
    list_filter = ("active", "emergency")
    search_fields = ("code", "name_zh", "name_en")


@admin.register(LimitRule)
class LimitRuleAdmin(admin.ModelAdmin[LimitRule]):
    list_display = ("stage", "category", "amount", "unit", "basis", "valid_from", "valid_to")
    list_filter = ("stage", "unit")
    autocomplete_fields = ("category",)

    def get_readonly_fields(self, request: HttpRequest, obj: LimitRule | None = None) -> tuple[str, ...]:
        """A rule in force only ends: old cases explain their due times by it. A new limit is a new rule."""
        return () if obj is None else ("stage", "category", "amount", "unit", "basis", "valid_from")

    def has_delete_permission(self, request: HttpRequest, obj: LimitRule | None = None) -> bool:
        return False


@admin.register(Workday)
class WorkdayAdmin(admin.ModelAdmin[Workday]):
    list_display = ("date", "name", "working", "basis")
    list_filter = ("working",)
    date_hierarchy = "date"

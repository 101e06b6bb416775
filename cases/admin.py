"""Code lists only: the administrator keeps categories, limits and the calendar, and sees no case."""

from django.contrib import admin

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


@admin.register(Workday)
class WorkdayAdmin(admin.ModelAdmin[Workday]):
    list_display = ("date", "name", "working", "basis")
    list_filter = ("working",)
    date_hierarchy = "date"

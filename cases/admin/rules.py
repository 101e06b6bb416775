"""Categories, limits and the working calendar."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from cases.models import Category, LimitRule, Workday


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin[Category]):
    list_display = ("code", "name_zh", "name_en", "emergency", "sample_percent", "active")
    list_filter = ("active", "emergency")
    search_fields = ("code", "name_zh", "name_en", "keywords")


@admin.register(LimitRule)
class LimitRuleAdmin(admin.ModelAdmin[LimitRule]):
    list_display = ("stage", "whom", "amount", "unit", "basis", "valid_from", "valid_to")
    list_filter = ("stage", "level", "unit", ("organisation", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("category", "organisation")
    search_fields = ("basis", "category__code", "organisation__name")
    autocomplete_fields = ("category",)
    fields = ("stage", "category", "level", "organisation", "amount", "unit", "basis", "valid_from", "valid_to")

    @admin.display(description=_("for"))
    def whom(self, rule: LimitRule) -> str:
        """Unit, category and level in the order in which they weigh."""
        named = [rule.organisation, rule.category, rule.get_level_display() if rule.level else None]
        return " · ".join(str(one) for one in named if one) or str(_("everything else"))

    def get_readonly_fields(self, request: HttpRequest, obj: LimitRule | None = None) -> tuple[str, ...]:
        """A rule in force only ends: old cases explain their due times by it. A new limit is a new rule."""
        if obj is None:
            return ()
        return ("stage", "category", "level", "organisation", "amount", "unit", "basis", "valid_from")

    def has_delete_permission(self, request: HttpRequest, obj: LimitRule | None = None) -> bool:
        return False


@admin.register(Workday)
class WorkdayAdmin(admin.ModelAdmin[Workday]):
    """Open cases follow what is entered here within a minute or two (`cases/services/clocks.py`)."""

    list_display = ("date", "weekday", "name", "worked", "town", "basis")
    list_filter = ("working", "town_code")
    search_fields = ("name", "basis")
    date_hierarchy = "date"
    fields = ("date", "town_code", "working", "morning", "afternoon", "name", "basis")

    @admin.display(description=_("day of the week"))
    def weekday(self, row: Workday) -> str:
        return date_format(row.date, "l")

    @admin.display(description=_("is worked"))
    def worked(self, row: Workday) -> str:
        if not row.working:
            return str(_("day off"))
        if row.morning and row.afternoon:
            return str(_("whole day"))
        return str(_("morning only") if row.morning else _("afternoon only"))

    @admin.display(description=_("town"))
    def town(self, row: Workday) -> str:
        return row.town_code or str(_("all towns"))

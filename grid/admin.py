from django.contrib import admin
from leaflet.admin import LeafletGeoAdmin

from grid.models import Area, AreaBoundary, WaterBody


@admin.register(Area)
class AreaAdmin(admin.ModelAdmin[Area]):
    list_display = ("code", "name", "level", "kind", "valid_from", "valid_to", "synthetic")
    list_filter = ("level", "kind", "synthetic")
    search_fields = ("code", "name")
    autocomplete_fields = ("parent", "predecessor")


@admin.register(AreaBoundary)
class AreaBoundaryAdmin(LeafletGeoAdmin):  # type: ignore[misc]
    list_display = ("area", "valid_from", "valid_to", "reason", "synthetic")
    list_select_related = ("area",)
    search_fields = ("area__code", "area__name")
    autocomplete_fields = ("area",)


@admin.register(WaterBody)
class WaterBodyAdmin(LeafletGeoAdmin):  # type: ignore[misc]
    list_display = ("name", "kind", "area", "synthetic")
    autocomplete_fields = ("area",)

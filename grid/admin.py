"""Where things lie, for the administrator: registers are drawn here; boundaries are only looked at.

Outlines have a history that everything else rests on: they change on the page 网格 and by import, never here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.gis.geos import Point
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from leaflet.admin import LeafletGeoAdmin

from grid.cameras import camera_number
from grid.map_widget import GroundWidget, map_media
from grid.models import (
    Area,
    AreaBoundary,
    BoundaryChange,
    Camera,
    CheckPoint,
    PatrolArea,
    Place,
    PlaceKind,
    Reach,
    ReachChief,
    WaterBody,
)
from grid.services.places import place_in_ground


class MapAdmin(LeafletGeoAdmin):  # type: ignore[misc]
    """A page with a map of the town that its record lies in."""

    widget = GroundWidget
    map_template = GroundWidget.template_name

    def code_of(self, obj: Any) -> str:
        """Code of the area on which the map opens."""
        return str(obj.area.code)

    def get_form(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> type[forms.ModelForm[Any]]:
        form: type[forms.ModelForm[Any]] = super().get_form(request, obj, **kwargs)
        for shown in form.base_fields.values():
            if isinstance(shown.widget, GroundWidget):
                shown.widget.show(code=self.code_of(obj) if obj is not None else "", at=timezone.now())
        return form


class LookedAt(admin.ModelAdmin[Any]):
    """Rows that nobody edits."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@dataclass(frozen=True)
class Drawing:
    """A read-only field that shows a boundary on a map without tools. Made for one answer: it carries its nonce."""

    boundary: AreaBoundary
    nonce: Any = field(compare=False)
    __name__ = "outline"

    @property
    def short_description(self) -> str:
        return _("outline")

    def __call__(self, _row: Any) -> SafeString:
        widget = GroundWidget(attrs={"geom_type": "MULTIPOLYGON"})
        widget.modifiable, widget.csp_nonce = False, self.nonce
        widget.show(code=self.boundary.area.code, at=self.boundary.valid_from)
        return cast(SafeString, widget.render("outline", self.boundary.geometry, {"id": "outline"}))


def _drawing(boundary: AreaBoundary | None, request: HttpRequest) -> list[Drawing]:
    return [Drawing(boundary, getattr(request, "csp_nonce", None))] if boundary is not None else []


@admin.register(Area)
class AreaAdmin(admin.ModelAdmin[Area]):
    list_display = ("code", "name", "level", "kind", "valid_from", "valid_to", "synthetic")
    list_filter = ("level", "kind", "synthetic")
    search_fields = ("code", "name")
    autocomplete_fields = ("parent",)

    @property
    def media(self) -> forms.Media:
        return super().media + map_media()

    def get_readonly_fields(self, request: HttpRequest, obj: Area | None = None) -> list[Any]:
        """A new code is a new area. A cell ends on the page 网格, with its cases and posts."""
        if obj is None:
            return []
        fixed = ["code", "level", "parent", "predecessor", "valid_from"]
        ends = ["valid_to"] if obj.level == Area.Level.CELL else []
        return [*fixed, *ends, *_drawing(_outline_now(obj), request)]

    def get_fields(self, request: HttpRequest, obj: Area | None = None) -> list[Any]:
        said: list[Any] = ["code", "name", "level", "kind", "parent", "valid_from", "valid_to", "synthetic"]
        return said if obj is None else [*said, "predecessor", *_drawing(_outline_now(obj), request)]

    def has_delete_permission(self, request: HttpRequest, obj: Area | None = None) -> bool:
        return False


def _outline_now(area: Area) -> AreaBoundary | None:
    now = timezone.now()
    return area.boundaries.filter(valid_from__lte=now).exclude(valid_to__lte=now).first()


@admin.register(AreaBoundary)
class AreaBoundaryAdmin(LookedAt):
    list_display = ("area", "valid_from", "valid_to", "reason", "synthetic")
    list_select_related = ("area",)
    search_fields = ("area__code", "area__name")

    @property
    def media(self) -> forms.Media:
        return super().media + map_media()

    def get_fields(self, request: HttpRequest, obj: AreaBoundary | None = None) -> list[Any]:
        return ["area", "valid_from", "valid_to", "reason", "synthetic", "change", *_drawing(obj, request)]


@admin.register(BoundaryChange)
class BoundaryChangeAdmin(LookedAt):
    list_display = ("effective_at", "kind", "area", "reason", "made_by_name", "made_at", "settled_at")
    list_filter = ("kind",)
    list_select_related = ("area",)
    search_fields = ("area__code", "area__name", "reason")
    fields = ("kind", "area", "effective_at", "reason", "before", "after", "made_by_name", "made_at", "settled_at")


@admin.register(PlaceKind)
class PlaceKindAdmin(admin.ModelAdmin[PlaceKind]):
    list_display = ("code", "group", "name_zh", "name_en", "active")
    list_filter = ("group", "active")
    search_fields = ("code", "name_zh", "name_en")

    def has_delete_permission(self, request: HttpRequest, obj: PlaceKind | None = None) -> bool:
        """Codes are never used again: switch a kind off instead."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: PlaceKind | None = None) -> tuple[str, ...]:
        return () if obj is None else ("code",)


class RegisterForm(forms.ModelForm[Any]):
    """What lies on a point: the point says in which village. A village that is named must be that one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "village" in self.fields:
            self.fields["village"].required = False
            self.fields["village"].help_text = _("Leave it empty: the position says it.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        point, village = data.get("point"), data.get("village")
        if not isinstance(point, Point) or "village" in self.errors:
            return data
        try:
            placed = place_in_ground(point=point, at=timezone.now(), village_code=village.code if village else None)
        except ValidationError as refused:
            self.add_error(None, refused)
            return data
        self.instance.village_code, self.instance.cell_code = placed.village_code, placed.cell_code
        return {**data, "village": village or Area.objects.filter(pk=placed.village_id).first()}


class CameraForm(RegisterForm):
    def clean_gb28181_id(self) -> str:
        number: str = self.cleaned_data["gb28181_id"]
        camera_number(number)
        return number


class RegisterAdmin(MapAdmin):
    form = RegisterForm
    list_select_related: tuple[str, ...] = ("village",)
    autocomplete_fields = ("village",)
    readonly_fields: tuple[str, ...] = ("cell_code",)

    def code_of(self, obj: Any) -> str:
        return str(obj.cell_code or obj.village_code)

    def save_model(self, request: HttpRequest, obj: Model, form: forms.ModelForm[Any], change: bool) -> None:
        """Only what the page shows: what a video platform reports meanwhile is not written over."""
        shown = {*form.fields, "village_code", "cell_code", "updated_at"}
        fields = [column.name for column in obj._meta.concrete_fields if column.name in shown]
        if change:
            obj.save(update_fields=fields)
        else:
            obj.save(force_insert=True)


@admin.register(Place)
class PlaceAdmin(RegisterAdmin):
    list_display = ("name", "kind", "village", "cell_code", "valid_to", "synthetic")
    list_filter = ("kind__group", "kind", "synthetic")
    list_select_related = ("kind", "village")
    search_fields = ("name", "address", "village_code")


@admin.register(Camera)
class CameraAdmin(RegisterAdmin):
    form = CameraForm
    list_display = ("name", "gb28181_id", "village", "owner", "active", "online", "reported_at", "synthetic")
    list_filter = ("type", "active", "online", "synthetic")
    search_fields = ("name", "gb28181_id", "village_code", "owner")
    readonly_fields = ("cell_code", "online", "reported_at")


@admin.register(WaterBody)
class WaterBodyAdmin(MapAdmin):
    list_display = ("name", "kind", "area", "synthetic")
    list_select_related = ("area",)
    search_fields = ("name",)
    autocomplete_fields = ("area",)


class ChiefInline(admin.TabularInline[ReachChief, Reach]):
    model = ReachChief
    extra = 0


@admin.register(Reach)
class ReachAdmin(MapAdmin):
    list_display = ("name", "water", "level", "area", "synthetic")
    list_filter = ("level", "water")
    list_select_related = ("water", "area")
    search_fields = ("name", "water__name", "area__code", "area__name")
    autocomplete_fields = ("water", "area")
    inlines = (ChiefInline,)


class CheckPointForm(forms.ModelForm[CheckPoint]):
    """A check-point in a table, by its numbers; on its own page it has a map."""

    longitude = forms.FloatField(label=gettext_lazy("longitude"), min_value=-180, max_value=180)
    latitude = forms.FloatField(label=gettext_lazy("latitude"), min_value=-90, max_value=90)

    class Meta:
        model = CheckPoint
        fields = ("name", "order", "active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["longitude"], self.initial["latitude"] = self.instance.point.coords

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "longitude" in data and "latitude" in data:
            self.instance.point = Point(data["longitude"], data["latitude"], srid=4326)
        return data


class CheckPointInline(admin.TabularInline[CheckPoint, PatrolArea]):
    model = CheckPoint
    form = CheckPointForm
    fields = ("name", "longitude", "latitude", "order", "active")
    extra = 0
    show_change_link = True


class PatrolAreaForm(forms.ModelForm[PatrolArea]):
    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("kind") == PatrolArea.Kind.LINE and not data.get("line"):
            self.add_error("line", ValidationError(_("Draw the course of the line."), "required"))
        if data.get("kind") == PatrolArea.Kind.CELLS and not data.get("cells"):
            self.add_error("cells", ValidationError(_("Choose the cells."), "required"))
        return data


@admin.register(PatrolArea)
class PatrolAreaAdmin(MapAdmin):
    form = PatrolAreaForm
    list_display = ("name", "kind", "area", "every_days", "active", "synthetic")
    list_filter = ("kind", "active", "synthetic")
    list_select_related = ("area",)
    search_fields = ("name", "area__code", "area__name")
    autocomplete_fields = ("area", "cells")
    inlines = (CheckPointInline,)


@admin.register(CheckPoint)
class CheckPointAdmin(MapAdmin):
    list_display = ("name", "patrol_area", "order", "active")
    list_filter = ("active",)
    list_select_related = ("patrol_area",)
    search_fields = ("name", "patrol_area__name")
    autocomplete_fields = ("patrol_area",)

    def code_of(self, obj: CheckPoint) -> str:
        return obj.patrol_area.area.code

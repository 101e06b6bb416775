"""The filters of a list as they are asked for: in an address, in a saved view, for an export."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from math import isfinite
from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases.selectors.filters import Filters
from cases.selectors.lists import ORDERINGS
from cases.workflow import Level, Outcome, State, Supervision

LIGHTS: Final = ("green", "yellow", "red", "dark_red")
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)


@extend_schema_field(OpenApiTypes.STR)
class ManyField(serializers.Field[tuple[str, ...], Any, str, Any]):
    """One of the choices, or several with commas."""

    def __init__(self, choices: Iterable[str], **more: Any) -> None:
        self.choices = tuple(choices)
        super().__init__(required=False, **more)

    def to_internal_value(self, data: Any) -> tuple[str, ...]:
        values = tuple(str(data).split(","))
        for value in values:
            if value not in self.choices:
                raise serializers.ValidationError(f"“{value[:40]}”: {', '.join(self.choices)}", code="invalid_choice")
        return tuple(dict.fromkeys(values))

    def to_representation(self, value: tuple[str, ...]) -> str:
        return ",".join(value)


@extend_schema_field(OpenApiTypes.STR)
class NumbersField(serializers.Field[tuple[float, ...], Any, str, Any]):
    """As many numbers with commas as `shape` has words."""

    def __init__(self, shape: str, **more: Any) -> None:
        self.shape = shape
        super().__init__(required=False, help_text=f"{shape} in WGS-84", **more)

    def to_internal_value(self, data: Any) -> tuple[float, ...]:
        try:
            numbers = tuple(float(part) for part in str(data)[:100].split(","))
        except ValueError:
            numbers = ()
        places = numbers[::2], numbers[1::2]
        if (
            len(numbers) != self.shape.count(",") + 1
            or not all(isfinite(number) for number in numbers)
            or any(abs(lon) > 180 for lon in places[0])
            or any(abs(lat) > 90 for lat in places[1])
        ):
            raise serializers.ValidationError(self.shape, code="invalid")
        return numbers

    def to_representation(self, value: tuple[float, ...]) -> str:
        return ",".join(str(number) for number in value)


@extend_schema_field(OpenApiTypes.STR)
class CategoriesField(serializers.RegexField):
    """A, or A01, or several with commas."""

    def __init__(self) -> None:
        super().__init__(
            r"^[A-Z](\d\d)?(,[A-Z](\d\d)?)*$", required=False, max_length=200, help_text="A, A01, or A01,B"
        )

    def to_internal_value(self, data: Any) -> tuple[str, ...]:  # type: ignore[override]
        return tuple(super().to_internal_value(data).split(","))

    def run_validators(self, value: Any) -> None:
        super().run_validators(",".join(value))


def _yes_or_no(help_text: str = "") -> serializers.BooleanField:
    return serializers.BooleanField(required=False, allow_null=True, default=None, help_text=help_text)


def _day(help_text: str) -> serializers.DateField:
    return serializers.DateField(required=False, help_text=help_text)


def _id(help_text: str = "") -> serializers.IntegerField:
    return serializers.IntegerField(required=False, min_value=1, max_value=2**62, help_text=help_text)


def _times() -> serializers.IntegerField:
    return serializers.IntegerField(required=False, min_value=1, max_value=1000, help_text="at least so often")


class FiltersSerializer(serializers.Serializer[Any]):
    """What a list may be narrowed by, all together. Days are of Asia/Shanghai, the first and the last included."""

    state = ManyField([state.value for state in State], help_text="one state, or several with commas")
    open = _yes_or_no()
    category = CategoriesField()
    area = serializers.RegexField(r"^\d{6}(\d{3}){0,3}$", required=False)
    level = ManyField([level.value for level in Level], help_text="one level, or several with commas")
    overdue = _yes_or_no()
    light = ManyField(LIGHTS, help_text="one light, or several with commas")
    due_from = _day("due on this day or later")
    due_to = _day("due on this day or before")
    reported_from = _day("reported on this day or later")
    reported_to = _day("reported on this day or before")
    closed_from = _day("closed on this day or later")
    closed_to = _day("closed on this day or before")
    outcome = serializers.ChoiceField(choices=[outcome.value for outcome in Outcome], required=False)
    lead_org = _id("the unit that leads")
    assistant = _id("a unit that assists")
    assignee = _id()
    reporter = _id()
    mine = _yes_or_no("reported by me, assigned to me, or open for my unit to take")
    handled = _yes_or_no("handled by me, now or before")
    supervision = serializers.ChoiceField(choices=["any", *(one.value for one in Supervision)], required=False)
    asked = serializers.ChoiceField(choices=["any", "extension", "suspension"], required=False)
    take_late = _yes_or_no("assigned and not acknowledged in time; false: still in time")
    to_archive = _yes_or_no("closed and not yet archived")
    archive_late = _yes_or_no("closed and not archived in time; false: still in time")
    self_handled = _yes_or_no()
    emergency = _yes_or_no()
    has_parts = _yes_or_no()
    part_of = _id("parts of this case")
    merged_into = _id("cases merged into this one")
    reopened = _yes_or_no()
    conflict = _yes_or_no("something done without signal came too late and is not decided yet")
    hops = _times()
    rework = _times()
    near = NumbersField("longitude,latitude")
    within = serializers.IntegerField(required=False, min_value=1, max_value=5000, default=200, help_text="metres")
    bbox = NumbersField("west,south,east,north")
    q = serializers.CharField(
        required=False,
        max_length=100,
        allow_blank=True,
        help_text="beginning of a number, words of the description, or a name on the case: a person, unit or place",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name in ("due", "reported", "closed"):
            first, last = attrs.get(f"{name}_from"), attrs.get(f"{name}_to")
            for end, day in (("from", first), ("to", last)):
                if day is not None and not FIRST_DAY <= day <= LAST_DAY:
                    raise _invalid(f"{name}_{end}", f"{FIRST_DAY} – {LAST_DAY}")
            if first is not None and last is not None and last < first:
                raise _invalid(f"{name}_to", f"{name}_from ≤ {name}_to")
        if (box := attrs.get("bbox")) is not None and not (box[0] <= box[2] and box[1] <= box[3]):
            raise _invalid("bbox", "west,south,east,north")
        return attrs


def _invalid(name: str, message: str) -> serializers.ValidationError:
    return serializers.ValidationError({name: [serializers.ErrorDetail(message, "invalid")]})


@extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
class QueryField(serializers.DictField):
    """A list as its address says it: filters and order as texts. Kept as it came; `filters_of` reads it."""

    child = serializers.CharField(max_length=200, allow_blank=True)

    def __init__(self, **more: Any) -> None:
        super().__init__(allow_empty=True, **more)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        query: dict[str, str] = super().to_internal_value(data)
        for name in query:
            if name not in SavedQuerySerializer().fields:
                raise serializers.ValidationError({name[:40]: [serializers.ErrorDetail("?", "unknown")]})
        SavedQuerySerializer(data=query).is_valid(raise_exception=True)
        return query


class SavedQuerySerializer(FiltersSerializer):
    ordering = serializers.ChoiceField(choices=ORDERINGS, required=False)


def filters_of(query: dict[str, str]) -> Filters:
    """The filters in what QueryField took."""
    asked = SavedQuerySerializer(data=query)
    asked.is_valid(raise_exception=True)
    return Filters.of(asked.validated_data)

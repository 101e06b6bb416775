"""The same matter: open cases near a place and like it or with the same party, and what hangs together with a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import FloatField, Func, Q, Value

from cases.models import Case, CaseQuerySet, in_area
from cases.selectors.filters import Metres, near
from cases.selectors.lists import read_rows, show_rows
from cases.selectors.parties import keys_in, keys_of, known_q, sight_of, with_party
from cases.selectors.search import any_of, listed
from cases.text import bigrams
from staff.models import User
from staff.scope import Scope, scope_of

METRES, DAYS, MOST = 200, 30, 10
LOOKED_AT: Final = 100
"""Nearest candidates that are compared word by word."""
SHARED: Final = 2
"""So many pairs of characters in common are no accident; one is."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What is about to be reported, or was: a place or an area, a category and words. Degrees are WGS-84.

    `party` are the blind indexes of names and phones: what else is known of the parties stays outside.
    """

    category: str
    text: str
    lon: float | None = None
    lat: float | None = None
    area: str | None = None
    exclude: int | None = None
    party: Sequence[str] = ()

    @classmethod
    def of(cls, case: Case, *, scope: Scope) -> Matter:
        """The case as a matter; with its parties only for whoever may know them, by one statement."""
        lon, lat = (case.point.x, case.point.y) if case.point else (None, None)
        area = case.duty_cell_code or case.village_code or case.town_code
        party = keys_of(case) if sight_of(case=case, scope=scope).names else ()
        return cls(case.category_code, case.description, lon=lon, lat=lat, area=area, exclude=case.pk, party=party)

    @classmethod
    def said(cls, *, party: Sequence[str] = (), **said: Any) -> Matter:
        """From what somebody is about to report; `party` are names and phones in plain words."""
        return cls(**said, party=keys_in(party))


def similar(
    *, user: User, matter: Matter, since: datetime, now: datetime, metres: float = METRES
) -> list[dict[str, Any]]:
    """Open cases one may see, reported at or after `since`, within metres (without a place: in the area), of the same
    level-1 category or sharing words; and wherever and since whenever, those with the same party among the cases whose
    parties one may know. Those with the same party first, then those found for most reasons, then the nearest; each
    with its distance and why. One statement, another if there is a party, and the names.
    """
    terms = bigrams(matter.text)
    same = _of_party(user=user, matter=matter) if matter.party else []
    parties = frozenset(values["id"] for values in same)
    near_by = read_rows(_candidates(user=user, matter=matter, since=since, metres=metres, terms=terms), "metres")
    kept = []
    for values in [*near_by, *_others(same, near_by)]:
        shared = [term for term in terms if term in frozenset(bigrams(values["description"]))]
        why = [
            *(["party"] if values["id"] in parties else []),
            *(["category"] if values["category_code"][0] == matter.category[:1] else []),
            *(["words"] if len(shared) >= min(SHARED, len(terms) or 1) else []),
        ]
        if why:
            kept.append((values, why, shared if "words" in why else []))
    # Each group nearest first, as it came.
    kept = sorted(kept, key=lambda one: ("party" not in one[1], -len(one[1])))[:MOST]
    rows = show_rows([values for values, _, _ in kept], now=now)
    return [
        {"case": row, "distance_m": _metres(values["metres"]), "why": why, "words": shared}
        for row, (values, why, shared) in zip(rows, kept, strict=True)
    ]


def _of_party(*, user: User, matter: Matter) -> list[dict[str, Any]]:
    """Open cases with one of the parties, as far as the person may know it, the newest first."""
    of_party = listed(with_party(matter.party) & known_q(scope_of(user)))
    cases = Case.objects.visible_to(user).filter(of_party, is_open=True).annotate(metres=_distance(matter))
    if matter.exclude is not None:
        cases = cases.exclude(pk=matter.exclude)
    return read_rows(cases.order_by("-reported_at", "-pk")[:MOST], "metres")


def _others(rows: Sequence[dict[str, Any]], known: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    ids = frozenset(values["id"] for values in known)
    return [values for values in rows if values["id"] not in ids]


def _metres(distance: float | None) -> int | None:
    return None if distance is None else round(distance)


def _distance(matter: Matter) -> Func | Value:
    if matter.lon is None or matter.lat is None:
        return Value(None, output_field=FloatField())
    return Metres(lon=matter.lon, lat=matter.lat)


def _candidates(*, user: User, matter: Matter, since: datetime, metres: float, terms: Sequence[str]) -> CaseQuerySet:
    cases = (
        Case.objects.visible_to(user).filter(is_open=True, reported_at__gte=since).annotate(metres=_distance(matter))
    )
    if matter.lon is not None and matter.lat is not None:
        cases = cases.filter(near(lon=matter.lon, lat=matter.lat, metres=metres)).order_by("metres", "pk")
    else:
        cases = cases.filter(in_area(matter.area or "")).order_by("-reported_at", "-pk")
    alike = Q(category_code__startswith=matter.category[:1])
    cases = cases.filter(alike | any_of(terms) if terms else alike)
    return (cases.exclude(pk=matter.exclude) if matter.exclude is not None else cases)[:LOOKED_AT]


def since_days(days: int, *, now: datetime) -> datetime:
    return now - timedelta(days=days)


def related(*, user: User, case: Case, now: datetime) -> dict[str, Any]:
    """What the case is a part of, its parts, what it was merged into and what into it; of these what one may see.

    Closing a case leaves its parts open, so whoever closes it has to see them. One statement and the names.
    """
    own = [pk for pk in (case.parent_id, case.merged_into_id) if pk is not None]
    hanging = Q(pk__in=own) | Q(parent_id=case.pk) | Q(merged_into_id=case.pk)
    found = read_rows(Case.objects.visible_to(user).filter(hanging).order_by(), "parent_id", "merged_into_id")
    found.sort(key=lambda values: (not values["is_open"], values["id"]))
    rows = dict(zip((values["id"] for values in found), show_rows(found, now=now), strict=True))
    return {
        "parent": rows.get(case.parent_id or 0),
        "parts": [rows[values["id"]] for values in found if values["parent_id"] == case.pk],
        "merged_into": rows.get(case.merged_into_id or 0),
        "merged": [rows[values["id"]] for values in found if values["merged_into_id"] == case.pk],
    }

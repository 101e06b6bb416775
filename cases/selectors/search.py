"""The search field: numbers, words, people, units and places."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import SearchQueryField
from django.db import connection
from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.db.models.functions import StrIndex, Upper
from django.db.models.lookups import GreaterThan

from cases.models import Case
from cases.selectors.parties import keys_in, known_q, with_party
from cases.text import bigrams
from grid.models import Area
from staff.models import Organisation, User
from staff.scope import Scope


class _TsQuery(Func):
    """The terms as they are stored; `to_tsquery` would run them through a parser that knows no Chinese."""

    template = "(%(expressions)s)::tsquery"
    output_field = SearchQueryField()


class _Matches(Func):
    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = BooleanField()


_NUMBER: Final = re.compile(r"[0-9A-Za-z-]+")
NAMED_AT_MOST: Final = 100
"""A name that more of them have says nothing: “网格” is in the name of every cell."""


def searched(q: str, *, scope: Scope) -> Q:
    """Cases whose number begins with `q`, whose words contain all of it, or on which a person, unit or place has it in
    its name: whoever sees a case sees these names on it. And those with a party of exactly this name or number, if
    `scope` may know the parties.
    """
    found = _words(q)
    if _NUMBER.fullmatch(q):
        found |= Q(number__startswith=q)
    return found | _named(q, scope) if len(q) > 1 else found


class _IsOneOf(Func):
    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


def listed(few: Q) -> Q:
    """`few` rows, found first by their own index. Of what it has no figures for, PostgreSQL believes there is a lot and
    looks for it along the list, which for ten rows in a million reads the million.
    """
    return one_of(Case.objects.filter(few).order_by().values("pk"))


def one_of(ids: QuerySet[Any, Any]) -> Q:
    """Cases with one of these ids, which are found first."""
    return Q(_IsOneOf(F("pk"), ArraySubquery(ids)))


class _Commonest:
    """What PostgreSQL itself counts as common in a column of many values, from its last ANALYZE; kept for minutes."""

    KEPT: Final = 600.0

    def __init__(self) -> None:
        self.found: dict[str, tuple[float, frozenset[str]]] = {}

    def __call__(self, column: str) -> frozenset[str]:
        since, values = self.found.get(column, (0.0, frozenset()))
        if not since or time.monotonic() - since > self.KEPT:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT unnest(most_common_elems::text::text[]) FROM pg_stats"
                    " WHERE schemaname = current_schema() AND tablename = %s AND attname = %s",
                    [Case._meta.db_table, column],
                )
                values = frozenset(value for (value,) in cursor.fetchall())
            self.found[column] = (time.monotonic(), values)
        return values


commonest: Final = _Commonest()


def any_of(terms: Sequence[str]) -> Q:
    """Cases with at least one of the terms in their words."""
    return Q(_Matches(F("search"), _TsQuery(Value(" | ".join(f"'{term}'" for term in terms)))))


def _words(q: str) -> Q:
    """The bigram index finds the candidates; the text itself decides, because two pairs may both occur without
    standing together. One pair alone needs no such look, and so PostgreSQL can tell how common it is.
    """
    terms = bigrams(q)
    if not terms:
        return Q(description__icontains=q)
    if len(terms) > 1 and frozenset(terms) <= commonest("search"):
        return _phrase(q, terms)
    query = " & ".join(f"'{term}'" + (":*" if _open_ended(term) else "") for term in terms)
    matching = Q(_Matches(F("search"), _TsQuery(Value(query))))
    if not any(_open_ended(term) for term in terms) and not frozenset(terms) <= commonest("search"):
        matching = listed(matching)
    return matching if terms == [q] and len(q) == 2 else matching & Q(description__icontains=q)


FEW: Final = 2_000


def _phrase(q: str, terms: Sequence[str]) -> Q:
    """Words whose pairs are all common. PostgreSQL takes the pairs for independent and the phrase for rare, and would
    look all of it up for every part of a list: so it is looked up once, and where there is a lot of it, any walk along
    the list soon meets enough.
    """
    # Not LIKE: of that PostgreSQL believes that nothing matches.
    said = Q(GreaterThan(StrIndex(Upper(F("description")), Upper(Value(q))), 0))
    pairs = Q(_Matches(F("search"), _TsQuery(Value(" & ".join(f"'{term}'" for term in terms)))))
    ids = list(Case.objects.filter(pairs & said).order_by().values_list("pk", flat=True)[: FEW + 1])
    return Q(pk__in=ids) if len(ids) <= FEW else said


def _open_ended(term: str) -> bool:
    """A single character, or letters and digits still being typed, match as a beginning."""
    return len(term) == 1 or term.isascii()


def _named(q: str, scope: Scope) -> Q:
    """Cases of people, units and places with `q` in their name, or with a party called so; one statement for all."""
    people = _ids(User.objects.filter(display_name__icontains=q), 0)
    units = _ids(Organisation.objects.filter(name__icontains=q), 1)
    areas = _ids(Area.objects.filter(name__icontains=q), 2)
    of_party = with_party(keys) & known_q(scope) if (keys := keys_in([q])) else Q(pk__in=())
    # Only whether there is one: a look into the index of sealed names, empty for nearly everything people search for.
    parties = _ids(Case.objects.filter(of_party), 3, most=1)
    ids: tuple[list[int], ...] = ([], [], [], [])
    for pk, kind in people.union(units, areas, parties, all=True):
        ids[kind].append(pk)
    found = listed(of_party) if ids[3] else Q(pk__in=())
    for columns, some in zip((("reporter_id", "assignee_id"), ("lead_org_id",), ("area_id",)), ids[:3], strict=True):
        if 0 < len(some) <= NAMED_AT_MOST:
            for column in columns:
                found |= Q(**{f"{column}__in": some})
    return found


def _ids(rows: QuerySet[Any], kind: int, *, most: int = NAMED_AT_MOST + 1) -> QuerySet[Any, tuple[int, int]]:
    return rows.order_by().values_list("pk", Value(kind))[:most]

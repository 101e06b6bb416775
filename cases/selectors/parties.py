"""Who may know of the parties of a case, and how much: how many, masked, or whole after saying what for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, Final

from django.db.models import Q

from cases.models import Case, CaseParty, CasePartyLook, digits_of, in_area, name_key, phone_key
from cases.policy import CENTER_ROLES, UNIT_ROLES, WRITING_ROLES, level_code, open_moves, parties
from cases.workflow import Act, Party
from grid.sealed import masked
from staff.models import Post
from staff.scope import Scope

PHONE_DIGITS: Final = 7
"""Fewer digits are the beginning of a number, or of something else."""
LOOKS: Final = 100
"""Looks on one page of the log."""
_DOUBLE: Final = re.compile(
    "欧阳|太史|端木|上官|司马|东方|独孤|南宫|万俟|闻人|夏侯|诸葛|尉迟|公羊|赫连|澹台"
    "|皇甫|宗政|濮阳|公冶|太叔|申屠|公孙|慕容|仲孙|钟离|长孙|宇文|司徒|鲜于|司空|闾丘"
    "|令狐|百里|呼延|东郭|南门|西门|左丘|公西|第五|梁丘|段干|拓跋|轩辕|歐陽|東方|獨孤"
    "|諸葛|尉遲"
)
"""Family names of two characters."""
_CALLED: Final = re.compile(r"[0-9+()（）\s-]+")
_WHOLE: Final = frozenset({Party.CENTER, Party.UNIT})
_MASKED: Final = frozenset({Party.CENTER, Party.UNIT, Party.ASSISTANT, Party.REPORTER})


@dataclass(frozen=True, slots=True)
class Sight:
    """What this person gets of the parties of this case; without `names` only how many there are."""

    names: bool
    add: bool
    whole: bool
    log: bool
    remove_any: bool
    remove_own: bool

    def may_remove(self, party: CaseParty, user_id: int | None) -> bool:
        return self.remove_any or (self.remove_own and party.added_by_id == user_id)


def sight_of(*, case: Case, scope: Scope) -> Sight:
    """Only for a case the person may see at all.

    Masked: the center, the unit that leads and those who assist, whoever reported it, the village officer of the
    ground. Whole, by a look that is kept: center and leading unit. The log: head of the center, auditor. Leaders,
    auditors and administrators as such get no name, nor does anybody by a post that has ended. Center and leading unit
    take any party out at any time; helper and reporter what they wrote themselves, while the case is open.
    """
    who = parties(case=case, scope=scope)
    officer = bool(level_code(case=case, scope=scope, roles=(Post.Role.VILLAGE_OFFICER,)))
    names = Party.READER in who and (officer or bool(who & _MASKED))
    removals = {move.by for move in open_moves(case=case, scope=scope, act=Act.PARTY_REMOVED)} if names else set()
    return Sight(
        names=names,
        add=names and bool(open_moves(case=case, scope=scope, act=Act.PARTY_ADDED)),
        whole=names and bool(who & _WHOLE),
        log=Party.HEAD in who or bool(level_code(case=case, scope=scope, roles=(Post.Role.AUDITOR,))),
        remove_any=bool(removals & _WHOLE),
        remove_own=bool(removals),
    )


def known_q(scope: Scope) -> Q:
    """Of the cases one may see, those whose parties one may know: `Sight.names` as a filter."""
    if not scope.roles & WRITING_ROLES:
        return Q(pk__in=())
    known = [Q(reporter_id=scope.user_id), Q(assignee_id=scope.user_id)]
    known += [in_area(code) for code in scope.codes(*CENTER_ROLES, Post.Role.VILLAGE_OFFICER)]
    if units := scope.organisation_ids(*UNIT_ROLES):
        known += [Q(lead_org_id__in=units), Q(assistants__overlap=list(units)) & ~Q(assistants=[])]
    return reduce(or_, known)


def masked_name(*, kind: str, name: str) -> str:
    """张*, 欧阳**, J****; an organisation is no secret."""
    if kind == CaseParty.Kind.ORGANISATION:
        return name
    family = 2 if len(name) > 2 and _DOUBLE.match(name) else 1
    return name[:family] + "*" * max(len(name) - family, 1)


def party_list(*, case: Case, scope: Scope) -> dict[str, Any]:
    """How many parties there are, and to those who may know, who: masked. One statement."""
    sight = sight_of(case=case, scope=scope)
    there = CaseParty.objects.filter(case=case, removed_at__isnull=True)
    rows = _by_side(there.select_related("added_by")) if sight.names else []
    return {
        "count": len(rows) if sight.names else there.count(),
        "names_shown": sight.names,
        "may_add": sight.add,
        "may_look": sight.whole,
        "may_read_looks": sight.log,
        "results": [party_row(party, removable=sight.may_remove(party, scope.user_id)) for party in rows],
    }


def _by_side(rows: Iterable[CaseParty]) -> list[CaseParty]:
    order = list(CaseParty.Side)
    return sorted(rows, key=lambda party: (order.index(CaseParty.Side(party.side)), party.pk))


def party_row(party: CaseParty, *, removable: bool) -> dict[str, Any]:
    """A party as whoever may know sees it: masked."""
    return {
        "id": party.pk,
        "client_id": party.client_id,
        "kind": party.kind,
        "kind_name": party.get_kind_display(),
        "side": party.side,
        "side_name": party.get_side_display(),
        "name": masked_name(kind=party.kind, name=party.name),
        "phone": masked(party.phone),
        "added_by": {"id": party.added_by_id, "name": party.added_by.display_name},
        "added_at": party.added_at,
        "may_remove": removable,
    }


def look_rows(*, case: Case, before: int | None) -> tuple[list[dict[str, Any]], int | None]:
    """Who looked at whole names, newest first, without any name of a party; and where the next page begins."""
    looks = CasePartyLook.objects.filter(case=case).select_related("by", "party").defer("party__name", "party__phone")
    if before is not None:
        looks = looks.filter(pk__lt=before)
    found = list(looks.order_by("-pk")[: LOOKS + 1])
    rows: list[dict[str, Any]] = [
        {
            "id": look.pk,
            "at": look.at,
            "by": {"id": look.by_id, "name": look.by.display_name},
            "party": look.party_id,
            "side": look.party.side,
            "side_name": look.party.get_side_display(),
            "purpose": look.purpose,
            "purpose_name": look.get_purpose_display(),
            "words": look.words,
        }
        for look in found[:LOOKS]
    ]
    return rows, found[LOOKS - 1].pk if len(found) > LOOKS else None


def keys_of(case: Case) -> tuple[str, ...]:
    """The blind indexes of the parties of a case, names and phones. One statement."""
    there = CaseParty.objects.filter(case=case, removed_at__isnull=True).order_by()
    return tuple({key for row in there.values_list("name_index", "phone_index") for key in row if key})


def keys_in(texts: Iterable[str]) -> tuple[str, ...]:
    """The blind indexes that each text has as a name, or as a number of at least seven digits."""
    return tuple({key for text in texts for key in _keys(text)})


def _keys(text: str) -> Sequence[str]:
    if _CALLED.fullmatch(text):
        return (phone_key(text),) if len(digits_of(text)) >= PHONE_DIGITS else ()
    return (name_key(text),) if len(text.strip()) > 1 else ()


def with_party(keys: Sequence[str]) -> Q:
    """Cases with a party of one of these blind indexes: each found by its index, however many cases there are."""
    there = CaseParty.objects.filter(Q(name_index__in=keys) | Q(phone_index__in=keys), removed_at__isnull=True)
    return Q(pk__in=there.order_by().values("case"))

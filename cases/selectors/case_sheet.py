"""What is printed of a case: who and what, every step, every due time with its days, and the hashes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cases.models import Case, DayHead
from cases.selectors.detail import case_detail, event_rows, files_of
from cases.selectors.explain import explain_clocks
from cases.selectors.parties import party_list
from staff.scope import Scope


def case_sheet(*, case: Case, scope: Scope, now: datetime) -> dict[str, Any]:
    """Everything the template needs, in the language of the request. The same number of statements for any case."""
    return {
        "case": case_detail(case=case, scope=scope, files=files_of(case=case), now=now),
        "parties": party_list(case=case, scope=scope),
        "events": event_rows(case=case),
        "clocks": explain_clocks(case=case),
        "head": case.event_hash,
        "count": case.event_count,
        "seal": DayHead.objects.order_by("-day").first(),
    }

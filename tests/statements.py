"""Query budgets that name each statement: a list of what is asked and why, compared one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

Budget = Sequence[tuple[str, str]]
"""What a statement is for, and a pattern found in its SQL."""

_FRAME = re.compile(r"^(BEGIN|COMMIT|SAVEPOINT|RELEASE SAVEPOINT)")


@contextmanager
def statements(budget: Budget) -> Iterator[None]:
    """The block makes exactly these statements in this order; BEGIN and COMMIT are the transaction's frame."""
    with CaptureQueriesContext(connection) as captured:
        yield
    asked = [query["sql"] for query in captured.captured_queries if not _FRAME.match(query["sql"])]
    told = "\n".join(f"{number}. {sql[:160]}" for number, sql in enumerate(asked, 1))
    assert len(asked) == len(budget), f"{len(asked)} statements, not {len(budget)}:\n{told}"
    for number, (sql, (why, pattern)) in enumerate(zip(asked, budget, strict=True), 1):
        assert re.search(pattern, sql), f"statement {number} is not {why}:\n{sql}"

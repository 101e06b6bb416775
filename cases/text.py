"""Chinese search without a word list: every two neighbouring characters are one term."""

from __future__ import annotations

import re

_RUN = re.compile(r"[0-9A-Za-z]+|[\u3400-\u9fff]+")


def bigrams(*texts: str) -> list[str]:
    """Distinct terms of the texts, sorted: pairs of Chinese characters, and whole runs of letters and digits.

    >>> bigrams("河道堆沙")
    ['堆沙', '河道', '道堆']
    """
    terms: set[str] = set()
    for text in texts:
        for run in _RUN.findall(text.lower()):
            if run.isascii() or len(run) == 1:
                terms.add(run[:60])
            else:
                terms.update(run[i : i + 2] for i in range(len(run) - 1))
    return sorted(terms)

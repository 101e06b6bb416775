"""Initials of the pinyin of Chinese words, for whoever types them to find something."""

from __future__ import annotations

import functools

from pypinyin import Style, lazy_pinyin


@functools.lru_cache(maxsize=1000)
def initials(text: str) -> str:
    """One letter for each character, letters and digits as they are, nothing for the rest.

    Characters with several readings get the commonest (config/settings.py says why).

    >>> initials("垃圾堆放")
    'ljdf'
    """
    letters = lazy_pinyin(text, style=Style.FIRST_LETTER, errors=_plain)
    return "".join(letters)


def _plain(rest: str) -> str:
    return "".join(filter(str.isalnum, rest)).lower()

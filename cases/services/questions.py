"""Take the answers to a category's questions: checked, and kept in the words they were asked in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cases.models import Category, Question
from cases.selectors.questions import questions_of

MOST_CHARACTERS: Final = 500
_NUMBER: Final = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")


class _WrongError(Exception):
    """Says what is wrong with one answer."""


def answers_of(*, category: Category, said: Mapping[str, str] | None) -> list[dict[str, Any]]:
    """What the case keeps: key, label as asked, value, label of the value. Raises ValidationError naming `answers`.

    None is a phone that does not know of questions: its report is taken as it is. Nothing is required in an emergency.
    No statement for None, else one.
    """
    if said is None:
        return []
    questions = questions_of(category=category)
    given = {key: value.strip() for key, value in said.items() if value.strip()}
    problems = [_unknown(key) for key in given if key not in {question.key for question in questions}]
    kept = []
    for question in questions:
        value = given.get(question.key)
        if value is None:
            if question.required and not category.emergency:
                problems.append(_problem(question, _("Answer this question."), "required"))
            continue
        try:
            taken, label = _READERS[Question.Kind(question.kind)](question, value)
        except _WrongError as error:
            problems.append(_problem(question, str(error), "invalid"))
            continue
        kept.append({"key": question.key, "label": question.label, "value": taken, "value_label": label})
    if problems:
        raise ValidationError({"answers": problems})
    return kept


def _problem(question: Question, message: str, code: str) -> ValidationError:
    return ValidationError(_("“%(question)s”: %(message)s") % {"question": question.label, "message": message}, code)


def _unknown(key: str) -> ValidationError:
    return ValidationError(_("“%(key)s” is not asked in this category.") % {"key": key[:40]}, "unknown")


def _text(question: Question, value: str) -> tuple[str, str]:
    if len(value) > MOST_CHARACTERS:
        raise _WrongError(_("At most %(most)d characters.") % {"most": MOST_CHARACTERS})
    return value, value


def _choice(question: Question, value: str) -> tuple[str, str]:
    for choice in question.named_choices():
        if choice["value"] == value:
            return value, choice["label"]
    raise _WrongError(_("Choose one of the answers offered."))


def _number(question: Question, value: str) -> tuple[str, str]:
    # A Chinese keyboard may write １２．５.
    plain = unicodedata.normalize("NFKC", value)
    if not _NUMBER.fullmatch(plain):
        raise _WrongError(_("Write a number, such as 12 or 3.5."))
    return plain, plain


def _photo(question: Question, value: str) -> tuple[str, str]:
    """The client id of a photo that follows: on a phone without a net it may come much later."""
    try:
        return str(UUID(value)), _("photo")
    except ValueError:
        raise _WrongError(_("Send the id of the photo.")) from None


_READERS: Final[dict[Question.Kind, Callable[[Question, str], tuple[str, str]]]] = {
    Question.Kind.TEXT: _text,
    Question.Kind.CHOICE: _choice,
    Question.Kind.NUMBER: _number,
    Question.Kind.PHOTO: _photo,
}

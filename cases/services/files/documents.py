"""PDF: kept as it came, if whoever opens it can only read it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from cases.services.files.kinds import Kept, Kind
from cases.services.files.trouble import broken, refusal

# It says on its own what is odd in a file; here it is opened or refused.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

MOST_OBJECTS: Final = 50_000
"""A scan has a few per page; looking through more would hold the request up."""
SCRIPTS: Final = {"/JS", "/JavaScript", "/XFA"}
ATTACHMENTS: Final = {"/EF", "/EmbeddedFiles"}
ACTIVE: Final = {
    "/JavaScript": "script",
    "/Launch": "program",
    "/SubmitForm": "program",
    "/ImportData": "program",
    "/GoToE": "program",
    "/RichMedia": "program",
    "/RichMediaExecute": "program",
    "/Rendition": "program",
    "/Movie": "program",
}


def take_document(data: bytes) -> Kept:
    """The document to keep. Raises ValidationError naming `file`."""
    try:
        reader = PdfReader(BytesIO(data), strict=False)
        encrypted = reader.is_encrypted
        pages = 0 if encrypted else len(reader.pages)
        found = "" if encrypted else _active_content(reader)
    except ValidationError:
        raise
    except Exception as error:  # pypdf meets broken files with whatever the break leads to
        raise broken(Kind.DOCUMENT) from error
    if encrypted:
        message = _("This PDF is locked with a password. Save it without one and send that.")
        raise refusal(message, "encrypted")
    if found:
        raise refusal(_why(found), "active_content")
    if not pages:
        raise broken(Kind.DOCUMENT)
    return Kept(kind=Kind.DOCUMENT, content_type="application/pdf", extension="pdf", data=data)


def _why(found: str) -> str:
    return {
        "script": _("This PDF contains a script. Print it to a new PDF and send that."),
        "program": _("This PDF would start or send something when it is opened. Print it to a new PDF and send that."),
        "attachment": _("This PDF carries other files inside. Send those one by one, and the PDF without them."),
    }[found]


def _active_content(reader: PdfReader) -> str:
    """What in it does something by itself; empty when nothing does."""
    for number, thing in enumerate(_objects(reader)):
        if number > MOST_OBJECTS:
            raise refusal(_("This PDF has too many parts. Print it to a new PDF and send that."), "too_large")
        for part in _dictionaries(thing):
            if found := _does(part):
                return found
    return ""


def _does(part: DictionaryObject) -> str:
    if not part.keys().isdisjoint(SCRIPTS):
        return "script"
    if not part.keys().isdisjoint(ATTACHMENTS):
        return "attachment"
    # By [] and not by get(): a name may be kept apart, as an object of its own.
    return next((ACTIVE[name] for key in ("/S", "/Subtype") if key in part and (name := str(part[key])) in ACTIVE), "")


def _objects(reader: PdfReader) -> Iterator[Any]:
    """Every object of the file, whether or not a page leads to it."""
    yield reader.trailer
    numbers = {(number, generation) for generation, table in reader.xref.items() for number in table}
    numbers |= {(number, 0) for number in reader.xref_objStm}
    for number, generation in sorted(numbers):
        yield reader.get_object(IndirectObject(number, generation, reader))


def _dictionaries(thing: Any) -> Iterator[DictionaryObject]:
    """This object and what is written inside it; what it points to is an object of its own."""
    left = [thing]
    while left:
        one = left.pop()
        if isinstance(one, DictionaryObject):
            yield one
            left += one.values()
        elif isinstance(one, ArrayObject):
            left += list(one)

"""Small pictures of photos, made in the background. Of videos there are none: that would take a video decoder."""

from __future__ import annotations

import logging
from typing import Final

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet

from cases.models import CaseFile
from cases.services.files.pictures import thumbnail_of

logger = logging.getLogger(__name__)

BATCH: Final = 200
AGAIN: Final = 60
"""Seconds until a photo that is still bare is tried again: after a crash, or a disk that was full."""


def bare_photos() -> QuerySet[CaseFile]:
    """Photos that want a thumbnail; by the index of what is bare."""
    return CaseFile.objects.filter(kind=CaseFile.Kind.PHOTO, thumbnail="").exclude(check_state=CaseFile.Check.INFECTED)


def thumbnails_to_make() -> list[int]:
    """Bare photos that were not handed out within the last minute; oldest first."""
    bare = bare_photos().order_by("pk").values_list("pk", flat=True)
    return taken(kind="thumbnail", ids=list(bare[: BATCH * 10]))


def taken(*, kind: str, ids: list[int]) -> list[int]:
    """At most a batch of the files that nobody took for this within the last minute."""
    mine: list[int] = []
    for pk in ids:
        if len(mine) < BATCH and cache.add(f"file-{kind}:{pk}", 1, AGAIN):
            mine.append(pk)
    return mine


@transaction.atomic
def make_thumbnail(*, file_id: int) -> bool:
    """Whether this call made it. A second one at the same time, or after, finds nothing to do."""
    file = bare_photos().select_for_update(skip_locked=True).filter(pk=file_id).first()
    if file is None:
        return False
    try:
        with file.file.open("rb") as stream:
            small = thumbnail_of(stream.read())
        file.thumbnail.save(f"{file.sha256}-s.jpg", ContentFile(small), save=False)
    except (OSError, ValidationError) as error:
        # It stays bare, and is tried again in a minute; the photo itself is shown meanwhile.
        logger.warning("thumbnail_failed file=%s error=%s", file_id, type(error).__name__)
        return False
    file.save(update_fields=["thumbnail"])
    return True

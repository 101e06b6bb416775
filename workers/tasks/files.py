"""Make thumbnails and have files scanned."""

from celery import shared_task

from cases.services.files import files_to_scan, make_thumbnail, scan_file, thumbnails_to_make


@shared_task
def thumbnail(file_id: int) -> None:
    make_thumbnail(file_id=file_id)


@shared_task
def scan(file_id: int) -> None:
    scan_file(file_id=file_id)


@shared_task
def prepare() -> None:
    """One task per file, so that a large one does not hold up the others; also what a killed run left."""
    for file_id in files_to_scan():
        scan.delay(file_id)
    for file_id in thumbnails_to_make():
        thumbnail.delay(file_id)

"""Files of a case: taken in by what they are, cleaned of what they tell, scanned, shown small."""

from cases.services.files.change import change_file
from cases.services.files.scan import files_to_scan, scan_file
from cases.services.files.store import add_file
from cases.services.files.thumbnails import make_thumbnail, thumbnails_to_make

__all__ = ["add_file", "change_file", "files_to_scan", "make_thumbnail", "scan_file", "thumbnails_to_make"]

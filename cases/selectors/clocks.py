"""How every due time of a case came about, worked out again from its events."""

from __future__ import annotations

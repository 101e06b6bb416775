"""Doors to areas and their import and export."""

"""Code lists only: the administrator keeps categories, limits, the calendar and what helps, and sees no case."""

from cases.admin import help, rules

__all__ = ["help", "rules"]

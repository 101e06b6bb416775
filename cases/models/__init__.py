"""What: categories, limits, the calendar, cases, their events and files, and what helps to work on them."""

from cases.models.calendar import CalendarState
from cases.models.case import AREA_READERS, Case, CaseQuerySet, OpenCount, in_area, ordinate, visible_q
from cases.models.conflicts import CaseConflict
from cases.models.finding import CaseExport, SavedView
from cases.models.help import Question, ReplyText, RoutingRule
from cases.models.parties import CaseParty, CasePartyLook, digits_of, name_key, phone_key
from cases.models.record import TOLD, CaseEvent, CaseFile, DayHead
from cases.models.rules import LEVELS, Category, LimitRule, Workday, category_name

__all__ = [
    "AREA_READERS",
    "LEVELS",
    "TOLD",
    "CalendarState",
    "Case",
    "CaseConflict",
    "CaseEvent",
    "CaseExport",
    "CaseFile",
    "CaseParty",
    "CasePartyLook",
    "CaseQuerySet",
    "Category",
    "DayHead",
    "LimitRule",
    "OpenCount",
    "Question",
    "ReplyText",
    "RoutingRule",
    "SavedView",
    "Workday",
    "category_name",
    "digits_of",
    "in_area",
    "name_key",
    "ordinate",
    "phone_key",
    "visible_q",
]

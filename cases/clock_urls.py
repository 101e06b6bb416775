"""The working calendar and what is missing in it."""

from django.urls import path

from cases.api import clocks

urlpatterns = [path("calendar/", clocks.CalendarView.as_view(), name="calendar")]

from django.urls import path

from reports import api

urlpatterns = [
    path("reports/weekly/", api.WeeklyView.as_view(), name="weekly"),
]

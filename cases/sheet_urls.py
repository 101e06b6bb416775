from django.urls import path

from cases.api import sheet

urlpatterns = [
    path("areas/<str:code>/sheet.pdf", sheet.SheetView.as_view(), name="area-sheet"),
    path("cases/<int:pk>/sheet.pdf", sheet.CaseSheetView.as_view(), name="case-sheet"),
]

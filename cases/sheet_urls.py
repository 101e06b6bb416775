from django.urls import path

from cases.api import sheet

urlpatterns = [path("areas/<str:code>/sheet.pdf", sheet.SheetView.as_view(), name="area-sheet")]

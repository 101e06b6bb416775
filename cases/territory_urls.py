from django.urls import path

from cases.api import territory

urlpatterns = [
    path("areas/changes/", territory.ChangeListView.as_view(), name="changes"),
    path("areas/changes/preview/", territory.PreviewView.as_view(), name="change-preview"),
    path("areas/<str:code>/boundaries/<int:pk>/", territory.BoundaryView.as_view(), name="boundary"),
    path("areas/<str:code>/gaps/", territory.GapView.as_view(), name="gaps"),
    path("areas/<str:code>/serials/", territory.SerialView.as_view(), name="serials"),
    path("cases/ground/", territory.GroundView.as_view(), name="ground"),
]

from django.urls import path

from grid.api import areas

urlpatterns = [
    path("areas/", areas.AreaListView.as_view(), name="areas"),
    path("areas/water/", areas.WaterListView.as_view(), name="water"),
]

from django.urls import path

from grid import api

urlpatterns = [
    path("areas/", api.AreaListView.as_view(), name="areas"),
    path("areas/locate/", api.LocateView.as_view(), name="locate"),
    path("areas/water/", api.WaterListView.as_view(), name="water"),
]

"""Last among the areas' addresses: a code could otherwise be `locate` or `export`."""

from django.urls import path

from cases.api import territory

urlpatterns = [path("areas/<str:code>/", territory.AreaView.as_view(), name="area")]

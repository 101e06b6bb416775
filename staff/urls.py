from django.urls import path

from staff import api

urlpatterns = [
    path("session/", api.SessionView.as_view(), name="session"),
    path("me/", api.MeView.as_view(), name="me"),
    path("demo/sign-ins/", api.DemoSignInsView.as_view(), name="demo-sign-ins"),
    path("organisations/", api.OrganisationListView.as_view(), name="organisations"),
]

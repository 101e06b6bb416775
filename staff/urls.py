from django.urls import path

from staff.api import locate, session

urlpatterns = [
    path("areas/locate/", locate.LocateView.as_view(), name="locate"),
    path("session/", session.SessionView.as_view(), name="session"),
    path("me/", session.MeView.as_view(), name="me"),
    path("demo/sign-ins/", session.DemoSignInsView.as_view(), name="demo-sign-ins"),
    path("organisations/", session.OrganisationListView.as_view(), name="organisations"),
]

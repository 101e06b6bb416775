from django.urls import path

from staff.api import devices, locate, session

urlpatterns = [
    path("areas/locate/", locate.LocateView.as_view(), name="locate"),
    path("session/", session.SessionView.as_view(), name="session"),
    path("me/", session.MeView.as_view(), name="me"),
    path("demo/sign-ins/", session.DemoSignInsView.as_view(), name="demo-sign-ins"),
    path("devices/", devices.DeviceListView.as_view(), name="devices"),
    path("devices/<uuid:device_id>/", devices.DeviceView.as_view(), name="device"),
    path("devices/<uuid:device_id>/sign-out/", devices.DeviceSignOutView.as_view(), name="device-sign-out"),
    path("devices/<uuid:device_id>/fate/", devices.DeviceFateView.as_view(), name="device-fate"),
    path("devices/<uuid:device_id>/wiped/", devices.DeviceWipedView.as_view(), name="device-wiped"),
    path("organisations/", session.OrganisationListView.as_view(), name="organisations"),
]

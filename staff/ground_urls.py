from django.urls import path

from staff.api import ground, patrols, registers

urlpatterns = [
    path("areas/unattended/", ground.UnattendedView.as_view(), name="unattended"),
    path("areas/<str:code>/people/", ground.AreaPeopleView.as_view(), name="area-people"),
    path("posts/<int:pk>/leaves/", ground.PostLeavesView.as_view(), name="post-leaves"),
    path("leaves/<int:pk>/", ground.LeaveView.as_view(), name="leave"),
    path("patrol-areas/", patrols.PatrolAreaListView.as_view(), name="patrol-areas"),
    path("patrols/", patrols.PatrolListView.as_view(), name="patrols"),
    path("patrols/coverage/", patrols.CoverageView.as_view(), name="patrol-coverage"),
    path("patrols/<uuid:client_id>/", patrols.PatrolView.as_view(), name="patrol"),
    path("patrols/<uuid:client_id>/points/", patrols.PatrolPointsView.as_view(), name="patrol-points"),
    path("patrols/<uuid:client_id>/ticks/", patrols.PatrolTicksView.as_view(), name="patrol-ticks"),
    path("patrols/<uuid:client_id>/stop/", patrols.PatrolStopView.as_view(), name="patrol-stop"),
    path("places/", registers.PlaceListView.as_view(), name="places"),
    path("places/<int:pk>/", registers.PlaceView.as_view(), name="place"),
    path("place-kinds/", registers.PlaceKindListView.as_view(), name="place-kinds"),
    path("reaches/", registers.ReachListView.as_view(), name="reaches"),
    path("cameras/", registers.CameraListView.as_view(), name="cameras"),
    path("cameras/status/", registers.CameraStatusView.as_view(), name="camera-status"),
    path("cameras/summary/", registers.CameraSummaryView.as_view(), name="camera-summary"),
]

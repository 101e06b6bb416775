"""What a phone holds."""

from django.urls import path

from cases.api import sync

urlpatterns = [
    path("sync/", sync.SyncView.as_view(), name="sync"),
    path("sync/cases/", sync.SyncCasesView.as_view(), name="sync-cases"),
]

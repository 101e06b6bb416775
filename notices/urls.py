from django.urls import path

from notices import api, watch_api

urlpatterns = [
    path("mailbox/", api.MailboxView.as_view(), name="mailbox"),
    path("watch/", watch_api.WatchView.as_view(), name="watch"),
    path("watch/<slug:kind>/<int:pk>/retry/", watch_api.RetryView.as_view(), name="watch-retry"),
    path("mailbox/<slug:name>/", api.MailView.as_view(), name="mail"),
]

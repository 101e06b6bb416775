from django.urls import path

from notices import api

urlpatterns = [
    path("mailbox/", api.MailboxView.as_view(), name="mailbox"),
    path("mailbox/<slug:name>/", api.MailView.as_view(), name="mail"),
]

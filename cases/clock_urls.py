"""The working calendar and what is missing in it."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

"""Finding cases: similar ones, saved views, acts on many, lists taken out."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

"""What helps to decide and to write: routing, standard texts, questions."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

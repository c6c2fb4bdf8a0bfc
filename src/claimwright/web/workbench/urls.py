"""Pages of the workbench."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

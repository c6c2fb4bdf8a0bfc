"""Addresses of the practices that people work for."""

from django.urls import URLPattern, path

from claimwright.web.workbench import people_practices

urlpatterns: list[URLPattern] = [
    path("people/practices/", people_practices.practice_grants, name="practice_grants"),
    path("people/<int:person_id>/practices/", people_practices.save_practice_grants, name="save_practice_grants"),
]

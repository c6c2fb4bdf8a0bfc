"""Addresses that a patient opens with a link or a code."""

from django.urls import URLPattern, path

from claimwright.web.portal import entry, pages

urlpatterns: list[URLPattern] = [
    path("bill/<slug:slug>/", entry.by_code, name="portal_code"),
    path("s/<str:token>/", entry.by_link, name="portal_link"),
    path("s/<str:token>/statement/", pages.statement, name="portal_statement"),
    path("s/<str:token>/statement.pdf", pages.pdf, name="portal_pdf"),
    path("s/<str:token>/explain/", pages.explain, name="portal_explain"),
    path("s/<str:token>/pay/<uuid:part_id>/", pages.pay, name="portal_pay"),
    path("s/<str:token>/write/", pages.write, name="portal_write"),
    path("s/<str:token>/leave/", pages.leave, name="portal_leave"),
]

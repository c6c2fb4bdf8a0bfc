"""Addresses of work in hand, of acts on many claims, of views that people keep, and of what explains a page."""

from django.urls import URLPattern, path

from claimwright.web.workbench import claims_together, help_pages, saved_views, worklist_acts

urlpatterns: list[URLPattern] = [
    path("about/", help_pages.help_index, name="help_index"),
    path("about/<slug:page_name>/", help_pages.help_page, name="help_page"),
    path("next/", worklist_acts.take_next, name="take_next"),
    path("worklists/<slug:worklist>/together/", worklist_acts.work_together, name="work_together"),
    path("claims/together/", claims_together.claims_together, name="claims_together"),
    path("views/<slug:page>/keep/", saved_views.save_view, name="save_view"),
    path("views/<uuid:view_id>/drop/", saved_views.delete_view, name="delete_view"),
]

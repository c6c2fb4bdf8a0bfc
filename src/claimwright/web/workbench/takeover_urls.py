"""Addresses of what comes from another system."""

from django.urls import path

from claimwright.web.workbench import takeover as views

urlpatterns = [
    path("takeover/", views.takeovers, name="takeovers"),
    path("takeover/save/", views.save_set, name="save_takeover"),
    path("takeover/templates/<slug:name>.csv", views.template_file, name="takeover_template"),
    path("takeover/<uuid:takeover_id>/", views.takeover, name="takeover"),
    path("takeover/<uuid:takeover_id>/faults.csv", views.faults_file, name="takeover_faults"),
    path("takeover/<uuid:takeover_id>/load/", views.load_set, name="load_takeover"),
    path("takeover/<uuid:takeover_id>/undo/", views.undo_set, name="undo_takeover"),
]

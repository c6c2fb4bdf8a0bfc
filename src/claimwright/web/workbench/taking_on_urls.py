"""Addresses of taking on practices and payers."""

from django.urls import URLPattern, path

from claimwright.web.workbench import taking_on as views

urlpatterns: list[URLPattern] = [
    path("settings/practices/new/", views.settings_new_practice, name="settings_new_practice"),
    path("settings/practices/new/save/", views.save_new_practice, name="save_new_practice"),
    path("settings/practices/<uuid:practice_id>/left/", views.settings_first_claim, name="settings_first_claim"),
    path("settings/practices/<uuid:practice_id>/enrolments/", views.settings_enrolments, name="settings_enrolments"),
    path(
        "settings/practices/<uuid:practice_id>/enrolments/new/",
        views.settings_new_enrolment,
        name="settings_new_enrolment",
    ),
    path(
        "settings/practices/<uuid:practice_id>/enrolments/new/save/",
        views.save_new_enrolment,
        name="save_new_enrolment",
    ),
    path("settings/enrolments/<uuid:enrolment_id>/", views.settings_enrolment, name="settings_enrolment"),
    path("settings/enrolments/<uuid:enrolment_id>/save/", views.save_enrolment, name="save_enrolment"),
    path("settings/payers/new/", views.settings_new_payer, name="settings_new_payer"),
    path("settings/payers/new/<slug:like>/", views.settings_new_payer_of, name="settings_new_payer_of"),
    path("settings/payers/new/<slug:like>/save/", views.save_new_payer, name="save_new_payer"),
]

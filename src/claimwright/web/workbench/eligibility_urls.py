"""Addresses of one patient's eligibility."""

from django.urls import path

from claimwright.web.workbench import patient_eligibility as views

urlpatterns = [
    path("patients/<uuid:patient_id>/eligibility/", views.patient_eligibility, name="patient_eligibility"),
    path("eligibility/now/<uuid:coverage_id>/", views.ask_at_once, name="ask_at_once"),
    path("eligibility/asking/<uuid:inquiry_id>/", views.eligibility_asking, name="eligibility_asking"),
    path("eligibility/key/<uuid:coverage_id>/", views.key_eligibility, name="key_eligibility"),
    path("eligibility/keyed/<uuid:coverage_id>/", views.save_keyed, name="save_keyed_eligibility"),
]

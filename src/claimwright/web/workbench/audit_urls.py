"""Addresses of the audit log and of disclosures."""

from django.urls import path

from claimwright.web.workbench import audit_log as views

urlpatterns = [
    path("audit/", views.audit_log, name="audit_log"),
    path("audit/proof/", views.audit_proof, name="audit_proof"),
    path("patients/<uuid:patient_id>/seen/", views.patient_seen, name="patient_seen"),
    path("patients/<uuid:patient_id>/disclosures/", views.disclosures, name="disclosures"),
    path("patients/<uuid:patient_id>/disclosures/record/", views.record_disclosure, name="record_disclosure"),
    path("patients/<uuid:patient_id>/disclosures.pdf", views.disclosure_accounting, name="disclosure_accounting"),
    path("disclosures/<uuid:disclosure_id>/withdraw/", views.withdraw_disclosure, name="withdraw_disclosure"),
]

"""Addresses of following: claims not answered, contacts, questions, norms, proof of filing."""

from django.urls import URLPattern, path

from claimwright.web.workbench import following

urlpatterns: list[URLPattern] = [
    path("following/", following.following, name="following"),
    path("following/ask/", following.ask_many, name="ask_statuses"),
    path("following/claims/<uuid:version_id>/ask/", following.ask_now, name="ask_status"),
    path("following/claims/<uuid:version_id>/contacts/", following.log, name="log_contact"),
    path("following/claims/<uuid:version_id>/proof.pdf", following.filing_proof, name="filing_proof"),
    path("following/contacts/<uuid:contact_id>/close/", following.close, name="close_contact"),
    path("following/payers/<uuid:payer_id>/norm/", following.save_norm, name="save_payer_norm"),
]

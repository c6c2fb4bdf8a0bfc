"""Addresses of the claim's page: its acts, its raw segments, its sending, and corrections."""

from django.urls import path

from claimwright.web.workbench import (
    advance_notices,
    authorization_asking,
    claim_actions,
    claim_change,
    claim_raw,
    sent_files,
)

_VERSION = "claims/versions/<uuid:version_id>"

urlpatterns = [
    path(f"{_VERSION}/validate/", claim_actions.validate, name="validate_claim"),
    path(f"{_VERSION}/send/", claim_actions.send, name="send_claim"),
    path(f"{_VERSION}/sending/", claim_actions.sending, name="sending_claim"),
    path(f"{_VERSION}/note/", claim_actions.note, name="note_claim"),
    path(f"{_VERSION}/in-hand/", claim_actions.in_hand, name="claim_in_hand"),
    path(f"{_VERSION}/undo/", claim_actions.undo, name="undo_claim"),
    path(f"{_VERSION}/rebill/", claim_actions.resend, name="resend_claim"),
    path(f"{_VERSION}/requeue/", claim_actions.requeue, name="requeue_claim"),
    path(f"{_VERSION}/next-payer/", claim_actions.bill_next, name="bill_next"),
    path(f"{_VERSION}/reopen/", claim_actions.reopen, name="reopen_claim"),
    path(f"{_VERSION}/to-patient/", claim_actions.to_patient, name="claim_to_patient"),
    path(f"{_VERSION}/from-patient/", claim_actions.from_patient, name="claim_from_patient"),
    path(f"{_VERSION}/cancel/", claim_actions.cancel, name="cancel_claim"),
    path(
        f"{_VERSION}/write-offs/<uuid:write_off_id>/back/",
        claim_actions.take_back_write_off,
        name="take_back_write_off",
    ),
    path(f"{_VERSION}/write-off/", claim_actions.write_off, name="claim_write_off"),
    path(f"{_VERSION}/correct/", claim_change.correct_claim, name="correct_claim"),
    path(f"{_VERSION}/correct/save/", claim_change.save_correction, name="save_correction"),
    path(f"{_VERSION}/raw/sent/<uuid:file_id>/", claim_raw.raw_sent, name="raw_sent"),
    path(f"{_VERSION}/raw/received/<uuid:part_id>/", claim_raw.raw_received, name="raw_received"),
    path("files/sent/<uuid:sent_file_id>/cancel/", sent_files.cancel, name="cancel_file"),
    path("files/sent/<uuid:sent_file_id>/again/", sent_files.send_again, name="resend_file"),
    path("authorizations/ask/", authorization_asking.ask_authorization, name="ask_authorization"),
    path(
        "authorizations/ask/send/", authorization_asking.send_authorization_request, name="send_authorization_request"
    ),
    path(
        "authorizations/requests/<uuid:request_id>/again/",
        authorization_asking.ask_authorization_again,
        name="ask_authorization_again",
    ),
    path("patients/<uuid:patient_id>/notices/", advance_notices.advance_notices, name="advance_notices"),
    path("patients/<uuid:patient_id>/notices/save/", advance_notices.save_advance_notice, name="save_advance_notice"),
    path(
        "patients/notices/<uuid:notice_id>/withdraw/",
        advance_notices.withdraw_advance_notice,
        name="withdraw_advance_notice",
    ),
]

"""What each operation that acts is asked with: its body or bytes, its query, and how it is answered.

201 and 200 are done. 409 is an act that a rule refuses in the state the practice at work is in: what it refuses is told
beside it, and the story of another test has it done.
"""

from __future__ import annotations

from typing import Any

DONE = {200, 201, 202}
BECAUSE = {"reason": "asked by the test"}
SIGNED = {"signer": "Pat Lee", "title": "Biller", "telephone": "6085550142", "method": "mail", "tracking": "T1"}
VISIT = {
    "date_from": "2026-09-28", "rendering_npi": "1000000004", "place_of_service": "11", "diagnoses": ["J06.9"],
    "lines": [{"code": "99213", "pointers": "A", "charge": "150.00"}],
}  # fmt: skip
PERSON = {
    "last_name": "OAK", "first_name": "Ann", "birth_date": "1990-05-06", "sex": "F", "line1": "1 Elm St", "city": "Madison",
    "state": "WI", "postal_code": "53703",
}  # fmt: skip

Act = tuple[Any, str, set[int]]


def acts(office: Any, rows: dict[str, Any], x12: bytes, era: bytes) -> dict[str, Act]:
    """By operation: (body or bytes, query, statuses)."""
    patient, luz = rows["patient_id"], office.patients["MRN1007"].pk
    refused = {409}
    return {
        # patients
        "register_new_patient": ({"practice_id": str(office.practice.pk), **PERSON}, "", {201}),
        "add_patient_coverage": (
            {"payer_id": str(rows["payer_id"]), "member_id": "W99", "start": "2027-01-01", "group_number": "G1"}, "", {201},
        ),
        "end_patient_coverage": ({"end": "2026-10-01", **BECAUSE}, "", {200}),
        # eligibility, authorizations, documents
        "ask_about_coverage": ({"on": "2026-09-30"}, "", {202}),
        "record_an_authorization": ({"patient_id": str(patient), "payer_id": str(rows["payer_id"]), "number": "A1", "status": "approved"}, "", {201}),
        "change_an_authorization": ({"visits_approved": 5, "note": "amended"}, "", {200}),
        "file_document": (b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n%2", f"?kind=note&name=n.pdf&patient_id={patient}", {201}),
        "link_a_document": ({"kind": "denial", "subject_id": str(rows["denial_id"])}, "", {201}),
        "close_document_link": (BECAUSE, "", {200}),
        "sign_a_document": ({"signed_on": "2026-09-29", "signed_by": "Dr Lee"}, "", {200}),
        # visits
        "enter_visit": ({"patient_id": str(patient), **VISIT, "is_finished": False}, "", {201} | {422}),
        "lock_visit": (None, "", refused),
        "move_visit_on": ({"event": "hold", **BECAUSE}, "", refused),
        # claims
        "scrub_version": (None, "", {200}),
        "hold_version": (BECAUSE, "", {200}),
        "release_version": (BECAUSE, "", refused),  # not on hold
        "cancel_version": (BECAUSE, "", {200}),
        "put_visit_charges_right": ({"entry": {}, **BECAUSE}, "", {422}),  # they are on a claim
        "override_a_finding": (BECAUSE, "", {200}),
        "replace_version": (BECAUSE, "", refused),  # nothing was decided yet
        "void_version": (BECAUSE, "", refused),
        "send_version_anew": (BECAUSE, "", refused),
        "correct_rejected_version": (BECAUSE, "", refused),
        "split_version": (BECAUSE, "", refused),  # one line
        "combine_versions": ({"version_ids": [str(office.sent.pk)], **BECAUSE}, "", refused),
        "print_version": (None, "", refused),  # held
        "coordinate_version": (BECAUSE, "", refused),  # the first payer's
        "ask_claim_status": (None, "", refused),  # never sent
        "log_payer_contact": ({"channel": "telephone", "said": "in process"}, "", {201}),
        "close_payer_contact": (BECAUSE, "", {200}),
        # files and jobs
        "hand_in_file": (era, "?name=test.835", {202}),
        "send_ready_claims": (None, "", {202}),
        "run_job_now": (None, "", {202}),
        "run_job_run_again": (None, "", {202}),
        # money
        "release_adjustment_of": ({}, "", refused),  # posted
        "decide_held_remittance": ({"decision": "SEPARATE", **BECAUSE}, "", refused),  # not held
        "dismiss_held_remittance": (BECAUSE, "", refused),
        "withdraw_held_decision": (None, "", refused),
        "take_patient_payment": ({"amount": "5.00", "method": "check", "check_number": "77"}, "", {201}),
        "request_a_refund": (None, "", {200}),
        "request_a_write_off": (
            {"encounter_id": str(rows["encounter_id"]), "line_id": "L1004", "bucket": "INS1", "amount": "5.00", "reason": "TIMELY"},
            "", DONE | refused,
        ),
        "match_bank_lines": ({"line_ids": [str(rows["line_id"])], "expected_ids": ["remittance:none"]}, "", refused),
        "explain_a_bank_line": ({"category": "bank_fee", "note": "monthly"}, "", {201}),
        "undo_a_bank_match": ({"note": "wrong line"}, "", {201}),
        "import_bank_statement": (b"no statement", "?name=x.csv", {422}),
        # statements and plans
        "issue_statements_now": (None, "", {200}),
        "void_a_statement": (BECAUSE, "", {200}),
        "reissue_a_statement": (BECAUSE, "", refused),
        "send_statement_again": (None, "", {200}),
        "offer_a_plan": ({"patient_id": str(luz), "starts_on": "2026-10-15", "instalments": 2}, "", refused),  # owes nothing
        "accept_a_plan": (None, "", {200}),
        "cancel_a_plan": (BECAUSE, "", {200}),
        "pay_on_plan": ({"amount": "5.00", "method": "check", "check_number": "118"}, "", {201}),
        # denials
        "analyze_denial": (None, "", {200}),
        "name_denial_cause": ({"cause": "front_desk", "preventable": True}, "", DONE | refused),
        "assign_denial": ({"owner": "owner"}, "", {200}),
        "snooze_denial": ({"until": "2026-10-05", **BECAUSE}, "", {200}),
        "draft_appeal_of": ({"argument": "paid by contract"}, "", refused),
        "note_records_request": ({"what": "the note"}, "", {201}),
        **{
            name: (body, "", refused)  # no appeal is open
            for name, body in (
                ("rewrite_open_appeal", {"argument": "x"}), ("send_open_appeal", SIGNED), ("chase_open_appeal", {"contact": "called"}),
                ("note_appeal_promise", {"amount": "5.00"}), ("close_open_appeal", {"state": "UPHELD"}),
                ("appeal_next_level", None), ("send_requested_records", SIGNED),
            )
        },
        # worklists, edi, programs
        "give_item": ({"owner": "owner"}, "", {200}),
        "finish_item": ({"resolution": "put right"}, "", {200}),
        "validate_x12": (x12, "", {200}),
        "scrub_x12": (x12, "", {200}),
        "read_x12_remittance": (era, "", {200}),
        "register_webhook": ({"url": "https://hooks.example/x", "kinds": ["claim.state_changed"]}, "", {201}),
        "end_webhook": (None, "", {200}),
        "send_webhook_again": (None, "", {200}),
    }  # fmt: skip


# Those that name the version they saw: told in the test of versions.
WITH_VERSION = {"correct_patient_record", "change_entered_visit", "correct_claim_fields"}
# Its held payment must have come as a real 835, which the practice at work has not: releasing is tests/web/payments'.
ELSEWHERE = {"release_claim_payment"}

"""What each operation of the work beside claims and payments is asked with, as `acts` tells it."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from tests.web.api.more_rows import BUNDLE, PDF

BECAUSE = {"reason": "asked by the test"}
HL7 = (
    b"MSH|^~\\&|EHR|MAIN|CW|CW|20260928101500||ADT^A04|M1|P|2.5.1\r"
    b"PID|1||MRN9001^^^EHR^MR||OAK^ANN||19900506|F|||1 ELM ST^^MADISON^WI^53703\r"
)
Act = tuple[Any, str, set[int]]


def more_acts(office: Any, rows: dict[str, Any]) -> dict[str, Act]:
    """By operation: (body or bytes, query, statuses)."""
    return {
        **_of_messages(office, rows), **_of_books(office, rows), **_of_money(office, rows), **_of_people(office, rows),
        **_of_claims(office, rows), **_of_office(office, rows),
    }  # fmt: skip


REFUSED, DONE = {409}, {200, 201, 202}


def _of_messages(office: Any, rows: dict[str, Any]) -> dict[str, Act]:
    return {
        "take_fhir_bundle": (BUNDLE.replace(b"b1", b"b2"), "", {201}),
        "take_hl7_messages": (HL7, "", {201}),
        "set_interface": ({"practice_id": str(office.practice.pk), "gather_days": 2}, "", {200}),
        "add_interface_code": ({"kind": "payer", "theirs": "P2", "ours": office.payer.key}, "", {201}),
        "remove_interface_code": (None, "", {200}),
        "replay_interface_messages": (None, "", {200}),
        "replay_one_message": (None, "", {200}),
        "close_one_message": (BECAUSE, "", {200}),
        "schedule_a_job": ({"cron": "0 20 * * 1-5"}, "", {200}),
        # takeover
        "save_a_takeover": (
            {
                "practice_id": str(office.practice.pk), "name": "second", "as_of": "2026-09-01", "insurance": "10.00",
                "patient": "0.00", "credits": "0.00",
                "files": [{"name": "patients.csv", "content": b64encode(b"mrn\r\n").decode()}],
            },
            "", {201},
        ),
        "load_a_takeover": (None, "", REFUSED),  # it holds nothing that ties
        "undo_a_takeover": (BECAUSE, "", REFUSED),  # it is not loaded
    }  # fmt: skip


def _of_books(office: Any, rows: dict[str, Any]) -> dict[str, Act]:
    return {
        "close_a_day": ({"day": "2026-09-28", "note": "counted"}, "", {201}),
        "sign_month_item": ({"item": "audit", "reason": "audited next week"}, "", {200}),
        "lock_a_month": (None, "", REFUSED),  # items are open
        "enter_cost": ({"month": "2026-08", "amount": "1200.00", "note": "wages"}, "", {201}),
        "set_client_terms": (
            {"first_month": "2026-10", "items": [{"fee": "percent", "words": "Billing", "tiers": [{"percent": "6.00"}]}]},
            "", {201},
        ),
        "issue_client_invoice": (None, "", {201}),  # issued already: that one
        "issue_client_invoices": (None, "", {201}),
        "void_client_invoice": (BECAUSE, "", {200}),
        "record_client_payment": ({"amount": "100.00", "received_on": "2026-09-29"}, "", {201}),
        "record_a_disclosure": (
            {"disclosed_on": "2026-09-29", "recipient": "Health department", "what": "A report", "purpose": "The law asks",
             "basis": "public_health"}, "", {201},
        ),
        "withdraw_a_disclosure": (BECAUSE, "", {200}),
    }  # fmt: skip


def _of_money(office: Any, rows: dict[str, Any]) -> dict[str, Act]:
    other = str(office.patients["MRN1007"].pk)
    practice = {"practice_id": str(office.practice.pk)}
    return {
        # recoveries
        "decide_an_underpayment": ({"state": "ACCEPTED", "note": "right as paid"}, "", {200}),
        "make_a_dispute": ({"underpayment_ids": [str(rows["underpayment_id"])], "signer": "Pat Lee"}, "", DONE),
        "send_a_dispute": (None, "", {200}),
        "answer_a_dispute": ({"answer": "no", "agreed": False}, "", REFUSED),  # it was not sent
        "add_an_agency": ({"name": "Second", "percent": "20.00"}, "", {201}),
        "place_an_account": ({"agency_id": str(rows["agency_id"])}, "", REFUSED),
        "decline_a_placement": (BECAUSE, "", {200}),
        "recall_an_account": (BECAUSE, "", REFUSED),  # it is not placed
        "make_placement_file": (None, "", REFUSED),  # nothing was placed since
        "make_recall_file": (None, "", REFUSED),
        "import_agency_payments": (b"no such file", "?name=p.csv", REFUSED),
        "record_takeback_notice": (
            {"payer_id": str(office.payer.pk), **practice, "amount": "25.00", "announced_on": "2026-09-20"}, "", {201},
        ),
        "name_takeback_claim": ({"claim_payment_id": str(rows["claim_payment_id"])}, "", REFUSED),
        "settle_takeback_by_held": ({"claim_payment_id": str(rows["claim_payment_id"])}, "", REFUSED),  # it is not held
        "contest_a_takeback": ({"reason": "paid by contract", "signer": "Pat Lee"}, "", {200}),
        "accept_a_takeback": ({"answer": "it is right"}, "", {200}),
        "note_takeback_withdrawn": ({"answer": "they withdrew it"}, "", {200}),
        # credits
        "name_refund_cause": ({"cause": "patient_overpaid"}, "", {200}),
        "issue_a_refund": ({"reference": "1001"}, "", REFUSED),  # nobody approved it
        "issue_refunds_together": ({"refund_ids": [str(rows["refund_id"])], "reference": "1001"}, "", REFUSED),
        "begin_refund_investigation": (None, "", REFUSED),  # of a patient: no clock runs
        "conclude_refund_investigation": (None, "", REFUSED),
        "choose_refund_recoupment": ({"recoup": True}, "", REFUSED),  # of no payer
        "move_patient_credit": (BECAUSE, "", {200}),
        "refuse_payer_request": (BECAUSE, "", REFUSED),  # no payer asked
        "stop_refund_payment": (BECAUSE, "", REFUSED),  # not issued
        "pay_refund_again": ({"reference": "1002"}, "", REFUSED),
        "escheat_a_refund": ({"reference": "WI-1"}, "", REFUSED),
        "record_payer_request": ({"line_id": "L1001", "bucket": "INS1", "amount": "1.00"}, "", {201}),
        "write_off_the_small": (None, "", {200}),
        "take_back_a_write_off": (BECAUSE, "", {200}),
        "move_claim_to_patient": (BECAUSE, "", REFUSED),  # it was never sent
        "move_claim_from_patient": (BECAUSE, "", REFUSED),  # nothing was moved
        # the counter
        "open_cash_drawer": ({**practice, "float_amount": "100.00"}, "", {201}),
        "make_deposit_slip": (practice, "", REFUSED),
        "void_deposit_slip": ({"note": "made twice"}, "", {200}),
        "record_returned_payment": ({"fee": "0.00"}, "", {201}),
        "settle_returned_payment": ({"note": "paid in cash"}, "", {200}),
        "unapply_a_payment": (BECAUSE, "", {200}),
        "move_unapplied_credit": ({"to_patient_id": other, "amount": "1.00", **BECAUSE}, "", {201}),
        # posting by hand
        "start_a_paper": (
            {**practice, "payer_id": str(office.payer.pk), "check_number": "6001", "check_date": "2026-09-29",
             "amount": "80.00"}, "", {201},
        ),
        "key_a_paper": (
            {"claims": [{"version_id": str(office.sent.pk), "lines": [{"line_id": "L1006", "paid": "10.00", "adjustments": "CO45"}]}]},
            "", {200},
        ),
        "post_a_paper": (None, "", REFUSED),  # nothing is keyed
        "discard_a_paper": (None, "", {200}),
        "record_a_virtual_card": ({"last_four": "1234", "fee": "1.00", "batch_number": "B7"}, "", {201}),
        "note_card_opt_out": (None, "", {404}),  # no card is recorded
        "post_what_was_looked_over": (None, "", REFUSED),  # nothing waits for a look alone
        "assign_claim_payment": (BECAUSE, "", REFUSED),  # it is of no other practice
        "owe_held_money_back": (
            {"claim_payment_id": str(rows["claim_payment_id"]), "note": "paid to us in error"}, "", {200},
        ),
        "take_held_money_back": (
            {"held": {"claim_payment_id": str(rows["claim_payment_id"])}, "taken_by": {"adjustment_id": str(rows["adjustment_id"])}},
            "", REFUSED,
        ),
        "settle_a_practice_debt": ({"reference": "ACH1"}, "", {200}),
        "place_held_adjustment": ({"kind": "interest", "note": "as their letter says"}, "", REFUSED),  # posted
    }  # fmt: skip


def _of_people(office: Any, rows: dict[str, Any]) -> dict[str, Act]:
    patient, coverage = str(rows["patient_id"]), str(rows["coverage_id"])
    cover = {"payer_id": str(rows["payer_id"]), "member_id": "W98", "start": "2026-06-01"}
    return {
        # registration
        "scan_for_duplicates": (None, "", {200}),
        "keep_records_apart": (BECAUSE, "", {200}),
        "merge_records": ({"survivor_id": patient, **BECAUSE}, "", {201}),
        "undo_a_merge": (BECAUSE, "", REFUSED),  # it is undone already
        "confirm_coverage_order": ({"on": "2026-09-30", "coverage_ids": [coverage]}, "", {200}),
        "replace_patient_coverage": ({**cover, "standing": {"plan": "individual"}}, "", {201}),
        "bill_a_found_coverage": (cover, "", {201}),
        "undo_a_found_coverage": (BECAUSE, "", {200}),
        "set_patient_parents": ({"parents": "apart"}, "", {200}),
        "record_medicare_questionnaire": ({"basis": "age", "answered_on": "2026-09-20"}, "", {201}),
        "record_accident_answers": ({"other": True, "happened_on": "2026-09-01"}, "", {201}),
        "close_injury_case": (BECAUSE, "", {200}),
        "mark_returned_mail": (BECAUSE, "", {200}),
        "add_card_image": (PDF + b"%2", "?side=back&name=b.pdf", {201}),
        # asking
        "ask_for_authorization": (
            {"patient_id": patient, "payer_id": str(office.payer.pk), "diagnoses": ["M54.50"], "on": "2026-10-05",
             "services": [{"code": "97110", "units": 12}]}, "", {202},
        ),
        "ask_authorization_once_more": (None, "", REFUSED),  # the payer has no connection
        "record_advance_notice": (
            {"services": [{"code": "82306", "reason": "not for this diagnosis", "estimated_cost": "45.00"}], "option": "1",
             "signed_on": "2026-09-29"}, "", {201},
        ),
        "withdraw_a_notice": (BECAUSE, "", {200}),
        "look_for_other_coverage": (None, "", {202}),
        "accept_a_candidate": ({"member_id": "X1", "start": "2027-01-01", "note": "card seen"}, "", {200}),
        "decline_a_candidate": ({"note": "a namesake"}, "", {200}),
        "key_eligibility_answer": (
            {"source": "telephone", "reference": "CALL-7", "status": "active", "copay": "25.00", "coinsurance_percent": "20.00"},
            "", {201},
        ),
        "set_payer_eligibility": ({"before_visit_days": 5, "service_types": ["98"]}, "", {200}),
        "replace_a_document": (PDF + b"%3", "?name=again.pdf", {201}),
        "number_a_document": (None, "", {200}),
        "hold_a_document": (BECAUSE, "", {200}),
        # accounts
        "open_patient_inquiry": (
            {"patient_id": patient, "channel": "phone", "topic": "amount", "words": "Too much"}, "", {201},
        ),
        "assign_patient_inquiry": ({"owner": "owner"}, "", {200}),
        "resolve_patient_inquiry": ({"resolution": "explained", "answer": "It is the deductible."}, "", {200}),
        "take_application": (
            {"patient_id": str(office.patients["MRN1007"].pk), "household_size": 2, "annual_income": "18000.00",
             "residence": "WI"}, "", {201},
        ),
        "add_application_paper": ({"kind": "pay_stubs"}, "", {200}),
        "ask_for_application_papers": (None, "", {200}),
        "withdraw_application": (BECAUSE, "", {200}),
        "join_a_plan": ({"encounter_ids": [str(rows["encounter_id"])], "consent": "on the telephone"}, "", REFUSED),
        "reinstate_a_plan": (BECAUSE, "", REFUSED),  # it did not break
        "hand_plan_to_agency": (None, "", REFUSED),
        "keep_plan_card": (None, "", REFUSED),  # no consent was signed
        "charge_a_plan": (None, "", {200}),  # nothing is due
        "stop_plan_autopay": (BECAUSE, "", REFUSED),
        "issue_an_estimate": (
            {"patient_id": patient, "services": [{"code": "99204"}], "primary_service": "A visit", "service_on": "2026-10-20"},
            "", REFUSED,
        ),
        "revise_an_estimate": ({"services": [{"code": "99204"}], "service_on": "2026-10-21"}, "", REFUSED),
        "ask_for_an_estimate": ({"patient_id": patient, "wanted": "A visit"}, "", {201}),
        "confirm_an_excess": ({"note": "a second visit was needed"}, "", {200}),
        "log_estimate_dispute": ({"reference": "HHS2", "filed_on": "2026-09-30"}, "", REFUSED),
        "end_estimate_dispute": ({"outcome": "WITHDRAWN", "note": "they paid"}, "", {200}),
        # mail
        "make_a_mail_batch": (None, "", REFUSED),
        "note_returned_mail": ({"reason": "moved"}, "", {200}),
        "email_statement_links": (None, "", {202}),
        "run_dunning_now": (None, "", {200}),
        "record_dunning_contact": ({"state": "cancelled", "note": "paid today"}, "", {200}),
    }  # fmt: skip


def _of_claims(office: Any, rows: dict[str, Any]) -> dict[str, Act]:
    return {
        "apply_a_fix": ({"seen": "0" * 64}, "", REFUSED),  # it is not the fix that was shown
        "keep_claim_in_hand": ({"owner": "owner", "follow_up_on": None}, "", {200}),
        "note_on_claim": ({"text": "The payer will call back."}, "", {201}),
        "undo_last_step": (None, "", REFUSED),  # no hold came before
        "send_version_now": (None, "", REFUSED),  # held
        "resubmit_version": (BECAUSE, "", REFUSED),  # never sent
        "requeue_version": (BECAUSE, "", REFUSED),
        "file_crossover_ourselves": (BECAUSE, "", REFUSED),
        "reopen_version": (BECAUSE, "", REFUSED),
        "put_authorization_on_claim": (
            {"authorization_id": str(rows["authorization_id"]), "lines": [1]}, "", REFUSED,  # another patient's
        ),
        "cancel_sent_file": (BECAUSE, "", REFUSED),
        "send_file_once_more": (BECAUSE, "", REFUSED),  # it is known to have arrived
        "set_payer_norm": ({"answer_days": 30}, "", {200}),
        "work_denials_together": ({"denial_ids": [str(rows["denial_id"])], "action": "analyze"}, "", {200}),
        "save_letter": ({"text": ""}, "", {200}),
        "ask_a_provider": (
            {"question": "Which side was it?", "evidence": [{"source": "note 7", "excerpt": "knee pain"}], "provider_npi": "1000000020"}, "", DONE | REFUSED,
        ),
        "answer_a_query": ({"outcome": "left", "words": "the left knee"}, "", {200}),
        "withdraw_a_query": (BECAUSE, "", {200}),
        "time_anesthesia": ({"stretches": []}, "", {200}),
        # worklists
        "take_next_item": ({"owner": "owner", "worklists": ["claim_edits"]}, "", {404}),
        "snooze_item": ({"until": "2026-10-02", **BECAUSE}, "", {200}),
        "wake_item": (None, "", REFUSED),  # it does not sleep
        "escalate_item": ({"question": "May we write it off?"}, "", {200}),
        "return_item": ({"answer": "Yes, you may"}, "", REFUSED),  # nobody passed it up
    }  # fmt: skip


def _of_office(office: Any, rows: dict[str, Any]) -> dict[str, Act]:
    rule = {
        "severity": "W",
        "text": "A referral is missing",
        "payer_ids": [office.payer.payer_id],
        "missing": "referral",
    }
    sheet = b"code,method,amount\n99213,fixed,101.00\n"
    return {
        "save_a_contract": ({"payer_id": str(office.medicare.pk), "tax_id": "39-1234567", "name": "Medicare"}, "", {201}),
        "preview_rate_sheet": (sheet, "?start=2027-01-01", {200}),
        "import_a_rate_sheet": (sheet, "?name=rates.csv&start=2027-01-01", {201}),
        "withdraw_contract_version": (BECAUSE, "", {200}),
        "bring_prices": (b"code,amount\n99214,210.00\n", f"?practice_id={office.practice.pk}&name=p.csv&start=2026-10-01", {201}),
        "accept_a_price_import": ({"seen": "0" * 64}, "", REFUSED),  # it is not what was shown
        "discard_a_price_import": (None, "", {200}),
        "write_rule": ({"name": "Referrals", **rule}, "", {201}),
        "revise_a_rule": ({"note": "their bulletin", **rule}, "", {201}),
        "try_a_rule": (None, "", {200}),
        "activate_a_rule": ({}, "", REFUSED),  # it was not tried
        "renew_a_rule": ({"until": "2027-06-30"}, "", REFUSED),  # not in force
        "retire_a_rule": (BECAUSE, "", {200}),
        "change_practice_settings": ({"entry": {"statement_name": "Lakeside Clinic"}}, "", {200}),
        "add_practice_number": ({"kind": "CLIA", "value": "52D2072838", "start": "2026-10-01"}, "", {201}),
        "change_practice_policies": ({"entry": {}}, "", {200}),
        "set_time_zone": ({"time_zone": "America/Denver"}, "", {200}),
        "change_provider_settings": ({"entry": {"suffix": "MD"}}, "", {200}),
        "change_location_settings": ({"entry": {"name": "Main Street"}}, "", {200}),
        **_taking_on(office, rows),
        "change_payer_automation": ({"posts_by_itself": False, **BECAUSE}, "", {200}),
        "add_never_automatic_reason": ({"practice_id": str(office.practice.pk), "carc": "B7", **BECAUSE}, "", {201}),
        "end_never_automatic_reason": (BECAUSE, "", {200}),
        "try_a_connection": (None, "", {200}),
    }  # fmt: skip


def _taking_on(office: Any, rows: dict[str, Any]) -> dict[str, Act]:
    place = {"line1": "9 Hill Road", "city": "Madison", "state": "WI", "postal_code": "53703-1234"}
    practice = {
        "name": "Hill",
        "npi": "1000000095",
        "tax_id": "39-7654321",
        "taxonomy": "208000000X",
        "start": "2026-01-01",
    }
    return {
        "take_on_practice": (practice | place, "", {201}),
        "take_on_provider": ({"npi": "1000000103", "last_name": "Bell", "first_name": "Nora"}, "", {201}),
        "take_on_location": ({"practice_id": str(office.practice.pk), "code": "HILL", "name": "Hill"} | place, "", {201}),
        "take_on_payer": ({"like": "medicare", "name": "Medicare of Wisconsin", "payer_id": "06102"}, "", {201}),
        "change_payer_settings": ({"entry": {"usual_pay_days": "30", "original_count": "90"}}, "", {200}),
        "change_payer_rules": ({"entry": {"requires_clia": "on", "span_limit": "month"}}, "", {200}),
        "add_payer_rule": ({"section": "authorization", "entry": {"codes": "70551", "source": "Manual 4"}}, "", {201}),
        "end_payer_rule": ({"section": "date", "rule": rows["payer_rule"], **BECAUSE}, "", {200}),
        "record_enrolment": (
            {"payer_id": str(rows["payer_id"]), "transaction": "835", "status": "approved", "start": "2026-01-01"}, "", {201},
        ),
        "change_enrolment_standing": ({"status": "submitted", "note": "asked on Monday"}, "", {200}),
    }  # fmt: skip

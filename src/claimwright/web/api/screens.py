"""What programs do of what people do: every address of the workbench with its operations, or why it has none.

tests/house/test_screens.py holds this to workbench/policies.py: an address that is new there and in no row here fails.
"""

from __future__ import annotations

# Address of the workbench: the operations that do what its page does, under the permission of the address.
OPERATIONS_OF: dict[str, str] = {
    # The day
    "home": "list_worklists", "worklist": "list_items read_item", "worklist_file": "list_items",
    "find_codes": "search_codes", "find_price": "check_price", "find_level": "find_visit_level",
    "finish": "finish_item", "assign_work": "give_item", "take_next": "take_next_item",
    "work_together": "give_item snooze_item wake_item escalate_item", "claim_in_hand": "keep_claim_in_hand",
    # Patients and their coverage
    "patients": "list_patients", "patient": "read_patient", "duplicates": "list_duplicates list_merges",
    "coverages": "list_coverages list_coverage_faults propose_coverage_order list_found_coverages list_cards",
    "card_image": "download_card_image", "duplicate": "read_duplicate", "patient_letter": "read_patient_letter",
    "eligibility": "list_inquiries list_candidates", "eligibility_snapshot": "read_answer",
    "patient_eligibility": "list_answers", "eligibility_asking": "read_inquiry",
    "save_new_patient": "register_new_patient", "save_patient": "correct_patient_record",
    "returned_mail": "mark_returned_mail", "save_order": "confirm_coverage_order",
    "save_coverage": "add_patient_coverage replace_patient_coverage bill_a_found_coverage",
    "save_parents": "set_patient_parents", "save_medicare_answers": "record_medicare_questionnaire",
    "save_accident": "record_accident_answers", "close_case": "close_injury_case",
    "undo_found": "undo_a_found_coverage", "end_coverage": "end_patient_coverage", "upload_cards": "add_card_image",
    "scan_duplicates": "scan_for_duplicates", "keep_apart": "keep_records_apart", "merge_patients": "merge_records",
    "undo_merge": "undo_a_merge",
    # Before the visit
    "ask_eligibility": "ask_about_coverage", "ask_at_once": "ask_about_coverage",
    "look_for_coverage": "look_for_other_coverage", "decide_candidate": "accept_a_candidate decline_a_candidate",
    "save_keyed_eligibility": "key_eligibility_answer", "save_eligibility_payer": "set_payer_eligibility",
    "authorizations": "list_authorizations", "advance_notices": "list_advance_notices",
    "authorization": "read_authorization list_authorization_requests",
    "save_new_authorization": "record_an_authorization", "save_authorization": "change_an_authorization",
    "send_authorization_request": "ask_for_authorization", "ask_authorization_again": "ask_authorization_once_more",
    "save_advance_notice": "record_advance_notice", "withdraw_advance_notice": "withdraw_a_notice",
    "documents": "list_documents", "document": "read_document", "document_content": "download_document",
    "upload_document": "file_document", "replace_document": "replace_a_document", "sign_document": "sign_a_document",
    "link_document": "link_a_document", "number_document": "number_a_document",
    "unlink_document": "close_document_link", "hold_document": "hold_a_document",
    # Visits
    "visits": "list_visits", "visit": "read_visit_of list_queries", "save_new_visit": "enter_visit",
    "save_entered_visit": "change_entered_visit", "charge_visit": "lock_visit", "save_visit_charges": "put_visit_charges_right", "move_visit": "move_visit_on",
    "ask_query": "ask_a_provider", "answer_query": "answer_a_query", "withdraw_query": "withdraw_a_query",
    "save_anesthesia": "time_anesthesia",
    # Claims
    "claims": "list_claims", "claims_csv": "list_claims", "claims_xlsx": "list_claims",
    "claim": "read_claim read_version list_findings list_timeline list_payer_words list_claim_ledger",
    "claim_proof": "read_claim_form", "claim_mailed": "read_mailed_form", "filing_proof": "read_filing_proof",
    "edits": "list_edits", "edit": "list_edits", "raw_sent": "read_sent_segments",
    "raw_received": "read_received_segments", "fix": "read_fix", "apply_fix": "apply_a_fix",
    "save_claim": "correct_claim_fields", "hold": "hold_version", "release": "release_version",
    "put_authorization": "put_authorization_on_claim", "validate_claim": "scrub_version",
    "claims_together": "hold_version release_version scrub_version", "note_claim": "note_on_claim",
    "undo_claim": "undo_last_step",
    "follow_claim": "replace_version void_version send_version_anew correct_rejected_version",
    "split_claim": "split_version", "combine_claims": "combine_versions", "print_claim": "print_version",
    "send_claim": "send_version_now send_ready_claims",
    "save_correction": "correct_rejected_version replace_version send_version_anew",
    "resend_claim": "resubmit_version", "requeue_claim": "requeue_version",
    "bill_next": "coordinate_version file_crossover_ourselves", "reopen_claim": "reopen_version",
    "cancel_file": "cancel_sent_file", "resend_file": "send_file_once_more", "override": "override_a_finding",
    # Following up and denials
    "following": "list_following_steps list_claims_without_answer list_status_answers list_contacts",
    "ask_statuses": "ask_claim_status", "ask_status": "ask_claim_status", "log_contact": "log_payer_contact",
    "close_contact": "close_payer_contact", "save_payer_norm": "set_payer_norm",
    "denials": "list_denials", "denial": "read_denial", "denial_trends": "list_denial_trends",
    "letter_templates": "list_letters", "rule_proposals": "list_rule_proposals",
    "appeal_proof": "read_appeal_pack read_records_pack",
    "work_denial": "analyze_denial name_denial_cause assign_denial snooze_denial draft_appeal_of rewrite_open_appeal "
    "send_open_appeal chase_open_appeal note_appeal_promise close_open_appeal appeal_next_level note_records_request "
    "send_requested_records",
    "batch_denials": "work_denials_together", "save_letter_template": "save_letter",
    # Payments
    "remittances": "list_remittances", "remittance": "read_remittance list_practice_debts",
    "remittance_eobs": "read_remittance_eobs", "claim_eob": "read_claim_eob", "paper_list": "list_paper",
    "start_paper": "start_a_paper", "save_paper": "key_a_paper post_a_paper discard_a_paper",
    "virtual_card": "record_a_virtual_card note_card_opt_out", "release_payment": "release_claim_payment",
    "release_adjustment": "release_adjustment_of", "post_looked_over": "post_what_was_looked_over",
    "decide_held": "decide_held_remittance dismiss_held_remittance withdraw_held_decision",
    "assign_payment": "assign_claim_payment", "settle_debt": "settle_a_practice_debt",
    "place_adjustment": "place_held_adjustment", "give_back": "owe_held_money_back take_held_money_back",
    "bank": "list_bank_accounts list_bank_lines list_open_money list_bank_matches",
    "import_statement": "import_bank_statement", "accept_bank_match": "match_bank_lines",
    "explain_bank_line": "explain_a_bank_line", "undo_bank_match": "undo_a_bank_match",
    "counter": "list_drawers list_slips list_returned_payments list_receipts read_receipt",
    "slip_pdf": "read_slip_paper", "receipt_pdf": "read_receipt_paper", "counter_payment": "take_patient_payment",
    "open_drawer": "open_cash_drawer", "make_slip": "make_deposit_slip", "void_slip": "void_deposit_slip",
    "record_return": "record_returned_payment", "unapply_receipt": "unapply_a_payment",
    "settle_return": "settle_returned_payment", "move_credit": "move_unapplied_credit",
    "refunds": "list_refunds read_refund", "write_offs": "list_write_offs list_small_balances",
    "claim_to_patient": "move_claim_to_patient", "claim_write_off": "request_a_write_off",
    "claim_from_patient": "move_claim_from_patient", "take_back_write_off": "take_back_a_write_off",
    "cancel_claim": "cancel_version",
    "work_refund": "request_a_refund name_refund_cause issue_a_refund begin_refund_investigation "
    "conclude_refund_investigation choose_refund_recoupment move_patient_credit refuse_payer_request "
    "stop_refund_payment pay_refund_again escheat_a_refund",
    "issue_together": "issue_refunds_together", "payer_request": "record_payer_request",
    "write_off_small": "write_off_the_small",
    # Money to get back
    "underpayments": "list_underpayments list_underpaid_groups list_disputes", "dispute_letter": "read_dispute_letter",
    "takebacks": "list_takebacks list_carried_forward read_takeback", "takeback_letter": "read_takeback_letter",
    "agency": "list_agencies list_placements list_agency_files", "agency_file": "download_agency_file",
    "make_dispute": "make_a_dispute", "decide_underpayment": "decide_an_underpayment",
    "work_dispute": "send_a_dispute answer_a_dispute", "takeback_notice": "record_takeback_notice",
    "work_takeback": "name_takeback_claim settle_takeback_by_held contest_a_takeback accept_a_takeback "
    "note_takeback_withdrawn",
    "open_agency": "add_an_agency", "work_account": "place_an_account decline_a_placement recall_an_account",
    "agency_export": "make_placement_file make_recall_file import_agency_payments",
    # Patients' accounts
    "statements": "list_statements read_statement list_pieces list_mail_batches",
    "due_statements": "preview_statements", "dunning": "list_dunning_accounts list_dunning_contacts",
    "statement": "read_statement_paper", "guarantor_statement": "read_statement_paper",
    "final_notice": "read_final_notice", "mail_batch": "download_mail_batch", "plans": "list_plans",
    "plan": "read_plan", "plan_agreement": "read_plan_agreement", "inquiries": "list_patient_inquiries",
    "assistance": "list_applications",
    "estimates": "list_estimates list_estimate_requests list_excesses list_estimate_disputes",
    "estimate_pdf": "read_estimate_paper", "offer_plan": "offer_a_plan",
    "change_plan": "accept_a_plan cancel_a_plan join_a_plan reinstate_a_plan hand_plan_to_agency keep_plan_card "
    "charge_a_plan stop_plan_autopay",
    "open_inquiry": "open_patient_inquiry", "change_inquiry": "assign_patient_inquiry resolve_patient_inquiry",
    "apply_for_assistance": "take_application",
    "change_assistance": "add_application_paper ask_for_application_papers withdraw_application",
    "issue_estimate": "issue_an_estimate revise_an_estimate", "request_estimate": "ask_for_an_estimate",
    "estimate_excess": "confirm_an_excess log_estimate_dispute", "close_estimate_dispute": "end_estimate_dispute",
    "issue_statements": "issue_statements_now", "print_statements": "make_a_mail_batch",
    "email_statements": "email_statement_links", "run_dunning": "run_dunning_now",
    "change_statement": "void_a_statement reissue_a_statement send_statement_again",
    "mail_returned": "note_returned_mail", "record_contact": "record_dunning_contact",
    # Figures and the books
    "reports": "list_reports", "report": "read_report", "report_file": "read_report", "report_trends": "list_trends",
    "report_costs": "list_costs", "figure": "list_figures read_figure_rows", "figure_file": "read_figure_rows",
    "save_cost": "enter_cost", "close": "read_month list_closed_days prove_a_month",
    "closed_day_sheet": "download_day_sheet", "month_report": "download_month_report", "close_day": "close_a_day",
    "sign_off_item": "sign_month_item", "lock_month": "lock_a_month", "clients": "list_clients",
    "client": "read_client draft_client_invoice", "invoice_paper": "read_client_invoice",
    "client_report": "read_client_report read_client_workbook", "issue_all_invoices": "issue_client_invoices",
    "save_terms": "set_client_terms", "issue_invoice": "issue_client_invoice", "void_invoice": "void_client_invoice",
    "client_payment": "record_client_payment",
    # The office
    "audit_log": "list_audit", "audit_proof": "prove_audit_log", "patient_seen": "list_who_saw",
    "disclosures": "list_disclosures", "disclosure_accounting": "read_disclosure_accounting",
    "record_disclosure": "record_a_disclosure", "withdraw_disclosure": "withdraw_a_disclosure",
    "jobs": "list_jobs list_job_runs read_job_run", "run_job": "run_job_now", "run_job_again": "run_job_run_again",
    "schedule_job": "schedule_a_job", "files": "list_received list_sent", "received_file": "read_received",
    "received_download": "download_received", "sent_file": "read_sent", "sent_download": "download_sent",
    "interfaces": "list_interfaces list_interface_messages", "interface": "read_interface",
    "interface_message": "read_interface_message download_interface_message", "save_interface": "set_interface",
    "save_interface_code": "add_interface_code", "drop_interface_code": "remove_interface_code",
    "replay_interface": "replay_interface_messages", "replay_message": "replay_one_message",
    "close_message": "close_one_message", "programs": "list_webhooks", "program_endpoint": "list_deliveries",
    "register_program_endpoint": "register_webhook", "end_program_endpoint": "end_webhook",
    "send_events_again": "send_webhook_again",
    # How it is set up
    "contracts": "list_contracts", "contract": "read_contract list_rates check_contract_price", "rules": "list_rules",
    "rule": "list_rules", "code_sets": "list_code_sets list_code_set_endings", "charge_master": "list_prices list_price_imports",
    "price_import": "read_price_import", "settings_practice": "read_practice_settings",
    "settings_policies": "read_practice_policies", "settings_provider": "read_provider_settings",
    "settings_location": "read_location_settings",
    "settings_posting": "list_payer_automation list_never_automatic", "save_time_zone": "set_time_zone",
    "save_practice_settings": "change_practice_settings", "add_identifier": "add_practice_number",
    "save_policies": "change_practice_policies", "save_provider": "change_provider_settings",
    "save_location": "change_location_settings", "save_payer_automation": "change_payer_automation",
    "add_never_automatic": "add_never_automatic_reason", "end_never_automatic": "end_never_automatic_reason",
    "settings_connections": "list_connections", "settings_connection": "list_connections",
    "try_connection": "try_a_connection", "upload_prices": "bring_prices", "discard_prices": "discard_a_price_import",
    "accept_prices": "accept_a_price_import", "save_contract": "save_a_contract",
    "preview_sheet": "preview_rate_sheet", "accept_sheet": "import_a_rate_sheet",
    "withdraw_version": "withdraw_contract_version", "save_new_rule": "write_rule", "save_rule": "revise_a_rule",
    "act_on_rule": "try_a_rule activate_a_rule renew_a_rule retire_a_rule",
    "settings_payer_rules": "read_payer_rules", "save_payer_rules": "change_payer_rules",
    "add_payer_rule": "add_payer_rule", "end_payer_rule": "end_payer_rule",
    "settings_payer": "read_payer_settings", "save_payer_settings": "change_payer_settings",
    "save_new_practice": "take_on_practice", "save_new_provider": "take_on_provider",
    "save_new_location": "take_on_location", "save_new_payer": "take_on_payer", "settings_first_claim": "read_first_claim",
    "settings_enrolments": "list_enrolments", "settings_enrolment": "list_enrolments",
    "save_new_enrolment": "record_enrolment", "save_enrolment": "change_enrolment_standing",
    "takeovers": "list_takeovers", "takeover": "read_takeover", "takeover_template": "download_takeover_template",
    "takeover_faults": "download_takeover_faults", "save_takeover": "save_a_takeover",
    "load_takeover": "load_a_takeover", "undo_takeover": "undo_a_takeover",
}  # fmt: skip

# A form alone: its act is a row above. A program sends the fields, and reads what there is by other operations.
FORM = "the form of an act: a program sends its fields"
VIEW = "how a person keeps the pages"
PERSON = "decided by a person, and by another one than asked"
SIGN_IN = "who may sign in is for people to say, in person"
SECRET = "a person types a partner's secret, or compares its key"
INSTALLATION = "of the installation, for every practice on it: an owner in person, or the command line"

# Why, and the addresses.
_REASONS: tuple[tuple[str, str], ...] = (
    (FORM, "new_patient edit_patient key_eligibility new_authorization edit_authorization ask_authorization new_visit "
     "edit_visit correct_visit_charges change_claim correct_claim new_rule edit_rule settings_new_provider settings_new_location "
     "settings_new_connection settings_new_practice settings_new_payer settings_new_payer_of settings_new_enrolment"),
    (VIEW, "save_view delete_view keep_filter"),
    (PERSON, "decide_write_off decide_proposal"),
    (SIGN_IN, "people practice_grants add_person change_person_role new_sign_in_link reset_second_factor disable_person "
     "enable_person unlock_person review_emergency save_practice_grants"),
    (SECRET, "save_connection save_new_connection trust_host_key"),
    (INSTALLATION, "check_code_files import_codes rollback_codes"),
    ("a person gives a program its token; no program makes another", "issue_api_token revoke_api_token"),
    ("leads to pages: each of their lists is an operation of office.read",
     "setup settings settings_providers settings_locations settings_payers"),
    ("what it finds are lists, each with its own operation and filters", "search"),
    ("documents for people, the same in docs/how-it-works", "help_index help_page"),
    ("list_patients does it, under patients.read", "find_patients"),
    ("list_claim_authorizations does it, under authorizations.read", "claim_authorizations"),
    ("read_paper does it, under remittances.read", "paper"),
    ("the least that the work needs: no program is given a whole social security number", "show_ssn"),
    ("two persons count the cash, neither seeing the other's figure", "count_drawer"),
    ("an owner opens a closed month again, in person", "reopen_month"),
    ("an owner's own session posts in a month that was opened again", "posting_day"),
    ("an emergency is a person's, in person", "open_in_emergency"),
    ("how far a sending is, says read_job_run", "sending_claim"),
)  # fmt: skip
WITHOUT: dict[str, str] = {address: reason for reason, addresses in _REASONS for address in addresses.split()}

# Steps of an address in OPERATIONS_OF that are for a person all the same.
IN_PERSON: dict[str, str] = {
    "work_refund": "approve: " + PERSON, "decide_held": "approve: " + PERSON,
    "change_assistance": "approve, deny: " + PERSON, "counter_payment": "a card is keyed on the processor's page",
}  # fmt: skip

"""The worklists by name, with the title people see. An item is only ever raised on one of these.

The names of the posting lists are those of `billing.posting.plan.Worklist`; a test holds the two together.
"""

from __future__ import annotations

from enum import StrEnum


class Worklist(StrEnum):
    INTAKE_UNMAPPED_CODES = "intake_unmapped_codes"
    INTAKE_PROBLEMS = "intake_problems"
    UNKNOWN_PAYER = "unknown_payer"
    UNPRICED_CHARGES = "unpriced_charges"
    EDIT_HOLDS = "edit_holds"
    FILE_EDITS = "file_edits"
    FILE_REJECTIONS = "file_rejections"
    CLEARINGHOUSE_REJECTIONS = "clearinghouse_rejections"
    PAYER_REJECTIONS = "payer_rejections"
    ORPHAN_ACKNOWLEDGEMENTS = "orphan_acknowledgements"
    AMBIGUOUS_SENDS = "ambiguous_sends"
    CONNECTION_PROBLEMS = "connection_problems"
    QUARANTINED_FILES = "quarantined_files"
    QUARANTINED_REMITTANCES = "quarantined_remittances"
    REMITTANCE_CONFLICTS = "remittance_conflicts"
    DUPLICATE_REMITTANCES = "duplicate_remittances"
    UNMATCHED_PAYMENTS = "unmatched_payments"
    PARTIAL_MATCHES = "partial_matches"
    UNMATCHED_LINES = "unmatched_lines"
    PAYER_NOT_ON_CLAIM = "payer_not_on_claim"
    OTHER_PRACTICE = "other_practice"
    UNKNOWN_REASON_CODES = "unknown_reason_codes"
    REVERSALS_WITHOUT_ORIGINAL = "reversals_without_original"
    SECOND_REMITTANCES = "second_remittances"
    WOULD_GO_NEGATIVE = "would_go_negative"
    CLAIM_STATUS_ON_HOLD = "claim_status_on_hold"
    CLAIM_NOT_SENT = "claim_not_sent"
    POSTING_REVIEW = "posting_review"
    BEFORE_POSTING = "before_posting"
    PRIMARY_CHANGED = "primary_changed"
    REVERSED_WITHOUT_CORRECTION = "reversed_without_correction"
    OPEN_AFTER_DECISION = "open_after_decision"
    PROVIDER_ADJUSTMENTS = "provider_adjustments"
    UNIDENTIFIED_TAKEBACKS = "unidentified_takebacks"
    NEXT_PAYER = "next_payer"
    MISSING_CROSSOVER = "missing_crossover"
    CREDIT_BALANCES = "credit_balances"
    REFUNDS_OUT = "refunds_out"
    UNDERPAYMENTS = "underpayments"
    AGENCY_REVIEW = "agency_review"
    RETURNED_MAIL = "returned_mail"
    AGENCY_PROBLEMS = "agency_problems"
    DENIALS = "denials"
    WRITE_OFF_APPROVALS = "write_off_approvals"
    APPEALS_UNANSWERED = "appeals_unanswered"
    RECORDS_REQUESTED = "records_requested"
    RULE_PROPOSALS = "rule_proposals"
    DEPOSITS = "deposits"
    EFT_WITHOUT_ERA = "eft_without_era"
    ERA_WITHOUT_EFT = "era_without_eft"
    BANK_LINES = "bank_lines"
    CASH_DIFFERENCES = "cash_differences"
    RETURNED_PAYMENTS = "returned_payments"
    CARD_PAYMENTS = "card_payments"
    AUTHORIZATION_CHASE = "authorization_chase"
    AUTHORIZATION_PROBLEMS = "authorization_problems"
    AUTHORIZATION_ANSWERS = "authorization_answers"
    ELIGIBILITY_QUEUE = "eligibility_queue"
    ELIGIBILITY_SET_UP = "eligibility_set_up"
    ELIGIBILITY_QUERIES = "eligibility_queries"
    ELIGIBILITY_REGISTRATION = "eligibility_registration"
    ELIGIBILITY_NOT_ACTIVE = "eligibility_not_active"
    ELIGIBILITY_CHANGES = "eligibility_changes"
    ELIGIBILITY_ANSWERS = "eligibility_answers"
    COVERAGE_CANDIDATES = "coverage_candidates"
    DOCUMENT_PROBLEMS = "document_problems"
    DUPLICATE_PATIENTS = "duplicate_patients"
    COVERAGE_ORDER = "coverage_order"
    UNREADABLE_CARDS = "unreadable_cards"
    NEW_COVERAGE = "new_coverage"
    SCHEDULE_PROBLEMS = "schedule_problems"
    INTERFACE_MESSAGES = "interface_messages"
    ARRIVED_WITHOUT_NOTE = "arrived_without_note"
    NOTE_WITHOUT_CHARGE = "note_without_charge"
    DOCUMENTED_WITHOUT_LINE = "documented_without_line"
    LINE_WITHOUT_DOCUMENTATION = "line_without_documentation"
    LAB_RESULT_WITHOUT_CHARGE = "lab_result_without_charge"
    CHARGE_LAG = "charge_lag"
    PROVIDER_QUERIES = "provider_queries"
    PLAN_DEFAULTS = "plan_defaults"
    PLAN_PAYMENTS = "plan_payments"
    INQUIRIES = "inquiries"
    ASSISTANCE = "assistance"
    GFE_DUE = "gfe_due"
    ESTIMATE_EXCEEDED = "estimate_exceeded"
    FAILED_JOBS = "failed_jobs"
    EMERGENCY_ACCESS = "emergency_access"
    NO_FILE_ACKNOWLEDGEMENT = "no_file_acknowledgement"
    NO_CLEARINGHOUSE_ANSWER = "no_clearinghouse_answer"
    NO_PAYER_ACKNOWLEDGEMENT = "no_payer_acknowledgement"
    NO_PAYER_ANSWER = "no_payer_answer"
    MISSING_REMITTANCES = "missing_remittances"
    INFORMATION_REQUESTED = "information_requested"
    CLAIMS_NOT_ON_FILE = "claims_not_on_file"
    STATUS_ANSWERS = "status_answers"
    CONTACTS_DUE = "contacts_due"
    WEBHOOKS_UNDELIVERED = "webhooks_undelivered"


TITLES: dict[str, str] = {
    Worklist.INTAKE_UNMAPPED_CODES: "Unmapped codes",
    Worklist.INTAKE_PROBLEMS: "Intake problems",
    Worklist.UNKNOWN_PAYER: "Payers not set up",
    Worklist.UNPRICED_CHARGES: "Charges without a price",
    Worklist.EDIT_HOLDS: "Claims held by edits",
    Worklist.FILE_EDITS: "Files held by edits",
    Worklist.FILE_REJECTIONS: "Rejected files",
    Worklist.CLEARINGHOUSE_REJECTIONS: "Clearinghouse rejections",
    Worklist.PAYER_REJECTIONS: "Payer rejections",
    Worklist.ORPHAN_ACKNOWLEDGEMENTS: "Unmatched acknowledgments",
    Worklist.AMBIGUOUS_SENDS: "Files that may not have arrived",
    Worklist.CONNECTION_PROBLEMS: "Connection problems",
    Worklist.QUARANTINED_FILES: "Quarantined files",
    Worklist.QUARANTINED_REMITTANCES: "Quarantined remittances",
    Worklist.REMITTANCE_CONFLICTS: "Payments that came again, changed",
    Worklist.DUPLICATE_REMITTANCES: "Duplicate remittances",
    Worklist.UNMATCHED_PAYMENTS: "Payments for unknown claims",
    Worklist.PARTIAL_MATCHES: "Payments that may match a claim",
    Worklist.UNMATCHED_LINES: "Payments whose lines do not match",
    Worklist.PAYER_NOT_ON_CLAIM: "Payments from a payer not on the claim",
    Worklist.OTHER_PRACTICE: "Payments for another practice",
    Worklist.UNKNOWN_REASON_CODES: "Unknown adjustment codes",
    Worklist.REVERSALS_WITHOUT_ORIGINAL: "Reversals without an original",
    Worklist.SECOND_REMITTANCES: "Second payments without a reversal",
    Worklist.WOULD_GO_NEGATIVE: "Payments that overpay a line",
    Worklist.CLAIM_STATUS_ON_HOLD: "Payments with a retired claim status",
    Worklist.CLAIM_NOT_SENT: "Payments for claims not sent",
    Worklist.POSTING_REVIEW: "Postings to review",
    Worklist.BEFORE_POSTING: "To look at before posting",
    Worklist.PRIMARY_CHANGED: "Primary changed its decision",
    Worklist.REVERSED_WITHOUT_CORRECTION: "Reversals without a correction",
    Worklist.OPEN_AFTER_DECISION: "Adjudicated, balance open, nobody on it",
    Worklist.PROVIDER_ADJUSTMENTS: "Provider adjustments to explain",
    Worklist.UNIDENTIFIED_TAKEBACKS: "Takebacks of unknown claims",
    Worklist.NEXT_PAYER: "Next payer to settle",
    Worklist.MISSING_CROSSOVER: "Crossovers awaited",
    Worklist.CREDIT_BALANCES: "Credit balances",
    Worklist.REFUNDS_OUT: "Refund checks stopped or never cashed",
    Worklist.UNDERPAYMENTS: "Paid less, or more, than the contract",
    Worklist.RETURNED_MAIL: "Mail that came back: find the patient",
    Worklist.AGENCY_REVIEW: "Accounts to decide on for an agency",
    Worklist.AGENCY_PROBLEMS: "Agency payments that fit no account",
    Worklist.DENIALS: "Denials",
    Worklist.WRITE_OFF_APPROVALS: "Write-offs to approve",
    Worklist.APPEALS_UNANSWERED: "Appeals without an answer in time",
    Worklist.RECORDS_REQUESTED: "Records a payer asked for",
    Worklist.RULE_PROPOSALS: "Rules that denials ask for",
    Worklist.DEPOSITS: "Deposits that differ, or are awaited",
    Worklist.EFT_WITHOUT_ERA: "Deposits without a remittance",
    Worklist.ERA_WITHOUT_EFT: "Remittances without a deposit",
    Worklist.BANK_LINES: "Bank lines to match",
    Worklist.CASH_DIFFERENCES: "Cash drawers over or short",
    Worklist.RETURNED_PAYMENTS: "Payments that came back",
    Worklist.CARD_PAYMENTS: "Card payments to look into",
    Worklist.AUTHORIZATION_CHASE: "Authorizations the payer owes an answer on",
    Worklist.AUTHORIZATION_PROBLEMS: "Authorizations that do not cover their claims",
    Worklist.AUTHORIZATION_ANSWERS: "Authorization answers that fit no request",
    Worklist.ELIGIBILITY_QUEUE: "Eligibility the payer did not answer",
    Worklist.ELIGIBILITY_SET_UP: "Payers that refuse our eligibility set-up",
    Worklist.ELIGIBILITY_QUERIES: "Eligibility questions to correct",
    Worklist.ELIGIBILITY_REGISTRATION: "Patients the payer does not find",
    Worklist.ELIGIBILITY_NOT_ACTIVE: "Coverages that are not active",
    Worklist.ELIGIBILITY_CHANGES: "Coverages that changed",
    Worklist.ELIGIBILITY_ANSWERS: "Eligibility answers that fit no question",
    Worklist.COVERAGE_CANDIDATES: "Other coverage to look into",
    Worklist.DOCUMENT_PROBLEMS: "Documents that cannot be read",
    Worklist.DUPLICATE_PATIENTS: "Possible duplicate patients",
    Worklist.COVERAGE_ORDER: "Coverages whose order nobody confirmed",
    Worklist.UNREADABLE_CARDS: "Insurance cards that cannot be read",
    Worklist.NEW_COVERAGE: "Visits a newly found coverage could not be billed for",
    Worklist.SCHEDULE_PROBLEMS: "Schedule problems",
    Worklist.INTERFACE_MESSAGES: "Messages of other systems that wait",
    Worklist.ARRIVED_WITHOUT_NOTE: "Arrived, and no signed note",
    Worklist.NOTE_WITHOUT_CHARGE: "Signed notes without a charge",
    Worklist.DOCUMENTED_WITHOUT_LINE: "Documented and not charged",
    Worklist.LINE_WITHOUT_DOCUMENTATION: "Charged and not documented",
    Worklist.LAB_RESULT_WITHOUT_CHARGE: "Lab results without a charge",
    Worklist.CHARGE_LAG: "Late charges",
    Worklist.PROVIDER_QUERIES: "Provider queries to answer",
    Worklist.PLAN_DEFAULTS: "Broken payment plans",
    Worklist.PLAN_PAYMENTS: "Plan payments to charge",
    Worklist.INQUIRIES: "Inquiries and disputes to answer",
    Worklist.ASSISTANCE: "Financial assistance to decide",
    Worklist.GFE_DUE: "Good-faith estimates that are due",
    Worklist.ESTIMATE_EXCEEDED: "Bills far above their estimate",
    Worklist.FAILED_JOBS: "Failed jobs",
    Worklist.EMERGENCY_ACCESS: "Access opened in an emergency",
    Worklist.NO_FILE_ACKNOWLEDGEMENT: "Files sent and not acknowledged",
    Worklist.NO_CLEARINGHOUSE_ANSWER: "Claims the clearinghouse has not answered",
    Worklist.NO_PAYER_ACKNOWLEDGEMENT: "Claims the payer has not accepted",
    Worklist.NO_PAYER_ANSWER: "Claims the payer has not decided in time",
    Worklist.MISSING_REMITTANCES: "Missing remittances",
    Worklist.INFORMATION_REQUESTED: "Claims waiting for our information",
    Worklist.CLAIMS_NOT_ON_FILE: "Claims not on file with the payer",
    Worklist.STATUS_ANSWERS: "Status answers that fit no question",
    Worklist.CONTACTS_DUE: "Payers to ask again",
    Worklist.WEBHOOKS_UNDELIVERED: "Events that a program did not take",
}

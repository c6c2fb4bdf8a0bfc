"""The worklists by name, with the title people see. An item is only ever raised on one of these."""

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
    NO_ANSWER = "no_answer"
    QUARANTINED_FILES = "quarantined_files"
    UNMATCHED_REMITTANCE = "unmatched_remittance"
    PARTIAL_MATCH = "partial_match"
    POSTING_REVIEW = "posting_review"
    QUARANTINED_REMITTANCES = "quarantined_remittances"
    DUPLICATE_REMITTANCES = "duplicate_remittances"
    HELD_REMITTANCES = "held_remittances"
    UNKNOWN_CARC = "unknown_carc"
    REVERSAL_WITHOUT_ORIGINAL = "reversal_without_original"
    PROVIDER_ADJUSTMENTS = "provider_adjustments"
    UNIDENTIFIED_TAKEBACKS = "unidentified_takebacks"
    OTHER_PRACTICE = "other_practice"
    DENIALS = "denials"
    MISSING_CROSSOVER = "missing_crossover"
    SECONDARY_READY = "secondary_ready"
    REFUNDS = "refunds"
    WRITE_OFF_APPROVALS = "write_off_approvals"
    EFT_WITHOUT_ERA = "eft_without_era"
    ERA_WITHOUT_EFT = "era_without_eft"
    PATIENT_DISPUTES = "patient_disputes"


TITLES: dict[str, str] = {
    Worklist.INTAKE_UNMAPPED_CODES: "Codes that no map knows",
    Worklist.INTAKE_PROBLEMS: "Intake problems",
    Worklist.UNKNOWN_PAYER: "Payers not set up",
    Worklist.UNPRICED_CHARGES: "Charges without a price",
    Worklist.EDIT_HOLDS: "Claims held by edits",
    Worklist.FILE_EDITS: "Files held by edits",
    Worklist.FILE_REJECTIONS: "Rejected files",
    Worklist.CLEARINGHOUSE_REJECTIONS: "Clearinghouse rejections",
    Worklist.PAYER_REJECTIONS: "Payer rejections",
    Worklist.ORPHAN_ACKNOWLEDGEMENTS: "Acknowledgements of nothing we know",
    Worklist.AMBIGUOUS_SENDS: "Files that may or may not have arrived",
    Worklist.CONNECTION_PROBLEMS: "Connections that do not work",
    Worklist.NO_ANSWER: "No answer in time",
    Worklist.QUARANTINED_FILES: "Quarantined files",
    Worklist.UNMATCHED_REMITTANCE: "Payments for claims we do not know",
    Worklist.PARTIAL_MATCH: "Payments that match a claim in part",
    Worklist.POSTING_REVIEW: "Posting to review",
    Worklist.QUARANTINED_REMITTANCES: "Quarantined remittances",
    Worklist.DUPLICATE_REMITTANCES: "Remittances that came again",
    Worklist.HELD_REMITTANCES: "Remittances held for a person",
    Worklist.UNKNOWN_CARC: "Adjustment reasons we do not know",
    Worklist.REVERSAL_WITHOUT_ORIGINAL: "Reversals without an original",
    Worklist.PROVIDER_ADJUSTMENTS: "Provider adjustments to explain",
    Worklist.UNIDENTIFIED_TAKEBACKS: "Takebacks of unknown claims",
    Worklist.OTHER_PRACTICE: "Payments of another practice",
    Worklist.DENIALS: "Denials",
    Worklist.MISSING_CROSSOVER: "Crossovers that never came",
    Worklist.SECONDARY_READY: "Secondary claims to send",
    Worklist.REFUNDS: "Refunds due",
    Worklist.WRITE_OFF_APPROVALS: "Write-offs to approve",
    Worklist.EFT_WITHOUT_ERA: "Deposits without a remittance",
    Worklist.ERA_WITHOUT_EFT: "Remittances without a deposit",
    Worklist.PATIENT_DISPUTES: "Patient disputes",
}

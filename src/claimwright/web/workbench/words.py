"""What codes of ours and of the wire are called on the pages and in the verbs that read the database."""

from __future__ import annotations

import re
from functools import lru_cache

from claimwright.codes.denials import carc_rule, rarc_rule
from claimwright.codes.tables import read_table
from claimwright.edits.catalogue import BY_ID

STATES = {
    "AWAIT_PRIOR": "Waiting for the prior payer", "AWAIT_CROSSOVER": "Waiting for the crossover",
    "EDIT_HOLD": "Held by edits", "READY": "Ready to send", "BATCHED": "In a file, not sent", "SENT": "Sent",
    "CH_REJECTED": "Clearinghouse rejected", "CH_ACCEPTED": "Clearinghouse accepted", "PENDED": "Pended by the payer",
    "TRANSFERRED": "Passed to another payer", "ADJUDICATED": "Adjudicated", "VOID_PENDING": "Void sent",
    "PRIOR_ADJUDICATED": "The prior payer decided", "LATER_PAYER": "For a later payer", "ZERO_PAID": "Zero paid",
    "ACKED": "Acknowledged", "CH_ACCEPT": "Clearinghouse accepted", "CH_REJECT": "Clearinghouse rejected",
    "REPORT_ONLY": "Report only", "RETURNED": "Back with the payer", "PAPER_SENT": "Sent on paper",
}  # fmt: skip

ENTRY_TYPES = {
    "CHARGE": "Charge", "INS_PAY": "Payer paid", "PAT_PAY": "Patient paid", "APPLY": "Credit applied",
    "ADJ": "Adjusted", "XFER": "Transferred", "REFUND": "Refund", "REVERSAL": "Reversal", "NSF": "Check returned",
    "FEE": "Fee", "INTEREST": "Interest", "CAP_REVENUE": "Capitation", "CLEARING": "Carried forward",
    "DEPOSIT": "Deposit", "HOLD": "Suspense", "BAD_DEBT": "Bad debt", "OPENING": "Brought over", "OTHER": "Other",
}  # fmt: skip

FIGURES = {
    "clean_claim_rate": "Clean claim rate", "first_pass_resolution_rate": "First-pass resolution rate",
    "denial_rate": "Denial rate, claims", "denial_rate_dollars": "Denial rate, dollars",
    "write_off_rate": "Write-off rate", "days_in_ar": "Days in A/R", "ar_over_90": "A/R over 90 days",
    "era_auto_post_rate": "ERA auto-post rate",
}  # fmt: skip
# What a balance is aged from.
BASES = {
    "service": "Date of service", "first_submission": "First sent", "last_submission": "Last sent",
    "responsibility": "Since it is theirs to pay",
}  # fmt: skip
# What a figure counts: dollars where it is not a number of things or days.
DOLLAR_FIGURES = frozenset(
    {"denial_rate_dollars", "gross_collection_rate", "net_collection_rate", "adjusted_net_collection_rate",
     "days_in_ar", "ar_over_90", "credit_balance_rate"}
)  # fmt: skip

REASONS = {
    "ACK_MISSING": "No acknowledgement came", "AMBIGUOUS": "Unknown whether it arrived",
    "AMOUNT_DIFF": "Amounts differ", "AWAIT_CROSSOVER": "Crossover not here yet", "BAD_CODE": "Code not valid",
    "BAD_POINTER": "Diagnosis pointer wrong", "BELOW_ZERO": "Below zero", "CLAIM_STATE": "Claim is not out",
    "CLAIM_STATUS": "Status of an older guide", "CREDIT": "Credit held", "CREDIT_SHORT": "Credit too small",
    "DUPLICATE": "Came again", "DUPLICATE_CLAIM": "Payer calls it a duplicate", "ENV-NOT-X12": "Not an X12 file",
    "EXCEL_DAMAGE": "Damaged by a spreadsheet", "IDENTITY_CONFLICT": "Same payment, other content",
    "LINE_UNMATCHED": "Line not matched", "NO_CONNECTION": "No connection", "NO_CORRECTION": "No correction came",
    "NO_DATE": "No date of service", "NO_PRICE": "No price", "NO_VERSION": "No claim to that payer",
    "NOT_OURS": "Not our money", "ACKNOWLEDGED": "Our check is acknowledged", "DECLINED": "Card declined",
    "AUTOPAY": "To be charged", "NON-COVERED": "Not covered", "NOT_FETCHED": "Could not fetch", "NOT_SENT": "Could not send",
    "OTHER_PRACTICE": "Another practice", "PARTIAL_MATCH": "Matches in part", "PATIENT_CREDIT": "Patient in credit",
    "PAYER_CREDIT": "Payer in credit", "PAYER_NOT_ON_CLAIM": "Payer not on the claim",
    "PAYMENT_BALANCE": "Payment does not add up", "PRIMARY_CHANGED": "Earlier payer decided anew",
    "PRIOR_IMPACT": "Differs from the earlier payer", "REFUSED": "Not sent: refused",
    "REPLACE_SECONDARY": "Replace the later claim", "REUSED_CONTROL_NUMBER": "Number used twice",
    "REVERSAL_HELD": "Waits for a reversal", "REVERSAL_WITHOUT_ORIGINAL": "Original not found",
    "SECOND_REMITTANCE": "Decided twice", "STATEMENT": "Statement not made", "TAKEBACK": "Taken back without a reversal",
    "TAKEN_TWICE": "Taken back twice", "TOO_LARGE": "File too large",
    "UNIDENTIFIED_TAKEBACK": "Takeback of no claim", "UNKNOWN_999": "Answers no file of ours",
    "UNKNOWN_CARC": "Reason not in our tables", "UNKNOWN_KIND": "Kind not read here",
    "UNKNOWN_NEXT_PAYER": "Next payer not known", "UNKNOWN_PAYER": "Payer not set up",
    "UNKNOWN_PLB": "Adjustment not mapped", "UNMAPPED_CODE": "Code not mapped", "UNMATCHED": "Claim not found",
    "UNMATCHED_EFT": "No remittance", "UNMATCHED_ERA": "No deposit", "VISIT_NOT_TAKEN": "Visit not taken in",
    "DUPLICATE_PATIENT": "Possible duplicate", "COVERAGE_ORDER": "Order not confirmed",
    "UNREADABLE_CARD": "Card cannot be read", "PAST_FILING": "Past the filing limit",
    "WOULD_BE_FIRST": "Comes before a payer that paid", "BILLED_ALREADY": "Billed to it already",
    "WAITING": "Another payer decides", "NO_PLACE": "No place left", "ADJUSTED": "Partly written off",
    "RESTRICTED": "Not to be told to a plan", "QUERY": "Waits for the provider",
    "MSPQ": "Medicare questions to ask", "ANES": "Too many cases at once", "UNKNOWN_PRACTICE": "Practice not known",
    "STEP_0": "Asked", "STEP_1": "Reminded", "STEP_2": "With the supervisor", "STEP_3": "With the medical director",
    "NO_277CA": "No 277CA", "NO_PAYER_277CA": "No answer of the payer's front end", "NO_DECISION": "No decision",
    "NO_REMITTANCE": "No remittance", "INFORMATION": "Information wanted", "NOT_ON_FILE": "Payer has no such claim",
    "PROMISED": "The payer promised", "NEXT_STEP": "Next step due", "NO_QUESTION": "Fits no question",
    "837P-NO-CLAIM": "No claim in it", "837P-NO-BILLING": "No billing provider",
    "837P-CODE-NOT-KEPT": "Code not kept", "ENV-SE-COUNT": "Counts do not agree",
    "ENV-GE-COUNT": "Counts do not agree", "ENV-IEA-COUNT": "Counts do not agree",
    "ENV-SE-MISSING": "End missing", "ENV-GE-MISSING": "End missing", "ENV-IEA-MISSING": "End missing",
    "NOTHING_BILLABLE": "Nothing to bill",
    "837P-DATE": "Date not readable", "837P-AMOUNT": "Amount not readable", "BAD_AMOUNT": "Amount not readable",
}  # fmt: skip

_BLANK = re.compile(r"\{\d+\}")
_PATH = re.compile(r"lines\[(\d+)\]\.?(.*)")
_STATUS = re.compile(r"([A-Z][0-9A-Z]{1,2}):(\d+)(?::(\w+))?")


def sentence(code: object) -> str:
    """PAYER_ACCEPTED as Payer accepted."""
    text = str(code or "").replace("_", " ")
    return text[:1].upper() + text[1:].lower()


def state_words(value: object) -> str:
    return STATES.get(str(value or "").upper(), sentence(value))


def figure_words(name: object) -> str:
    return FIGURES.get(str(name), sentence(name))


def reason_words(code: object) -> str:
    """What a work item's reason code means: an edit, a denial, a claim status, or a reason of ours."""
    text = str(code or "")
    if text in REASONS:
        return REASONS[text]
    if text in BY_ID:
        return f"{text}: {_BLANK.sub('…', BY_ID[text].says)}"
    if match := _STATUS.fullmatch(text):
        return status_words(*match.groups())
    rule = carc_rule(text) or rarc_rule(text)
    if rule:
        return rule.label[:1].upper() + rule.label[1:]
    return text if any(mark.isdigit() for mark in text) else sentence(text)


def status_words(category: str, status: str, entity: str | None) -> str:
    """A claim status as 277CA gives it, in our own words: what was done with it, why, whose."""
    parts = [_labels().get(key, "") for key in (("claim_status_category", category), ("claim_status", status))]
    whose = _labels().get(("entity", entity or ""), "")
    why = parts[1].replace("entity's", f"{whose}'s") if whose and "entity's" in parts[1] else parts[1]
    if whose and whose not in why:
        why = f"{why} ({whose})" if why else whose
    words = ": ".join(part for part in (parts[0].split(":")[0], why) if part)
    return words[:1].upper() + words[1:]


@lru_cache(maxsize=1)
def _labels() -> dict[tuple[str, str], str]:
    return {(row["set"], row["code"]): row["label"] for row in read_table("labels.tsv")}


def place_words(path: object) -> str:
    """lines[0].procedure_code as Line 1, procedure code."""
    text = str(path or "")
    match = _PATH.fullmatch(text)
    parts = [f"line {int(match[1]) + 1}", match[2]] if match else text.split(".")
    words = ", ".join(re.sub(r"\[(\d+)\]", lambda found: f" {int(found[1]) + 1}", part) for part in parts if part)
    return sentence(words.replace("_", " ")).replace("npi", "NPI")

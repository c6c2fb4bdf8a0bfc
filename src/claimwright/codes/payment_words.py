"""Own short words for the codes of a payment: claim status (CLP02), group, provider adjustment (PLB), method (BPR04)."""

from __future__ import annotations

STATUSES = {
    "1": "processed as primary", "2": "processed as secondary", "3": "processed as tertiary",
    "4": "denied: the payer does not know the patient", "19": "processed as primary and forwarded",
    "20": "processed as secondary and forwarded", "21": "processed as tertiary and forwarded",
    "22": "an earlier payment taken back", "23": "not this payer's claim: forwarded",
    "25": "a predetermination: no payment",
}  # fmt: skip

GROUPS = {
    "CO": "not billable to the patient", "PR": "the patient's or the next payer's part",
    "OA": "no one's liability stated", "PI": "taken by the payer: review", "CR": "correction of an earlier one",
}  # fmt: skip

PROVIDER_ADJUSTMENTS = {
    "FB": "balance forwarded between payments", "WO": "overpayment recovered", "L6": "interest",
    "72": "your refund check acknowledged", "CT": "capitation", "CS": "adjustment", "J1": "not reimbursable",
    "AP": "advance taken back", "IR": "tax withheld", "50": "late charge", "51": "interest as a penalty",
    "B2": "rebate", "B3": "allowance for a recovery", "BD": "for bad debt", "BN": "bonus",
    "C5": "allowance for a time", "CR": "interest on capitation", "CV": "capital costs passed on",
    "CW": "nurse anesthetist costs passed on", "DM": "teaching costs passed on",
    "E3": "withholding", "GO": "teaching costs of residents passed on", "HM": "addition for clotting factor",
    "IP": "an incentive", "IS": "settlement for the time being", "LE": "kept for a levy", "LS": "one sum for several claims", "OA": "organ costs passed on",
    "OB": "set off against a related provider", "PI": "regular payment on account", "PL": "last settlement",
    "RA": "adjustment of the past", "RE": "on the owners' equity", "SL": "kept for a student loan",
    "TL": "another party is liable", "WU": "recovery without a stated kind", "L3": "penalty",
}  # fmt: skip

METHODS = {
    "ACH": "Electronic payment", "CHK": "Check", "NON": "No payment", "FWT": "Wire", "BOP": "Payment as the bank chooses",
}  # fmt: skip

"""What is said of the golden files that must pass, and why it may be: anything else is a false alarm.

Our own files must be spotless. The others are public samples, sound by levels 1 and 2, whose people and numbers are
made up by hand: check digits are not right, ZIP codes are short. That is said of them rightly.
"""

from __future__ import annotations

REASONS: dict[str, str] = {
    "SNIP5-NPI-UNKNOWN": "a number invented without its check digit",
    "SNIP5-TAXONOMY-UNKNOWN": "a taxonomy code that does not end as one does",
    "SNIP5-POSTAL-CODE-FORMAT": "a ZIP code of four digits",
    "SNIP5-REVENUE-FORMAT": "a revenue code sent without its leading zero",
    "SNIP5-POS-NOT-EFFECTIVE": "place of service 19 before 2016, when it came into force",
    "SNIP4-BILLING-ZIP": "a billing ZIP code of five digits, of before the guide's rule was kept",
    "SNIP4-FACILITY-ZIP": "a facility's ZIP code of five digits",
    "SNIP4-ZIP-FILLER": "a ZIP+4 of zeros",
    "SNIP4-TAX-ID": "a tax number with a dash",
    "SNIP4-RENDERING-SAME": "the rendering provider repeats the billing provider",
    "SNIP4-CLAIM-DUPLICATE": "every claim of the sample has one number",
    "SNIP4-DIAGNOSIS-POINTER": "a pointer at a diagnosis that is not sent",
    "SNIP4-ROUTING-NUMBER": "a bank's number invented without its check digit",
    "SNIP4-PAYER-IDENTIFIER": "TRN03 and BPR10 were invented apart",
    "SNIP4-PAYEE-TAX-ID": "a payee known by NPI without its tax number",
    "SNIP4-PAYMENT-DUPLICATE": "one payment twice",
    "SNIP4-SERVICE-AFTER-FILE": "paid before the service",
    "SNIP3-PREMIUM-BALANCE": "BPR02 is not the sum of RMR04",
}
OWN = "own-"

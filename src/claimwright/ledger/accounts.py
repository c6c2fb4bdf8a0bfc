"""The chart of accounts of domain.md section 7. An account is a kind, a bucket and a subject, nothing else.

| kind | bucket | subject |
|---|---|---|
| RECEIVABLE | INS1 INS2 INS3 PAT | charge line id |
| CREDIT | patient id's unapplied money | patient id |
| BAD_DEBT | | charge line id |
| REVENUE, ADJUSTMENT (bucket = reason), REMITTANCE, PATIENT_CASH, BANK, PAYER_OFFSET, SUSPENSE, INTEREST,
  CAPITATION_REVENUE, REFUND, FEE, WITHHOLD, OTHER_INCOME (bucket = PLB code) | | as noted in `kinds` |
| OPENING | CHARGE PAID PATIENT_PAID ADJUSTED CREDIT | practice id: brought from another system, no revenue of ours |
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    RECEIVABLE = "RECEIVABLE"  # subject: charge line; bucket: INS1 INS2 INS3 PAT
    BAD_DEBT = "BAD_DEBT"  # subject: charge line; outside active A/R
    CREDIT = "CREDIT"  # subject: patient; unapplied money, negative balance when we hold it
    REVENUE = "REVENUE"  # subject: practice
    ADJUSTMENT = "ADJUSTMENT"  # subject: practice; bucket: reason, such as CO-45 or WO-REFERRAL
    REMITTANCE = "REMITTANCE"  # subject: payment; received by ERA or EOB, awaiting bank
    PATIENT_CASH = "PATIENT_CASH"  # subject: practice; bucket: card, check, cash
    BANK = "BANK"  # subject: practice
    PAYER_OFFSET = "PAYER_OFFSET"  # subject: payer|TIN
    SUSPENSE = "SUSPENSE"  # subject: payment; bucket: the held CLP or PLB
    INTEREST = "INTEREST"
    CAPITATION_REVENUE = "CAPITATION_REVENUE"
    REFUND = "REFUND"
    FEE = "FEE"  # bucket: nsf, agency, card
    WITHHOLD = "WITHHOLD"  # CARC 104: receivable outside A/R
    OTHER_INCOME = "OTHER_INCOME"  # bucket: PLB code
    OPENING = "OPENING"  # subject: practice; bucket: what the old system had booked it as


INSURANCE_BUCKETS = ("INS1", "INS2", "INS3")
BUCKETS = (*INSURANCE_BUCKETS, "PAT")
BUCKET_OF_SEQUENCE = {"P": "INS1", "S": "INS2", "T": "INS3"}


class Account(msgspec.Struct, frozen=True, order=True):
    kind: Kind
    subject: str = ""
    bucket: str = ""

    def __str__(self) -> str:
        return "/".join(filter(None, (self.kind.value, self.bucket, self.subject)))


def receivable(line_id: str, bucket: str) -> Account:
    return Account(Kind.RECEIVABLE, line_id, bucket)

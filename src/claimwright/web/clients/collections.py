"""A client's money of a month, from the ledger: what was collected, refunded, left out by the contract, undone since.

One reading of the month's entries, each classed once; so what an invoice charges for and what a later one credits are
the same entries.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from claimwright.billing.service_invoices import Collected, Exclusion, FeeTerms
from claimwright.codes.dates import add_months
from claimwright.codes.money import ZERO
from claimwright.web.practice.models import Practice
from claimwright.web.reports.books import ENTRIES, NO_PRACTICE
from claimwright.web.reports.scope import whole_book_cursor

CASH = "('REMITTANCE', 'PATIENT_CASH', 'BANK', 'PAYER_OFFSET', 'SUSPENSE')"
OWED = "('RECEIVABLE', 'CREDIT')"
OTHER_CASH = "('CAPITATION_REVENUE', 'INTEREST')"

# `moved` is what came in (refunds: what went out). Money taken at the visit is known by its receipt, money for earlier
# visits by the line it was posted to, or by the visit of the receipt.
CLASSED = f""", classed AS (
  SELECT mine.sequence, mine.payment, original.posted_on AS undoes,
    CASE WHEN mine.credit_kind IN {OWED} AND mine.debit_kind IN {CASH} OR mine.credit_kind IN {OTHER_CASH} THEN mine.amount
         WHEN mine.debit_kind IN {OWED} AND mine.credit_kind IN {CASH} OR mine.debit_kind IN {OTHER_CASH} THEN -mine.amount
         ELSE 0 END AS collected,
    CASE WHEN mine.debit_kind IN {OWED} AND mine.credit_kind = 'REFUND' THEN mine.amount
         WHEN mine.credit_kind IN {OWED} AND mine.debit_kind = 'REFUND' THEN -mine.amount ELSE 0 END AS refunded,
    CASE WHEN 'CAPITATION_REVENUE' IN (mine.debit_kind, mine.credit_kind) THEN 'capitation'
         WHEN 'INTEREST' IN (mine.debit_kind, mine.credit_kind) THEN 'interest'
         WHEN coalesce(dl.date_of_service, cl.date_of_service, ve.date_from) < %(began)s THEN 'earlier_claims'
         WHEN x.encounter_id IS NOT NULL AND x.received_on = ve.date_from THEN 'at_visit'
         ELSE '' END AS tag
  FROM mine
  LEFT JOIN accounts_ledgertransfer original ON mine.reverses <> '' AND original.key = mine.reverses
  LEFT JOIN charges_chargeline dl ON mine.debit_kind = 'RECEIVABLE' AND dl.line_id = mine.debit_subject
  LEFT JOIN charges_chargeline cl ON mine.credit_kind = 'RECEIVABLE' AND cl.line_id = mine.credit_subject
  LEFT JOIN payments_patientreceipt x ON x.id::text = mine.payment
  LEFT JOIN charges_encounter ve ON ve.id = x.encounter_id
)"""

SUMS = """
SELECT CASE WHEN undoes < %(start)s THEN date_trunc('month', undoes)::date END, tag, sum(collected), sum(refunded)
FROM classed WHERE collected <> 0 OR refunded <> 0 GROUP BY 1, 2"""

CLAIMS = """
SELECT count(*) FROM submissions_claimversion v JOIN submissions_claim c ON c.id = v.claim_id
WHERE v.number = 1 AND c.practice_id = %(practice)s AND v.first_sent BETWEEN %(start)s AND %(end)s"""


class MonthMoney(msgspec.Struct, frozen=True, kw_only=True):
    """A client's month: what its invoice is reckoned from, and the collections of earlier months undone in it; below zero
    where more of such undoing was itself undone."""

    collected: Collected
    undone: dict[date, Decimal]


def money_of(*, practice: Practice, month: date, terms: FeeTerms, began: date) -> MonthMoney:
    """Of the month that begins on `month`; `began` is the first day of the client's first contract."""
    last = date.fromordinal(add_months(month, 1).toordinal() - 1)
    values: dict[str, Any] = {
        "start": month, "end": last, "practice": practice.pk, "nobody": NO_PRACTICE, "names": "{}", "began": began,
    }  # fmt: skip
    with whole_book_cursor() as cursor:
        cursor.execute(ENTRIES + CLASSED + SUMS, values)
        found = cursor.fetchall()
        cursor.execute(CLAIMS, values)
        (claims,) = cursor.fetchone()
    left_out = {one.value for one in Exclusion if one in terms.exclusions}
    payments = refunds = ZERO
    excluded: dict[str, Decimal] = defaultdict(Decimal)
    undone: dict[date, Decimal] = defaultdict(Decimal)
    for of_month, tag, came, went in found:
        refunds += went
        if of_month is not None:  # an earlier month's money: it lowers that month's invoice, not this one's
            if tag not in left_out:
                undone[of_month] -= came
            continue
        payments += came
        if tag in left_out:
            excluded[tag] += came
    return MonthMoney(
        collected=Collected(payments=payments, refunds=refunds, excluded=dict(excluded), claims=claims),
        undone={of: amount for of, amount in undone.items() if amount},
    )

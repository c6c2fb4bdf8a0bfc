"""What patients paid at the desk, and what billing costs."""

from __future__ import annotations

from typing import Any

from claimwright.billing import kpi
from claimwright.web.reports.scope import KpiRow, Scope, as_row, one

# The desk, and what billing costs -------------------------------------------------------------------------------------

# Cash of the period is what was posted in it, whatever it was for: costs are of the period too. Unapplied money counts
# when it comes; what was given back, by refund or by a check returned, counts against it.
DESK = """
WITH receipt AS (
  SELECT x.id::text AS id, x.amount, x.received_on <= e.date_from AS at_visit
  FROM payments_patientreceipt x LEFT JOIN charges_encounter e ON e.id = x.encounter_id
  WHERE x.state = 'posted' AND x.received_on BETWEEN %(start)s AND %(end)s AND {receipts}
), version AS (
  SELECT v.id FROM submissions_claimversion v JOIN submissions_claim c ON c.id = v.claim_id
  WHERE v.first_sent BETWEEN %(start)s AND %(end)s AND {claims}
)
SELECT (SELECT coalesce(sum(amount), 0) FROM receipt) AS received,
       (SELECT coalesce(sum(amount), 0) FROM receipt WHERE at_visit) AS at_visit,
       (SELECT array_agg(id ORDER BY id) FROM receipt WHERE at_visit) AS at_visit_ids,
       (SELECT count(*) FROM version) AS sent
"""
CASH = """
WITH side AS (
  SELECT debit_subject AS subject, debit_kind AS kind, credit_kind AS other, -amount AS moved
    FROM accounts_ledgertransfer
   WHERE debit_kind IN ('RECEIVABLE', 'CREDIT') AND credit_kind NOT IN ('RECEIVABLE', 'CREDIT')
     AND posted_on BETWEEN %(start)s AND %(end)s
  UNION ALL
  SELECT credit_subject, credit_kind, debit_kind, amount FROM accounts_ledgertransfer
   WHERE credit_kind IN ('RECEIVABLE', 'CREDIT') AND debit_kind NOT IN ('RECEIVABLE', 'CREDIT')
     AND posted_on BETWEEN %(start)s AND %(end)s
)
SELECT coalesce(sum(side.moved), 0) AS cash
FROM side LEFT JOIN charges_chargeline l ON side.kind = 'RECEIVABLE' AND l.line_id = side.subject
LEFT JOIN patients_patient p ON p.id::text = CASE WHEN l.id IS NULL THEN replace(side.subject, 'account-', '') END
WHERE side.other IN ('REMITTANCE', 'SUSPENSE', 'PAYER_OFFSET', 'PATIENT_CASH', 'BANK', 'REFUND')
  AND (%(practice)s::uuid IS NULL OR coalesce(l.practice_id, p.practice_id) = %(practice)s::uuid)
"""
# The newest row of each month and practice. Costs of all practices together are of no single one.
COSTS = """
SELECT coalesce(sum(amount), 0) AS cost, count(*) AS months FROM (
  SELECT DISTINCT ON (month, practice_id) amount FROM reports_billingcost
  WHERE month BETWEEN date_trunc('month', %(start)s::date) AND %(end)s
    AND (%(practice)s::uuid IS NULL OR practice_id = %(practice)s::uuid)
  ORDER BY month, practice_id, at DESC) newest
"""


def desk_and_cost(values: dict[str, Any], scope: Scope) -> list[KpiRow]:
    """Costs are known by practice and month: narrower figures of cost are n/a, for they would be shared out by guess."""
    desk = one(DESK, values)
    found = [
        as_row(
            kpi.point_of_service_collection_rate(desk["at_visit"], desk["received"]),
            "patients' payments received in the period; part: on or before the day of the visit they are for",
            "receipt", desk["at_visit_ids"],
        )
    ]  # fmt: skip
    if scope.is_of_services:
        return found
    cost = one(COSTS, values)
    known, cash = cost["months"] > 0, one(CASH, values)["cash"]
    facts = kpi.MoneyFacts(billing_cost=cost["cost"], payments=cash)
    collect = kpi.cost_to_collect(facts) if known else kpi.rate("cost_to_collect", 0, 0)
    claim = kpi.cost_per_claim(cost["cost"], desk["sent"] if known else 0)
    basis = "costs entered for the months of the period"
    return [
        *found,
        as_row(collect, f"{basis}, of payments less refunds posted in it", "cost"),
        as_row(claim, f"{basis}, of claim versions first sent in it", "cost"),
    ]

"""The practice's figures by SQL, each with its parts and the rows it was made of. `billing.kpi` is their definition.

Money rates follow the dates of service of the period as far as they stand on `as_of`; what claims did is counted in the
period it happened; a receivable is that of `as_of`. A refund that took unapplied money back is in no cohort: it was
never on a line.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from claimwright.billing import kpi
from claimwright.codes.denials import NOT_A_DENIAL, carc_rules
from claimwright.codes.money import money
from claimwright.web.reports.costs import desk_and_cost
from claimwright.web.reports.scope import ALL, KpiRow, Scope, as_row, one, scoped, whole_book_cursor

SEQUESTRATION, CAPITATION, DUPLICATE = "253", "24", "18"
CHARITY = "WO-CHARITY"
GROUPS = ("CO", "PR", "OA", "PI", "CR")
DAYS_OF_CHARGES = 90


def contractual_reasons() -> list[str]:
    """The adjustment accounts that are neither write-offs nor sequestration nor capitation: agreed with the payer."""
    codes = [
        code
        for code, rule in carc_rules().items()
        if rule.category == NOT_A_DENIAL and code not in (SEQUESTRATION, CAPITATION)
    ]
    return _accounts(codes)


def _accounts(codes: Iterable[str]) -> list[str]:
    return [f"{group}-{code}" for code in codes for group in GROUPS]


def kpis(
    *, start: date, end: date, as_of: date, practice: UUID | None = None, scope: Scope = ALL
) -> tuple[KpiRow, ...]:
    """Every figure of the period. Dates are inclusive; `practice`, or `scope`, narrows what they are of."""
    if practice is not None:
        scope = msgspec.structs.replace(scope, practice=practice)
    values = {
        "start": start, "end": end, "as_of": as_of, **msgspec.structs.asdict(scope), "since": as_of - timedelta(days=DAYS_OF_CHARGES - 1),
        "contractual": contractual_reasons(), "sequestration": _accounts([SEQUESTRATION]),
        "capitation": _accounts([CAPITATION]), "charity": CHARITY, "duplicate": DUPLICATE,
    }  # fmt: skip
    found = [
        *_claims(values), *_money(values), *_receivable(values), *_lags(values), *_remittances(values),
        *desk_and_cost(values, scope),
    ]  # fmt: skip
    return tuple(msgspec.structs.replace(row, start=start, end=end) for row in found)


# Claims --------------------------------------------------------------------------------------------------------------

# One row a version: what the definitions count. Its first adjudication is the first payment on it that was not held;
# the denials of that adjudication are its adjustments for which a denial was opened.
VERSIONS = """
WITH version AS (
  SELECT v.id, v.claim_id, v.number, v.control_number, v.total_charge, v.first_sent, v.first_adjudicated,
         v.payer_acknowledged, v.edit_held, v.touched, v.rejected
  FROM submissions_claimversion v JOIN submissions_claim c ON c.id = v.claim_id
  WHERE {claims}
), answer AS (
  SELECT p.id, p.version_id, p.outcome, row_number() OVER (PARTITION BY p.version_id ORDER BY p.posting_order) AS turn,
         count(*) OVER (PARTITION BY p.version_id) AS answers
  FROM payments_claimpayment p WHERE p.version_id IS NOT NULL AND p.state <> 'held'
), denied AS (
  SELECT a.version_id, sum(r.amount) FILTER (WHERE d.id IS NOT NULL) AS charge, bool_or(d.id IS NOT NULL) AS any_denial,
         bool_or(r."group" = 'OA' AND r.carc = %(duplicate)s) AS duplicate
  FROM answer a JOIN payments_adjudicationrecord r ON r.claim_payment_id = a.id
  LEFT JOIN denials_denial d ON d.version_id = a.version_id AND d.line_id = r.line_id AND d.carc = r.carc
  WHERE a.turn = 1 GROUP BY a.version_id
), fact AS (
  SELECT v.*, coalesce(d.any_denial, false) AS denied, coalesce(d.charge, 0) AS denied_charge,
         coalesce(d.duplicate, false) AS duplicate,
         v.payer_acknowledged IS NOT NULL OR v.first_adjudicated IS NOT NULL AS accepted,
         a.outcome IN ('PAID', 'ZERO_PAID') AND a.answers = 1 AS resolved,
         EXISTS (SELECT 1 FROM submissions_claimversion n WHERE n.claim_id = v.claim_id AND n.number > v.number) AS reworked,
         row_number() OVER (PARTITION BY v.claim_id ORDER BY coalesce(d.duplicate, false),
           v.first_adjudicated NULLS LAST, v.number) AS decided_turn
  FROM version v LEFT JOIN answer a ON a.version_id = v.id AND a.turn = 1 LEFT JOIN denied d ON d.version_id = v.id
), sent AS (SELECT * FROM fact WHERE first_sent BETWEEN %(start)s AND %(end)s
), first AS (SELECT * FROM fact WHERE number = 1 AND first_adjudicated BETWEEN %(start)s AND %(end)s
), decided AS (
  SELECT * FROM fact WHERE decided_turn = 1 AND NOT duplicate AND first_adjudicated BETWEEN %(start)s AND %(end)s)
"""

CLAIMS = (
    VERSIONS
    + """
SELECT
  (SELECT count(*) FROM sent WHERE number = 1) AS first_sent,
  (SELECT array_agg(control_number ORDER BY control_number) FROM sent
    WHERE number = 1 AND accepted AND NOT (edit_held OR touched OR rejected)) AS clean,
  (SELECT count(*) FROM sent) AS sent,
  (SELECT array_agg(control_number ORDER BY control_number) FROM sent WHERE rejected) AS rejected,
  (SELECT count(*) FROM first) AS first_decided,
  (SELECT array_agg(control_number ORDER BY control_number) FROM first
    WHERE coalesce(resolved, false) AND NOT denied AND NOT reworked) AS resolved,
  (SELECT count(*) FROM decided) AS decided,
  (SELECT array_agg(control_number ORDER BY control_number) FROM decided WHERE denied) AS denied,
  (SELECT coalesce(sum(denied_charge), 0) FROM decided) AS denied_charge,
  (SELECT coalesce(sum(total_charge), 0) FROM decided) AS decided_charge
"""
)


def _claims(values: dict[str, Any]) -> list[KpiRow]:
    found = one(CLAIMS, values)
    sent, decided = "claims first sent in the period", "claims first adjudicated in the period"

    def share(name: str, ids: str, of: str, basis: str) -> KpiRow:
        rows = found[ids] or []
        return as_row(kpi.rate(name, len(rows), found[of]), basis, "claim", rows)

    dollars = kpi.rate("denial_rate_dollars", found["denied_charge"], found["decided_charge"])
    return [
        share("clean_claim_rate", "clean", "first_sent", sent),
        share("first_pass_resolution_rate", "resolved", "first_decided", decided),
        share("denial_rate", "denied", "decided", decided),
        as_row(dollars, decided, "claim", found["denied"]),
        share("rejection_rate", "rejected", "sent", "claim versions first sent in the period"),
    ]


# Money of the services of the period --------------------------------------------------------------------------------

MONEY = """
WITH side AS (
  SELECT debit_subject AS line_id, credit_kind AS other, credit_bucket AS reason, amount AS moved
    FROM accounts_ledgertransfer WHERE debit_kind = 'RECEIVABLE' AND effective_date <= %(as_of)s
  UNION ALL
  SELECT credit_subject, debit_kind, debit_bucket, -amount
    FROM accounts_ledgertransfer WHERE credit_kind = 'RECEIVABLE' AND effective_date <= %(as_of)s
), line AS (
  SELECT l.line_id,
    coalesce(sum(moved) FILTER (WHERE other = 'REVENUE'), 0) AS charges,
    coalesce(-sum(moved) FILTER (WHERE other IN
      ('REMITTANCE', 'SUSPENSE', 'PAYER_OFFSET', 'CREDIT', 'PATIENT_CASH', 'BANK')), 0) AS payments,
    coalesce(sum(moved) FILTER (WHERE other = 'REFUND'), 0) AS refunds,
    coalesce(-sum(moved) FILTER (WHERE other = 'ADJUSTMENT' AND reason = ANY(%(contractual)s)), 0) AS contractual,
    coalesce(-sum(moved) FILTER (WHERE other = 'ADJUSTMENT' AND reason = ANY(%(sequestration)s)), 0) AS sequestration,
    coalesce(-sum(moved) FILTER (WHERE other = 'ADJUSTMENT' AND reason = ANY(%(capitation)s)), 0) AS capitation,
    coalesce(-sum(moved) FILTER (WHERE other = 'ADJUSTMENT' AND reason = %(charity)s), 0) AS charity,
    coalesce(-sum(moved) FILTER (WHERE other = 'ADJUSTMENT' AND starts_with(reason, 'WO-')), 0) AS write_offs
  FROM charges_chargeline l JOIN side ON side.line_id = l.line_id
  WHERE l.date_of_service BETWEEN %(start)s AND %(end)s
    AND {lines}
  GROUP BY l.line_id
  HAVING bool_and(other <> 'OPENING')  -- what another system charged and was paid is no collection of ours
), reasons AS (
  SELECT side.reason, -sum(moved) AS amount FROM side JOIN line USING (line_id)
  WHERE other = 'ADJUSTMENT' AND starts_with(side.reason, 'WO-') GROUP BY 1 HAVING sum(moved) <> 0
)
SELECT coalesce(sum(charges), 0) AS charges, coalesce(sum(payments), 0) AS payments, coalesce(sum(refunds), 0) AS refunds,
       coalesce(sum(contractual), 0) AS contractual, coalesce(sum(sequestration), 0) AS sequestration,
       coalesce(sum(capitation), 0) AS capitation, coalesce(sum(charity), 0) AS charity,
       coalesce(sum(write_offs), 0) AS write_offs,
       array_agg(line_id ORDER BY line_id) FILTER (WHERE payments - refunds <> 0) AS paid_lines,
       array_agg(line_id ORDER BY line_id) FILTER (WHERE write_offs <> 0) AS written_off_lines,
       (SELECT array_agg(reason ORDER BY reason) FROM reasons) AS reasons,
       (SELECT array_agg(amount ORDER BY reason) FROM reasons) AS reason_amounts
FROM line
"""


def _money(values: dict[str, Any]) -> list[KpiRow]:
    found = one(MONEY, values)
    sums = kpi.MoneyFacts(
        **{name: found[name] for name in
           ("charges", "payments", "refunds", "contractual", "sequestration", "capitation", "charity", "write_offs")}
    )  # fmt: skip
    basis = "dates of service in the period"
    rows = [
        as_row(rate(sums), basis, "charge_line", found["paid_lines"])
        for rate in (kpi.gross_collection_rate, kpi.net_collection_rate, kpi.adjusted_net_collection_rate)
    ]
    rows.append(as_row(kpi.write_off_rate(sums), basis, "charge_line", found["written_off_lines"]))
    for reason, amount in zip(found["reasons"] or (), found["reason_amounts"] or (), strict=True):
        name = "write_off_rate_" + reason.removeprefix("WO-").lower().replace("-", "_")
        rows.append(as_row(kpi.rate(name, amount, sums.charges), basis, "charge_line"))
    return rows


# The receivable as it stands -----------------------------------------------------------------------------------------

RECEIVABLE = """
WITH sides AS (
  SELECT debit_kind AS kind, debit_subject AS subject, debit_bucket AS bucket, amount AS moved, effective_date
    FROM accounts_ledgertransfer WHERE debit_kind IN ('RECEIVABLE', 'CREDIT') AND effective_date <= %(as_of)s
  UNION ALL
  SELECT credit_kind, credit_subject, credit_bucket, -amount, effective_date
    FROM accounts_ledgertransfer WHERE credit_kind IN ('RECEIVABLE', 'CREDIT') AND effective_date <= %(as_of)s
), open AS (
  SELECT kind, subject, bucket, sum(moved) AS amount, min(effective_date) AS began FROM sides
  GROUP BY 1, 2, 3 HAVING sum(moved) <> 0
), balance AS (
  SELECT o.subject, o.amount, %(as_of)s::date - coalesce(l.date_of_service, o.began) AS days FROM open o
  LEFT JOIN charges_chargeline l ON o.kind = 'RECEIVABLE' AND l.line_id = o.subject
  LEFT JOIN patients_patient p
    ON p.id::text = CASE WHEN l.id IS NULL THEN replace(o.subject, 'account-', '') END
  WHERE {balances}
)
SELECT coalesce(sum(amount), 0) AS active, coalesce(sum(amount) FILTER (WHERE amount > 0), 0) AS gross,
       coalesce(sum(amount) FILTER (WHERE amount < 0), 0) AS credits,
       coalesce(sum(amount) FILTER (WHERE amount > 0 AND days > 90), 0) AS old,
       array_agg(DISTINCT subject) FILTER (WHERE amount > 0) AS open_subjects,
       array_agg(DISTINCT subject) FILTER (WHERE amount > 0 AND days > 90) AS old_subjects,
       array_agg(DISTINCT subject) FILTER (WHERE amount < 0) AS credit_subjects,
       (SELECT coalesce(sum(CASE WHEN t.debit_kind = 'RECEIVABLE' THEN t.amount ELSE -t.amount END), 0)
        FROM accounts_ledgertransfer t JOIN charges_chargeline l
          ON l.line_id = CASE WHEN t.debit_kind = 'RECEIVABLE' THEN t.debit_subject ELSE t.credit_subject END
        WHERE ((t.debit_kind = 'RECEIVABLE' AND t.credit_kind = 'REVENUE')
               OR (t.credit_kind = 'RECEIVABLE' AND t.debit_kind = 'REVENUE'))
          AND t.effective_date BETWEEN %(since)s AND %(as_of)s
          AND {lines}) AS recent_charges
FROM balance
"""


def _receivable(values: dict[str, Any]) -> list[KpiRow]:
    """Active A/R is net of credits, which have a figure of their own."""
    found = one(RECEIVABLE, values)
    on = f"balances on {values['as_of']}"
    credits = kpi.MoneyFacts(credit_balances=found["credits"], gross_receivable=found["gross"])
    days = kpi.days_in_ar(found["active"], found["recent_charges"])
    days = msgspec.structs.replace(days, denominator=money(days.denominator))
    basis = f"{on}, charges of the {DAYS_OF_CHARGES} days before"
    return [
        as_row(days, basis, "account", found["open_subjects"]),
        as_row(
            kpi.receivable_over_90(found["old"], found["active"]),
            f"{on}, aged by date of service",
            "account",
            found["old_subjects"],
        ),
        as_row(kpi.credit_balance_rate(credits), on, "account", found["credit_subjects"]),
    ]


# Lags ----------------------------------------------------------------------------------------------------------------

LAGS = """
WITH line AS (
  SELECT l.line_id, l.charged_on - l.date_of_service AS days FROM charges_chargeline l
  WHERE l.charged_on BETWEEN %(start)s AND %(end)s
    AND {lines}
), first AS (
  SELECT v.id, v.control_number, v.first_sent, c.encounter_id
  FROM submissions_claimversion v JOIN submissions_claim c ON c.id = v.claim_id
  WHERE v.number = 1 AND c.sequence = 'P' AND v.first_sent IS NOT NULL
    AND {claims}
), sent AS (
  SELECT f.control_number, f.first_sent - max(l.charged_on) AS days
  FROM first f JOIN charges_chargeline l ON l.encounter_id = f.encounter_id
  WHERE f.first_sent BETWEEN %(start)s AND %(end)s GROUP BY f.control_number, f.first_sent
), paid AS (
  SELECT f.control_number, min(d.effective_date) - f.first_sent AS days
  FROM first f JOIN payments_claimpayment p ON p.version_id = f.id AND p.state <> 'held' AND p.paid > 0
  JOIN payments_deposit d ON d.remittance_id = p.remittance_id
  GROUP BY f.control_number, f.first_sent HAVING min(d.effective_date) BETWEEN %(start)s AND %(end)s
)
SELECT 'charge_lag' AS name, coalesce(sum(days), 0), count(*), array_agg(line_id ORDER BY line_id) FROM line
UNION ALL
SELECT 'submission_lag', coalesce(sum(days), 0), count(*), array_agg(control_number ORDER BY control_number) FROM sent
UNION ALL
SELECT 'payment_lag', coalesce(sum(days), 0), count(*), array_agg(control_number ORDER BY control_number) FROM paid
"""
LAG_BASIS = {
    "charge_lag": ("charge lines charged in the period, from the date of service", "charge_line"),
    "submission_lag": ("first claims first sent in the period, from the charge date", "claim"),
    "payment_lag": ("first claims whose first deposit came in the period, from first sent", "claim"),
}


def _lags(values: dict[str, Any]) -> list[KpiRow]:
    with whole_book_cursor() as cursor:
        cursor.execute(scoped(LAGS), values)
        rows = cursor.fetchall()
    found = []
    for name, days, count, ids in rows:
        value = money(Decimal(days) / count) if count else None
        mean = kpi.Kpi(name=name, numerator=Decimal(days), denominator=Decimal(count), value=value, unit="days")
        found.append(as_row(mean, *LAG_BASIS[name], ids))
    return found


# Remittances and appeals ---------------------------------------------------------------------------------------------

REMITTANCES = """
WITH claim_payment AS (
  SELECT p.record_id, p.untouched, p.state
  FROM payments_claimpayment p JOIN payments_remittance r ON r.id = p.remittance_id
  WHERE r.received_on BETWEEN %(start)s AND %(end)s
    AND {payments}
), appeal AS (
  SELECT a.id::text AS id, a.state, a.allowed_amount
  FROM denials_appeal a JOIN denials_denial d ON d.id = a.denial_id
  WHERE a.decided_on BETWEEN %(start)s AND %(end)s AND a.state IN ('OVERTURNED', 'UPHELD', 'DISMISSED')
    AND {denials}
)
SELECT
  (SELECT count(*) FROM claim_payment) AS received,
  (SELECT array_agg(record_id ORDER BY record_id) FROM claim_payment
    WHERE untouched AND state IN ('posted', 'report_only')) AS untouched,
  (SELECT count(*) FROM appeal) AS decided,
  (SELECT array_agg(id ORDER BY id) FROM appeal WHERE state = 'OVERTURNED' AND allowed_amount > 0) AS won
"""


def _remittances(values: dict[str, Any]) -> list[KpiRow]:
    found = one(REMITTANCES, values)
    posted = kpi.auto_post_rate(len(found["untouched"] or ()), found["received"])
    won = kpi.appeal_overturn_rate(len(found["won"] or ()), found["decided"])
    return [
        as_row(posted, "claim payments received in the period", "claim_payment", found["untouched"]),
        as_row(won, "appeals decided in the period", "appeal", found["won"]),
    ]

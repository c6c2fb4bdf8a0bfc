"""Takeovers as they stand: what the ledger holds of one, and what of its work is due when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import msgspec
from django.db import connection
from django.db.models import QuerySet

from claimwright.billing.denials import OPEN_STATES
from claimwright.billing.lifecycle import ANY_SENT, ANY_UNSENT
from claimwright.billing.takeover import Cover, Known, TieRow
from claimwright.codes.money import ZERO
from claimwright.ledger.accounts import INSURANCE_BUCKETS
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.accounts.selectors import line_balances
from claimwright.web.charges.models import ChargeLine
from claimwright.web.core import clock
from claimwright.web.denials.models import Appeal, Denial
from claimwright.web.followup.models import PayerContact
from claimwright.web.patients.models import Patient as PatientRow
from claimwright.web.patients.models import PatientCoverage
from claimwright.web.practice.models import Practice, Provider
from claimwright.web.practice.selectors import payers_by_name
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.takeover.loading import ledger_prefix
from claimwright.web.takeover.models import Takeover, TakeoverClaim, TakeoverPlan


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do of a loading: `on` is its day, None where none is set; `kind` says what the day is."""

    on: date | None
    kind: str
    claim_number: str
    patient: str
    amount: Decimal
    says: str
    is_late: bool = False


def names_of_payers() -> dict[str, str]:
    """From every name, upper case, to the payer's key."""
    return {name: payer.key for name, payer in payers_by_name().items()}


def known_to(practice: Practice, control_numbers: Iterable[str]) -> Known:
    """What a set is judged against, as it is here now."""
    covers: dict[str, tuple[Cover, ...]] = dict.fromkeys(
        PatientRow.objects.filter(practice=practice).values_list("record_number", flat=True), ()
    )
    rows = PatientCoverage.objects.filter(patient__practice=practice).select_related("patient", "payer")
    for row in rows.order_by("sequence", "start", "pk"):
        cover = Cover(sequence=row.sequence, payer_key=row.payer.key, start=row.start, end=row.end)
        covers[row.patient.record_number] = (*covers[row.patient.record_number], cover)
    used = ClaimVersion.objects.filter(control_number__in=list(control_numbers))
    return Known(
        covers=covers, payers=names_of_payers(), providers=frozenset(Provider.objects.values_list("npi", flat=True)),
        control_numbers=frozenset(used.values_list("control_number", flat=True)),
    )  # fmt: skip


def claims_of(takeover: Takeover) -> QuerySet[TakeoverClaim]:
    """The claims of the last loading."""
    return TakeoverClaim.objects.filter(takeover=takeover, load_number=takeover.load_number)


def line_ids_of(takeover: Takeover) -> list[str]:
    visits = claims_of(takeover).values("encounter")
    return list(ChargeLine.objects.filter(encounter__in=visits).order_by("line_id").values_list("line_id", flat=True))


def entries_of(takeover: Takeover) -> QuerySet[LedgerTransfer]:
    """What the last loading booked, and what took it back."""
    return LedgerTransfer.objects.filter(key__startswith=ledger_prefix(takeover)).order_by("sequence")


def credit_owners(takeover: Takeover) -> list[str]:
    """Patients whose unapplied money came with the set."""
    rows = entries_of(takeover).filter(credit_kind="CREDIT")
    return sorted(set(rows.values_list("credit_subject", flat=True)))


BROUGHT = """
SELECT s.kind, s.bucket, coalesce(p.key, ''), sum(s.moved) FROM (
  SELECT debit_kind AS kind, debit_subject AS subject, debit_bucket AS bucket, amount AS moved, key
    FROM accounts_ledgertransfer
  UNION ALL
  SELECT credit_kind, credit_subject, credit_bucket, -amount, key FROM accounts_ledgertransfer) s
LEFT JOIN charges_chargeline l ON l.line_id = s.subject
LEFT JOIN submissions_claim c ON c.encounter_id = l.encounter_id AND c.bucket = s.bucket
LEFT JOIN practice_payer p ON p.id = c.payer_id
WHERE s.kind IN ('RECEIVABLE', 'CREDIT') AND starts_with(s.key, %s)
GROUP BY s.kind, s.bucket, s.subject, p.key
"""


def ledger_ties(takeover: Takeover) -> tuple[TieRow, ...]:
    """What the entries of the last loading sum to, beside what was stated: the proof that A/R came over whole."""
    insurance = patient = credits = ZERO
    payers: dict[str, Decimal] = defaultdict(lambda: ZERO)
    with connection.cursor() as cursor:
        cursor.execute(BROUGHT, [ledger_prefix(takeover)])
        for kind, bucket, payer, amount in cursor.fetchall():
            if kind == "CREDIT" or amount < 0:
                credits -= amount
            elif bucket in INSURANCE_BUCKETS:
                insurance += amount
                payers[payer] += amount
            else:
                patient += amount
    stated = takeover.insurance_amount + takeover.patient_amount - takeover.credit_amount
    rows = [
        TieRow(name="Insurance", stated=takeover.insurance_amount, found=insurance),
        TieRow(name="Patient", stated=takeover.patient_amount, found=patient),
        TieRow(name="Credits", stated=takeover.credit_amount, found=credits),
        TieRow(name="Total A/R", stated=stated, found=insurance + patient - credits),
    ]
    rows += [
        TieRow(name=f"Payer {key}", stated=Decimal(takeover.by_payer.get(key, "0.00")), found=payers.get(key, ZERO))
        for key in sorted({*takeover.by_payer, *payers} if takeover.by_payer else ())
    ]
    return tuple(rows)


def open_now(takeover: Takeover) -> Decimal:
    """What is still open on the lines that were brought, all buckets."""
    return sum((sum(buckets.values(), ZERO) for buckets in line_balances(line_ids_of(takeover)).values()), ZERO)


def work_in_motion(takeover: Takeover) -> tuple[Due, ...]:
    """Everything of the last loading that waits for somebody, by its day: denials, appeals, filing limits, claims out,
    contacts, instalments. What was settled since is left out."""
    today = clock.today()
    rows = [*_denials(takeover), *_claims(takeover), *_contacts(takeover), *_instalments(takeover)]
    dated = (msgspec.structs.replace(row, is_late=row.on is not None and row.on < today) for row in rows)
    return tuple(sorted(dated, key=lambda row: (row.on or date.max, row.kind, row.claim_number)))


def _denials(takeover: Takeover) -> Iterable[Due]:
    versions = claims_of(takeover).filter(version__isnull=False).values("version")
    rows = Denial.objects.filter(version__in=versions, state__in=[state.value for state in OPEN_STATES])
    out = {row.denial_id: row for row in Appeal.objects.filter(denial__in=rows, state="SENT")}
    for row in rows.select_related("version__claim__patient"):
        about = {
            "claim_number": row.version.control_number, "patient": str(row.version.claim.patient), "amount": row.amount,
        }  # fmt: skip
        appeal = out.get(row.pk)
        if appeal is not None:
            says = f"Level {appeal.level}, sent {appeal.sent_on}"
            yield Due(on=appeal.response_due, kind="Answer to an appeal", says=says, **about)
        else:
            says = f"{row.group}-{row.carc}"
            yield Due(on=row.appeal_deadline, kind="Last day to appeal", says=says, **about)
        if row.corrected_deadline and appeal is None:
            yield Due(on=row.corrected_deadline, kind="Last day to correct", says=f"{row.group}-{row.carc}", **about)


def _claims(takeover: Takeover) -> Iterable[Due]:
    wanted = [state.value for state in (*ANY_SENT, *ANY_UNSENT)]
    rows = ClaimVersion.objects.filter(taken_over__in=claims_of(takeover), state__in=wanted).exclude(
        state__in=["AWAIT_PRIOR", "AWAIT_CROSSOVER"]
    )
    for row in rows.select_related("claim__patient", "claim__payer").defer("content"):
        about = {
            "claim_number": row.control_number, "patient": str(row.claim.patient), "amount": row.total_charge,
        }  # fmt: skip
        if row.state in ANY_UNSENT:
            yield Due(on=row.filing_deadline, kind="Last day to file", says=row.claim.payer.name, **about)
        elif row.last_sent is not None:
            expected = date.fromordinal(row.last_sent.toordinal() + row.claim.payer.usual_pay_days)
            says = f"{row.claim.payer.name}, sent {row.last_sent}"
            yield Due(on=expected, kind="Answer of the payer expected", says=says, **about)


def _contacts(takeover: Takeover) -> Iterable[Due]:
    versions = claims_of(takeover).filter(version__isnull=False).values("version")
    rows = PayerContact.objects.filter(version__in=versions, next_action_on__isnull=False, closed_on__isnull=True)
    for row in rows.select_related("version__claim__patient"):
        yield Due(
            on=row.next_action_on, kind="Call again", claim_number=row.version.control_number,
            patient=str(row.version.claim.patient), amount=row.version.total_charge, says=row.said[:120],
        )  # fmt: skip


def _instalments(takeover: Takeover) -> Iterable[Due]:
    rows = TakeoverPlan.objects.filter(takeover=takeover, load_number=takeover.load_number)
    for row in rows.select_related("plan__patient"):
        if row.plan.next_due_on:
            yield Due(
                on=row.plan.next_due_on, kind="Instalment due", claim_number=row.plan.number,
                patient=str(row.plan.patient), amount=row.plan.instalment_amount, says="Payment plan",
            )  # fmt: skip

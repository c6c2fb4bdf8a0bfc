"""What stands on a patient's account beside the visits: transactions in words, the household, and what was said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

import msgspec
from django.db.models import Q

from claimwright.claims.nouns import ZERO
from claimwright.ledger.accounts import Kind
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.followup.models import PayerContact
from claimwright.web.patients.models import Patient
from claimwright.web.statements.models import Contact
from claimwright.web.submissions.models import ClaimEvent
from claimwright.web.submissions.notes import NOTE
from claimwright.web.workbench.exports import Columns
from claimwright.web.workbench.line_money import HELD
from claimwright.web.workbench.words import ENTRY_TYPES

COLUMNS: Columns = (
    ("On", "on"), ("Visit", "visit_on"), ("Service", "service"), ("What", "what"), ("Reason", "reason"),
    ("From", "source"), ("To", "target"), ("Amount", "amount"), ("Payment", "payment"), ("By", "by"),
)  # fmt: skip
PLACES = {
    Kind.REVENUE.value: "Charges", Kind.REMITTANCE.value: "Payer's payment", Kind.CREDIT.value: "Patient's credit",
    Kind.PATIENT_CASH.value: "Patient's payment", Kind.ADJUSTMENT.value: "Adjustment", Kind.SUSPENSE.value: "Suspense",
    Kind.REFUND.value: "Refund", Kind.FEE.value: "Fee", Kind.WITHHOLD.value: "Withheld", Kind.PAYER_OFFSET.value: "Payer's offset",
    Kind.BAD_DEBT.value: "Bad debt", Kind.OPENING.value: "Brought over", Kind.BANK.value: "Bank",
}  # fmt: skip
BUCKETS = {"INS1": "Primary", "INS2": "Secondary", "INS3": "Tertiary", "PAT": "Patient"}


class Transaction(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the ledger that touches a line of the account. `change` is what it does to what is open."""

    on: date
    visit_on: date | None
    service: str
    what: str
    reason: str
    source: str
    target: str
    amount: Decimal
    change: Decimal
    payment: str
    by: str


def transactions(
    entries: Iterable[LedgerTransfer], services: Mapping[str, tuple[date | None, str]]
) -> list[Transaction]:
    """In the order given. `services` are the day and code of each line. Money goes from the credited to the debited account."""
    found = []
    for entry in entries:
        debit_held, credit_held = entry.debit_kind in HELD, entry.credit_kind in HELD
        line = entry.debit_subject if debit_held else entry.credit_subject
        visit_on, service = services.get(line, (None, ""))
        what = ENTRY_TYPES.get(entry.entry_type, entry.entry_type)
        found.append(
            Transaction(
                on=entry.effective_date, visit_on=visit_on, service=service,
                what=f"{what}, taken back" if entry.reverses and entry.entry_type != "REVERSAL" else what,
                reason=entry.reason, source=_place(entry.credit_kind, entry.credit_bucket),
                target=_place(entry.debit_kind, entry.debit_bucket), amount=entry.amount,
                change=(entry.amount if debit_held else ZERO) - (entry.amount if credit_held else ZERO),
                payment=entry.payment, by=entry.actor,
            )
        )  # fmt: skip
    return found


def _place(kind: str, bucket: str) -> str:
    if kind == Kind.RECEIVABLE:
        return f"{BUCKETS.get(bucket, bucket)} owes"
    return PLACES.get(kind, kind.replace("_", " ").capitalize())


def household(patient: Patient) -> list[Patient]:
    """The others that the same guarantor answers for, and the guarantor: one query."""
    head = patient.guarantor_id or patient.pk
    rows = Patient.objects.filter(Q(guarantor_id=head) | Q(pk=head), merged_into=None).exclude(pk=patient.pk)
    return list(rows.order_by(*Patient.BY_NAME))


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One call, message or note about the account."""

    on: date
    kind: str
    words: str
    by: str
    state: str = ""


def said_of(patient: Patient) -> list[Said]:
    """Calls and messages to the patient, to and from payers, and notes on the claims, newest first: three queries."""
    to_patient = Contact.objects.filter(account__patient=patient).order_by("contact_on")
    to_payers = PayerContact.objects.filter(version__claim__patient=patient).select_related("payer")
    notes = ClaimEvent.objects.filter(version__claim__patient=patient, trigger=NOTE)
    found = [
        Said(on=row.contact_on, kind="Call" if row.channel == "phone" else "Text", words=row.words, by=row.made_by, state=row.get_state_display())
        for row in to_patient
    ]  # fmt: skip
    found += [
        Said(
            on=row.on, kind=f"{row.get_channel_display()}, {row.payer.name}", words=row.said, by=row.logged_by,
            state="Closed" if row.closed_on else "Open",
        )
        for row in to_payers
    ]  # fmt: skip
    found += [Said(on=row.on, kind="Note on a claim", words=row.note, by=row.actor) for row in notes]
    return sorted(found, key=lambda one: one.on, reverse=True)

"""Every credit balance on the refund list, from the moment it exists (invariant I16)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from claimwright.billing.posting.plan import RefundHold
from claimwright.billing.refund_rules import overpayment_clock
from claimwright.claims.nouns import ZERO
from claimwright.ledger.accounts import INSURANCE_BUCKETS
from claimwright.ledger.transfers import EntryType
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.accounts.selectors import line_balances, patient_credits
from claimwright.web.charges.models import ChargeLine, Encounter
from claimwright.web.core import clock
from claimwright.web.core.models import WorkItem
from claimwright.web.core.services import raise_work_item, resolve_work_items
from claimwright.web.patients.models import Patient
from claimwright.web.payments.held_places import hold_again
from claimwright.web.payments.models import Refund
from claimwright.web.practice.models import Payer
from claimwright.web.submissions.models import Claim

FEDERAL_KINDS = ("medicare", "medicaid")
GONE = "CLEARED"
RECOUPED = "RECOUPED"
CLOSED = (GONE, RECOUPED)
LOCKED_AT_ONCE = 500


def list_credits(*, encounter_ids: Iterable[object], holds: Iterable[RefundHold] = ()) -> None:
    """Bring the refund list up to date for these visits and their patients."""
    encounter_ids = list(encounter_ids)
    held = {hold.chain_id: hold.until for hold in holds}
    lines = list(ChargeLine.objects.filter(encounter_id__in=encounter_ids))
    balances = line_balances(line.line_id for line in lines)
    listed = {(row.line_id, row.bucket): row for row in Refund.objects.filter(line_id__in=list(balances))}
    payers = {
        (str(claim.encounter_id), claim.bucket): claim.payer
        for claim in Claim.objects.filter(encounter_id__in=encounter_ids).select_related("payer")
    }
    for line in lines:
        for bucket, balance in balances.get(line.line_id, {}).items():
            row = listed.get((line.line_id, bucket))
            if balance < 0 or row is not None:
                payer = payers.get((str(line.encounter_id), bucket)) if bucket in INSURANCE_BUCKETS else None
                _list(
                    key=f"credit:{line.line_id}:{bucket}", row=row, amount=max(-balance, ZERO), line=line, bucket=bucket,
                    payer=payer, hold_until=held.get(str(line.encounter_id)) if bucket == "PAT" else None,
                )  # fmt: skip
    list_patient_credits(patient_ids={line.patient_id for line in lines})


def list_patient_credits(*, patient_ids: Iterable[object]) -> None:
    """Unapplied money of these patients, on hold while a payer has not decided."""
    wanted = [str(patient_id) for patient_id in patient_ids]
    found = patient_credits(wanted)
    listed = {str(row.patient_id): row for row in Refund.objects.filter(patient_id__in=wanted, line_id="")}
    waiting = {str(row) for row in awaiting_payers(wanted)}
    for patient_id in wanted:
        amount, row = found.get(patient_id, ZERO), listed.get(patient_id)
        if amount <= 0 and row is None:
            continue
        _list(
            key=f"credit:{patient_id}", row=row, amount=max(amount, ZERO), patient_id=patient_id,
            waits=patient_id in waiting,
        )  # fmt: skip


def acknowledge_checks(*, refund_ids: Iterable[object]) -> None:
    """The payer's PLB 72: the checks are settled with it. A claim of them that it has not reversed is a credit again, and
    what was held of a payment is held again until it takes it."""
    rows = list(Refund.objects.filter(pk__in=list(refund_ids)))
    for row in rows:
        row.acknowledged_on = clock.today()
        row.save(update_fields=["acknowledged_on"])
        hold_again(row.parts)
    lines = [part["line_id"] for row in rows for part in row.parts if part["line_id"]]
    if lines:
        list_credits(encounter_ids=encounters_of(lines))
        again = Refund.objects.filter(line_id__in=lines, payer__isnull=False).exclude(state__in=CLOSED)
        again.update(note="The payer acknowledged our check and has not reversed this claim yet: do not pay it twice")


def lock_visits(*, patient_id: object) -> None:
    """Whoever else is about to move this patient's balances waits: postings, payments, refunds."""
    lock_accounts(patient_ids=[patient_id])


def lock_accounts(*, patient_ids: Iterable[object]) -> None:
    """`lock_visits` of several patients, in one order for all who lock several.

    The record first, for unapplied money needs no visit; never while holding a visit of it, for that is the other order.
    """
    wanted = sorted({str(patient_id) for patient_id in patient_ids})
    for at in range(0, len(wanted), LOCKED_AT_ONCE):
        some = wanted[at : at + LOCKED_AT_ONCE]
        # Without the key: rows that only name the patient, as a posting's do, are written meanwhile.
        list(Patient.objects.select_for_update(no_key=True).filter(pk__in=some).order_by("pk").values_list("pk"))
        list(Encounter.objects.select_for_update().filter(patient__in=some).order_by("pk").values_list("pk"))


def awaiting_payers(patient_ids: Iterable[str]) -> set[object]:
    """Patients of whom some visit still has money with a payer."""
    lines = dict(ChargeLine.objects.filter(patient_id__in=list(patient_ids)).values_list("line_id", "patient_id"))
    open_lines = line_balances(lines)
    return {
        lines[line_id]
        for line_id, buckets in open_lines.items()
        if any(buckets.get(bucket, ZERO) > 0 for bucket in INSURANCE_BUCKETS)
    }


def _list(
    *, key: str, row: Refund | None, amount: Decimal, line: ChargeLine | None = None, bucket: str = "",
    payer: Payer | None = None, patient_id: str | None = None, hold_until: object = None, waits: bool = False,
) -> None:  # fmt: skip
    today = clock.today()
    if amount <= 0:
        if row is not None and row.state not in CLOSED:
            row.state, row.amount = RECOUPED if row.recoup else GONE, ZERO
            row.save(update_fields=["state", "amount"])
            resolve_work_items(keys=[key], resolution="The payer took it back" if row.recoup else "The credit is gone")
        return
    before = {} if row is None else _values(row)
    if row is None or row.state in CLOSED:
        row = _identified(row or Refund(key=key), today)
    if row.state == "APPROVED" and row.amount != amount:  # what was approved was another amount
        row.state, row.approved_by, row.approved_on = "VALIDATED", "", None
    row.amount = amount
    row.cause = row.cause or ("payer_overpaid" if payer else ("patient_overpaid" if line else "unapplied"))
    row.payer = payer
    if line is not None:
        row.line_id, row.bucket, row.practice_id = line.line_id, bucket, line.practice_id
        row.patient_id = line.patient_id if payer is None else None
    else:
        row.patient_id = patient_id
    if payer is not None and payer.kind in FEDERAL_KINDS:
        row.due_on = overpayment_clock(
            row.identified_on, investigating_since=row.investigating_since, concluded=row.concluded_on
        ).due
        row.received_on = row.received_on or received_on(row.line_id, bucket)
    if hold_until is not None:
        row.state, row.hold_until = "HOLD", hold_until
    elif row.state in ("IDENTIFIED", "HOLD") and not row.hold_until:
        row.state = "HOLD" if waits else "IDENTIFIED"
    if _values(row) != before:  # looked at each evening, and most have not moved
        row.save()
    if row.state != "HOLD":
        _raise(row)
    elif before.get("state", "HOLD") != "HOLD":  # it was on the list, and must not be worked before a payer decides
        resolve_work_items(keys=[key], resolution="It waits for a payer of the patient, and comes back after that")


def _values(row: Refund) -> dict[str, str]:
    return {field.attname: str(getattr(row, field.attname)) for field in row._meta.concrete_fields}


def _identified(row: Refund, today: date) -> Refund:
    """A credit that is new, or there again after it was gone: its clock starts today."""
    row.identified_on, row.state, row.hold_until, row.due_on, row.cause = today, "IDENTIFIED", None, None, ""
    row.requested_by, row.approved_by, row.approved_on = "", "", None
    row.investigating_since, row.concluded_on, row.received_on, row.recoup = None, None, None, False
    return row


def received_on(line_id: str, bucket: str) -> date | None:
    """The day the payer's last money for the line came: the six years of the look-back run from it."""
    paid = LedgerTransfer.objects.filter(
        credit_kind="RECEIVABLE", credit_subject=line_id, credit_bucket=bucket, entry_type=EntryType.INS_PAY.value
    )
    return paid.order_by("-effective_date").values_list("effective_date", flat=True).first()


def _raise(row: Refund) -> None:
    words = {
        "amount": row.amount, "due_date": row.due_on,
        "reason": "We hold money that is owed back" if row.payer_id is None else "The payer paid more than it owed",
    }  # fmt: skip
    raise_work_item(
        worklist="credit_balances", key=row.key, reason_code="CREDIT", practice_id=row.practice_id,
        what_to_do="Find the cause, then refund whoever overpaid; never net a payer's credit with a patient's debt",
        subject_type="refund", subject_id=row.pk, reopen=True, **words,
    )  # fmt: skip
    # The item may be there from before, with the figures of that day.
    WorkItem.objects.filter(key=row.key).exclude(amount=row.amount, due_date=row.due_on).update(
        amount=row.amount, due_date=row.due_on
    )


def release_holds() -> int:
    """Credits whose hold has run out become refunds to work; says how many."""
    today = clock.today()
    ready = Refund.objects.filter(state="HOLD", hold_until__lte=today)
    encounters = set(
        ChargeLine.objects.filter(line_id__in=ready.values_list("line_id", flat=True)).values_list(
            "encounter_id", flat=True
        )
    )
    count = ready.update(state="IDENTIFIED", hold_until=None)
    list_credits(encounter_ids=encounters)
    list_patient_credits(
        patient_ids=Refund.objects.filter(state="HOLD", line_id="", hold_until__isnull=True).values_list(
            "patient_id", flat=True
        )
    )
    return count


def encounters_of(line_ids: Iterable[str]) -> set[object]:
    return set(Encounter.objects.filter(lines__line_id__in=list(line_ids)).values_list("pk", flat=True))

"""Every credit balance on the refund list, from the moment it exists (invariant I16)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from claimwright.billing.deadlines import overpayment_due
from claimwright.billing.posting.plan import RefundHold
from claimwright.claims.nouns import ZERO
from claimwright.ledger.accounts import INSURANCE_BUCKETS
from claimwright.web.accounts.selectors import line_balances, patient_credits
from claimwright.web.charges.models import ChargeLine, Encounter
from claimwright.web.core import clock
from claimwright.web.core.services import raise_work_item, resolve_work_items
from claimwright.web.payments.models import Refund
from claimwright.web.practice.models import Payer
from claimwright.web.submissions.models import Claim

FEDERAL_KINDS = ("medicare", "medicaid")
GONE = "CLEARED"
OPEN_STATES = ("IDENTIFIED", "VALIDATED", "APPROVED", "HOLD")


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


def lock_visits(*, patient_id: object) -> None:
    """Whoever else is about to move this patient's balances waits: postings, payments, refunds."""
    list(Encounter.objects.select_for_update().filter(patient=patient_id).order_by("pk").values_list("pk"))


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
        if row is not None and row.state != GONE:
            row.state, row.amount = GONE, ZERO
            row.save(update_fields=["state", "amount"])
            resolve_work_items(keys=[key], resolution="The credit is gone")
        return
    if row is None or row.state == GONE:
        row = row or Refund(key=key)
        row.identified_on, row.state, row.hold_until = today, "IDENTIFIED", None
    row.amount = amount
    row.cause = "payer_overpaid" if payer else ("patient_overpaid" if line else "unapplied")
    row.payer = payer
    if line is not None:
        row.line_id, row.bucket, row.practice_id = line.line_id, bucket, line.practice_id
        row.patient_id = line.patient_id if payer is None else None
    else:
        row.patient_id = patient_id
    if payer is not None and payer.kind in FEDERAL_KINDS:
        row.due_on = overpayment_due(row.identified_on).due
    if hold_until is not None:
        row.state, row.hold_until = "HOLD", hold_until
    elif row.state in ("IDENTIFIED", "HOLD") and not row.hold_until:
        row.state = "HOLD" if waits else "IDENTIFIED"
    row.save()
    if row.state != "HOLD":
        raise_work_item(
            worklist="credit_balances", key=key, reason_code="CREDIT", amount=amount, practice_id=row.practice_id,
            reason="We hold money that is owed back" if payer is None else "The payer paid more than it owed",
            what_to_do="Find the cause, then refund whoever overpaid; never net a payer's credit with a patient's debt",
            subject_type="refund", subject_id=row.pk, due_date=row.due_on,
        )  # fmt: skip


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

"""Money from patients and the bank, refunds, write-offs, plans, bad debt: thin services over `billing`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q, QuerySet

from claimwright.billing import bad_debt, deposits, patient, write_offs
from claimwright.billing.lifecycle import State, may_close
from claimwright.billing.policies import DEFAULT_POLICIES
from claimwright.claims.nouns import ZERO
from claimwright.ledger.accounts import INSURANCE_BUCKETS, receivable
from claimwright.ledger.transfers import EntryType, Transfer, transfer
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.accounts.selectors import line_balances, patient_credits
from claimwright.web.accounts.services import as_transfer, post_transfers
from claimwright.web.charges.models import ChargeLine, Encounter
from claimwright.web.core import clock
from claimwright.web.core.models import User
from claimwright.web.core.services import actor, next_number, raise_work_item, record_audit, resolve_work_items
from claimwright.web.denials.models import Denial
from claimwright.web.patients.models import Patient
from claimwright.web.payments import models
from claimwright.web.payments.credits import encounters_of, list_credits, list_patient_credits
from claimwright.web.payments.positions import OPEN_DENIALS
from claimwright.web.practice.models import Practice
from claimwright.web.submissions.events import EventRow, record_events
from claimwright.web.submissions.models import ClaimVersion

# CAQH CORE 370: late after four business days, which a week always holds.
LATE_CALENDAR_DAYS = 7

# Patients ------------------------------------------------------------------------------------------------------------


def patient_lines(patient_id: object, *, final_only: bool = True) -> list[patient.PatientLine]:
    """The patient's lines with something in PAT, and the account line of fees; `final_only`: no payer still open."""
    lines = list(ChargeLine.objects.filter(patient_id=patient_id))
    account = f"account-{patient_id}"
    balances = line_balances([*(line.line_id for line in lines), account])
    pending: dict[object, Decimal] = {}
    for line in lines:
        part = sum((balances[line.line_id].get(bucket, ZERO) for bucket in INSURANCE_BUCKETS), ZERO)
        pending[line.encounter_id] = pending.get(line.encounter_id, ZERO) + part
    found = [
        patient.PatientLine(
            line_id=line.line_id, date_of_service=line.date_of_service, chain_id=str(line.encounter_id),
            balance=balances[line.line_id].get("PAT", ZERO),
        )
        for line in lines
        if not (final_only and pending[line.encounter_id] > 0)
    ]  # fmt: skip
    fee = balances[account].get("PAT", ZERO)
    if fee:
        found.append(patient.PatientLine(line_id=account, date_of_service=clock.today(), balance=fee))
    return [line for line in found if line.balance]


def receive_patient_payment(
    *,
    patient: Patient,
    practice: Practice,
    amount: Decimal,
    method: str,
    key: str,
    received_on: date | None = None,
    encounter: Encounter | None = None,
    apply: bool = True,
) -> models.PatientReceipt:
    """Take a payment once: the same `key` again gives the first receipt. What no line takes stays as credit."""
    seen = models.PatientReceipt.objects.filter(key=key).first()
    if seen is not None:
        return seen
    on = received_on or clock.today()
    receipt = models.PatientReceipt.objects.create(
        patient=patient, practice=practice, method=method, amount=amount, received_on=on, key=key, encounter=encounter
    )
    designated = [line.line_id for line in encounter.lines.all()] if encounter else []
    lines = patient_lines(patient.pk) if apply else []
    entries = _pay(patient, practice, amount, method, receipt, on, lines, designated)
    post_transfers(transfers=entries)
    list_patient_credits(patient_ids=[patient.pk])
    record_audit(action="payment.patient", subject_type="receipt", subject_id=receipt.pk, detail=str(amount))
    return receipt


def _pay(  # the room's function, whose name the parameter `patient` above hides
    payer: Patient, practice: Practice, amount: Decimal, method: str, receipt: models.PatientReceipt, on: date,
    lines: Sequence[patient.PatientLine], designated: Sequence[str],
) -> tuple[Transfer, ...]:  # fmt: skip
    return patient.pay(
        patient_id=str(payer.pk), practice_id=str(practice.pk), amount=amount, method=method,
        receipt_id=str(receipt.pk), on=on, lines=lines, designated=designated,
    )  # fmt: skip


def apply_credits(*, patient_ids: Iterable[object]) -> int:
    """Unapplied money onto what the patients owe, oldest service first; says how many lines took some."""
    applied = 0
    for patient_id, available in patient_credits(str(item) for item in patient_ids).items():
        if available <= 0:
            continue
        entries = patient.apply_credit(
            patient_id=patient_id, available=available, lines=patient_lines(patient_id),
            key=f"apply/{next_number(name='apply_credit')}", on=clock.today(),
        )  # fmt: skip
        if entries:
            post_transfers(transfers=entries)
            applied += len(entries)
            list_patient_credits(patient_ids=[patient_id])
    return applied


def return_payment(*, receipt: models.PatientReceipt, fee: Decimal | None = None) -> None:
    """NSF or chargeback: the receipt undone entry by entry, and the fee on the patient's account."""
    if receipt.state == "returned":
        return
    rows = LedgerTransfer.objects.filter(payment=str(receipt.pk)).order_by("sequence")
    entries = patient.returned_payment(
        [as_transfer(row) for row in rows], practice_id=str(receipt.practice_id), patient_id=str(receipt.patient_id),
        on=clock.today(), key=f"returned/{receipt.pk}", fee=DEFAULT_POLICIES.nsf_fee_amount if fee is None else fee,
    )  # fmt: skip
    post_transfers(transfers=entries)
    receipt.state = "returned"
    receipt.save(update_fields=["state"])
    list_patient_credits(patient_ids=[receipt.patient_id])
    record_audit(action="payment.returned", subject_type="receipt", subject_id=receipt.pk)


def transfer_to_patient(*, encounter: Encounter, bucket: str, reason: str) -> None:
    """A person's decision that no payer will pay the rest: the payer's bucket moves to the patient, denials close."""
    balances = line_balances(line.line_id for line in encounter.lines.all())
    number = next_number(name="transfer_to_patient")
    entries = [
        transfer(
            debit=receivable(line_id, "PAT"), credit=receivable(line_id, bucket), amount=buckets.get(bucket, ZERO),
            entry_type=EntryType.XFER, key=f"to-patient/{number}/{line_id}", effective_date=clock.today(),
            reason=reason[:40],
        )
        for line_id, buckets in balances.items()
        if buckets.get(bucket, ZERO) > 0
    ]  # fmt: skip
    post_transfers(transfers=[entry for entry in entries if entry is not None])
    _close_denials(
        Denial.objects.filter(version__claim__encounter=encounter, version__claim__bucket=bucket), "TRANSFERRED"
    )
    list_credits(encounter_ids=[encounter.pk])
    record_audit(action="balance.to_patient", subject_type="encounter", subject_id=encounter.pk, detail=reason)


def _close_denials(denials: QuerySet[Denial], state: str) -> None:
    """What was open of these ends in `state` and leaves the list."""
    still_open = list(denials.filter(state__in=OPEN_DENIALS))
    Denial.objects.filter(pk__in=[denial.pk for denial in still_open]).update(state=state)
    resolve_work_items(keys=[f"denial:{denial.pk}" for denial in still_open], resolution=state.lower())


# Refunds -------------------------------------------------------------------------------------------------------------


def request_refund(*, refund: models.Refund) -> models.Refund:
    """A person has found the cause: IDENTIFIED or HOLD becomes VALIDATED."""
    if refund.state == "HOLD" and refund.hold_until and refund.hold_until > clock.today():
        raise patient.RefusedPayment(f"the credit is on hold until {refund.hold_until}")
    refund.state, refund.requested_by = "VALIDATED", actor()
    refund.save(update_fields=["state", "requested_by"])
    return refund


def issue_refund(*, refund: models.Refund, amount: Decimal | None = None) -> models.Refund:
    """Approve and issue a patient's refund; the approver is not the one who asked. Raises RefusedPayment."""
    practice = refund.practice or _practice_of(refund)
    owner = str(refund.patient_id)
    amount = refund.amount if amount is None else amount
    lines = [refund.line_id] if refund.line_id else []
    payer_open = ZERO
    for line_id, buckets in line_balances(lines).items():
        payer_open += sum((buckets.get(bucket, ZERO) for bucket in INSURANCE_BUCKETS), ZERO)
        moved = transfer(
            debit=receivable(line_id, "PAT"), credit=patient.credit_account(owner), amount=amount,
            entry_type=EntryType.APPLY, key=f"refund/{refund.pk}/credit", effective_date=clock.today(),
        )  # fmt: skip
        if moved is not None and buckets.get("PAT", ZERO) < 0 and payer_open <= 0:
            post_transfers(transfers=[moved])
    available = patient_credits([owner]).get(owner, ZERO)
    patient.check_refund(
        amount=amount, credit=available, requested_by=refund.requested_by, approved_by=actor(),
        on=clock.today(), hold_until=refund.hold_until, payer_balance=payer_open,
    )  # fmt: skip
    post_transfers(
        transfers=patient.issue_refund(
            patient_id=owner, practice_id=str(practice.pk), amount=amount,
            refund_id=f"{refund.pk}-{next_number(name='refund')}", on=clock.today(),
        )
    )  # fmt: skip
    refund.approved_by, refund.state = actor(), "ISSUED"
    refund.save(update_fields=["approved_by", "state"])
    resolve_work_items(keys=[refund.key], resolution="Refund issued")
    record_audit(action="refund.issued", subject_type="refund", subject_id=refund.pk, detail=str(amount))
    _list_again(refund)
    return refund


def _practice_of(refund: models.Refund) -> Practice:
    return refund.patient.practice if refund.patient else Practice.objects.order_by("name").first()


def _list_again(refund: models.Refund) -> None:
    """An issued refund frees its key, so that a later credit of the same account is a new row; what is left is listed."""
    line_id, patient_id = refund.line_id, refund.patient_id
    refund.key, refund.line_id = f"{refund.key}:{refund.pk}"[:120], ""
    refund.patient = None
    refund.paid_to = patient_id
    refund.save(update_fields=["key", "line_id", "patient", "paid_to"])
    if line_id:
        list_credits(encounter_ids=encounters_of([line_id]))
    list_patient_credits(patient_ids=[patient_id])


# Write-offs ----------------------------------------------------------------------------------------------------------


def request_write_off(
    *, encounter: Encounter, line_id: str, bucket: str, amount: Decimal, reason: str, note: str = ""
) -> models.WriteOff:
    """Ask for a write-off: it stands on the approvals list and changes no balance."""
    if reason not in write_offs.REASONS:
        raise write_offs.WriteOffRefused("the reason is in no list")
    version = ClaimVersion.objects.filter(claim__encounter=encounter, claim__bucket=bucket).order_by("-number").first()
    asked = models.WriteOff.objects.create(
        practice_id=encounter.practice_id, version=version, line_id=line_id, bucket=bucket, amount=amount, reason=reason,
        requested_by=actor(), requested_on=clock.today(), note=note, key=f"write-off/{next_number(name='write_off')}",
    )  # fmt: skip
    raise_work_item(
        worklist="write_off_approvals", key=asked.key, reason_code=reason, amount=amount,
        reason=f"Write-off asked for: {write_offs.REASONS[reason]}",
        what_to_do=f"A {write_offs.approver_role(amount)} other than the requester approves or refuses",
        subject_type="write_off", subject_id=asked.pk, practice_id=encounter.practice_id,
    )  # fmt: skip
    return asked


def approve_write_off(*, write_off: models.WriteOff, approver: User) -> models.WriteOff:
    """Approve within the approver's limit. Raises WriteOffRefused and changes nothing else."""
    line = ChargeLine.objects.get(line_id=write_off.line_id)
    recent = models.WriteOff.objects.filter(
        requested_by=write_off.requested_by, requested_on__gte=write_off.requested_on - timedelta(days=30)
    ).exclude(pk=write_off.pk)
    lines = dict(
        ChargeLine.objects.filter(line_id__in=[row.line_id for row in recent]).values_list("line_id", "encounter_id")
    )
    entry = write_offs.approve(
        _request(write_off, line.encounter_id),
        open_balance=line_balances([line.line_id])[line.line_id].get(write_off.bucket, ZERO),
        approved_by=approver.get_username(), role=approver.role,
        recent=[_request(row, lines.get(row.line_id)) for row in recent], practice_id=str(write_off.practice_id),
        key=write_off.key, on=clock.today(),
    )  # fmt: skip
    post_transfers(transfers=[entry])
    write_off.state, write_off.decided_by = "APPROVED", approver.get_username()
    write_off.save(update_fields=["state", "decided_by"])
    if not line_balances([line.line_id])[line.line_id].get(write_off.bucket, ZERO):
        _close_denials(Denial.objects.filter(line_id=line.line_id), "WRITTEN_OFF")
    resolve_work_items(keys=[write_off.key], resolution="Approved")
    record_audit(action="write_off.approved", subject_type="write_off", subject_id=write_off.pk)
    return write_off


def _request(row: models.WriteOff, chain_id: object) -> write_offs.WriteOffRequest:
    return write_offs.WriteOffRequest(
        chain_id=str(chain_id), line_id=row.line_id, bucket=row.bucket, amount=row.amount, reason=row.reason,
        requested_by=row.requested_by, requested_on=row.requested_on,
    )  # fmt: skip


# Plans and bad debt --------------------------------------------------------------------------------------------------


def start_plan(
    *, patient: Patient, practice: Practice, total: Decimal, instalment: Decimal, instalments: int, starts_on: date
) -> models.PaymentPlan:
    return models.PaymentPlan.objects.create(
        patient=patient, practice=practice, total=total, instalment=instalment, instalments=instalments,
        starts_on=starts_on, grace_days=DEFAULT_POLICIES.plan_grace_days,
    )  # fmt: skip


def review_plan(*, plan: models.PaymentPlan) -> models.PaymentPlan:
    """Where the plan stands today by what was paid and not returned since it began."""
    receipts = models.PatientReceipt.objects.filter(
        patient=plan.patient, state="posted", received_on__gte=plan.starts_on
    ).values_list("amount", flat=True)
    standing = patient.plan_standing(
        patient.Plan(
            balance=plan.total, amount=plan.instalment, start=plan.starts_on, count=plan.instalments,
            cancelled=plan.state == "CANCELLED",
        ),
        sum(receipts, ZERO), clock.today(),
    )  # fmt: skip
    plan.state, plan.missed = standing.state.value, standing.missed
    plan.save(update_fields=["state", "missed"])
    return plan


def place_bad_debt(*, patient: Patient, final_notice_sent: bool) -> None:
    """Everything the patient owes goes to bad debt, outside active A/R."""
    balances = {line.line_id: line.balance for line in patient_lines(patient.pk) if line.balance > 0}
    entries = bad_debt.place(
        balances, final_notice_sent=final_notice_sent, flags=patient.flags,
        key=f"bad-debt/{next_number(name='bad_debt')}", on=clock.today(),
    )  # fmt: skip
    post_transfers(transfers=entries)
    record_audit(action="patient.bad_debt", subject_type="patient", subject_id=patient.pk)


def record_agency_recovery(
    *, patient: Patient, practice: Practice, gross: Decimal, fee_share: Decimal | None = None
) -> None:
    """What the agency collected: debt down by the gross, bank up by the net, the fee is expense."""
    lines = [*patient_line_ids(patient), f"account-{patient.pk}"]
    held = {line_id: buckets["BD"] for line_id, buckets in line_balances(lines).items() if buckets.get("BD", ZERO) > 0}
    entries = bad_debt.agency_recovery(
        held, gross=gross, fee_share=DEFAULT_POLICIES.agency_fee_share if fee_share is None else fee_share,
        practice_id=str(practice.pk), key=f"agency/{next_number(name='agency')}", on=clock.today(),
    )  # fmt: skip
    post_transfers(transfers=entries)


def patient_line_ids(patient: Patient) -> list[str]:
    return list(ChargeLine.objects.filter(patient=patient).values_list("line_id", flat=True))


# The bank ------------------------------------------------------------------------------------------------------------


def record_deposit(
    *, kind: str, trace_number: str, trace_payer_id: str, amount: Decimal, effective_date: date,
    practice: Practice | None = None,
) -> models.Deposit:  # fmt: skip
    """Money seen at the bank, matched to its remittance by trace, payer and amount; else on its worklist."""
    key = f"{kind}:{trace_payer_id}:{trace_number}:{amount}"
    deposit, new = models.Deposit.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind, "trace_number": trace_number, "trace_payer_id": trace_payer_id, "amount": amount,
            "effective_date": effective_date, "practice": practice, "state": "UNMATCHED_EFT",
        },
    )  # fmt: skip
    if new:
        match_deposit(deposit=deposit)
    return deposit


def match_deposit(*, deposit: models.Deposit) -> models.Deposit:
    """Tie a deposit to the posted remittance it is the money of; amounts that differ are shown, never forced."""
    expected = models.Remittance.objects.filter(
        state__in=["posted", "partial"], deposit__isnull=True, amount__gt=0
    ).filter(Q(trace_number=deposit.trace_number) | Q(amount=deposit.amount))
    rows = {row.number: row for row in expected}
    notice = deposits.Deposit(
        deposit_id=str(deposit.pk), amount=deposit.amount, effective_date=deposit.effective_date,
        trace_number=deposit.trace_number, trace_payer_id=deposit.trace_payer_id,
    )  # fmt: skip
    found = deposits.reassociate(
        [notice],
        [
            deposits.ExpectedPayment(
                payment_id=row.number, amount=row.amount, payment_date=row.payment_date or row.received_on,
                trace_number=row.trace_number, trace_payer_id=row.trace_payer_id,
            )
            for row in rows.values()
        ],
    )  # fmt: skip
    match = next(one for one in found if one.deposit_id == str(deposit.pk))
    deposit.state = match.state.value
    if match.state is deposits.DepositState.MATCHED:
        _clear(deposit, rows[match.payment_id], match)
    else:
        _list_deposit(deposit, match)
    deposit.save(update_fields=["state", "remittance"])
    return deposit


def _clear(deposit: models.Deposit, remittance: models.Remittance, match: deposits.DepositMatch) -> None:
    post_transfers(
        transfers=deposits.clear(
            match, amount=deposit.amount, on=deposit.effective_date,
            practice_id=str(deposit.practice_id or remittance.practice_id),
        )
    )  # fmt: skip
    deposit.remittance = remittance
    remittance.bank_state = "MATCHED"
    remittance.save(update_fields=["bank_state"])
    keys = [f"deposit:{deposit.pk}", f"era-without-eft:{remittance.number}"]
    resolve_work_items(keys=keys, resolution="Matched")


def _list_deposit(deposit: models.Deposit, match: deposits.DepositMatch) -> None:
    differs = match.state is deposits.DepositState.AMOUNT_DIFF
    raise_work_item(
        worklist="deposits" if differs else "eft_without_era", key=f"deposit:{deposit.pk}",
        reason_code=match.state.value, amount=match.difference, subject_type="deposit", subject_id=deposit.pk,
        reason=(
            f"The bank and remittance {match.payment_id} differ by {match.difference}"
            if differs
            else "Money came to the bank and no remittance explains it"
        ),
        what_to_do=(
            "Compare both with the payer"
            if differs
            else "Ask the payer for the 835 of this trace number; nothing is booked until then"
        ),
    )  # fmt: skip


def list_missing_deposits() -> int:
    """Posted payments whose money is late by the operating rules: on the list of remittances without a deposit."""
    late = clock.today() - timedelta(days=LATE_CALENDAR_DAYS)
    listed = 0
    for row in models.Remittance.objects.filter(
        state__in=["posted", "partial"], deposit__isnull=True, amount__gt=0, received_on__lt=late
    ):
        raise_work_item(
            worklist="era_without_eft", key=f"era-without-eft:{row.number}", reason_code="UNMATCHED_ERA",
            amount=row.amount, reason="The remittance is posted and its money has not come to the bank",
            what_to_do="Ask the payer for the payment of this trace number", subject_type="remittance",
            subject_id=row.pk, practice_id=row.practice_id,
        )  # fmt: skip
        listed += 1
    return listed


# The end of the day --------------------------------------------------------------------------------------------------


def settle_visits(*, encounter_ids: Iterable[object]) -> None:
    """After the payers have decided: small balances off, versions with nothing left closed, credits listed."""
    encounters = list(
        Encounter.objects.filter(pk__in=list(encounter_ids)).prefetch_related("lines", "claims__versions")
    )
    balances = line_balances(line.line_id for encounter in encounters for line in encounter.lines.all())
    denied = set(
        Denial.objects.filter(version__claim__encounter__in=encounters, state__in=OPEN_DENIALS).values_list(
            "version__claim__encounter_id", flat=True
        )
    )
    entries: list[Transfer] = []
    events: list[EventRow] = []
    for encounter in encounters:
        lines = list(encounter.lines.all())
        own = {line.line_id: balances[line.line_id] for line in lines}
        payer_open = sum((own[i].get(b, ZERO) for i in own for b in INSURANCE_BUCKETS), ZERO)
        entries += patient.small_balance(
            [
                patient.PatientLine(
                    line_id=line.line_id, date_of_service=line.date_of_service, balance=own[line.line_id].get("PAT", ZERO)
                )
                for line in lines
            ],
            practice_id=str(encounter.practice_id), on=clock.today(), payer_balance=payer_open,
            key=f"small/{encounter.pk}/{next_number(name='small_balance')}",
        )  # fmt: skip
        events += _closings(encounter, own, encounter.pk in denied)
    post_transfers(transfers=entries)
    record_events(events=events)
    list_credits(encounter_ids=[encounter.pk for encounter in encounters])


def _closings(encounter: Encounter, balances: dict[str, dict[str, Decimal]], denied: bool) -> list[EventRow]:
    events = []
    for claim in encounter.claims.all():
        settled = not any(buckets.get(claim.bucket, ZERO) for buckets in balances.values())
        for version in claim.versions.all():
            if version.state == State.ADJUDICATED and may_close(
                payer_balance_is_zero=settled, open_denials=int(denied), open_appeals=0, open_variances=0
            ):
                events.append(
                    EventRow(version_id=str(version.pk), source="ADJUDICATED", target="CLOSED", trigger="close")
                )
    return events

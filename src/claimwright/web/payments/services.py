"""Money from patients and the bank, refunds, write-offs, bad debt: thin services over `billing`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
from django.db.models import Prefetch, QuerySet

from claimwright.billing import bad_debt, patient, patient_money, write_offs
from claimwright.billing.lifecycle import State, may_close
from claimwright.billing.patient import RefusedPayment
from claimwright.billing.two_persons import is_one_person
from claimwright.claims.nouns import ZERO
from claimwright.ledger.accounts import INSURANCE_BUCKETS, receivable
from claimwright.ledger.transfers import EntryType, Transfer, transfer
from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.accounts.selectors import line_balances, patient_credits
from claimwright.web.accounts.services import as_transfer, post_transfers
from claimwright.web.charges.models import ChargeLine, Encounter
from claimwright.web.core import clock
from claimwright.web.core.events import Event, EventKind, announce
from claimwright.web.core.locks import one_at_a_time
from claimwright.web.core.models import User
from claimwright.web.core.services import actor, next_number, raise_work_item, record_audit, resolve_work_items
from claimwright.web.denials.appeals import OUT
from claimwright.web.denials.models import Denial
from claimwright.web.patients.models import Patient
from claimwright.web.payments import closing, models
from claimwright.web.payments.bank import (
    list_missing_deposits,
    match_deposit,
    match_waiting_deposits,
    record_deposit,
)
from claimwright.web.payments.carried import carry_over_merged
from claimwright.web.payments.credits import (
    CLOSED,
    encounters_of,
    list_credits,
    list_patient_credits,
    lock_accounts,
    lock_visits,
)
from claimwright.web.payments.positions import OPEN_DENIALS
from claimwright.web.payments.refunds import issue_refund, request_refund
from claimwright.web.practice.models import Practice
from claimwright.web.practice.selectors import policies_of
from claimwright.web.submissions.events import EventRow, record_events
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.submissions.versions import UNSENT

__all__ = [
    "apply_credits",
    "approve_write_off",
    "issue_refund",
    "lift_statement_hold",
    "list_missing_deposits",
    "match_deposit",
    "match_waiting_deposits",
    "patient_line_ids",
    "patient_lines",
    "place_bad_debt",
    "receipt_of",
    "receive_patient_payment",
    "record_deposit",
    "request_refund",
    "request_write_off",
    "return_payment",
    "settle_visits",
    "transfer_to_patient",
]

SETTLED_AT_ONCE = 1000

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


def receipt_of(*, key: str, patient: Patient, amount: Decimal, method: str) -> models.PatientReceipt | None:
    """The receipt that `key` made, for a request that comes again; another with the same key waits for this one's end.

    Raises RefusedPayment where the key was another payment's: neither is it taken, nor is the first one taken for it.
    """
    one_at_a_time(f"receipt:{key}")
    seen = models.PatientReceipt.objects.filter(key=key).first()
    if seen is not None and (seen.patient_id, seen.amount, seen.method) != (patient.pk, amount, method):
        raise RefusedPayment("this payment was taken already, with another amount or way or for another patient")
    return seen


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
    first: Sequence[str] = (),
) -> models.PatientReceipt:
    """Take a payment once: the same `key` again gives the first receipt. What no line takes stays as credit.

    `first` are the lines it was meant for; what is over goes to the others, oldest service first.
    Raises RefusedPayment for a key whose payment was another one, and for a day that is not here yet.
    """
    on = received_on or clock.today()
    if on > clock.today():
        raise RefusedPayment("a payment is not taken before its day: give the day it came")
    seen = receipt_of(key=key, patient=patient, amount=amount, method=method)
    if seen is not None:
        return seen
    lock_visits(patient_id=patient.pk)
    receipt = models.PatientReceipt.objects.create(
        patient=patient, practice=practice, method=method, amount=amount, received_on=on, key=key, encounter=encounter
    )
    designated = [*first, *((line.line_id for line in encounter.lines.all()) if encounter else ())]
    lines = patient_lines(patient.pk) if apply else []
    entries = _pay(patient, practice, amount, method, receipt, on, lines, designated)
    post_transfers(transfers=entries)
    list_patient_credits(patient_ids=[patient.pk])
    record_audit(action="payment.patient", subject_type="receipt", subject_id=receipt.pk, detail=str(amount))
    announce(
        [
            Event(
                kind=EventKind.PAYMENT_RECEIVED, subject_type="receipt", subject_id=str(receipt.pk),
                practice_id=practice.pk, says={"patient_id": str(patient.pk), "method": method},
            )
        ]
    )  # fmt: skip
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
    for patient_id, found in patient_credits(str(item) for item in patient_ids).items():
        if found <= 0:
            continue
        lock_visits(patient_id=patient_id)
        available = patient_credits([patient_id])[patient_id]
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
    """NSF or chargeback: the receipt undone entry by entry, and the fee on the patient's account.

    `fee`: none given, what the practice's policy says for a check, or for a card.
    """
    receipt.refresh_from_db(from_queryset=models.PatientReceipt.objects.select_for_update())
    if receipt.state == "returned":
        return
    lock_visits(patient_id=receipt.patient_id)
    if fee is None:
        kind = "chargeback" if receipt.method == "card" else "nsf"
        fee = patient_money.returned_fee(kind, policies_of(receipt.practice))
    rows = _standing(LedgerTransfer.objects.filter(payment=str(receipt.pk)).order_by("sequence"))
    entries = patient.returned_payment(
        [as_transfer(row) for row in rows], practice_id=str(receipt.practice_id), patient_id=str(receipt.patient_id),
        on=clock.today(), key=f"returned/{receipt.pk}", fee=fee,
    )  # fmt: skip
    post_transfers(transfers=entries)
    carry_over_merged(patient_id=receipt.patient_id)
    unapply_credit(receipt.patient_id, key=f"returned/{receipt.pk}/unapplied")
    receipt.state = "returned"
    receipt.save(update_fields=["state"])
    # What it had paid too much of a visit is owed back no more.
    lines = ChargeLine.objects.filter(patient=receipt.patient_id).values("line_id")
    listed = models.Refund.objects.exclude(state__in=CLOSED).filter(line_id__in=lines)
    list_credits(encounter_ids=encounters_of(listed.values_list("line_id", flat=True)))
    list_patient_credits(patient_ids=[receipt.patient_id])
    record_audit(action="payment.returned", subject_type="receipt", subject_id=receipt.pk)


def _standing(rows: QuerySet[LedgerTransfer]) -> list[LedgerTransfer]:
    """Entries that nothing has reversed yet and that reverse nothing themselves."""
    found = [row for row in rows if not row.reverses]
    gone = set(
        LedgerTransfer.objects.filter(reverses__in=[row.key for row in found]).values_list("reverses", flat=True)
    )
    return [row for row in found if row.key not in gone]


def unapply_credit(patient_id: object, *, key: str) -> None:
    """Money that is gone and stood in Credit was used since: the lines it was used on are open again."""
    owner = str(patient_id)
    short = -patient_credits([owner]).get(owner, ZERO)
    if short <= 0:
        return
    used = LedgerTransfer.objects.filter(
        entry_type=EntryType.APPLY.value, debit_kind=patient.credit_account(owner).kind.value, debit_subject=owner
    )
    last_first = sorted(_standing(used), key=lambda row: (row.payment != "", -row.sequence))
    entries = patient.unapply([as_transfer(row) for row in last_first], short=short, key=key, on=clock.today())
    post_transfers(transfers=entries)
    left = sum((entry.amount for entry in entries), ZERO) - short
    if left > 0:
        apply_credits(patient_ids=[owner])
    elif left < 0:
        post_transfers(
            transfers=patient.ask_back(patient_id=owner, amount=-left, key=f"{key}/asked-back", on=clock.today())
        )
        raise_work_item(
            worklist="posting_review", key=key, reason_code="CREDIT_SHORT", amount=-left, subject_type="patient",
            subject_id=patient_id, practice_id=Patient.objects.filter(pk=patient_id).values_list("practice_id", flat=True).first(),
            reason="A returned payment had been refunded or given back already",
            what_to_do="It stands on the patient's account and on the next statement: look whether the refund can be stopped",
        )  # fmt: skip


def lift_statement_hold(*, encounter: Encounter, reason: str) -> None:
    """A person decides that the patient may be billed for this visit: the cover is known, or the remark is answered."""
    if not reason.strip():
        raise patient.RefusedPayment("a statement hold is not lifted without a reason")
    encounter.statement_hold = ""
    encounter.save(update_fields=["statement_hold"])
    record_audit(action="statement.hold_lifted", subject_type="encounter", subject_id=encounter.pk, detail=reason)


def transfer_to_patient(*, encounter: Encounter, bucket: str, reason: str) -> None:
    """A person's decision that no payer will pay the rest: the payer's bucket moves to the patient, denials close."""
    if "qmb" in encounter.patient.flags:
        raise patient.RefusedPayment("the law forbids to bill this patient for it: a QMB owes no share")
    claims = ClaimVersion.objects.filter(claim__encounter=encounter, claim__bucket=bucket, newest=True)
    if claims.filter(number=1, state__in=UNSENT).exists():
        raise patient.RefusedPayment("its claim was never sent: send it, or cancel it and charge the patient")
    ended = ("OVERTURNED", "CLOSED")
    denied = Denial.objects.filter(version__claim__encounter=encounter, version__claim__bucket=bucket)
    try:
        write_offs.check_never_billed(reason, denied.exclude(state__in=ended).values_list("group", "carc"))
    except write_offs.WriteOffRefused as refused:
        raise patient.RefusedPayment(str(refused)) from None
    Encounter.objects.select_for_update().get(pk=encounter.pk)  # a remittance for it posts before or after, not between
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


# Write-offs ----------------------------------------------------------------------------------------------------------


def request_write_off(
    *,
    encounter: Encounter,
    line_id: str,
    bucket: str,
    amount: Decimal,
    reason: str,
    note: str = "",
    evidence: str = "",
) -> models.WriteOff:
    """Ask for a write-off: it stands on the approvals list and changes no balance.

    `evidence` names what shows the patient's hardship: without it no share of the patient is waived.
    """
    if reason not in write_offs.REASONS:
        raise write_offs.WriteOffRefused("the reason is in no list")
    if bucket == "PAT" and reason in write_offs.WAIVERS_NEED_EVIDENCE and not evidence.strip():
        raise write_offs.WriteOffRefused("waiving a patient's share needs evidence of hardship: name it")
    left = line_balances([line_id]).get(line_id, {}).get(bucket, ZERO)
    if amount > left:
        raise write_offs.WriteOffRefused(f"only {left} of it is open there")
    version = ClaimVersion.objects.filter(claim__encounter=encounter, claim__bucket=bucket).order_by("-number").first()
    asked = models.WriteOff.objects.create(
        practice_id=encounter.practice_id, version=version, line_id=line_id, bucket=bucket, amount=amount, reason=reason,
        requested_by=actor(), requested_on=clock.today(), note=note, evidence=evidence.strip()[:200],
        key=f"write-off/{next_number(name='write_off')}",
    )  # fmt: skip
    total = write_offs.split_total(_request(asked, encounter.pk), _recent(asked, encounter.pk))
    approver = write_offs.approver_role(total, policies_of(encounter.practice))
    parts = f", in parts {total} for this visit" if total > amount else ""
    raise_work_item(
        worklist="write_off_approvals", key=asked.key, reason_code=reason, amount=amount,
        reason=f"Write-off asked for: {write_offs.REASONS[reason]}{parts}",
        what_to_do=f"A {approver} other than the requester approves or refuses",
        subject_type="write_off", subject_id=asked.pk, practice_id=encounter.practice_id,
    )  # fmt: skip
    return asked


def approve_write_off(*, write_off: models.WriteOff, approver: User) -> models.WriteOff:
    """Approve within the approver's limit. Raises WriteOffRefused and changes nothing else."""
    write_off.refresh_from_db(from_queryset=models.WriteOff.objects.select_for_update())
    if write_off.state != "REQUESTED":
        raise write_offs.WriteOffRefused("it was decided already")
    line = ChargeLine.objects.get(line_id=write_off.line_id)
    Encounter.objects.select_for_update().get(pk=line.encounter_id)  # two approvals see each other's balance
    entry = write_offs.approve(
        _request(write_off, line.encounter_id),
        open_balance=line_balances([line.line_id])[line.line_id].get(write_off.bucket, ZERO),
        approved_by=approver.get_username(), role=approver.role,
        recent=_recent(write_off, line.encounter_id), practice_id=str(write_off.practice_id), key=write_off.key, on=clock.today(),
        policies=policies_of(write_off.practice),
    )  # fmt: skip
    post_transfers(transfers=[entry])
    write_off.state, write_off.decided_by = "APPROVED", approver.get_username()
    write_off.save(update_fields=["state", "decided_by"])
    if not line_balances([line.line_id])[line.line_id].get(write_off.bucket, ZERO):
        denied = Denial.objects.filter(line_id=line.line_id, version__claim__bucket=write_off.bucket)
        _close_denials(denied, "WRITTEN_OFF")
    resolve_work_items(keys=[write_off.key], resolution="Approved")
    record_audit(action="write_off.approved", subject_type="write_off", subject_id=write_off.pk)
    return write_off


def _recent(write_off: models.WriteOff, encounter_id: object) -> list[write_offs.WriteOffRequest]:
    """What the same person asked for at the same visit in the thirty days before, and nobody refused."""
    rows = models.WriteOff.objects.filter(
        line_id__in=ChargeLine.objects.filter(encounter_id=encounter_id).values("line_id"),
        requested_on__gte=write_off.requested_on - timedelta(days=30),
    ).exclude(pk=write_off.pk).exclude(state="REFUSED")  # fmt: skip
    return [_request(row, encounter_id) for row in rows if is_one_person(row.requested_by, write_off.requested_by)]


def _request(row: models.WriteOff, chain_id: object) -> write_offs.WriteOffRequest:
    return write_offs.WriteOffRequest(
        chain_id=str(chain_id), line_id=row.line_id, bucket=row.bucket, amount=row.amount, reason=row.reason,
        requested_by=row.requested_by, requested_on=row.requested_on, hardship_evidence=bool(row.evidence.strip()),
    )  # fmt: skip


# Bad debt -----------------------------------------------------------------------------------------------------------


def place_bad_debt(*, patient: Patient, final_notice_sent: bool, lines: Mapping[str, Decimal] | None = None) -> None:
    """What the patient owes goes to bad debt, outside active A/R: all of it, or at most so much of each of `lines`."""
    lock_visits(patient_id=patient.pk)  # a payment that comes meanwhile is no debt any more
    balances = {line.line_id: line.balance for line in patient_lines(patient.pk) if line.balance > 0}
    if lines is not None:
        balances = {line: min(amount, lines[line]) for line, amount in balances.items() if line in lines}
    entries = bad_debt.place(
        balances, final_notice_sent=final_notice_sent, flags=patient.flags,
        key=f"bad-debt/{next_number(name='bad_debt')}", on=clock.today(),
    )  # fmt: skip
    post_transfers(transfers=entries)
    record_audit(action="patient.bad_debt", subject_type="patient", subject_id=patient.pk)


def patient_line_ids(patient: Patient) -> list[str]:
    return list(ChargeLine.objects.filter(patient=patient).values_list("line_id", flat=True))


# The end of the day --------------------------------------------------------------------------------------------------


class _Settlement(msgspec.Struct):
    """What settling one visit would do."""

    encounter: Encounter
    entries: tuple[Transfer, ...]
    events: list[EventRow]


def settle_visits(*, encounter_ids: Iterable[object]) -> None:
    """After the payers have decided: small balances off, versions with nothing left closed, credits listed."""
    wanted = list(encounter_ids)
    moving = [one.encounter for one in _settlements(wanted)]
    lock_accounts(patient_ids={encounter.patient_id for encounter in moving})
    entries: list[Transfer] = []
    events: list[EventRow] = []
    for one in _settlements([encounter.pk for encounter in moving], final=True):  # again: now nobody else moves them
        entries += one.entries
        events += one.events
    post_transfers(transfers=entries)
    record_events(events=events)
    list_credits(encounter_ids=wanted)


def _settlements(encounter_ids: Sequence[object], *, final: bool = False) -> Iterator[_Settlement]:
    """Of visits with something to settle; `final`: as it is carried out, else to know which to lock."""
    for at in range(0, len(encounter_ids), SETTLED_AT_ONCE):
        encounters = Encounter.objects.filter(pk__in=encounter_ids[at : at + SETTLED_AT_ONCE]).select_related(
            "practice"
        )
        versions = Prefetch("claims__versions", ClaimVersion.objects.defer("content"))
        rows = list(encounters.prefetch_related("lines", versions))
        balances = line_balances(line.line_id for encounter in rows for line in encounter.lines.all())
        disputed = _disputed(rows)
        variances = closing.open_variances(_decided(rows)) if final else {}
        for encounter in rows:
            own = {line.line_id: balances[line.line_id] for line in encounter.lines.all()}
            entries = _small_balance(encounter, own, numbered=final)
            events = [] if encounter.pk in disputed else _closings(encounter, own, variances)
            if entries or events:
                yield _Settlement(encounter, entries, events)


def _disputed(encounters: Sequence[Encounter]) -> set[object]:
    """Visits with an open denial, or with an appeal that waits for its answer."""
    denied = Denial.objects.filter(version__claim__encounter__in=encounters, state__in=OPEN_DENIALS)
    appealed = Denial.objects.filter(version__claim__encounter__in=encounters, appeals__state__in=OUT)
    return {pk for rows in (denied, appealed) for pk in rows.values_list("version__claim__encounter_id", flat=True)}


def _decided(encounters: Sequence[Encounter]) -> set[UUID]:
    claims = (claim for encounter in encounters for claim in encounter.claims.all())
    return {version.pk for claim in claims for version in claim.versions.all() if version.state == State.ADJUDICATED}


def _small_balance(
    encounter: Encounter, own: Mapping[str, Mapping[str, Decimal]], *, numbered: bool
) -> tuple[Transfer, ...]:
    asked = [
        patient.PatientLine(
            line_id=line.line_id, date_of_service=line.date_of_service, balance=own[line.line_id].get("PAT", ZERO)
        )
        for line in encounter.lines.all()
    ]  # fmt: skip
    if not any(line.balance for line in asked):
        return ()
    return patient.small_balance(
        asked, practice_id=str(encounter.practice_id), on=clock.today(), policies=policies_of(encounter.practice),
        payer_balance=sum((own[i].get(b, ZERO) for i in own for b in INSURANCE_BUCKETS), ZERO),
        key=f"small/{encounter.pk}/{next_number(name='small_balance') if numbered else 'look'}",
    )  # fmt: skip


def _closings(
    encounter: Encounter, balances: Mapping[str, Mapping[str, Decimal]], variances: Mapping[UUID, int]
) -> list[EventRow]:
    events = []
    for claim in encounter.claims.all():
        settled = not any(buckets.get(claim.bucket, ZERO) for buckets in balances.values())
        for version in claim.versions.all():
            # Denials and appeals are of the visit: `_disputed`.
            if version.state == State.ADJUDICATED and may_close(
                payer_balance_is_zero=settled, open_denials=0, open_appeals=0,
                open_variances=variances.get(version.pk, 0),
            ):  # fmt: skip
                events.append(
                    EventRow(version_id=str(version.pk), source="ADJUDICATED", target="CLOSED", trigger="close")
                )
    return events

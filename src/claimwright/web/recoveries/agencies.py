"""Debts to an agency and back: reviewed, placed, exported, recalled, and what the agency collected posted once."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal

import msgspec
from django.db.models import Max, QuerySet

from claimwright.billing import agency_files, bad_debt
from claimwright.claims.nouns import ZERO
from claimwright.ledger.accounts import Kind, receivable
from claimwright.web.accounts.selectors import balances, line_balances
from claimwright.web.accounts.services import post_transfers
from claimwright.web.charges.models import ChargeLine
from claimwright.web.core import clock
from claimwright.web.core.services import actor, next_number, raise_work_item, record_audit, resolve_work_items
from claimwright.web.patients.models import Patient
from claimwright.web.payments.bank import announce_deposit
from claimwright.web.payments.credits import lock_accounts, lock_visits
from claimwright.web.payments.models import PatientReceipt
from claimwright.web.payments.services import patient_line_ids, patient_lines
from claimwright.web.practice.models import Practice
from claimwright.web.practice.selectors import policies_of
from claimwright.web.recoveries.models import Agency, AgencyFile, AgencyPayment, AgencyPlacement
from claimwright.web.recoveries.underpaid import RecoveryRefused


def open_agency(*, name: str, fee_share: Decimal) -> Agency:
    """`fee_share` is a fraction: 0.25 is a quarter of what is collected."""
    if not name.strip() or not ZERO <= fee_share < 1:
        raise RecoveryRefused("an agency has a name, and keeps less than all")
    return Agency.objects.create(name=name.strip()[:80], fee_share=fee_share)


def await_agency_review(*, patient: Patient, final_notice_on: date) -> AgencyPlacement:
    """The final notice went out: the account comes up for review when its day is there. Again changes nothing."""
    held = AgencyPlacement.objects.filter(patient=patient, state__in=["REVIEW", "PLACED"]).first()
    if held is not None:
        return held
    return AgencyPlacement.objects.create(
        patient=patient, practice=patient.practice, number=f"A{next_number(name='placement'):07d}",
        final_notice_on=final_notice_on,
        review_on=bad_debt.review_day(final_notice_on, policies_of(patient.practice)),
    )  # fmt: skip


def list_agency_reviews() -> int:
    """Accounts whose day has come, on the list; those of which nothing is left leave the review, and those of which all
    is on hold wait. Says how many are on the list."""
    rows = AgencyPlacement.objects.filter(state="REVIEW", review_on__lte=clock.today()).select_related("patient")
    return sum(list_review(placement=row) for row in rows)


def list_review(*, placement: AgencyPlacement) -> bool:
    """Bring one account that is under review onto its worklist; whether it is there now."""
    amount = _owed_in_all(placement)
    if not amount:
        if owed_of(placement.patient, placement.final_notice_on, held=True):
            resolve_work_items(keys=[_key(placement)], resolution="What is left of it is on hold")
        else:
            decline_placement(placement=placement, reason="Nothing is owed any more of what the notice asked for")
        return False
    raise_work_item(
        worklist="agency_review", key=_key(placement), reason_code="REVIEW", amount=amount,
        reason=f"The final notice went out on {placement.final_notice_on} and the account is not paid",
        what_to_do="Were a plan, assistance and insurance tried? Then place it with an agency, or say why not",
        subject_type="patient", subject_id=placement.patient_id, practice_id=placement.practice_id,
        due_date=placement.review_on, reopen=True,
    )  # fmt: skip
    return True


def _key(row: AgencyPlacement) -> str:
    return f"agency-review:{row.pk}"


def owed_of(patient: Patient, asked_on: date, *, held: bool = False) -> dict[str, Decimal]:
    """By line, what the patient owes of what the final notice of that day asked for: no visit that a dispute or an
    estimate holds (but with `held`), and nothing that became the patient's since. Lock the patient's visits to move it."""
    now = {line.line_id: line.balance for line in patient_lines(patient.pk) if line.balance > 0}
    if not held:
        barred = ChargeLine.objects.filter(line_id__in=list(now)).exclude(encounter__statement_hold="")
        for line_id in barred.values_list("line_id", flat=True):
            del now[line_id]
    then = balances(kinds=[Kind.RECEIVABLE], subjects=list(now), as_of=asked_on, basis="posted_on")
    asked = {line_id: min(amount, then.get(receivable(line_id, "PAT"), ZERO)) for line_id, amount in now.items()}
    return {line_id: amount for line_id, amount in asked.items() if amount > 0}


def _owed_in_all(placement: AgencyPlacement) -> Decimal:
    """With what is in bad debt already, such as after a broken plan: an agency collects both."""
    owed = owed_of(placement.patient, placement.final_notice_on)
    return sum(owed.values(), ZERO) + sum(debt_of(placement.patient).values(), ZERO)


def _locked(placement: AgencyPlacement) -> Patient:
    """The account as it is, and nobody else moves the patient's money meanwhile; the patient's record as it is."""
    lock_visits(patient_id=placement.patient_id)
    placement.refresh_from_db(from_queryset=AgencyPlacement.objects.select_for_update())
    return Patient.objects.select_related("practice").get(pk=placement.patient_id)


def decline_placement(*, placement: AgencyPlacement, reason: str) -> AgencyPlacement:
    """The account stays with the practice."""
    placement.refresh_from_db(from_queryset=AgencyPlacement.objects.select_for_update())
    if placement.state != "REVIEW" or not reason.strip():
        raise RecoveryRefused("an account under review is declined with a reason")
    placement.state, placement.ended_on, placement.ended_reason = "DECLINED", clock.today(), reason.strip()[:200]
    placement.save(update_fields=["state", "ended_on", "ended_reason"])
    resolve_work_items(keys=[_key(placement)], resolution=reason.strip()[:500])
    record_audit(action="agency.declined", subject_type="patient", subject_id=placement.patient_id)
    return placement


def place_account(*, placement: AgencyPlacement, agency: Agency) -> AgencyPlacement:
    """What the final notice asked for into bad debt, and the account to the agency with its next file; what is in bad
    debt already goes with it.

    Raises PlacementRefused, RecoveryRefused.
    """
    patient = _locked(placement)
    if placement.state != "REVIEW":
        raise RecoveryRefused("it was decided already")
    paid = PatientReceipt.objects.filter(
        patient=patient, state="posted", received_on__gt=placement.final_notice_on
    ).exists()
    bad_debt.check_placement(
        final_notice_on=placement.final_notice_on, on=clock.today(), flags=patient.flags, paid_since=paid,
        policies=policies_of(placement.practice),
    )  # fmt: skip
    owed, amount = owed_of(patient, placement.final_notice_on), _owed_in_all(placement)
    if not amount:
        raise RecoveryRefused("nothing is owed of what the final notice asked for, or it is on hold")
    post_transfers(
        transfers=bad_debt.place(
            owed, final_notice_sent=True, flags=patient.flags, key=f"placement/{placement.pk}", on=clock.today()
        )
    )
    placement.state, placement.agency, placement.placed_on = "PLACED", agency, clock.today()
    placement.amount, placement.placed_by = amount, actor()
    placement.save(update_fields=["state", "agency", "placed_on", "amount", "placed_by"])
    resolve_work_items(keys=[_key(placement)], resolution=f"Placed with {agency.name}")
    record_audit(action="agency.placed", subject_type="patient", subject_id=patient.pk, detail=str(placement.amount))
    return placement


def recall_account(*, placement: AgencyPlacement, reason: str) -> AgencyPlacement:
    """New coverage, a dispute, a mistake: what is left comes back to the patient's bucket."""
    patient = _locked(placement)
    if placement.state != "PLACED" or not reason.strip():
        raise RecoveryRefused("a placed account is recalled with a reason")
    post_transfers(transfers=bad_debt.recall(debt_of(patient), key=f"recall/{placement.pk}", on=clock.today()))
    placement.state, placement.ended_on, placement.ended_reason = "RECALLED", clock.today(), reason.strip()[:200]
    placement.save(update_fields=["state", "ended_on", "ended_reason"])
    record_audit(action="agency.recalled", subject_type="patient", subject_id=placement.patient_id, detail=reason[:200])
    return placement


def debt_of(patient: Patient) -> dict[str, Decimal]:
    """Line id to what of it is in bad debt."""
    lines = [*patient_line_ids(patient), f"account-{patient.pk}"]
    return {line: buckets["BD"] for line, buckets in line_balances(lines).items() if buckets.get("BD", ZERO) > 0}


# Files -----------------------------------------------------------------------------------------------------------------


def export_placements(*, agency: Agency) -> AgencyFile:
    """Accounts placed and in no file yet. Raises RecoveryRefused where there is none."""
    rows = list(
        AgencyPlacement.objects.select_for_update(of=("self",))
        .filter(agency=agency, state="PLACED", sent_in__isnull=True)
        .select_related("patient")
        .order_by("number")
    )
    if not rows:
        raise RecoveryRefused("every placed account has gone to the agency")
    last = dict(
        ChargeLine.objects.filter(patient__in=[row.patient_id for row in rows])
        .values_list("patient_id")
        .annotate(Max("date_of_service"))
    )
    content = agency_files.placements_file(_placed(row, last.get(row.patient_id)) for row in rows)
    file = _file(agency, "PLACEMENTS", f"placements-{clock.today().isoformat()}.csv", content)
    AgencyPlacement.objects.filter(pk__in=[row.pk for row in rows]).update(sent_in=file)
    return file


def _placed(row: AgencyPlacement, last_service: date | None) -> agency_files.Placed:
    patient = row.patient
    address = patient.content.get("address") or {}
    assert row.placed_on is not None
    return agency_files.Placed(
        account=row.number, last_name=patient.last_name, first_name=patient.first_name, birth_date=patient.birth_date,
        address=" ".join(filter(None, (address.get("line1"), address.get("line2")))), city=address.get("city", ""), state=address.get("state", ""),
        postal_code=address.get("postal_code", ""), phone=str(patient.content.get("phone") or ""),
        language=patient.language, last_service=last_service, final_notice=row.final_notice_on, placed=row.placed_on,
        balance=sum(debt_of(patient).values(), ZERO),
    )  # fmt: skip


def export_recalls(*, agency: Agency) -> AgencyFile:
    """Accounts recalled after they had gone to the agency, and not told to it yet."""
    rows = list(
        AgencyPlacement.objects.select_for_update(of=("self",))
        .filter(agency=agency, state="RECALLED", sent_in__isnull=False, recall_sent_in__isnull=True)
        .order_by("number")
    )
    if not rows:
        raise RecoveryRefused("the agency knows of every recall")
    content = agency_files.recalls_file((row.number, row.ended_on or clock.today(), row.ended_reason) for row in rows)
    file = _file(agency, "RECALLS", f"recalls-{clock.today().isoformat()}.csv", content)
    AgencyPlacement.objects.filter(pk__in=[row.pk for row in rows]).update(recall_sent_in=file)
    return file


def _file(agency: Agency, kind: str, name: str, content: bytes) -> AgencyFile:
    file = AgencyFile.objects.create(
        agency=agency, kind=kind, name=name[:255], sha256=hashlib.sha256(content).hexdigest(), content=content,
        at=clock.now(), by=actor(),
    )  # fmt: skip
    record_audit(action=f"agency.{kind.lower()}", subject_type="agency_file", subject_id=file.pk)
    return file


class PaymentsTaken(msgspec.Struct, frozen=True, kw_only=True):
    """What one payment file did. `seen_before`: nothing, the same file came earlier."""

    posted: int = 0
    problems: int = 0
    gross: Decimal = ZERO
    net: Decimal = ZERO
    seen_before: bool = False


def import_agency_payments(*, agency: Agency, name: str, content: bytes) -> PaymentsTaken:
    """Post what the agency collected, row by row; a row that fits no account goes on its worklist and moves nothing.

    Raises agency_files.FileFault.
    """
    rows = agency_files.read_payments(content)
    digest = hashlib.sha256(content).hexdigest()
    if AgencyFile.objects.filter(agency=agency, kind="PAYMENTS", sha256=digest).exists():
        return PaymentsTaken(seen_before=True)
    # All of them before anything is written, so that two files at once do not wait for each other.
    named = _open_accounts(agency).filter(number__in=[row.account for row in rows])
    lock_accounts(patient_ids=named.values_list("patient_id", flat=True))
    file = _file(agency, "PAYMENTS", name, content)
    made = [_post_payment(agency, file, row) for row in rows]
    posted = [row for row in made if row.state == "POSTED"]
    gross = sum((row.gross or ZERO for row in posted), ZERO)
    net = sum((row.net or ZERO for row in posted), ZERO)
    _announce(agency, file, posted)
    return PaymentsTaken(posted=len(posted), problems=len(made) - len(posted), gross=gross, net=net)


def _announce(agency: Agency, file: AgencyFile, posted: list[AgencyPayment]) -> None:
    """What the agency sends for this file is one sum a practice, looked for at the bank."""
    sums: dict[Practice, Decimal] = {}
    for row in posted:
        if row.placement is not None and row.net:
            practice = row.placement.practice
            sums[practice] = sums.get(practice, ZERO) + row.net
    for practice, amount in sums.items():
        announce_deposit(
            key=f"agency:{file.pk}:{practice.pk}", who=agency.name, amount=amount, on=clock.today(), practice=practice
        )


def _open_accounts(agency: Agency) -> QuerySet[AgencyPlacement]:
    return AgencyPlacement.objects.filter(agency=agency, state__in=["PLACED", "RECALLED"])


def _post_payment(agency: Agency, file: AgencyFile, row: agency_files.Collected) -> AgencyPayment:
    placement = (
        _open_accounts(agency).select_for_update(of=("self",)).filter(number=row.account)
        .select_related("patient", "practice").first()
    )  # fmt: skip
    payment = AgencyPayment(
        file=file, row=row.row, placement=placement, gross=row.gross, fee=row.fee, net=row.net, collected_on=row.on,
        state="PROBLEM", problem=row.problem,
    )  # fmt: skip
    if not payment.problem and placement is None:
        payment.problem = "no account with this number is placed with the agency"
    if not payment.problem and placement is not None and row.gross is not None and row.fee is not None:
        debt = debt_of(placement.patient)
        if row.gross > sum(debt.values(), ZERO):
            payment.problem = "more was collected than the account owes"
        else:
            post_transfers(
                transfers=bad_debt.agency_recovery(
                    debt, gross=row.gross, fee_share=agency.fee_share, fee=row.fee, practice_id=str(placement.practice_id),
                    key=f"agency/{file.pk}/{row.row}", on=row.on or clock.today(),
                )
            )  # fmt: skip
            payment.state = "POSTED"
            if row.gross == sum(debt.values(), ZERO):
                placement.state, placement.ended_on, placement.ended_reason = "SETTLED", clock.today(), "Collected"
                placement.save(update_fields=["state", "ended_on", "ended_reason"])
    payment.save()
    if payment.state == "PROBLEM":
        raise_work_item(
            worklist="agency_problems", key=f"agency-payment:{payment.pk}", reason_code="AGENCY_PAYMENT",
            reason=f"Row {row.row} of {file.name}: {payment.problem}", amount=row.gross, subject_type="agency_payment",
            subject_id=payment.pk, practice_id=placement.practice_id if placement else None,
            what_to_do="Ask the agency which account it is, and for a corrected row",
        )  # fmt: skip
    return payment

"""Credits and refunds step by step, and write-offs of small balances. Two persons approve; a program does the rest."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.web.api.fields import In, Money, Out, Reason, Short, Text
from claimwright.web.api.framework import find, operation
from claimwright.web.api.of_claims import VersionRow
from claimwright.web.api.of_payments import RefundOut
from claimwright.web.api.problems import Problem
from claimwright.web.cashier.cards import refund_to_its_card
from claimwright.web.charges.models import ChargeLine
from claimwright.web.payments import payer_refunds, refunds, writing_off
from claimwright.web.payments.models import Refund
from claimwright.web.payments.services import patient_line_ids, transfer_to_patient
from claimwright.web.payments.taking_back import take_back_from_patient
from claimwright.web.practice.models import Practice
from claimwright.web.submissions.models import ClaimVersion


class NameRefundCause(In):
    cause: Literal[tuple(payer_refunds.CAUSES)]  # type: ignore[valid-type]
    note: Text = ""


class IssueRefund(In):
    method: Literal["CHK", "CARD", "ACH"] = "CHK"
    reference: str = Field(default="", max_length=60, description="The number of the check or of the processor")


class PayAgain(In):
    reference: str = Field(default="", max_length=60)


class RefundBecause(In):
    reason: Reason


class Escheat(In):
    reference: str = Field(min_length=1, max_length=60, description="Of the report to the state")


class ChooseRecoupment(In):
    recoup: bool = Field(description="The payer takes it from a later payment; false: by check after all")


class PayerRequestIn(In):
    line_id: Short
    bucket: Literal["INS1", "INS2", "INS3"]
    amount: Money
    note: Text = ""


class IssueTogether(IssueRefund):
    refund_ids: list[UUID] = Field(
        min_length=1, max_length=200, description="Approved credits of one payer, one practice"
    )


class SmallBalanceOut(Out):
    encounter_id: UUID
    bucket: str
    amount: Money


class WrittenOff(Out):
    amount: Money


class ToPatient(In):
    reason: Reason


class Moved(Out):
    amount: Money


def _refund(refund_id: UUID) -> Refund:
    found: Refund = find(Refund.objects.select_related("payer", "patient", "practice"), refund_id)
    return found


def _approved(row: Refund) -> Refund:
    """Paying out may approve as well, where it was only asked for: that is for a person."""
    if row.state != "APPROVED":
        raise Problem(409, "A person approves it before it is paid", kind="refused")
    return row


@operation("POST", "/refunds/{uuid:refund_id}/cause", permission="credits.work", answers=RefundOut)
def name_refund_cause(request: HttpRequest, refund_id: UUID, payload: NameRefundCause) -> Any:
    """Say why the money is owed back."""
    return payer_refunds.name_cause(refund=_refund(refund_id), cause=payload.cause, note=payload.note)


@operation("POST", "/refunds/{uuid:refund_id}/issue", permission="credits.work", answers=RefundOut)
def issue_a_refund(request: HttpRequest, refund_id: UUID, payload: IssueRefund) -> Any:
    """Record how an approved refund was paid. It must have been approved by a person."""
    row = _approved(_refund(refund_id))
    if row.payer_id is None and payload.method == "CARD" and not payload.reference.strip():
        return refund_to_its_card(refund=row).refund
    if row.payer_id is None:
        return refunds.issue_refund(refund=row, reference=payload.reference, method=payload.method)
    return payer_refunds.issue_payer_refund(refunds=[row], reference=payload.reference, method=payload.method)


@operation("POST", "/refunds/together", permission="credits.work", answers=RefundOut)
def issue_refunds_together(request: HttpRequest, payload: IssueTogether) -> Any:
    """One check for approved credits of a payer and practice; the first of them becomes the check."""
    rows = [_approved(_refund(one)) for one in payload.refund_ids]
    return payer_refunds.issue_payer_refund(refunds=rows, reference=payload.reference, method=payload.method)


@operation("POST", "/refunds/{uuid:refund_id}/investigate", permission="credits.work", answers=RefundOut)
def begin_refund_investigation(request: HttpRequest, refund_id: UUID) -> Any:
    """A good-faith investigation stops the clock of a federal payer."""
    return payer_refunds.begin_investigation(refund=_refund(refund_id))


@operation("POST", "/refunds/{uuid:refund_id}/conclude", permission="credits.work", answers=RefundOut)
def conclude_refund_investigation(request: HttpRequest, refund_id: UUID) -> Any:
    """The amount is known: the days that were left run from today."""
    return payer_refunds.conclude_investigation(refund=_refund(refund_id))


@operation("POST", "/refunds/{uuid:refund_id}/recoup", permission="credits.work", answers=RefundOut)
def choose_refund_recoupment(request: HttpRequest, refund_id: UUID, payload: ChooseRecoupment) -> Any:
    """The payer takes it from a later payment, or not after all."""
    return payer_refunds.choose_recoupment(refund=_refund(refund_id), recoup=payload.recoup)


@operation("POST", "/refunds/{uuid:refund_id}/move", permission="credits.work", answers=Moved)
def move_patient_credit(request: HttpRequest, refund_id: UUID, payload: RefundBecause) -> Any:
    """A patient's own credit onto what the same patient owes."""
    row = _refund(refund_id)
    lines = patient_line_ids(row.patient) if row.patient else ()
    return {"amount": payer_refunds.transfer_credit(refund=row, line_ids=lines, reason=payload.reason)}


@operation("POST", "/refunds/{uuid:refund_id}/refuse", permission="credits.work", answers=RefundOut)
def refuse_payer_request(request: HttpRequest, refund_id: UUID, payload: RefundBecause) -> Any:
    """We owe nothing: a payer's request is closed with the reason."""
    return payer_refunds.refuse_payer_request(refund=_refund(refund_id), reason=payload.reason)


@operation("POST", "/refunds/{uuid:refund_id}/stop", permission="credits.work", answers=RefundOut)
def stop_refund_payment(request: HttpRequest, refund_id: UUID, payload: RefundBecause) -> Any:
    """A lost check: its money is ours to hold again, and still owed."""
    return payer_refunds.stop_payment(refund=_refund(refund_id), reason=payload.reason)


@operation("POST", "/refunds/{uuid:refund_id}/pay-again", permission="credits.work", answers=RefundOut)
def pay_refund_again(request: HttpRequest, refund_id: UUID, payload: PayAgain) -> Any:
    """A stopped refund by another check, to the same payee."""
    return payer_refunds.pay_again(refund=_refund(refund_id), reference=payload.reference)


@operation("POST", "/refunds/{uuid:refund_id}/escheat", permission="credits.work", answers=RefundOut)
def escheat_a_refund(request: HttpRequest, refund_id: UUID, payload: Escheat) -> Any:
    """Nobody cashed it until the state's day: the money went to the state."""
    return payer_refunds.escheat_refund(refund=_refund(refund_id), reference=payload.reference)


@operation("POST", "/refunds", permission="credits.work", answers=RefundOut, status=201)
def record_payer_request(request: HttpRequest, payload: PayerRequestIn) -> Any:
    """Record a payer's letter that asks for money back."""
    line = ChargeLine.objects.filter(line_id=payload.line_id).select_related("encounter").first()
    if line is None:
        raise Problem(422, "There is no such charge", errors=[{"field": "line_id", "says": "is none of ours"}])
    return payer_refunds.record_payer_request(encounter=line.encounter, **payload.values())


# Write-offs ----------------------------------------------------------------------------------------------------------


@operation(
    "GET", "/practices/{uuid:practice_id}/small-balances", permission="credits.read", answers=list[SmallBalanceOut],
    reads=True,
)  # fmt: skip
def list_small_balances(request: HttpRequest, practice_id: UUID) -> Any:
    """Residuals of payers within the practice's limit, decided finally and disputed by nobody."""
    return writing_off.small_balances(practice=find(Practice, practice_id))


@operation(
    "POST", "/practices/{uuid:practice_id}/small-balances/write-off", permission="credits.work", answers=WrittenOff
)
def write_off_the_small(request: HttpRequest, practice_id: UUID) -> Any:
    """Write all of them off in one act, as the practice's policy says."""
    return {"amount": writing_off.write_off_small_balances(practice=find(Practice, practice_id))}


@operation("POST", "/claims/versions/{uuid:version_id}/to-patient", permission="credits.work", answers=VersionRow)
def move_claim_to_patient(request: HttpRequest, version_id: UUID, payload: ToPatient) -> Any:
    """What this payer leaves open becomes the patient's, where contract and law allow it."""
    version = find(ClaimVersion.objects.select_related("claim__encounter__patient"), version_id)
    transfer_to_patient(encounter=version.claim.encounter, bucket=version.claim.bucket, reason=payload.reason)
    version.refresh_from_db()
    return version


@operation("POST", "/claims/versions/{uuid:version_id}/from-patient", permission="credits.work", answers=VersionRow)
def move_claim_from_patient(request: HttpRequest, version_id: UUID, payload: ToPatient) -> Any:
    """What was made the patient's by hand is this payer's again, while the patient paid nothing of it."""
    version = find(ClaimVersion.objects.select_related("claim__encounter__patient"), version_id)
    take_back_from_patient(encounter=version.claim.encounter, bucket=version.claim.bucket, reason=payload.reason)
    version.refresh_from_db()
    return version

"""Held money that only a person can place: a claim of another practice, a code without an account, a refund check."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from claimwright.billing.posting.identity import offset_subject, payer_key
from claimwright.billing.posting.plan import PostingPlan
from claimwright.billing.posting.provider_adjustments import MAPPABLE, REFUND_ACKNOWLEDGED, mapped_account
from claimwright.ledger.accounts import Account, Kind
from claimwright.ledger.transfers import EntryType, transfer
from claimwright.web.accounts.services import post_transfers
from claimwright.web.core import clock
from claimwright.web.core.services import actor, raise_work_item, record_audit, resolve_work_items
from claimwright.web.payments import models
from claimwright.web.payments.positions import posting_context
from claimwright.web.payments.release import (
    ReleaseRefused,
    locked_payment,
    release_held,
    release_provider_adjustment,
)
from claimwright.web.practice.models import Practice
from claimwright.web.submissions.models import ClaimVersion

# Another practice's claim ----------------------------------------------------------------------------------------------


def owner_of(claim_payment: models.ClaimPayment) -> Practice | None:
    """The other practice of this tenant whose claim the CLP names, by its control number."""
    return owners_of([claim_payment]).get(claim_payment.pk)


def owners_of(claim_payments: Sequence[models.ClaimPayment]) -> dict[UUID, Practice]:
    """`owner_of` of many at once, by their ids; those that name no one claim of another practice are not in it."""
    asking = [one for one in claim_payments if one.worklist == "other_practice"]
    named: dict[str, list[Practice]] = defaultdict(list)
    versions = ClaimVersion.objects.filter(control_number__in={one.control_number for one in asking})
    for version in versions.select_related("claim__practice").defer("content") if asking else ():
        named[version.control_number].append(version.claim.practice)
    return {one.pk: named[one.control_number][0] for one in asking if len(named[one.control_number]) == 1}


def assign_to_practice(*, claim_payment: models.ClaimPayment, reason: str) -> PostingPlan:
    """Post a held CLP to the practice whose claim it is; what the payee owes that practice is kept until it is moved.

    Raises ReleaseRefused, and then nothing changed.
    """
    owner = owner_of(claim_payment)
    received_by = claim_payment.remittance.practice
    if owner is None or received_by is None or owner == received_by:
        raise ReleaseRefused("it names no claim of another practice")
    if not reason.strip():
        raise ReleaseRefused("say what the payer or the practices answered")
    plan = release_held(claim_payment=claim_payment, practice=owner)
    claim_payment.refresh_from_db()
    claim_payment.practice = owner
    claim_payment.save(update_fields=["practice"])
    if claim_payment.paid:
        debt = models.PracticeDebt.objects.create(
            claim_payment=claim_payment, received_by=received_by, belongs_to=owner, amount=claim_payment.paid,
            assigned_on=clock.today(), assigned_by=actor(), reason=reason.strip()[:200],
        )  # fmt: skip
        raise_work_item(
            worklist="other_practice", key=f"practice-debt:{debt.pk}", reason_code="MOVE_MONEY", amount=debt.amount,
            reason=f"{received_by.name} holds money of {owner.name}", practice_id=owner.pk,
            what_to_do="Move it between the banks, then settle it on the page of the remittance",
            subject_type="remittance", subject_id=claim_payment.remittance_id,
        )  # fmt: skip
    record_audit(
        action="remittance.other_practice", subject_type="claim_payment", subject_id=claim_payment.pk,
        detail=reason.strip()[:200],
    )  # fmt: skip
    return plan


def settle_practice_debt(*, debt: models.PracticeDebt, reference: str) -> models.PracticeDebt:
    """The money went from one practice's bank to the other's; `reference` is the transfer's. Raises ReleaseRefused."""
    debt.refresh_from_db(from_queryset=models.PracticeDebt.objects.select_for_update())
    if debt.settled_on is not None or not reference.strip():
        raise ReleaseRefused("it is settled already" if debt.settled_on else "give the reference of the transfer")
    entry = transfer(
        debit=Account(Kind.BANK, str(debt.belongs_to_id)), credit=Account(Kind.BANK, str(debt.received_by_id)),
        amount=debt.amount, entry_type=EntryType.CLEARING, key=f"practice-debt/{debt.pk}", effective_date=clock.today(),
        reason="BETWEEN-PRACTICES", note=reference.strip()[:60],
    )  # fmt: skip
    post_transfers(transfers=[entry] if entry is not None else [])
    debt.settled_on, debt.settled_by, debt.reference = clock.today(), actor(), reference.strip()[:60]
    debt.save(update_fields=["settled_on", "settled_by", "reference"])
    resolve_work_items(keys=[f"practice-debt:{debt.pk}"], resolution=f"Settled: {debt.reference}")
    record_audit(action="practice_debt.settled", subject_type="practice_debt", subject_id=debt.pk)
    return debt


# Provider adjustments ---------------------------------------------------------------------------------------------------


def map_adjustment(
    *, adjustment: models.ProviderAdjustment, kind: str, note: str, remember: bool = False
) -> PostingPlan:
    """Post a held PLB pair onto an account of a `kind` of MAPPABLE, with the reason; `remember` it for the payer's next.

    Raises ReleaseRefused.
    """
    if kind not in MAPPABLE:
        raise ReleaseRefused("choose an account from the list")
    if not note.strip():
        raise ReleaseRefused("say what the payer calls this adjustment, or where that stands")
    remittance, noun = locked_payment(adjustment.remittance_id)
    context = posting_context(noun, payment_id=remittance.number)
    practice = next(one for one in context.practices if one.practice_id == str(remittance.practice_id))
    subject = offset_subject(payer_key(noun, context), noun, practice)
    account = mapped_account(Kind(kind), adjustment.code, subject=subject, practice_id=practice.practice_id)
    plan = release_provider_adjustment(adjustment=adjustment, account=account)
    models.ProviderAdjustment.objects.filter(pk=adjustment.pk).update(note=note.strip()[:200])
    if remember and remittance.payer is not None:
        models.AdjustmentAccount.objects.update_or_create(
            payer=remittance.payer, code=adjustment.code,
            defaults={"account_kind": kind, "note": note.strip()[:200], "by": actor(), "since": clock.today()},
        )  # fmt: skip
    record_audit(
        action="provider_adjustment.mapped", subject_type="provider_adjustment", subject_id=adjustment.pk,
        detail=f"{adjustment.code} {kind}",
    )  # fmt: skip
    return plan


def refunds_for(adjustment: models.ProviderAdjustment) -> list[models.Refund]:
    """Checks out to the payer that a held 72 may acknowledge: of its amount, those of its reference first."""
    return refunds_for_each([adjustment])[adjustment.pk]


def refunds_for_each(adjustments: Sequence[models.ProviderAdjustment]) -> dict[UUID, list[models.Refund]]:
    """`refunds_for` of many at once, by their ids."""
    asking = [one for one in adjustments if one.code == REFUND_ACKNOWLEDGED and one.remittance.payer_id is not None]
    rows = models.Refund.objects.filter(
        payer__in={one.remittance.payer_id for one in asking}, amount__in={-one.amount for one in asking},
        state__in=["ISSUED", "CLEARED"], issued_on__isnull=False, acknowledged_on__isnull=True,
    ).order_by("issued_on", "pk")  # fmt: skip
    out: dict[tuple[UUID | None, Decimal], list[models.Refund]] = defaultdict(list)
    for row in rows if asking else ():
        out[row.payer_id, row.amount].append(row)
    found: dict[UUID, list[models.Refund]] = {one.pk: [] for one in adjustments}
    for one in asking:
        fitting = out[one.remittance.payer_id, -one.amount]
        found[one.pk] = sorted(fitting, key=lambda row: row.reference != one.reference)
    return found


def acknowledge_refund(*, adjustment: models.ProviderAdjustment, refund: models.Refund) -> PostingPlan:
    """A held PLB 72 is the payer's word for this check. Raises ReleaseRefused where amount or payer are others."""
    if refund not in refunds_for(adjustment):
        raise ReleaseRefused("the check is to another payer, of another amount, or acknowledged before")
    plan = release_provider_adjustment(adjustment=adjustment, refund=refund)
    models.ProviderAdjustment.objects.filter(pk=adjustment.pk).update(note=f"Our check {refund.reference}".strip())
    return plan

"""Takebacks: announced or taken, which claim they are about, contested by letter. What came of them the ledger says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec
from django.db.models import F, Prefetch, Q, Sum, Window
from django.db.models.functions import Coalesce, RowNumber

from claimwright.billing import takebacks as rules
from claimwright.billing.posting.provider_adjustments import reference_parts
from claimwright.claims.nouns import ZERO
from claimwright.documents.letters import Column
from claimwright.documents.payer_letters import (
    CONTEST,
    CONTEST_ANNOUNCED,
    CONTEST_ANNOUNCED_ASKS,
    CONTEST_ASKS,
    PayerLetter,
    render_payer_letter,
)
from claimwright.documents.statement import amount_text, short_date
from claimwright.web.core import clock
from claimwright.web.core.services import next_number, raise_work_item, record_audit, resolve_work_items
from claimwright.web.payments.held_money import take_held_back
from claimwright.web.payments.held_places import Held
from claimwright.web.payments.models import ClaimPayment, ProviderAdjustment
from claimwright.web.practice.models import Payer, Practice
from claimwright.web.recoveries.disputes import letterhead
from claimwright.web.recoveries.models import Takeback
from claimwright.web.recoveries.underpaid import RecoveryRefused

STANDING = ("posted", "released")
COLUMNS = (
    Column(title="Your claim no."), Column(title="Our claim no.", wide=True), Column(title="Reference", wide=True),
    Column(title="Date"), Column(title="Code"), Column(title="Amount", amount=True),
)  # fmt: skip
MOST_ALIKE = 5  # payments of the same amount, the newest, that one takeback is held against: three are shown
ACTIVE = (Takeback.State.OPEN, Takeback.State.CONTESTED)


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """One balance that a payer carried forward: what of it is brought in so far. Dollars; `age` in days."""

    payer: str
    tax_id: str
    reference: str
    remittance_id: str
    since: date
    forwarded: Decimal
    taken: Decimal
    months: tuple[tuple[str, Decimal], ...]
    age: int

    @property
    def remaining(self) -> Decimal:
        return self.forwarded - self.taken


def open_balances(*, settled: bool = False) -> list[Balance]:
    """Forwarding balances by payer and TIN, oldest first; with `settled` those that are brought in whole as well."""
    rows = (
        ProviderAdjustment.objects.filter(code=rules.FORWARDS, amount__lt=0, state__in=STANDING)
        .annotate(brought_in=Coalesce(Sum("settlements__amount"), ZERO))
        .select_related("remittance__payer")
        .defer("remittance__content", "remittance__payer__profile")
        .prefetch_related(Prefetch("settlements", ProviderAdjustment.objects.defer("remittance__content").select_related("remittance")))
        .order_by("remittance__received_on", "pk")
    )  # fmt: skip
    if not settled:
        rows = rows.filter(brought_in__lt=-F("amount"))
    found = []
    for row in rows:
        months: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for part in row.settlements.all():
            months[f"{part.remittance.received_on:%Y-%m}"] += part.amount
        # What comes in above the balance is an unidentified takeback, and not this one's.
        taken = min(sum(months.values(), ZERO), -row.amount)
        key, _, tax_id = row.offset_subject.partition("|")
        since = row.remittance.received_on
        found.append(
            Balance(
                payer=row.remittance.payer.name if row.remittance.payer else key, tax_id=tax_id,
                reference=row.reference, remittance_id=str(row.remittance_id), since=since, forwarded=-row.amount,
                taken=taken, months=tuple(sorted(months.items())), age=(clock.today() - since).days,
            )
        )  # fmt: skip
    return found


def record_notice(
    *, payer: Payer, practice: Practice, amount: Decimal, announced_on: date, reference: str = "", reason: str = ""
) -> Takeback:
    """A payer's letter that it will take money back. `announced_on` is the letter's day. Raises RecoveryRefused."""
    if amount <= 0 or announced_on > clock.today():
        raise RecoveryRefused("a letter asks for an amount above zero, and is not of a later day")
    row = _made(payer, practice, amount, announced_on, reference=reference.strip()[:80], reason=reason.strip())
    record_audit(action="takeback.announced", subject_type="takeback", subject_id=row.pk, detail=str(amount))
    return row


def list_takebacks() -> int:
    """Posted recoveries and forwarded balances that have no row yet; says how many are new. Again makes nothing."""
    wanted = Q(code=rules.FORWARDS, amount__lt=0) | Q(code__in=rules.RECOVERS_NOW, amount__gt=0)
    # One that settles an earlier WO is that one brought in, and no takeback of its own.
    rows = ProviderAdjustment.objects.filter(
        wanted, state__in=STANDING, takeback__isnull=True, settles__isnull=True, remittance__payer__isnull=False,
        remittance__practice__isnull=False,
    ).select_related("remittance__payer", "remittance__practice").defer("remittance__content")  # fmt: skip
    made = 0
    for row in rows.order_by("remittance__received_on", "ordinal"):
        sent = row.remittance
        _made(
            sent.payer, sent.practice, abs(row.amount), sent.received_on, reference=row.reference, code=row.code,
            adjustment=row,
        )  # fmt: skip
        made += 1
    return made


def _made(payer: Payer, practice: Practice, amount: Decimal, announced_on: date, **more: object) -> Takeback:
    row = Takeback.objects.create(
        number=f"T{next_number(name='takeback'):06d}", payer=payer, practice=practice, amount=amount,
        announced_on=announced_on, **more,
    )  # fmt: skip
    day = rules.next_contest_day(payer.kind, announced_on, clock.today())
    # Without an amount: the amounts of this list are what was taken above what was carried forward, and are audited.
    raise_work_item(
        worklist="unidentified_takebacks", key=f"takeback:{row.pk}", reason_code=row.code or "LETTER",
        reason="The payer takes money back", what_to_do="Name the claim, then accept it or contest it",
        subject_type="takeback", subject_id=row.pk, practice_id=practice.pk, due_date=day.on if day else None,
    )  # fmt: skip
    return row


def suggestions(takeback: Takeback) -> list[tuple[ClaimPayment, rules.Likely]]:
    """Standing payments that it may be about, best first: by the numbers of its reference, and by amount."""
    return suggestions_of([takeback])[takeback.pk]


def suggestions_of(takebacks: Sequence[Takeback]) -> dict[UUID, list[tuple[ClaimPayment, rules.Likely]]]:
    """`suggestions` of many at once, by their ids: the newest payments that fit each, asked for together."""
    numbers = {one.pk: reference_parts(one.reference) for one in takebacks}
    rows = _fitting(takebacks, {number for parts in numbers.values() for number in parts}) if takebacks else []
    made = {}
    for one in takebacks:
        named = set(numbers[one.pk])
        near = [
            row for row in rows
            if row.payer_id == one.payer_id
            and (row.paid == one.amount or named & {row.payer_claim_number, row.control_number})
        ]  # fmt: skip
        by_id = {str(row.pk): row for row in near}
        likely = rules.likely_claims(numbers=numbers[one.pk], amount=one.amount, paid=_paid(near))
        made[one.pk] = [(by_id[found.claim_payment_id], found) for found in likely[:3]]
    return made


def _fitting(takebacks: Sequence[Takeback], numbers: Collection[str]) -> list[ClaimPayment]:
    """Standing payments of the payers that bear one of the numbers, and the newest of each amount; newest first."""
    standing = ClaimPayment.objects.filter(
        payer__in={one.payer_id for one in takebacks}, state__in=STANDING, encounter__isnull=False, paid__gt=0
    )  # fmt: skip
    newest = Window(RowNumber(), partition_by=["payer", "paid"], order_by=F("posting_order").desc())
    alike = standing.filter(paid__in={one.amount for one in takebacks}).annotate(place=newest)
    named = standing.filter(Q(payer_claim_number__in=numbers) | Q(control_number__in=numbers))
    ids = {*alike.filter(place__lte=MOST_ALIKE).values_list("pk", flat=True), *named.values_list("pk", flat=True)}
    rows = ClaimPayment.objects.filter(pk__in=ids).select_related("encounter__patient", "version")
    unread = ("content", "working", "version__content", "encounter__content", "encounter__patient__content")
    return list(rows.defer(*unread).order_by("-posting_order"))


def _paid(rows: Iterable[ClaimPayment]) -> list[rules.Paid]:
    return [
        rules.Paid(
            claim_payment_id=str(row.pk), payer_claim_number=row.payer_claim_number, control_number=row.control_number,
            amount=row.paid, last_name=row.encounter.patient.last_name if row.encounter else "",
            service_on=row.encounter.date_from if row.encounter else None,
        )
        for row in rows
    ]  # fmt: skip


def name_claim(*, takeback: Takeback, claim_payment: ClaimPayment) -> Takeback:
    """A person says which payment it takes back. Raises RecoveryRefused for one of another payer."""
    row = _locked(takeback)
    if claim_payment.payer_id != row.payer_id or claim_payment.encounter_id is None:
        raise RecoveryRefused("name a payment of this payer on a claim of ours")
    row.claim_payment, row.encounter_id = claim_payment, claim_payment.encounter_id
    row.save(update_fields=["claim_payment", "encounter"])
    record_audit(action="takeback.claim_named", subject_type="takeback", subject_id=row.pk)
    return row


def contest_takeback(*, takeback: Takeback, reason: str, signer: str) -> Takeback:
    """Write the letter to the payer. Raises RecoveryRefused, LetterIncomplete without a signer."""
    row = _locked(takeback)
    if row.state not in ACTIVE or not reason.strip():
        raise RecoveryRefused("an open takeback is contested, and with a reason")
    row.letter = _letter(row, reason.strip(), signer.strip())
    row.state, row.contested_on, row.contest_reason = Takeback.State.CONTESTED, clock.today(), reason.strip()
    row.save(update_fields=["state", "contested_on", "contest_reason", "letter"])
    resolve_work_items(keys=[f"takeback:{row.pk}"], resolution="Contested")
    record_audit(action="takeback.contested", subject_type="takeback", subject_id=row.pk)
    return row


def end_takeback(*, takeback: Takeback, accepted: bool, answer: str) -> Takeback:
    """We accept it, or the payer withdrew it; `answer` says why. No money moves: remittances move it."""
    row = _locked(takeback)
    if row.state not in ACTIVE or not answer.strip():
        raise RecoveryRefused("an open takeback ends with what was said")
    row.state = Takeback.State.ACCEPTED if accepted else Takeback.State.WITHDRAWN
    row.answer, row.ended_on = answer.strip(), clock.today()
    row.save(update_fields=["state", "answer", "ended_on"])
    resolve_work_items(keys=[f"takeback:{row.pk}"], resolution=row.get_state_display())
    record_audit(action=f"takeback.{row.state.lower()}", subject_type="takeback", subject_id=row.pk)
    return row


def returned(takeback: Takeback) -> Decimal:
    """What the payer paid on the claim since it was contested, as the remittances say. Zero while no claim is named."""
    return returned_of([takeback])[takeback.pk]


def returned_of(takebacks: Sequence[Takeback]) -> dict[UUID, Decimal]:
    """`returned` of many at once, by their ids."""
    contested = [one for one in takebacks if one.encounter_id is not None and one.contested_on is not None]
    later = ClaimPayment.objects.filter(
        encounter__in={one.encounter_id for one in contested}, state__in=STANDING, paid__gt=0, reversed_by__isnull=True
    ).values_list("pk", "encounter", "payer", "posted_on", "paid")  # fmt: skip
    found = {one.pk: ZERO for one in takebacks}
    for pk, encounter, payer, posted_on, paid in later if contested else ():
        for one in contested:
            same = (one.encounter_id, one.payer_id) == (encounter, payer) and pk != one.claim_payment_id
            if same and posted_on is not None and posted_on >= one.contested_on:
                found[one.pk] += paid
    return found


def take_held(*, takeback: Takeback, item: Held) -> Takeback:
    """It took money that was held and not ours: both are settled with each other, and the takeback is accepted.

    Raises RecoveryRefused, and RefusedPayment where the two do not fit.
    """
    row = _locked(takeback)
    if row.state not in ACTIVE or row.adjustment is None:
        raise RecoveryRefused("an open takeback of a remittance takes what is held")
    take_held_back(item=item, by=row.adjustment)
    return end_takeback(takeback=row, accepted=True, answer=f"It took what was held of {item.remittance.trace_number}")


def _locked(takeback: Takeback) -> Takeback:
    rows = Takeback.objects.select_for_update(of=("self",)).select_related("payer", "practice", "claim_payment")
    return rows.get(pk=takeback.pk)


def _letter(row: Takeback, reason: str, signer: str) -> bytes:
    about, taken = row.claim_payment, row.adjustment_id is not None and row.code != rules.FORWARDS
    line = (
        about.payer_claim_number if about else "", about.control_number if about else "", row.reference,
        short_date(row.announced_on, "en"), row.code, amount_text(row.amount),
    )  # fmt: skip
    return render_payer_letter(
        PayerLetter(
            subject="We contest your recovery", written_on=clock.today(), practice_name=row.practice.name,
            practice_lines=letterhead(row.practice), recipient=(row.payer.name, "Provider recoveries"),
            facts=(
                ("Our number", row.number), ("Amount", amount_text(row.amount)),
                ("Taken on" if taken else "Your letter of", short_date(row.announced_on, "en")),
            ),
            paragraphs=(*(CONTEST if taken else CONTEST_ANNOUNCED), reason),
            asks=CONTEST_ASKS if taken else CONTEST_ANNOUNCED_ASKS, columns=COLUMNS, rows=(line,),
            signature=tuple(filter(None, (signer, row.practice.name))) if signer else (),
        )
    )  # fmt: skip

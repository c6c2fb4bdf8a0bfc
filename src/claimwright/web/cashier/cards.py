"""Card and bank account payments by a hosted page: an attempt, the processor's signed message, one receipt, refunds."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import uuid4

import msgspec
from django.db.models import F

from claimwright.billing.patient import RefusedPayment
from claimwright.codes.money import ZERO, money
from claimwright.web.cashier import models
from claimwright.web.cashier.counter import number_receipt
from claimwright.web.cashier.links import checkout_address, notify_address
from claimwright.web.cashier.processors import Message, ProcessorUnavailable, keeper, processor, takes_cards
from claimwright.web.cashier.returns import record_return
from claimwright.web.core import clock
from claimwright.web.core.locks import one_at_a_time
from claimwright.web.core.services import actor, raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.core.worklists import Worklist
from claimwright.web.patients.models import Patient
from claimwright.web.payments.models import Refund, Statement
from claimwright.web.payments.services import issue_refund, receive_patient_payment
from claimwright.web.practice.models import Practice

State = models.CardAttempt.State
LARGEST_AMOUNT = Decimal("25000.00")  # a slip of the finger, not a bill


def start_checkout(
    *,
    patient: Patient,
    practice: Practice,
    amount: Decimal,
    key: str,
    back: str = "",
    statement: Statement | None = None,
    lines: Sequence[str] = (),
    keep: bool = False,
) -> models.CardAttempt:
    """Begin one attempt and give the processor's page in `page`. `key` is the attempt's idempotency key: the same one
    gives the same attempt, and with another amount or patient it is refused. `back` is where the page returns to; `lines`
    are paid first. `keep`: the processor keeps what it is paid with, which the patient has signed. Raises
    RefusedPayment."""
    one_at_a_time(f"checkout:{key}")
    seen = models.CardAttempt.objects.filter(key=key).first()
    if seen is not None:
        if (seen.patient_id, seen.amount) != (patient.pk, amount):
            raise RefusedPayment("this payment was begun already, with another amount or for another patient")
        return seen
    if amount <= 0 or amount != money(amount) or amount > LARGEST_AMOUNT:
        raise RefusedPayment(f"a payment is above zero, has two places and is at most {LARGEST_AMOUNT}")
    if not key.strip() or len(key) > 80:
        raise RefusedPayment("an attempt has a key of its own")
    made_by, keeps = processor(), keeper()
    if keep and keeps is None:
        raise RefusedPayment("the card processor of this office keeps no cards")
    begin = keeps.create_keeping_session if keep and keeps is not None else made_by.create_session
    number = uuid4()
    session = begin(
        key=f"{current_tenant().pk}:{key}", amount=amount, notify=notify_address(), back=back or checkout_address(number),
        description=f"{practice.name}, and kept for the plan" if keep else practice.name,
    )  # fmt: skip
    attempt, is_new = models.CardAttempt.objects.get_or_create(
        key=key,
        defaults={
            "pk": number, "patient": patient, "practice": practice, "statement": statement, "amount": amount,
            "processor": made_by.name, "session": session.session, "page": session.page, "started_at": clock.now(),
            "lines": list(lines), "is_kept": keep,
        },
    )  # fmt: skip
    if is_new:
        record_audit(action="card.start", subject_type="card_attempt", subject_id=attempt.pk, detail=str(amount))
    return attempt


def take_message(*, message: Message) -> models.CardAttempt | None:
    """What the processor says, once: a payment becomes a receipt, a chargeback a returned payment. The caller has
    checked the signature. A message of no attempt, of another amount, or again with other content goes to a person and
    moves nothing. One that came before its attempt was written counts when it comes again."""
    name = processor().name
    attempt = models.CardAttempt.objects.select_for_update().filter(processor=name, session=message.session).first()
    event, is_new = models.CardEvent.objects.get_or_create(
        processor=name, event=message.event,
        defaults={
            "kind": message.outcome, "attempt": attempt, "content": msgspec.to_builtins(message), "came_at": clock.now(),
        },
    )  # fmt: skip
    if not is_new:
        if event.content != msgspec.to_builtins(message):
            _list(
                event, "OTHER_CONTENT", "The processor sent one message twice, with different content", message.amount
            )
            return attempt
        if event.attempt_id is not None or attempt is None:
            return attempt
        # It was quicker than the charge that it speaks of: until now nothing was made of it.
    if attempt is None:
        _list(event, "UNKNOWN_SESSION", "The processor speaks of a payment that was not begun here", message.amount)
        return None
    if message.outcome == "captured":
        _captured(attempt, message, event)
    elif message.outcome == "chargeback":
        _charged_back(attempt, message, event)
    elif attempt.state == State.STARTED:
        attempt.state = State.DECLINED if message.outcome == "declined" else State.EXPIRED
        attempt.reason = message.reason[:200]
        attempt.save(update_fields=["state", "reason"])
    if not is_new and attempt.state != State.STARTED:
        resolve_work_items(keys=[_key(event)], resolution="The payment it speaks of was begun here")
    return attempt


def _captured(attempt: models.CardAttempt, message: Message, event: models.CardEvent) -> None:
    if attempt.state == State.CAPTURED:
        if message.reference != attempt.reference:
            _list(event, "CHARGED_TWICE", "The processor took the same attempt a second time", message.amount)
        return
    if message.amount != attempt.amount:
        _list(event, "OTHER_AMOUNT", f"The processor took {message.amount}, asked was {attempt.amount}", message.amount)
        return
    receipt = receive_patient_payment(
        patient=attempt.patient, practice=attempt.practice, amount=attempt.amount, method="card",
        key=f"card:{attempt.key}"[:80], first=attempt.lines,
    )  # fmt: skip
    receipt.reference = message.settlement[:60]
    receipt.save(update_fields=["reference"])
    number_receipt(receipt=receipt)
    attempt.state, attempt.receipt, attempt.reason = State.CAPTURED, receipt, ""
    attempt.means, attempt.brand, attempt.last_four = message.means[:6], message.brand[:20], message.last_four[:4]
    attempt.authorization_code, attempt.reference = message.authorization_code[:20], message.reference[:80]
    attempt.settlement = message.settlement[:40]
    attempt.save()
    record_audit(action="card.captured", subject_type="card_attempt", subject_id=attempt.pk, detail=attempt.reference)
    if attempt.is_kept and message.token:
        _keep(attempt, message.token)


# Kept for later -------------------------------------------------------------------------------------------------------


def _keep(attempt: models.CardAttempt, token: str) -> None:
    """The newest is the one that is charged; an earlier one of the patient is forgotten."""
    for earlier in models.KeptMeans.objects.filter(patient=attempt.patient_id, ended_on__isnull=True):
        forget_means(kept=earlier, reason="another was kept in its place")
    row = models.KeptMeans.objects.create(
        patient=attempt.patient, practice=attempt.practice, attempt=attempt, processor=attempt.processor,
        token=token[:120], means=attempt.means, brand=attempt.brand, last_four=attempt.last_four, kept_on=clock.today(),
    )  # fmt: skip
    record_audit(action="card.kept", subject_type="kept_means", subject_id=row.pk)


def kept_means(patient: Patient) -> models.KeptMeans | None:
    """What may be charged without the patient; none of another processor's than the one in use."""
    if not takes_cards():
        return None
    rows = models.KeptMeans.objects.filter(patient=patient, ended_on__isnull=True, processor=processor().name)
    return rows.select_related("practice", "patient").order_by("-kept_on", "pk").first()


def forget_means(*, kept: models.KeptMeans, reason: str) -> models.KeptMeans:
    """It is charged no more. Raises RefusedPayment without a reason."""
    if not reason.strip():
        raise RefusedPayment("say why it is charged no more")
    if kept.ended_on is None:
        kept.ended_on, kept.ended_by, kept.ended_because = clock.today(), actor(), reason.strip()[:200]
        kept.save(update_fields=["ended_on", "ended_by", "ended_because"])
        record_audit(action="card.forgotten", subject_type="kept_means", subject_id=kept.pk)
    return kept


def charge_kept(*, kept: models.KeptMeans, amount: Decimal, key: str, lines: Sequence[str] = ()) -> models.CardAttempt:
    """Take an amount by the processor's token, once for each `key`; `lines` are paid first. The attempt says what came of
    it. Raises RefusedPayment, or ProcessorUnavailable, and then nothing was written: ask again with the same key."""
    one_at_a_time(f"charge:{key}")
    seen = models.CardAttempt.objects.filter(key=key).first()
    if seen is not None:
        return seen
    made_by = keeper()
    if made_by is None or kept.ended_on is not None or kept.processor != processor().name:
        raise RefusedPayment("nothing is kept that may be charged")
    if not ZERO < amount <= LARGEST_AMOUNT or amount != money(amount):
        raise RefusedPayment(f"a payment is above zero, has two places and is at most {LARGEST_AMOUNT}")
    message = made_by.charge(
        token=kept.token, amount=amount, key=f"{current_tenant().pk}:{key}", on=clock.today().isoformat()
    )
    attempt = models.CardAttempt.objects.create(
        key=key, patient=kept.patient, practice=kept.practice, amount=amount, processor=kept.processor, charged=kept,
        session=message.session, started_at=clock.now(), lines=list(lines),
    )  # fmt: skip
    record_audit(action="card.charge", subject_type="card_attempt", subject_id=attempt.pk, detail=str(amount))
    take_message(message=message)
    attempt.refresh_from_db()
    return attempt


def _charged_back(attempt: models.CardAttempt, message: Message, event: models.CardEvent) -> None:
    whole = attempt.receipt is not None and message.amount == attempt.amount and not attempt.refunded_amount
    if not whole or attempt.receipt is None:
        # A part of a payment, or one given back already: what to reverse is a person's to say.
        _list(event, "CHARGEBACK", "A chargeback that is not of one whole standing payment", message.amount)
        return
    record_return(receipt=attempt.receipt, kind="chargeback", note=message.reason)


def _key(event: models.CardEvent) -> str:
    return f"card-event:{event.pk}"


def _list(event: models.CardEvent, code: str, reason: str, amount: Decimal) -> None:
    raise_work_item(
        worklist=Worklist.CARD_PAYMENTS, key=_key(event), reason_code=code, reason=reason, amount=amount,
        what_to_do="Look the payment up with the processor; nothing of it was booked", subject_type="card_event",
        subject_id=event.pk, practice_id=event.attempt.practice_id if event.attempt else None,
    )  # fmt: skip


def refund_to_card(*, refund: Refund, attempt: models.CardAttempt, amount: Decimal | None = None) -> models.CardRefund:
    """Issue an asked-for refund on the card it came from, by the processor's reference. The rules of every refund hold:
    another person approves, never more than the credit. Raises RefusedPayment, or ProcessorUnavailable, and then
    nothing was written; called again for the same refund the processor gives back once (its key is the refund's)."""
    attempt.refresh_from_db(from_queryset=models.CardAttempt.objects.select_for_update(of=("self",)))
    done = models.CardRefund.objects.filter(refund=refund).first()
    if done is not None:
        if done.attempt_id != attempt.pk or done.amount != (done.amount if amount is None else amount):
            raise RefusedPayment(f"{done.amount} of it went back already, or to another card")
        return done
    amount = refund.amount if amount is None else amount
    if attempt.state != State.CAPTURED or attempt.receipt is None or attempt.receipt.state != "posted":
        raise RefusedPayment("this card payment does not stand: nothing can go back on it")
    if attempt.patient_id != refund.patient_id:
        raise RefusedPayment("the card paid for another patient")
    if amount > attempt.amount - attempt.refunded_amount:
        raise RefusedPayment(
            f"the card was charged {attempt.amount}, of which {attempt.refunded_amount} went back already"
        )
    made_by = processor()
    if attempt.processor != made_by.name:
        raise RefusedPayment(f"{attempt.processor} took this payment, which is not the processor of this office now")
    issue_refund(refund=refund, amount=amount, method="CARD")
    reference = made_by.refund(reference=attempt.reference, amount=amount, key=str(refund.pk))
    refund.reference = reference[:60]
    refund.save(update_fields=["reference"])
    attempt.refunded_amount += amount
    attempt.save(update_fields=["refunded_amount"])
    made = models.CardRefund.objects.create(
        attempt=attempt, refund=refund, amount=amount, reference=reference, made_at=clock.now(), made_by=actor()
    )
    record_audit(
        action="card.refund", subject_type="card_attempt", subject_id=attempt.pk, detail=f"{amount} {reference}"
    )
    return made


def refund_to_its_card(*, refund: Refund) -> models.CardRefund:
    """`refund_to_card` on the patient's newest card payment that stands and still holds so much. For a transaction that
    ends where it raises: RefusedPayment where there is none, or the processor does not answer."""
    paid = models.CardAttempt.objects.filter(
        patient=refund.patient_id, processor=processor().name, state=State.CAPTURED, receipt__state="posted",
        amount__gte=F("refunded_amount") + refund.amount,
    )  # fmt: skip
    attempt = paid.select_related("receipt").order_by("-started_at", "pk").first()
    if attempt is None:
        raise RefusedPayment("no card payment of this patient can take it: pay it another way")
    try:
        return refund_to_card(refund=refund, attempt=attempt)
    except ProcessorUnavailable as silent:
        raise RefusedPayment(f"the processor did not answer: {silent}") from None
